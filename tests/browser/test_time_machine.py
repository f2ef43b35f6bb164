"""The time machine: a week passes, and the page lists what arrived, at whose nine o'clock, and leads there.

What posts here is not Touchpoint but a few lines that greet each person at nine: the page is looked at, not the bot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from sandbox import company
from sandbox.clock import next_quarter
from sandbox.company import LENA, MAREK, MIRA, PRIYA, RED_ACCOUNTS, Human
from sandbox.server import Sandbox
from tests.browser.window import Window

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Window]
GREETED = (PRIYA, MAREK, MIRA)  # New York, London, Singapore
MONDAY = datetime(2027, 2, 1, 9, 0, tzinfo=ZoneInfo("America/New_York"))


class Greeter:
    """Moves the clock as the real time machine does and posts what falls due on the way."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.world, self.slack = sandbox.world, sandbox.world.slack
        self.holds_at: datetime | None = None  # the clock stands still there until `go_on` is set
        self.go_on = asyncio.Event()
        self.outages: list[float] = []
        self.greeted: set[tuple[str, str]] = set()

    async def move(self, seconds: float, outage: bool = False) -> None:
        clock = self.world.clock
        if outage:
            self.outages.append(seconds)
            clock.move(timedelta(seconds=seconds))
            return
        end = clock.now() + timedelta(seconds=seconds)
        while (now := clock.now()) < end:
            clock.move(min(next_quarter(now), end) - now)
            for human in GREETED:
                self.greet(human)
            if self.holds_at and clock.now() >= self.holds_at:
                self.holds_at = None
                await self.go_on.wait()
            await asyncio.sleep(0)

    def greet(self, human: Human) -> None:
        there = self.world.clock.now().astimezone(ZoneInfo(self.slack.users[human.slack_id].tz))
        today = (human.slack_id, f"{there:%F}")
        if there.weekday() < 5 and (there.hour, there.minute) == (9, 0) and today not in self.greeted:
            self.greeted.add(today)
            self.tell(human, f"Today, *{there:%A}*: 1 waits for you")

    def tell(self, human: Human, text: str) -> str:
        return str(self.slack.post(self.slack.dm_with(human.slack_id), self.slack.bot_message(text))["ts"])

    def say(self, text: str, thread: str = "") -> str:
        place = self.slack.channels[RED_ACCOUNTS]
        return str(self.slack.post(place, self.slack.bot_message(text), thread_ts=thread)["ts"])


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    sandbox = Sandbox().start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def office(running: Sandbox) -> Sandbox:
    def begin() -> None:
        world = running.world
        world.clock.start_over()
        for system in (world.slack, world.salesforce, world.sheets):
            system.reset()
        company.move_in(world, opening=MONDAY)

    running.call(begin)
    return running


@pytest.fixture
def greeter(office: Sandbox) -> Greeter:
    found = Greeter(office)
    office.world.time_machine = found.move
    return found


def skip(window: Window, title: str) -> Locator:
    """Press one of the time machine's buttons and wait until the clock has arrived."""
    panel = window.open_tab("Time & faults")
    button = panel.get_by_role("button", name=title, exact=True)
    with window.page.expect_response("**/sandbox/clock"):
        button.click()
    expect(button).to_be_enabled()
    return panel


def arrivals(panel: Locator) -> Locator:
    return panel.locator("[data-test=arrivals] .arrival")


def test_a_week_of_reminders_is_listed_by_day_at_each_readers_own_nine(
    greeter: Greeter, office: Sandbox, open_page: OpenPage
) -> None:
    panel = skip(open_page(office.url, "Priya"), "A week")
    expect(arrivals(panel)).to_have_count(15)
    expect(panel.get_by_role("status")).to_contain_text("15 messages since Mon 1 Feb, 09:0")
    days = panel.locator(".arrivals-day")
    expect(days).to_have_count(5)
    expect(days.first.get_by_role("heading")).to_have_text("Tue 2 Feb3 messages")
    expect(days.last.get_by_role("heading")).to_have_text("Mon 8 Feb3 messages")
    said = days.first.locator(".arrival-main").all_inner_texts()
    assert [" ".join(text.split()) for text in said] == [
        "9:00 in Singapore to Mira Today, Tuesday: 1 waits for you",
        "9:00 in London to Marek Today, Tuesday: 1 waits for you",
        "9:00 in New York to Priya Today, Tuesday: 1 waits for you",
    ]


