"""What the time machine lists as arrived: whose, when and where; bounded; and the steps that it takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sandbox import company
from sandbox.clock import next_quarter
from sandbox.company import ANA, LENA, MAREK, PRIYA, RED_ACCOUNTS
from sandbox.page import arrivals as page
from sandbox.server import Sandbox
from tests.sandbox.slack_office import plain


class Larkfield:
    """The invented company, moved in anew."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox, self.world, self.slack = sandbox, sandbox.world, sandbox.world.slack
        sandbox.call(self._begin)

    def _begin(self) -> None:
        for system in (self.world.slack, self.world.salesforce, self.world.sheets):
            system.reset()
        self.world.clock.start_over()
        company.move_in(self.world)

    def tell(self, user: str, text: str) -> str:
        return self._post(self.slack.dm_with(user).id, text)

    def say(self, text: str, thread: str = "", blocks: list[dict[str, Any]] | None = None) -> str:
        return self._post(RED_ACCOUNTS, text, thread, blocks)

    def _post(self, channel: str, text: str, thread: str = "", blocks: list[dict[str, Any]] | None = None) -> str:
        message = self.slack.bot_message(text, **({"blocks": blocks} if blocks else {}))
        posted = self.sandbox.call(self.slack.post, self.slack.channels[channel], message, thread_ts=thread)
        return str(posted["ts"])

    def skip(self, **span: float) -> None:
        body = {"skip_seconds": timedelta(**span).total_seconds()}
        assert requests.post(f"{self.sandbox.url}/sandbox/clock", json=body, timeout=5).ok

    def answer(self, **query: str) -> dict[str, Any]:
        return dict(requests.get(f"{self.sandbox.url}/sandbox/arrivals", params=query, timeout=5).json())

    def arrived(self, **query: str) -> list[dict[str, Any]]:
        return list(self.answer(**query)["arrivals"])

    def texts(self, **query: str) -> list[str]:
        return [one["text"] for one in self.arrived(**query)]


@pytest.fixture
def office() -> Any:
    sandbox = Sandbox().start()
    yield Larkfield(sandbox)
    sandbox.stop()


def test_a_message_says_whose_it_is_and_which_clock_they_read(office: Larkfield) -> None:
    ts = office.tell(MAREK.slack_id, "Today: 1 overdue")
    assert office.arrived() == [
        {
            "ts": ts,
            "channel": office.slack.dm_with(MAREK.slack_id).id,
            "channel_name": "",
            "thread_ts": None,
            "thread": "",
            "to": [{"user": MAREK.slack_id, "tz": "Europe/London"}],
            "anybody": MAREK.slack_id,
            "text": "Today: 1 overdue",
        }
    ]


def test_a_channels_message_is_for_the_members_whom_it_mentions(office: Larkfield) -> None:
    office.say(f"<@{LENA.slack_id}> and <@{ANA.slack_id}>, please look")  # Ana is not in the channel
    office.say("nobody in particular")
    first, second = office.arrived()
    assert [reader["user"] for reader in first["to"]] == [LENA.slack_id]
    assert (second["to"], second["anybody"], second["channel_name"]) == ([], PRIYA.slack_id, "red-accounts")


def test_a_threads_message_names_the_account_that_the_thread_is_about(office: Larkfield) -> None:
    card = office.say("Red.", blocks=[{"type": "header", "text": plain("🔴 Alderbrook Bank is red")}])
    other = office.say("What a day")
    office.say("no word for 7 days", card)
    office.say("indeed", other)
    *_, about_the_card, about_the_other = office.arrived()
    assert (about_the_card["thread"], about_the_card["thread_ts"]) == ("Alderbrook Bank", card)
    assert about_the_other["thread"] == "What a day"


def test_an_edit_is_no_arrival_and_the_line_that_rang_stays(office: Larkfield) -> None:
    ts = office.tell(PRIYA.slack_id, "Usage report for Acme, by today")
    place = office.slack.dm_with(PRIYA.slack_id)
    done = {"text": "done by Priya"}
    office.sandbox.call(office.slack.edit_message, place, place.messages[ts], done, by=PRIYA.slack_id, marked=True)
    assert office.texts() == ["Usage report for Acme, by today"]


def test_people_are_not_listed_and_what_is_deleted_is_gone(office: Larkfield) -> None:
    office.sandbox.run(office.slack.say(PRIYA.slack_id, RED_ACCOUNTS, "hello"))
    ts = office.say("a mistake")
    office.sandbox.run(office.slack.delete_bot_message(RED_ACCOUNTS, ts))
    assert office.texts() == []


def test_only_the_last_move_is_listed_or_a_week(office: Larkfield) -> None:
    office.say("long ago")
    office.skip(days=8)
    office.say("before")
    office.skip(hours=1)
    office.say("after")
    assert office.texts() == ["after"]
    assert office.texts(since="week") == ["before", "after"]
    assert datetime.fromisoformat(office.answer()["since"]) < office.world.clock.now() - timedelta(minutes=59)


def test_before_the_first_move_it_is_the_last_week(office: Larkfield) -> None:
    office.say("long ago")
    office.sandbox.call(office.world.clock.move, timedelta(days=8))
    office.say("lately")
    assert office.texts() == ["lately"]


def test_starting_over_forgets_the_last_move(office: Larkfield) -> None:
    office.skip(hours=1)
    clock = requests.get(f"{office.sandbox.url}/sandbox/clock", timeout=5).json()
    assert clock["moved"]["from"] < clock["moved"]["to"]
    assert requests.post(f"{office.sandbox.url}/sandbox/reset", timeout=5).ok
    assert requests.get(f"{office.sandbox.url}/sandbox/clock", timeout=5).json()["moved"] is None


def test_of_too_many_the_newest_are_listed(office: Larkfield, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST", 2)
    for number in range(5):
        office.say(str(number))
    assert office.texts() == ["3", "4"]
    assert office.answer()["left_out"] == 3


def test_a_message_keeps_the_time_zone_that_its_reader_had(office: Larkfield) -> None:
    office.tell(PRIYA.slack_id, "one")
    office.sandbox.call(office.world.clock.move, timedelta(minutes=1))
    office.sandbox.run(office.slack.change_user(PRIYA.slack_id, tz="Asia/Tokyo"))
    office.sandbox.call(office.world.clock.move, timedelta(minutes=1))
    office.tell(PRIYA.slack_id, "two")
    assert [one["to"][0]["tz"] for one in office.arrived()] == ["America/New_York", "Asia/Tokyo"]


def test_an_unknown_span_is_refused_in_words(office: Larkfield) -> None:
    assert office.answer(since="ever") == {"error": "since is move or week."}


@pytest.mark.parametrize(
    ("now", "then"),
    [("09:00:00", "09:15:00"), ("08:59:59.5", "09:00:00"), ("23:52:10", "00:00:00")],
)
def test_the_time_machine_stops_at_every_quarter_of_an_hour(now: str, then: str) -> None:
    moment = datetime.fromisoformat(f"2027-02-01T{now}").replace(tzinfo=UTC)
    assert next_quarter(moment).time().isoformat() == then
    assert timedelta() < next_quarter(moment) - moment <= timedelta(minutes=15)
