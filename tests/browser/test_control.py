"""The sandbox's own controls over HTTP, as the page and other clients use them. No browser needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import requests

from sandbox.control import OFFERS, skip_to
from sandbox.faults import KINDS
from sandbox.server import Sandbox


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    sandbox = Sandbox().start()
    yield sandbox.url
    sandbox.stop()


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        (datetime(2027, 1, 25, 13, 0, tzinfo=UTC), "America/New_York", datetime(2027, 1, 25, 14, 0, tzinfo=UTC)),
        (datetime(2027, 1, 25, 14, 0, tzinfo=UTC), "America/New_York", datetime(2027, 1, 26, 14, 0, tzinfo=UTC)),
        (datetime(2027, 1, 29, 20, 0, tzinfo=UTC), "America/New_York", datetime(2027, 2, 1, 14, 0, tzinfo=UTC)),
        (datetime(2027, 3, 26, 20, 0, tzinfo=UTC), "Europe/Berlin", datetime(2027, 3, 29, 7, 0, tzinfo=UTC)),
    ],
    ids=["later today", "at nine it is tomorrow", "over a weekend", "over the change to summer time"],
)
def test_next_morning_is_nine_on_a_weekday_there(now: datetime, zone: str, expected: datetime) -> None:
    assert skip_to(now, "next_morning", ZoneInfo(zone)) == (expected - now).total_seconds()


def test_time_only_moves_forwards(url: str) -> None:
    before = requests.get(f"{url}/sandbox/clock", timeout=5).json()
    after = requests.post(f"{url}/sandbox/clock", json={"skip_seconds": 900}, timeout=5).json()
    assert after["offset_seconds"] - before["offset_seconds"] == pytest.approx(900)
    answer = requests.post(f"{url}/sandbox/clock", json={"skip_seconds": -1}, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (400, "Time only moves forwards here.")


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"skip_seconds": null}', '{"to": "the moon"}', '{"to": "next_morning", "tz": "No/Where"}']
)
def test_a_clock_that_is_asked_for_nonsense_says_so(url: str, body: str) -> None:
    answer = requests.post(f"{url}/sandbox/clock", data=body, headers={"Content-Type": "application/json"}, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


def test_a_fault_is_switched_on_and_off(url: str) -> None:
    fault = {"system": "slack", "kind": "429", "call": "chat.*", "seconds": 7}
    number = requests.post(f"{url}/sandbox/faults", json=fault, timeout=5).json()["id"]
    [on] = requests.get(f"{url}/sandbox/state", timeout=5).json()["faults"]
    assert (on["id"], on["call"], on["seconds"]) == (number, "chat.*", 7)
    assert requests.delete(f"{url}/sandbox/faults", params={"id": number}, timeout=5).json() == {"on": []}


@pytest.mark.parametrize(
    "body", [{}, {"system": "pigeons", "kind": "429"}, {"system": "slack", "kind": "boredom"}, {"system": "slack"}]
)
def test_an_unknown_fault_is_refused(url: str, body: dict[str, str]) -> None:
    answer = requests.post(f"{url}/sandbox/faults", json=body, timeout=5)
    assert answer.status_code == 400
    assert requests.get(f"{url}/sandbox/faults", timeout=5).json()["on"] == []


def test_every_fault_that_the_page_offers_exists() -> None:
    assert {offer["kind"] for offer in OFFERS} <= set(KINDS)


def test_changes_arrive_as_events(url: str) -> None:
    with requests.get(f"{url}/sandbox/events", stream=True, timeout=5) as stream:
        lines = stream.iter_lines(decode_unicode=True)
        assert next(lines) == "retry: 1000"
        requests.post(f"{url}/sandbox/clock", json={"skip_seconds": 1}, timeout=5)
        assert next(line for line in lines if line.startswith("event:")) == "event: clock"


def test_a_step_that_has_nothing_to_act_on_says_why(url: str) -> None:
    answer = requests.post(f"{url}/sandbox/tour/turn-red/do", timeout=5)
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("No green account is left")
    assert requests.post(f"{url}/sandbox/tour/dance/do", timeout=5).status_code == 404


def test_the_page_serves_its_own_files_and_no_others(url: str) -> None:
    assert "Touchpoint sandbox" in requests.get(url, timeout=5).text
    assert requests.get(f"{url}/static/main.js", timeout=5).headers["Content-Type"].startswith("text/javascript")
    assert requests.get(f"{url}/static/%2e%2e/__init__.py", timeout=5).status_code == 404


def test_a_permanent_link_leads_to_its_message(url: str) -> None:
    link = f"{url}/archives/C0RED/p1800000000000100"
    answer = requests.get(link, allow_redirects=False, timeout=5)
    assert answer.headers["Location"] == "/#/C0RED/-/1800000000.000100"
    answer = requests.get(f"{link}?thread_ts=1800000000.000001", allow_redirects=False, timeout=5)
    assert answer.headers["Location"] == "/#/C0RED/1800000000.000001/1800000000.000100"