def test_arrivals_appear_while_time_still_passes(greeter: Greeter, office: Sandbox, open_page: OpenPage) -> None:
    greeter.holds_at = MONDAY + timedelta(days=1, hours=1)
    window = open_page(office.url, "Priya")
    panel = window.open_tab("Time & faults")
    week = panel.get_by_role("button", name="A week", exact=True)
    week.click()
    expect(arrivals(panel)).to_have_count(3)
    expect(panel).to_contain_text("Time is passing until Mon 8 Feb, 09:0")
    expect(week).to_be_disabled()
    office.call(greeter.go_on.set)
    expect(arrivals(panel)).to_have_count(15)
    expect(week).to_be_enabled()


def test_one_persons_arrivals_can_be_read_alone(greeter: Greeter, office: Sandbox, open_page: OpenPage) -> None:
    panel = skip(open_page(office.url, "Priya"), "A week")
    expect(arrivals(panel)).to_have_count(15)
    people = panel.get_by_label("For whom")
    expect(people.get_by_role("option")).to_have_text(
        ["Everybody (15)", "Marek Novotny (5)", "Mira Tanaka (5)", "Priya Raman (5)"]
    )
    people.select_option(label="Marek Novotny (5)")
    expect(arrivals(panel)).to_have_count(5)
    expect(arrivals(panel).first).to_contain_text("9:00 in London")
    expect(panel.get_by_role("status")).to_contain_text("5 messages")
    people.select_option(label="Everybody (15)")
    expect(arrivals(panel)).to_have_count(15)


def test_a_click_opens_the_conversation_as_the_one_whom_it_reached(
    greeter: Greeter, office: Sandbox, open_page: OpenPage
) -> None:
    window = open_page(office.url, "Priya")
    panel = skip(window, "A day")
    arrivals(panel).filter(has_text="to Marek").click()
    expect(window.page.locator("[data-test=act-as]")).to_contain_text("Marek Novotny")
    expect(window.page.get_by_role("heading", level=1)).to_contain_text("Touchpoint")
    expect(window.message("Today, Tuesday: 1 waits for you")).to_have_class("message glow")


def test_a_reminder_in_a_thread_names_the_account_and_opens_the_thread(
    greeter: Greeter, office: Sandbox, open_page: OpenPage
) -> None:
    card = office.call(greeter.say, "Acme is red, set by Priya. $240k")
    window = open_page(office.url, "Priya")
    panel = skip(window, "15 minutes")
    office.call(greeter.say, f"<@{LENA.slack_id}> no word for 7 days", card)
    office.call(greeter.say, "Somebody should look")
    in_thread = arrivals(panel).filter(has_text="#red-accounts, in the thread of Acme, to Lena")
    expect(in_thread).to_contain_text("9:15 in New York")
    expect(in_thread).to_contain_text("@Lena Hofmann no word for 7 days")
    expect(arrivals(panel).filter(has_text="Somebody should look")).to_contain_text("in New York#red-accounts")
    in_thread.click()
    expect(window.page.locator("[data-test=act-as]")).to_contain_text("Lena Hofmann")
    expect(window.reply("no word for 7 days")).to_be_visible()


