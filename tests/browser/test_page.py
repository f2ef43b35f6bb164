"""The page, with a small app behind it that is not Touchpoint: what any app may send is drawn and can be used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect
from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient

from sandbox.server import Sandbox
from sandbox.world import World
from tests.browser.window import Window

pytestmark = pytest.mark.browser

HEADER = ["Key", "Account", "Status", "Region"]


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(text: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def field(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


MENU = {
    "type": "overflow",
    "action_id": "more",
    "options": [{"text": plain(text), "value": text} for text in ("History", "Resolve…")],
}
CARD = [
    {"type": "header", "text": plain("🔴 Acme is red")},
    section("Usage fell. Tell <@{priya}>; <!channel> is `inert` &amp; *so* is &lt;b&gt;."),
    {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": "Red since <!date^1800000000^{date_num} {time}|then>"}],
    },
    {"type": "actions", "elements": [button("Fill in…", "fill", style="primary"), button("Slow", "slow"), MENU]},
]
FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Mark red"),
    "submit": plain("Submit"),
    "close": plain("Cancel"),
    "blocks": [
        field("account", "Account", {"type": "external_select", "action_id": "account", "min_query_length": 1}),
        field("why", "Why", {"type": "plain_text_input", "action_id": "why", "multiline": True}),
        field("by", "By", {"type": "datepicker", "action_id": "by"}, optional=True),
        {"type": "actions", "block_id": "acts", "elements": [button("Another line", "grow"), button("Help", "help")]},
    ],
}


@dataclass
class Office:
    """The sandbox with a few people, and the small app's client."""

    sandbox: Sandbox
    people: dict[str, str]
    bot: WebClient
    submitted: list[dict[str, Any]]

    @property
    def url(self) -> str:
        return self.sandbox.url

    def card(self) -> str:
        blocks = [dict(block) for block in CARD]
        blocks[1] = section(CARD[1]["text"]["text"].replace("{priya}", self.people["priya"]))
        answer = self.bot.chat_postMessage(
            channel="C0RED", text=f"Acme is red. <@{self.people['priya']}>", blocks=blocks
        )
        return str(answer["ts"])


def furnish(world: World) -> dict[str, str]:
    world.clock.set(datetime(2027, 1, 25, 14, 0, tzinfo=UTC))
    people, users = {}, {}
    for name, real_name, title, tz in (
        ("priya", "Priya Raman", "Customer Engineer", "America/New_York"),
        ("tom", "Tom Becker", "Account Executive", "Europe/Berlin"),
    ):
        email = f"{name}@sandbox.example"
        added = world.slack.add_user(name=name, real_name=real_name, email=email, tz=tz, title=title)
        people[name] = added.id
        users[name] = world.salesforce.insert("User", {"Name": real_name, "Email": email, "Username": email})
    world.slack.add_channel("C0RED", name="red-accounts", members=[*people.values(), "U0TOUCHPT"])
    world.slack.add_channel("C0CE", name="ce", members=[*people.values()])
    owners = {"OwnerId": users["tom"], "Customer_Engineer__c": users["priya"]}
    world.salesforce.insert("Account", {"Name": "Acme", "Customer_Health__c": "Green", **owners})
    world.sheets.add_spreadsheet(
        "sheet", "Red Accounts", tabs={"Account Tracker": [HEADER, ["RA-1", "Globex", "Open"]]}
    )
    return people


