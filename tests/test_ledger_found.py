"""What the watched ledger was once caught at, one example each."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
from sqlalchemy import select

from bot.models import Account, DigestLine, Person, Reminder, ReminderState
from bot.models.reminders import TOLD
from bot.reminders import ledger
from bot.reminders.choices import Chosen
from bot.reminders.kinds import ASKED, DIGEST, FILL_IN_BY, LEADS_TURN
from bot.reminders.ledger import Subject
from bot.workflows import people, reminders
from bot.workflows import reminders_answers as answers
from bot.workflows import settings as chosen_settings
from tests.ledger_world import DAY, HOUR, NOUN, World, utc

START = utc("2026-03-02T15:00")  # a Monday, 10:00 in New York
NEW_YORK = ["America/New_York"] * 3


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World.make(database_url, START)
    made.begin(START, NEW_YORK, subjects=12)
    yield made
    made.database.engine.dispose()


def told(world: World) -> list[Reminder]:
    with world.database.transaction() as session:
        rows = session.scalars(select(Reminder).where(Reminder.kind != DIGEST).order_by(Reminder.id)).all()
    return [row for row in rows if row.told_at]


def told_or_folded(world: World) -> list[Reminder]:
    with world.database.transaction() as session:
        return list(session.scalars(select(Reminder).where(Reminder.kind != DIGEST, Reminder.state.in_(TOLD))))


def ask(world: World, numbers: range, at: datetime | None = None) -> None:
    for number in numbers:
        world.keep(number, {ASKED: at or world.now}, (1, 2, 3))


def go_away(world: World) -> None:
    """The first person is away for two days, and the second one covers."""
    today = START.date()
    wanted = Chosen(time(9), time(17, 30), time(9), "north", None, today, today + DAY, "U2")
    with world.database.transaction() as session:
        chosen_settings.save(session, session.get_one(Person, 1), wanted, now=world.now, policy=world.rules)


def expect(world: World, row: Reminder, at: datetime) -> None:
    world.expected[row.id].at, world.expected[row.id].armed = at, True


@pytest.mark.parametrize("how", ["hand on", "snooze"])
def test_what_is_handed_on_or_snoozed_still_counts_among_the_five_of_that_day(world: World, how: str) -> None:
    ask(world, range(1, 6))
    world.sweep()
    first = told(world)[0]
    with world.database.transaction() as session:
        by = session.get_one(Person, 1)
        if how == "snooze":
            row = answers.tomorrow(session, first.id, by=by, now=world.now, policy=world.rules)
        else:
            row = answers.hand_to(session, first.id, "U2", by=by, now=world.now, policy=world.rules)
    expect(world, row, row.due_at)
    world.go_on(world.now + HOUR)
    ask(world, range(6, 7))
    world.go_on(world.now + HOUR)  # looks at how many everybody had


def test_what_is_told_again_on_the_same_day_counts_each_time_among_the_five(world: World) -> None:
    ask(world, range(1, 5))
    world.sweep()
    first = told(world)[0]
    with world.database.transaction() as session:
        row = answers.in_an_hour(session, first.id, by=session.get_one(Person, 1), now=world.now, policy=world.rules)
    expect(world, row, row.due_at)
    world.go_on(world.now + 2 * HOUR)  # the fifth message
    ask(world, range(5, 6))
    world.sweep()
    [last] = [row for row in told_or_folded(world) if row.subject_id == 5]
    assert "5 messages were sent that day" in last.why


def test_a_snooze_ends_with_what_was_snoozed(world: World) -> None:
    """Promised again, it comes at its rule's time and in working hours: nobody chose that time."""
    anchors = {ASKED: world.now, LEADS_TURN: world.now + 12 * HOUR}
    world.keep(1, anchors, (1, 2, 3))
    world.sweep()
    [row] = told(world)
    with world.database.transaction() as session:
        answers.monday(session, row.id, by=session.get_one(Person, 1), now=world.now, policy=world.rules)
    world.keep(1, {}, (1, 2, 3))
    world.now += 10 * HOUR  # 20:00
    world.keep(1, anchors, (1, 2, 3))
    world.sweep()
    with world.database.transaction() as session:
        again = session.get_one(Reminder, row.id)
    assert (again.state, again.is_chosen, again.ended_at) == (ReminderState.HELD, False, None)


def test_whoever_comes_back_reads_in_a_digest_what_their_cover_was_told(world: World) -> None:
    go_away(world)
    ask(world, range(1, 2))
    world.go_on(world.now + 9 * DAY)
    with world.database.transaction() as session:
        listed = session.scalars(
            select(Reminder.occurrence)
            .join(DigestLine, DigestLine.digest_id == Reminder.id)
            .where(Reminder.recipient_id == 1)
        ).all()
    assert [day for day in listed if date.fromisoformat(day) > START.date() + 7 * DAY] != []


def test_what_is_held_for_a_cover_follows_the_clock_of_the_cover(world: World) -> None:
    go_away(world)
    world.now += 10 * HOUR  # 20:00 in New York
    ask(world, range(1, 2))
    world.sweep()

    def move(who: int) -> Reminder:
        with world.database.transaction() as session:
            person = session.get_one(Person, who)
            person.time_zone = "America/Los_Angeles"
            session.flush()
            people.moved(session, person, now=world.now, policy=world.rules)
        world.sweep()
        with world.database.transaction() as session:
            return session.scalars(select(Reminder).where(Reminder.kind == "proposal")).one()

    assert (row := move(1)).state == ReminderState.HELD
    assert (row.due_at, row.zone) == (utc("2026-03-03T14:00"), "America/New_York")  # 9:00 for who covers
    assert move(2).told_to_id == 2  # 17:00 in Los Angeles


def test_what_is_beyond_five_stands_in_the_digest_of_the_same_sweep(world: World) -> None:
    """After an outage the morning's digest and the messages are told at once: nothing waits for another day."""
    world.keep(1, {FILL_IN_BY: utc("2026-03-03T15:00")}, (1, 1, 3))
    ask(world, range(4, 12), utc("2026-03-03T14:30"))
    world.be_away(utc("2026-03-03T15:00"))
    assert len(told(world)) == 9


def test_two_replicas_count_together_what_a_cover_is_told(world: World) -> None:
    """One tells the cover for somebody who is away while the other one tells the cover what is theirs."""
    if world.database.is_sqlite:
        return  # one writer at a time is what SQLite is

    def ask_one(number: int, who: int) -> None:
        with world.database.transaction() as session:
            people = {"CE": session.get_one(Person, who), "AE": None, "lead": None}
            about = Subject(NOUN, number, session.get_one(Account, number), {ASKED: START}, people)
            ledger.keep(session, about, by=None, now=START, policy=world.rules)

    def sweep() -> None:
        for _ in range(3):
            with world.database.transaction() as session:
                reminders.fall_due(session, now=START, policy=world.rules)

    go_away(world)
    for number in range(1, 6):
        ask_one(number, 1)
    other = threading.Thread(target=sweep)
    with world.database.transaction() as session:
        reminders.fall_due(session, now=START, policy=world.rules)
        for number in range(6, 11):
            ask_one(number, 2)
        other.start()
        other.join(1)  # it has read what the cover was told, or waits
    other.join(30)
    sweep()
    assert sum(row.messages for row in told(world) if row.told_to_id == 2) <= 5
