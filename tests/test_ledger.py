"""The ledger over months: whatever people do and however time passes, each thing is told once and at a good hour.

`ledger_world.World` looks at every row after every sweep; here is what happens in it. On PostgreSQL two sweep at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.errors import InvalidForm, InvalidTransition, UserError
from bot.models import Person, Reminder, ReminderState
from bot.models.reminders import TOLD, WAITING
from bot.reminders.choices import Chosen
from bot.reminders.kinds import ASKED, DIGEST, FILL_IN_BY, LEADS_TURN
from bot.workflows import people
from bot.workflows import reminders_answers as answers
from bot.workflows import settings as chosen_settings
from tests.ledger_world import DAY, HOMES, HOUR, World, utc
from tests.test_reminder_times import ZONES, changes, walked

START = utc("2026-03-02T15:00")
SUBJECTS, PEOPLE = 3, 3
ROLES = st.permutations([1, 2, 3]).map(lambda found: (found[0], found[1], found[2]))
CLOCKS = [*ZONES, "Pacific/Apia", *HOMES]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World.make(database_url, START)
    yield made
    made.database.engine.dispose()


# --- What people do --------------------------------------------------------------------------------

Step = Callable[[World], None]


def promise(subject: int, roles: tuple[int, int, int], hours: int, asks: bool) -> Step:
    """Somebody marks it red: to be filled in by then. Or asks whether it is, from now on."""

    def act(world: World) -> None:
        then = world.now + hours * HOUR
        anchors = {ASKED: world.now, LEADS_TURN: then} if asks else {FILL_IN_BY: then}
        world.keep(subject, anchors, roles)

    return act


def settle(subject: int, roles: tuple[int, int, int], done: bool) -> Step:
    return lambda world: world.keep(subject, {}, roles, done)


def travel(who: int, zone: str) -> Step:
    def act(world: World) -> None:
        with world.database.transaction() as session:
            person = session.get_one(Person, who)
            person.time_zone = zone
            session.flush()
            people.moved(session, person, now=world.now, policy=world.rules)
            mine = session.scalars(select(Reminder).where(Reminder.recipient_id == who, Reminder.state.in_(WAITING)))
            for row in mine:
                at = datetime.fromisoformat(row.wall)
                assert row.zone == zone
                if row.keeps_wall:  # it is due when that zone's clocks show it
                    assert row.due_at == walked(at.date(), at.time(), zone)
                else:  # it stays an instant, which their new clock shows
                    assert row.due_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0) == at
                if row.kind != DIGEST and (row.state == ReminderState.PLANNED or row.is_chosen):
                    world.expected[row.id].at = row.due_at
        world.look(swept=False)

    return act


def choose(who: int, from_hour: int, length: int, digest: int, away: tuple[int, int] | None, mute: int | None) -> Step:
    def act(world: World) -> None:
        today = world.now.date()
        wanted = Chosen(
            time(from_hour), time(from_hour + length), time(digest), "north",
            muted_until_on=today + mute * DAY if mute else None,
            away_from_on=today + away[0] * DAY if away else None,
            away_to_on=today + (away[0] + away[1]) * DAY if away else None,
        )  # fmt: skip
        with world.database.transaction() as session, contextlib.suppress(InvalidForm):
            chosen_settings.save(session, session.get_one(Person, who), wanted, now=world.now, policy=world.rules)
        world.look(swept=False)

    return act


def answer(which: int, how: str, other: int) -> Step:
    """Whoever was told something does one of the things that its menu offers."""

    def act(world: World) -> None:
        with world.database.transaction() as session:
            told = session.scalars(
                select(Reminder)
                .where(Reminder.state.in_(TOLD), Reminder.kind != DIGEST, Reminder.recipient_id.is_not(None))
                .order_by(Reminder.id)
            ).all()
            if not told:
                return
            row = told[which % len(told)]
            by, id_ = session.get_one(Person, row.recipient_id), row.id
            with contextlib.suppress(UserError, InvalidTransition):
                _answer(world, session, id_, how, other, by)
        world.look(swept=False)

    return act


def _answer(world: World, session, id_: int, how: str, other: int, by: Person) -> None:  # type: ignore[no-untyped-def]
    given = {"by": by, "now": world.now, "policy": world.rules}
    if how == "hand":
        row = answers.hand_to(session, id_, f"U{other}", **given)
    elif how == "skip":
        row = answers.skip(session, id_, "not now", **given)
    elif how == "day":
        row = answers.on_day(session, id_, world.now.date() + (1 + other) * DAY, **given)
    else:
        row = {"hour": answers.in_an_hour, "tomorrow": answers.tomorrow, "monday": answers.monday}[how](
            session, id_, **given
        )
    if row.is_waiting:
        assert row.due_at >= world.now
        world.expected[id_].at, world.expected[id_].armed = row.due_at, True


def wait(hours: float) -> Step:
    return lambda world: world.go_on(world.now + hours * HOUR)


def outage(hours: int) -> Step:
    return lambda world: world.be_away(world.now + hours * HOUR)


WHO, WHICH = st.integers(1, PEOPLE), st.integers(1, SUBJECTS)
STEPS = st.one_of(
    st.builds(promise, WHICH, ROLES, st.integers(1, 120), st.booleans()),
    st.builds(promise, WHICH, ROLES, st.integers(1, 120), st.booleans()),
    st.builds(settle, WHICH, ROLES, st.booleans()),
    st.builds(travel, WHO, st.sampled_from(CLOCKS)),
    st.builds(
        choose, WHO, st.integers(5, 10), st.integers(3, 9), st.integers(6, 12),
        st.none() | st.tuples(st.integers(0, 2), st.integers(0, 4)), st.none() | st.integers(1, 3),
    ),
    st.builds(answer, st.integers(0, 9), st.sampled_from(["hour", "tomorrow", "monday", "day", "hand", "skip"]), WHO),
    st.builds(wait, st.sampled_from([0.2, 1, 5, 17, 30])),
    st.builds(outage, st.sampled_from([3, 14, 72, 120])),
)  # fmt: skip


def starts() -> st.SearchStrategy[datetime]:
    """Any time in ten years, or the days before a clock change, a month's end or a leap day."""
    found = [day for zone in CLOCKS[:20] for day in changes(zone, date(2019, 1, 1), date(2028, 12, 31))]
    special = [*found, date(2024, 2, 29), date(2028, 2, 29), date(2026, 12, 31), date(2027, 2, 28)]
    day = st.sampled_from(special).map(lambda one: one - 2 * DAY) | st.dates(date(2019, 1, 1), date(2028, 12, 1))
    return st.builds(lambda one, hour: utc(f"{one}T{hour:02}:10"), day, st.integers(0, 23))


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.slow
def test_each_thing_is_told_once_at_a_good_hour_whatever_happens(world: World, is_full_size: bool) -> None:
    @settings(max_examples=600 if is_full_size else 20, deadline=None, suppress_health_check=QUIET)
    @given(starts(), st.lists(st.sampled_from(CLOCKS), min_size=PEOPLE, max_size=PEOPLE), st.lists(STEPS, max_size=14))
    def holds(start: datetime, zones: list[str], steps: list[Step]) -> None:
        world.begin(start, zones, SUBJECTS)
        for step in steps:
            step(world)
        world.go_on(world.now + 4 * DAY)
        world.go_on(world.now + 21 * DAY, every=3 * DAY)
        world.check_all_was_told()

    holds()