def small_app(bot: WebClient, submitted: list[dict[str, Any]]) -> App:
    app = App(client=bot, token_verification_enabled=False, signing_secret="none")

    @app.command("/red-account")
    @app.action("fill")
    def open_form(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=FORM)
        ack()

    @app.options("account")
    def accounts(ack: Any, body: dict[str, Any]) -> None:
        names = [name for name in ("Acme", "Globex") if body["value"].lower() in name.lower()]
        ack(options=[{"text": plain(name), "value": name} for name in names])

    @app.action("grow")
    def grow(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        view = FORM | {"blocks": [*FORM["blocks"], section("One more line")]}
        client.views_update(view_id=body["view"]["id"], view=view)
        ack()

    @app.action("help")
    def push(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        view = {"type": "modal", "title": plain("Help"), "close": plain("Back"), "blocks": [section("A second view")]}
        client.views_push(trigger_id=body["trigger_id"], view=view)
        ack()

    @app.action("more")
    def more(ack: Any, respond: Any, body: dict[str, Any]) -> None:
        ack()
        chosen = body["actions"][0]["selected_option"]["value"]
        respond(f"You chose {chosen}", response_type="ephemeral", replace_original=False)

    @app.view("form")
    def submit(ack: Any, view: dict[str, Any], client: WebClient) -> None:
        values = view["state"]["values"]
        if "rude" in values["why"]["why"]["value"]:
            ack(response_action="errors", errors={"why": "Say it kindly."})
            return
        submitted.append(values)
        ack()

    return app


@pytest.fixture(scope="module")
def running() -> Iterator[Office]:
    """Started once: a socket client takes seconds to close."""
    sandbox = Sandbox().start()
    bot = WebClient("xoxb-sandbox-touchpoint", base_url=f"{sandbox.url}/api/")
    office = Office(sandbox, {}, bot, [])
    connected = threading.Event()
    sandbox.world.listeners.append(lambda _part: connected.set() if sandbox.world.slack.sockets.connections else None)
    handler = SocketModeHandler(small_app(bot, office.submitted), "xapp-sandbox-touchpoint", concurrency=4)
    handler.connect()
    assert connected.wait(10)
    yield office
    handler.close()
    sandbox.stop()


@pytest.fixture
def office(running: Office) -> Office:
    """As on the first morning, in every test."""

    def begin() -> dict[str, str]:
        world = running.sandbox.world
        world.faults.switch_off()
        world.calls.clear()
        for system in (world.slack, world.salesforce, world.sheets):
            system.reset()
        return furnish(world)

    running.people = running.sandbox.call(begin)
    running.submitted.clear()
    return running


OpenPage = Callable[..., Window]


def test_a_card_is_drawn_as_the_reader_sees_it(office: Office, open_page: OpenPage) -> None:
    office.card()
    window = open_page(office.url, "Tom")
    card = window.message("Acme is red")
    expect(card.get_by_role("heading", name="🔴 Acme is red")).to_be_visible()
    expect(card).to_contain_text("Tell @Priya Raman; @channel is inert & so is <b>.")
    expect(card).to_contain_text("Red since 2027-01-15 09:00")  # Berlin
    window.act_as("Priya")
    expect(window.message("Acme is red")).to_contain_text("Red since 2027-01-15 03:00")  # New York
    expect(window.message("Acme is red").locator(".mention.mine").first).to_have_text("@Priya Raman")


def test_a_form_shows_mistakes_in_place_and_keeps_what_was_typed(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    window.type("/red-account")
    expect(window.modal.get_by_role("combobox", name="Account")).to_be_focused()
    window.submit()
    expect(window.modal.get_by_text("Please complete this required field.")).to_have_count(2)
    window.pick("Account", "Acme")
    window.fill("Why", "rude words")
    window.fill("By", "2027-02-01")
    window.press(window.modal, "Another line")
    expect(window.modal.get_by_text("One more line")).to_be_visible()
    window.press(window.modal, "Help")
    expect(window.modal.get_by_text("A second view")).to_be_visible()
    window.modal.get_by_role("button", name="Back").first.click()
    expect(window.modal.get_by_label("Account")).to_have_value("Acme")
    expect(window.modal.get_by_label("By")).to_have_value("2027-02-01")
    window.submit()
    expect(window.modal.get_by_text("Say it kindly.")).to_be_visible()
    window.fill("Why", "kind words")
    window.submit()
    expect(window.modal).to_have_count(0)
    [values] = office.submitted
    assert values["account"]["account"]["selected_option"]["value"] == "Acme"
    assert values["why"]["why"]["value"] == "kind words"
    assert values["by"]["by"]["selected_date"] == "2027-02-01"


def test_the_form_works_with_the_keyboard_alone(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    keys = window.page.keyboard
    window.page.locator("[data-test=message-box]").focus()
    keys.type("/re")
    expect(window.page.get_by_role("option", name="/red-account")).to_be_visible()
    keys.press("Enter")
    keys.press("Enter")
    expect(window.modal.get_by_role("combobox", name="Account")).to_be_focused()
    keys.type("glo")
    expect(window.page.get_by_role("option", name="Globex")).to_be_visible()
    keys.press("Enter")
    keys.press("Tab")
    keys.type("the price")
    window.modal.get_by_role("button", name="Submit").press("Enter")
    expect(window.modal).to_have_count(0)
    expect(window.page.locator("[data-test=message-box]")).to_be_focused()
    assert office.submitted[0]["account"]["account"]["selected_option"]["value"] == "Globex"
    window.type("/red-account")
    expect(window.modal).to_be_visible()
    keys.press("Escape")
    expect(window.modal).to_have_count(0)


def test_what_arrives_leaves_the_reader_and_the_typing_alone(office: Office, open_page: OpenPage) -> None:
    for number in range(12):
        office.bot.chat_postMessage(channel="C0RED", text=f"line {number}\n\n\n\n")
        office.sandbox.call(office.sandbox.world.slack.limits.reset)
    window = open_page(office.url, "Priya")
    expect(window.message("line 11")).to_be_visible()
    list_of_messages = window.page.locator("[data-test=messages]")
    scroll_up = "list => new Promise(seen => { list.onscroll = () => seen(); list.scrollTop = 0; })"
    list_of_messages.evaluate(scroll_up)  # the page knows of it only once the browser has told it
    box = window.page.locator("[data-test=message-box]")
    box.fill("half a sentence")
    office.bot.chat_postMessage(channel="C0RED", text="the newest line")
    expect(window.page.get_by_role("button", name="New messages")).to_be_visible()
    assert list_of_messages.evaluate("list => list.scrollTop") == 0
    expect(box).to_be_focused()
    expect(box).to_have_value("half a sentence")


def test_a_menu_answers_only_to_the_one_who_chose(office: Office, open_page: OpenPage) -> None:
    office.card()
    window = open_page(office.url, "Priya")
    window.choose(window.message("Acme is red"), "History")
    expect(window.message("You chose History")).to_contain_text("Only visible to you")
    window.act_as("Tom")
    expect(window.message("Acme is red")).to_be_visible()
    expect(window.message("You chose History")).to_have_count(0)


def test_a_mention_in_a_thread_reaches_the_person_with_one_line(office: Office, open_page: OpenPage) -> None:
    ts = office.card()
    window = open_page(office.url, "Tom")
    expect(window.message("Acme is red")).to_be_visible()
    office.bot.chat_postMessage(channel="C0RED", thread_ts=ts, text=f"<@{office.people['tom']}> please *look*")
    push = window.page.locator("[data-test=toast-push]")
    expect(push).to_contain_text("@Tom Becker please look")
    push.get_by_role("button").first.click()
    expect(window.reply("please look")).to_be_visible()


def test_a_permanent_link_opens_its_message(office: Office, open_page: OpenPage) -> None:
    ts = office.card()
    link = office.bot.chat_getPermalink(channel="C0RED", message_ts=ts)["permalink"]
    window = open_page(office.url, "Tom")
    window.open_channel("ce")
    window.page.goto(link)
    expect(window.message("Acme is red")).to_be_visible()


def test_an_unknown_block_is_a_visible_error(office: Office, open_page: OpenPage) -> None:
    ts = office.card()

    def smuggle() -> None:  # the stand-in would refuse such a block
        office.sandbox.world.slack.channels["C0RED"].messages[ts]["blocks"].append({"type": "hologram"})
        office.sandbox.world.changed("slack")

    office.sandbox.call(smuggle)
    window = open_page(office.url, "Tom")
    expect(window.page.locator("[data-test=unknown-block]")).to_have_text('This page cannot draw the block "hologram".')


def test_health_is_saved_as_the_acting_person(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    window.set_health("Acme", "Red")
    account = window.page.locator("[data-test=account]")
    expect(account).to_contain_text("Green → Red")
    expect(account).to_contain_text("Last modified by Priya Raman, Mon 25 Jan")
    expect(window.page.get_by_role("button", name="Acme, Red")).to_be_visible()  # among the accounts that are hers


def test_a_cell_keeps_its_lines_when_somebody_edits_it(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    window.type_in_cell("D2", "SSO fix")
    for line in ("An index node", "A call"):
        window.cell("D2").dblclick()
        window.page.keyboard.press("Control+End")
        window.page.keyboard.press("Alt+Enter")
        window.page.keyboard.type(line)
        window.page.keyboard.press("Enter")
    expect(window.cell("D2")).to_have_text("SSO fix\nAn index node\nA call", use_inner_text=True)


def test_a_cell_that_a_person_typed_is_marked(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    window.type_in_cell("C2", "Closed")
    expect(window.cell("C2")).to_have_text("Closed")
    expect(window.cell("C2")).to_have_class("fresh by-person")
    window.page.get_by_role("button", name="Column B").click()
    window.page.get_by_role("menuitem", name="Insert a column to the left").click()
    expect(window.cell("D2")).to_have_text("Closed")


def test_faults_and_time_are_switched_in_words(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    panel = window.open_tab("Time & faults")
    expect(panel.locator("[data-test=sandbox-date]")).to_contain_text("Mon 25 Jan 2027, 09:0")
    panel.get_by_role("button", name="To the next working morning").click()
    expect(panel.locator("[data-test=sandbox-date]")).to_contain_text("Tue 26 Jan 2027, 09:00")
    panel.get_by_role("switch", name="Salesforce is down (503)").check()
    expect(window.page.get_by_role("button", name="1 fault on")).to_be_visible()
    [fault] = office.sandbox.world.faults.as_json()
    assert (fault["system"], fault["kind"]) == ("salesforce", "down")
    panel.get_by_role("button", name="Switch all off").click()
    expect(window.page.get_by_role("button", name="1 fault on")).to_have_count(0)
    assert office.sandbox.world.faults.as_json() == []


def test_a_refused_call_is_told_in_words(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    office.bot.retry_handlers.clear()
    with pytest.raises(Exception, match="not_in_channel"):
        office.bot.chat_postMessage(channel="C0CE", text="let me in")
    panel = window.open_tab("What happened")
    panel.get_by_role("button", name="Refusals").click()
    expect(panel.locator(".call.refused").first).to_contain_text("not_in_channel")


@pytest.mark.parametrize("part", ["Channels", "Conversation", "Beside Slack"])
def test_nothing_sticks_out_at_400_pixels(office: Office, open_page: OpenPage, part: str) -> None:
    office.card()
    window = open_page(office.url, "Priya", width=400, height=780)
    window.page.get_by_role("button", name=part, exact=True).click()
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 400
    if part == "Conversation":
        expect(window.message("Acme is red")).to_be_visible()


def test_starting_over_asks_first_and_empties_the_office(office: Office, open_page: OpenPage) -> None:
    office.card()
    window = open_page(office.url, "Priya")
    window.open_tab("Time & faults").get_by_role("button", name="Start over…").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    expect(window.page.get_by_role("heading", name="Nobody is here yet")).to_be_visible()
