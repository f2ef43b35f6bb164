"""The elements of Block Kit, in messages and in forms: how they are drawn, and what the app is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_sdk import WebClient

from sandbox.server import Sandbox
from sandbox.slack.people import BOT_TOKEN, BOT_USER
from tests.browser.elements_office import ACCESSORIES, CHOICES, NOON, Office, card, option, sent, small_app
from tests.browser.window import Window

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Window]


@pytest.fixture(scope="module")
def running() -> Iterator[Office]:
    """Started once: a socket client takes seconds to close."""
    sandbox = Sandbox().start()
    office = Office(sandbox, WebClient(BOT_TOKEN, base_url=f"{sandbox.url}/api/"))
    connected = threading.Event()
    sandbox.world.listeners.append(lambda _part: connected.set() if sandbox.world.slack.sockets.connections else None)
    handler = SocketModeHandler(small_app(office), "xapp-sandbox-touchpoint", concurrency=4)
    handler.connect()
    assert connected.wait(10)
    yield office
    handler.close()
    sandbox.stop()


@pytest.fixture
def office(running: Office) -> Office:
    def begin() -> None:
        world = running.sandbox.world
        world.slack.reset()
        world.clock.start_over()
        world.clock.set(datetime(2027, 2, 1, 14, 0, tzinfo=UTC))
        people = [
            world.slack.add_user(
                name=name.split()[0].lower(), real_name=name, email=f"{name}@sandbox.example", tz=tz, kind=kind
            ).id
            for name, tz, kind in (
                ("Priya Raman", "America/New_York", "member"),
                ("Tom Becker", "Europe/Berlin", "member"),
                ("Sam Whitby", "Europe/London", "guest"),
            )
        ]
        gone = world.slack.add_user(name="gone", real_name="Una Gone", email="", tz="UTC", deleted=True)
        world.slack.add_channel("C0RED", name="red-accounts", members=[*people, gone.id, BOT_USER])

    running.sandbox.call(begin)
    running.told.clear()
    running.submitted.clear()
    return running


def posted(office: Office, window: Window) -> Locator:
    office.bot.chat_postMessage(channel="C0RED", text="Everything there is", blocks=card())
    message = window.message("of an item that is due")
    expect(message).to_be_visible()
    return message


def told(office: Office, window: Window, *expected: tuple[str, Any]) -> None:
    """The app hears of a pick only after it has been made: wait for it."""
    wait_for(office, window, len(expected))
    assert office.actions() == list(expected)


def wait_for(office: Office, window: Window, number: int) -> None:
    for _ in range(100):
        if len(office.told) >= number:
            return
        window.page.wait_for_timeout(50)


def person(office: Office, name: str) -> str:
    return next(user.id for user in office.sandbox.world.slack.users.values() if user.name == name)


def ts_of(message: Locator) -> str:
    return str(message.get_attribute("data-ts"))


# In a message


def test_every_accessory_tells_the_app_what_was_picked(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    message = posted(office, window)
    expect(window.page.locator("[data-test=unknown-block]")).to_have_count(0)
    message.locator("[data-action-id=button]").click()
    told(office, window, ("button", "7"))
    window.choose(message, "Hand over")
    message.get_by_role("radio", name="Yellow").check()
    message.get_by_role("checkbox", name="Green").check()
    message.locator("[data-action-id=day]").fill("2027-02-09")
    message.locator("[data-action-id=time]").fill("10:45")
    told(
        office,
        window,
        ("button", "7"),
        ("overflow", sent(option("Hand over"))),
        ("mood", sent(CHOICES[1])),
        ("ticks", [sent(CHOICES[0])]),
        ("day", "2027-02-09"),
        ("time", "10:45"),
    )


def test_a_moment_is_read_in_the_readers_time_zone(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    row = posted(office, window).locator("[data-action-id=moment]")
    expect(row.get_by_label("Date")).to_have_value("2027-02-04")
    expect(row.get_by_label("Time")).to_have_value("12:00")
    expect(row).to_contain_text("in New York")
    row.get_by_label("Time").fill("14:30")
    told(office, window, ("moment", NOON + 9000))
    window.act_as("Tom")
    expect(window.message("of an item").locator("[data-action-id=moment]").get_by_label("Time")).to_have_value("18:00")


def test_people_are_listed_with_guests_and_apps_but_without_the_deactivated(
    office: Office, open_page: OpenPage
) -> None:
    window = open_page(office.url, "Priya")
    message = posted(office, window)
    message.get_by_role("combobox", name="Owner").click()
    options = window.page.get_by_role("option")
    expect(options.filter(has_text="Sam Whitby")).to_contain_text("guest")
    expect(options.filter(has_text="Touchpoint")).to_contain_text("bot")
    expect(options.filter(has_text="Una Gone")).to_have_count(0)
    options.filter(has_text="Tom Becker").click()
    told(office, window, ("owner", person(office, "tom")))


def test_what_was_picked_stays_and_is_sent_with_the_next_press(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    message = posted(office, window)
    message.locator("[data-action-id=health] input").click()
    window.page.get_by_role("option", name="Red").click()
    told(office, window, ("health", sent(CHOICES[2])))
    office.sandbox.run(office.sandbox.world.slack.react(person(office, "sam"), "C0RED", ts_of(message), "eyes"))
    expect(message.locator(".reaction")).to_be_visible()
    expect(message.locator("[data-action-id=health] input")).to_have_value("Red")
    message.locator("[data-action-id=go]").click()
    wait_for(office, window, 2)
    values = office.told[1]["state"]["values"]
    assert values["health"]["health"]["selected_option"]["value"] == "red"
    assert values["day"]["day"]["selected_date"] == "2027-02-04"
    window.act_as("Tom")
    expect(window.message("of an item").locator("[data-action-id=health] input")).to_have_value("")


def test_a_pick_that_is_taken_back_is_not_told(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    select = posted(office, window).locator("[data-action-id=asked] input")
    select.click()
    window.page.get_by_role("option", name="Yellow").click()
    window.page.get_by_role("dialog").get_by_role("button", name="No").click()
    expect(select).to_have_value("")
    assert office.actions() == []
    select.click()
    window.page.get_by_role("option", name="Yellow").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    told(office, window, ("asked", sent(CHOICES[1])))


def test_a_button_with_an_address_opens_it_here_and_tells_the_app(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    message = posted(office, window)
    expect(message.locator("[data-action-id=link]")).to_have_attribute("title", ACCESSORIES["link"]["url"])
    message.locator("[data-action-id=link]").click()
    expect(window.page.get_by_role("tab", name="Sheet", exact=True)).to_have_attribute("aria-selected", "true")
    told(office, window, ("link", None))


def test_typing_a_date_tells_the_app_once(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    day = posted(office, window).locator("[data-action-id=day]")
    day.focus()
    keys = window.page.keyboard
    keys.type("02112027")  # month, day, year: valid from the first digit of the year on
    expect(day).to_have_value("2027-02-11")
    assert office.actions() == []
    keys.press("Enter")
    told(office, window, ("day", "2027-02-11"))


# In a form


def test_a_form_of_every_element_hands_over_its_values(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    window.type("/red-account")
    expect(window.modal.get_by_text("One sentence is enough.")).to_be_visible()
    window.submit()
    expect(window.modal.get_by_text("Please complete this required field.")).to_have_count(3)
    window.fill("What", "SSO fix")
    window.fill("By day", "2027-01-04")
    window.fill("By time", "16:00")
    moment = window.modal.get_by_role("group", name="Remind me")
    moment.get_by_label("Date").fill("2027-02-04")
    moment.get_by_label("Time").fill("12:00")
    window.pick("From whom", "Tom")
    window.modal.get_by_role("radio", name="Red needs a plan").check()
    window.modal.get_by_role("checkbox", name="Yellow").check()
    window.pick("Health", "Green")
    told(office, window, ("health", sent(CHOICES[0])))
    window.submit()
    expect(window.modal.get_by_text("That day is over.")).to_be_visible()
    expect(window.modal.get_by_label("By day")).to_be_focused()
    window.fill("By day", "2027-02-05")
    window.submit()
    expect(window.modal).to_have_count(0)
    values = {name: value[name] for name, value in office.submitted[-1].items()}
    assert values["day"]["selected_date"] == "2027-02-05"
    assert values["time"]["selected_time"] == "16:00"
    assert values["moment"]["selected_date_time"] == NOON
    assert values["mood"]["selected_option"]["value"] == "red"
    assert [one["value"] for one in values["ticks"]["selected_options"]] == ["yellow"]
    assert values["health"]["selected_option"]["value"] == "green"


def test_enter_in_a_dispatching_field_tells_the_app_and_keeps_the_form(office: Office, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    window.type("/red-account")
    window.fill("What", "SSO fix")
    window.modal.get_by_label("What").press("Enter")
    told(office, window, ("what", "SSO fix"))
    expect(window.modal).to_be_visible()
    expect(window.modal.locator(".field-error:visible")).to_have_count(0)
