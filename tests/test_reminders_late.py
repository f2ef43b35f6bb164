"""What becomes of a reminder that could not be told in time: each kind does what its entry says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot import db, policy
from bot.db import Database
from bot.models import Account, Person, Place, Reminder, ReminderState
from bot.reminders import ledger
from bot.reminders.kinds import KINDS, Kind, Late, Step, When
from bot.reminders.ledger import Subject
from bot.workflows import reminders
from sandbox import settings

RULES = policy.read(settings.POLICY)
ASKED = datetime(2027, 1, 26, 15, 0, tzinfo=UTC)  # a Tuesday, 10:00 in New York
LATE = timedelta(hours=6)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(db.create(database_url))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def kinds() -> Iterator[None]:
    """A kind for each way to be late, as a later workflow would declare them."""
    made = {
        f"probe {late.name}": Kind(
            f"probe {late.name}", "probe", "a probe", "it is over",
            (Step(("CE",), When("asked"), Place.DM, late, late_after=LATE),),
        )
        for late in Late
    }  # fmt: skip
    KINDS.update(made)
    yield
    for name in made:
        del KINDS[name]


def plan(database: Database, *, now: datetime) -> None:
    with database.transaction() as session:
        person = Person(name="Priya", slack_id="U0PRIYA000", is_member=True, time_zone="America/New_York")
        account = Account(salesforce_id="001000000000001AAA", name="Acme", search_name="acme", ce=person,
                          region="US East", refreshed_at=now)  # fmt: skip
        session.add(account)
        session.flush()
        subject = Subject("probe", 1, account, {"asked": ASKED}, {"CE": person})
        ledger.keep(session, subject, by=None, now=now, policy=RULES)


def sweep(database: Database, now: datetime) -> dict[str, ReminderState]:
    is_more = True
    while is_more:
        with database.transaction() as session:
            is_more = reminders.fall_due(session, now=now, policy=RULES)
    with database.transaction() as session:
        return {row.kind: row.state for row in session.query(Reminder) if row.kind.startswith("probe")}


def test_in_time_all_are_sent(database: Database, kinds: None) -> None:
    plan(database, now=ASKED)
    assert set(sweep(database, ASKED + LATE).values()) == {ReminderState.SENT}


def test_too_late_each_does_what_its_entry_says(database: Database, kinds: None) -> None:
    plan(database, now=ASKED)
    assert sweep(database, ASKED + LATE + timedelta(minutes=1)) == {
        "probe SEND": ReminderState.SENT,
        "probe FOLD": ReminderState.FOLDED,
        "probe SKIP": ReminderState.SKIPPED,
    }


def test_what_is_held_for_a_good_hour_is_not_late(database: Database, kinds: None) -> None:
    plan(database, now=ASKED - timedelta(days=1))
    with database.transaction() as session:
        for row in session.query(Reminder):
            ledger.postpone(row, datetime(2027, 1, 30, 15, 0, tzinfo=UTC), "America/New_York")  # a Saturday
    assert set(sweep(database, datetime(2027, 1, 30, 15, 1, tzinfo=UTC)).values()) == {ReminderState.HELD}
    assert set(sweep(database, datetime(2027, 2, 1, 14, 1, tzinfo=UTC)).values()) == {ReminderState.SENT}
