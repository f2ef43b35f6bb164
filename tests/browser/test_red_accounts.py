"""An account turns red, through the page and with the real bot as its own process: what a newcomer does first.

With --pictures the invented fortnight is replayed before, so that the README shows a living team.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from sandbox import company
from sandbox.server import Sandbox
from tests.browser.window import Window

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Window]
SOON = 20_000  # milliseconds; a poll every three seconds, then one message a second, on a busy machine


def card(window: Window, account: str) -> Locator:
    """The account's card in #red-accounts, whatever it says by now."""
    window.open_channel("red-accounts")
    return window.message(account).filter(has=window.page.get_by_role("heading", name=account))


def has_reply(message: Locator) -> None:
    expect(message.locator("[data-test=replies]")).to_contain_text(re.compile(r"\d repl"), timeout=SOON)


def mark(window: Window, account: str, sentence: str) -> None:
    """The command with the account's name, then the two fields that must be filled in."""
    window.type(f"/red-account {account}")
    expect(window.modal.get_by_label("Account", exact=True)).to_have_value(account)
    window.pick("Reason", "Champion left")
    window.fill("What is happening", sentence)
    window.submit()
    expect(window.modal).to_have_count(0)


# Point 2: an account turns red in Salesforce


def test_red_in_salesforce_becomes_a_card_a_reply_and_a_row(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    window.set_health("Acme", "Red")
    expect(window.page.locator("[data-test=poll]")).to_contain_text("Touchpoint looks here again in")
    red = card(window, "Acme")
    expect(red).to_contain_text("🔴 Acme is red", timeout=SOON)
    expect(red).to_contain_text("Set to Red in Salesforce by Priya")
    expect(red).to_contain_text("$240,000 · renews 12 Mar · US East · CE Priya · AE Tom")
    has_reply(red)
    window.open_thread("Acme is red")
    expect(window.reply("Acme is yours, together.")).to_have_count(1)
    window.picture("page")
    window.close_thread()
    row = window.sheet_rows("Acme")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("red")
    expect(row).to_contain_text("$240,000")


# Point 3: /red-account


def test_the_ce_marks_red_with_the_account_prefilled(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Marek")
    window.open_channel("ce")
    window.type("/red-account dovetail")
    expect(window.modal.get_by_label("Account", exact=True)).to_have_value("Dovetail Robotics")
    window.submit()
    expect(window.modal.get_by_text("Please complete this required field.")).to_have_count(2)
    window.pick("Reason", "Not deployed yet")
    window.fill("What is happening", "Their rollout stopped: single sign-on locks out two offices.")
    window.fill("We need from other teams", "SSO fix from Identity\nA call with their CFO")
    window.fill("We do", "Daily call with their platform team")
    window.picture("form")
    window.submit()
    expect(window.modal).to_have_count(0)
    red = card(window, "Dovetail Robotics")
    expect(red).to_contain_text("Their rollout stopped: single sign-on", timeout=SOON)
    expect(red).to_contain_text("SSO fix from Identity")
    has_reply(red)
    expect(red).not_to_contain_text("Not yet in Salesforce", timeout=SOON)
    expect(window.health("Dovetail Robotics")).to_contain_text("Red")
    expect(window.sheet_rows("Dovetail Robotics")).to_contain_text("red")


def test_the_ce_picks_the_account_by_typing(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    window.open_channel("ce")
    window.type("/red-account")
    window.pick("Account", "Harrowgate")
    window.pick("Reason", "Low adoption")
    window.fill("What is happening", "Twelve of 200 people have logged in since the kickoff.")
    window.submit()
    expect(window.modal).to_have_count(0)
    red = card(window, "Harrowgate Labs")
    expect(red).to_contain_text("Twelve of 200 people", timeout=SOON)
    expect(window.health("Harrowgate Labs")).to_contain_text("Red", timeout=SOON)


def test_an_ae_proposes_and_the_ce_confirms(office: Sandbox, open_page: OpenPage) -> None:
    before = _health(office, "Orchard Lane Retail")
    window = open_page(office.url, "Grace")
    window.open_channel("ce")
    mark(window, "Orchard Lane Retail", "The new VP wants to cut tools.")
    window.open_channel("Touchpoint")
    told = window.message("Orchard Lane Retail")
    expect(told).to_contain_text("It waits for Priya (CE)", timeout=SOON)
    expect(told.get_by_role("button", name="Nudge")).to_be_visible()
    expect(window.health("Orchard Lane Retail")).to_contain_text(before)

    window.act_as("Priya")
    window.open_channel("Touchpoint")
    asked = window.message("Orchard Lane Retail")
    expect(asked).to_contain_text("Grace thinks Orchard Lane Retail is red: champion left.")
    window.press(asked, "Mark red")
    expect(asked).to_contain_text("Orchard Lane Retail is marked red.", timeout=SOON)
    expect(asked.get_by_role("button", name="Mark red")).to_have_count(0)
    expect(card(window, "Orchard Lane Retail")).to_contain_text("proposed by Grace", timeout=SOON)
    expect(window.health("Orchard Lane Retail")).to_contain_text("Red", timeout=SOON)


# A plan


def test_a_plan_is_in_place_once_it_is_whole_and_both_agree(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Lena")
    window.set_health("Umberfield", "Red")
    window.act_as("Tom")
    red = card(window, "Umberfield")
    expect(red).to_contain_text("Priya and Tom, by", timeout=SOON)
    window.press(red, "Fill in…")
    window.fill("What is happening", "Their sponsor left and the new VP doubts the price.")
    window.fill("Goal, with a number", "120 weekly users by 26 Feb")
    window.fill("How we will know", "Their usage page, looked at each Monday")
    window.submit()
    expect(red).to_contain_text("⚠ Missing: an action", timeout=SOON)
    window.press(red, "Add action…")
    window.modal.get_by_label("What", exact=True).fill("Admin training for the platform team")
    window.fill("By when", "2027-02-26")
    window.submit()
    expect(red).to_contain_text("0 of 1 done · next: Admin training for the platform team, Tom, 26 Feb", timeout=SOON)
    expect(red).to_contain_text("⚠ Missing: Priya's agreement to the plan")
    expect(red).not_to_contain_text("plan in place")
    window.act_as("Priya")
    window.press(card(window, "Umberfield"), "Agree")
    expect(red).to_contain_text("🔴 Umberfield is red · plan in place", timeout=SOON)
    expect(red).not_to_contain_text("Missing")
    expect(window.sheet_rows("Umberfield")).to_contain_text("Admin training for the platform team, Tom", timeout=SOON)


# Point 5: resolve


def test_the_ce_resolves_from_the_cards_menu(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Marek")
    window.open_channel("ce")
    mark(window, "Kingsmere Air", "Search times out twice a day.")
    red = card(window, "Kingsmere Air")
    has_reply(red)
    window.choose(red, "Resolve…")
    window.modal.get_by_text("Green", exact=True).click()
    window.fill("What helped", "The index node arrived; no time-outs for a week.")
    window.submit()
    expect(window.modal).to_have_count(0)
    expect(red).to_contain_text("🟢 Kingsmere Air is green again", timeout=SOON)
    expect(red).to_contain_text("The index node arrived; no time-outs for a week.")
    expect(window.health("Kingsmere Air")).to_contain_text("Green", timeout=SOON)
    expect(window.sheet_rows("Kingsmere Air")).to_contain_text("closed", timeout=SOON)


def test_an_aes_resolve_asks_the_ce(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    window.open_channel("ce")
    mark(window, "Bellwether Foods", "Their champion left on Friday.")
    has_reply(card(window, "Bellwether Foods"))
    window.act_as("Tom")
    red = card(window, "Bellwether Foods")
    window.choose(red, "Resolve…")
    window.modal.get_by_text("Yellow", exact=True).click()
    window.fill("What helped", "The new champion wants the rollout.")
    window.submit()
    expect(red).to_contain_text("Tom asks Priya to end it as yellow.", timeout=SOON)
    expect(window.health("Bellwether Foods")).to_contain_text("Red")
    window.act_as("Priya")
    window.open_channel("Touchpoint")
    asked = window.message("Tom asks to end Bellwether Foods as yellow.")
    window.press(asked, "Yes, yellow")
    expect(asked).to_contain_text("Priya agreed. It is closed.", timeout=SOON)
    expect(window.health("Bellwether Foods")).to_contain_text("Yellow", timeout=SOON)


def test_an_export_is_a_file_to_download(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Marek")
    window.open_channel("ce")
    mark(window, "Northfold Steel", "Nobody answers since the new year.")
    red = card(window, "Northfold Steel")
    has_reply(red)
    window.choose(red, "Export…")
    window.modal.get_by_text("JSON, with everything in it").click()
    window.submit()
    window.open_channel("Touchpoint")
    file = window.message("all that is known of it, as JSON").locator("[data-test=file]")
    expect(file).to_contain_text("Northfold Steel, RA-", timeout=SOON)
    with window.page.expect_download() as download:
        file.click()
    assert json.loads(download.value.path().read_text())["account"]["name"] == "Northfold Steel"


# Other windows


def test_at_400_pixels_a_card_is_marked_read_and_filled_in(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya", width=400, height=780)
    window.page.get_by_role("button", name="Conversation", exact=True).click()
    window.type("/red-account moorhen")
    expect(window.modal).to_be_visible()
    assert window.modal.evaluate("form => form.getBoundingClientRect().right") <= 400
    window.pick("Reason", "Budget cut")
    window.fill("What is happening", "Their budget was cut by a third.")
    window.submit()
    expect(window.modal).to_have_count(0)
    red = window.message("Moorhen Logistics is red")
    has_reply(red)
    window.picture("narrow")
    window.choose(red, "Edit plan…")
    window.fill("Goal, with a number", "Show their CFO what 120 people do with it every week")
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 400
    window.submit()
    expect(red).to_contain_text("Show their CFO", timeout=SOON)


def test_in_the_dark_a_card_can_be_read(office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Marek", dark=True)
    window.open_channel("ce")
    mark(window, "Pebblestone", "Nobody has answered since November.")
    red = card(window, "Pebblestone")
    has_reply(red)
    window.open_thread("Pebblestone is red")
    expect(window.reply("is yours, together.")).to_be_visible()
    text, ground = red.get_by_role("heading").evaluate(
        "node => [getComputedStyle(node).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert _lightness(text) - _lightness(ground) > 120, (text, ground)
    window.picture("dark")


def _health(office: Sandbox, account: str) -> str:
    record = company.account_id(office.world, account)
    return str(office.call(office.world.salesforce.get, "Account", record)["Customer_Health__c"])


def _lightness(colour: str) -> float:
    """0 to 255, of rgb(…)."""
    parts = [float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    return sum(parts) / 3