def test_the_list_works_with_the_keyboard_alone(greeter: Greeter, office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    panel = skip(window, "A day")
    expect(arrivals(panel)).to_have_count(3)
    panel.get_by_label("For whom").focus()
    keys = window.page.keyboard
    keys.press("Tab")
    expect(arrivals(panel).nth(0)).to_be_focused()
    keys.press("ArrowDown")
    expect(arrivals(panel).nth(1)).to_be_focused()
    keys.press("End")
    expect(arrivals(panel).nth(2)).to_be_focused()
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(window.page.locator("[data-test=act-as]")).to_contain_text("Marek Novotny")
    expect(window.message("Today, Tuesday: 1 waits for you")).to_be_visible()
    expect(arrivals(panel).nth(1)).to_be_focused()


def test_the_last_week_can_be_read_after_a_short_move(greeter: Greeter, office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    skip(window, "A day")
    panel = skip(window, "15 minutes")
    expect(panel.get_by_role("status")).to_have_text("Nothing since Tue 2 Feb, 09:00")
    panel.get_by_label("From when").select_option(label="The last 7 days")
    expect(arrivals(panel)).to_have_count(3)


def test_the_skips_go_where_they_say(greeter: Greeter, office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    skip(window, "A day")
    panel = skip(window, "To the next working morning")
    date = panel.locator("[data-test=sandbox-date]")
    expect(date).to_contain_text("Wed 3 Feb 2027, 09:00")
    window.act_as("Marek")
    skip(window, "To 9:00 in London")
    expect(date).to_contain_text("Thu 4 Feb 2027, 09:00")
    skip(window, "Off for 3 days")
    expect(date).to_contain_text("Sun 7 Feb 2027, 09:00")
    assert greeter.outages == [259200]


def test_in_the_dark_and_in_a_narrow_window_arrivals_can_be_read(
    greeter: Greeter, office: Sandbox, open_page: OpenPage
) -> None:
    window = open_page(office.url, "Priya", width=400, height=780, dark=True)
    window.page.get_by_role("button", name="Beside Slack").click()
    panel = skip(window, "A day")
    expect(arrivals(panel)).to_have_count(3)
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 400
    colours = (
        arrivals(panel)
        .first.locator(".arrival-head")
        .evaluate(
            "node => [node, node.closest('.arrivals')].map(one => getComputedStyle(one))"
            ".flatMap(style => [style.color, style.backgroundColor])"
        )
    )
    assert _lightness(colours[0]) - _lightness(colours[3]) > 100, colours
    arrivals(panel).first.click()
    expect(window.message("Today, Tuesday: 1 waits for you")).to_be_visible()


# People


def change(window: Window, name: str) -> Locator:
    window.page.locator("[data-test=act-as]").click()
    window.page.get_by_role("button", name=f"Change {name}").click()
    return window.page.locator("[data-test=profile]")


def test_a_persons_time_zone_is_changed_and_holds_from_then_on(
    greeter: Greeter, office: Sandbox, open_page: OpenPage
) -> None:
    window = open_page(office.url, "Priya")
    skip(window, "A day")
    change(window, "Priya Raman").get_by_role("radio", name="Tokyo").click()
    expect(window.page.locator(".acting-zone")).to_contain_text("Tokyo 23:0")
    panel = skip(window, "A day")
    expect(arrivals(panel).filter(has_text="to Priya")).to_contain_text("9:00 in Tokyo")
    panel.get_by_label("From when").select_option(label="The last 7 days")
    expect(arrivals(panel).filter(has_text="to Priya").first).to_contain_text("9:00 in New York")


def test_a_member_is_deactivated_and_comes_back(greeter: Greeter, office: Sandbox, open_page: OpenPage) -> None:
    window = open_page(office.url, "Priya")
    panel = skip(window, "A day")
    change(window, "Marek Novotny").get_by_role("button", name="Deactivate the account").click()
    expect(window.page.locator("[data-test=toast-note]")).to_contain_text("Marek's account is deactivated.")
    assert office.world.slack.users[MAREK.slack_id].deleted
    arrivals(panel).filter(has_text="to Marek").click()
    expect(window.page.locator("[data-test=toast-note]").last).to_contain_text("nobody can read along")
    window.page.locator("[data-test=act-as]").click()
    expect(window.page.locator(f"[data-user={MAREK.slack_id}]")).to_be_disabled()
    window.page.keyboard.press("Escape")
    change(window, "Marek Novotny").get_by_role("button", name="Reactivate the account").click()
    window.act_as("Marek")
    assert not office.world.slack.users[MAREK.slack_id].deleted


def test_who_deactivates_themselves_acts_as_somebody_else(
    greeter: Greeter, office: Sandbox, open_page: OpenPage
) -> None:
    window = open_page(office.url, "Mira")
    change(window, "Mira Tanaka").get_by_role("button", name="Deactivate the account").click()
    expect(window.page.locator("[data-test=act-as]")).not_to_contain_text("Mira Tanaka")


def _lightness(colour: str) -> float:
    """0 to 255, of rgb(…)."""
    parts = [float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    return sum(parts) / 3