# --- Named examples ---------------------------------------------------------------------------------


def rows(world: World, state: ReminderState | None = None) -> list[Reminder]:
    with world.database.transaction() as session:
        found = session.scalars(select(Reminder).where(Reminder.kind != DIGEST).order_by(Reminder.id)).all()
    return [row for row in found if state in (None, row.state)]


@pytest.mark.parametrize(
    ("zone", "day", "utc_due"),
    [
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00"),  # there is no midnight: an hour later, at 1:00
        ("America/Havana", "2026-11-01", "2026-11-01T04:00"),  # midnight twice: the first one
    ],
)
def test_a_time_that_is_skipped_comes_later_and_a_repeated_one_first(
    world: World, zone: str, day: str, utc_due: str
) -> None:
    world.begin(utc(f"{day}T12:00") - 3 * DAY, [zone, zone, zone], SUBJECTS)
    world.keep(1, {FILL_IN_BY: utc(f"{day}T14:00")}, (1, 2, 3))
    for row in rows(world)[:2]:
        assert (row.wall, row.due_at) == (f"{day}T00:00", utc(utc_due))
    world.go_on(utc(utc_due) - timedelta(minutes=1))
    assert rows(world, ReminderState.FOLDED) == []
    world.go_on(utc(utc_due))
    assert len(rows(world, ReminderState.FOLDED)) == 2
    world.go_on(utc(utc_due) + 2 * HOUR)
    assert [row.why.count("left for the next digest") for row in rows(world)[:2]] == [1, 1]


@pytest.mark.parametrize(
    ("day", "utc_due"), [(date(2027, 3, 28), "2027-03-28T01:30"), (date(2027, 10, 31), "2027-10-31T00:30")]
)
def test_a_snooze_into_a_night_with_a_clock_change_comes_once(world: World, day: date, utc_due: str) -> None:
    """A night worker in Berlin, at 2:30: an hour later where that time is skipped, the first where it comes twice."""
    world.begin(utc(f"{day}T01:00") - 2 * DAY, ["Europe/Berlin"] * 3, SUBJECTS)  # a Friday, 2:00 or 3:00 there
    choose(1, 2, 9, 6, None, None)(world)
    with world.database.transaction() as session:
        one = session.get_one(Person, 1)
        chosen_settings.save(
            session, one, Chosen(time(2, 30), time(11), time(11), "north"), now=world.now, policy=world.rules
        )
    world.keep(1, {ASKED: world.now}, (1, 2, 3))
    world.go_on(world.now + 3 * HOUR)
    [told] = rows(world, ReminderState.SENT)
    with world.database.transaction() as session:
        row = answers.on_day(session, told.id, day, by=session.get_one(Person, 1), now=world.now, policy=world.rules)
        assert row.due_at == utc(utc_due)
    world.expected[told.id].at, world.expected[told.id].armed = utc(utc_due), True
    world.go_on(utc(utc_due) + 4 * HOUR)
    assert [row.messages for row in rows(world)] == [2]
