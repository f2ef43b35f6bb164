"""The morning digest: one message for each person and working day, none when nothing is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, insert, not_, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from bot.models import DigestLine, Person, Place, Post, Reminder, ReminderState
from bot.models.reminders import TOLD, WAITING, is_waiting, line
from bot.queries import digests as queries
from bot.queries import preferences
from bot.reminders import wall
from bot.reminders.hours import held_until
from bot.reminders.kinds import DIGEST, DIGEST_LATE_AFTER, KINDS, NEWS
from bot.reminders.ledger import words
from bot.reminders.reach import Reach
from bot.workflows import posts

_DAY = timedelta(days=1)
_FAR = 400  # days: after a year of free days somebody has left
NOUN = KINDS[DIGEST].noun
ASKED_FOR = "asked for by `/touchpoint today`"
_reminders = Reminder.__table__
_TELL = (  # what a digest lists was told, if it was not before
    update(_reminders)  # type: ignore[arg-type]
    .where(
        _reminders.c.id.in_(select(DigestLine.reminder_id).where(DigestLine.digest_id == bindparam("digest"))),
        _reminders.c.told_at.is_(None),
    )
    .values(told_at=bindparam("at"), told_to_id=bindparam("reader"))
)


def plan(session: Session, people: Iterable[Person], reach: Reach, *, not_today: bool = False) -> None:
    """See that each of them has a digest to come, and whoever covers for them, now or soon.

    `not_today`: all that is new was told today, in messages of its own.
    """
    wanted = {person.id: person for person in people}
    reach.read(list(wanted.values()))
    for person in list(wanted.values()):
        cover = reach.cover_to_come(person)
        if cover:
            wanted.setdefault(cover.id, cover)
    reach.read(list(wanted.values()))
    days = _days(session, wanted, reach)
    missing = [
        _planned(person, _next_day(person, reach, set(days.get(person.id, ())), not_today=not_today), reach)
        for person in wanted.values()
        if person.can_be_asked and not any(days.get(person.id, {}).values())
    ]
    if missing:
        insert_one = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
        # Another transaction may have planned one of them at this moment.
        session.connection().execute(insert_one(Reminder).on_conflict_do_nothing(), missing)


def plan_anew(session: Session, person: Person, reach: Reach) -> None:
    """Their hours are others now: the digest to come moves there."""
    for row in session.scalars(_waiting_of(person).with_for_update(of=Reminder)):
        session.delete(row)  # nobody has heard of it
        session.flush()
        plan(session, [person], reach)


def fall_due(session: Session, due: Sequence[tuple[int, Person]], reach: Reach) -> None:
    """It is time for these digests, a person's each: list what is open for them, if anything is. All at once."""
    if not due:
        return
    now = reach.now
    rows = {row.id: row for row in session.scalars(select(Reminder).where(Reminder.id.in_([one for one, _ in due])))}
    ready: list[tuple[Reminder, Person]] = []
    again: list[Person] = []
    for row_id, person in due:
        row, held = rows[row_id], held_until(now, reach.digest_hours(person))
        if not person.can_be_asked:
            row.become(ReminderState.SKIPPED, now=now, why=f"{person.name} has left Slack")
        elif held or now - row.due_at > DIGEST_LATE_AFTER:
            row.become(ReminderState.SKIPPED, now=now, why=held[1] if held else "too late for that morning")
            again.append(person)
        else:
            ready.append((row, person))
    opened = _open_for_each(session, [person for _, person in ready], now)
    said = _said_in_threads(session, [one for found in opened.values() for one in found], reach)
    lines, told, sent = [], [], []
    for row, person in ready:
        midnight = wall.instant(reach.today(person), time(), person.zone)
        listed = [one for one in opened[person.id] if not _was_told(one, said, since=midnight)]
        if listed:
            row.become(ReminderState.SENT, now=now, why=f"sent with {len(listed)} open")
            row.told_at, row.told_to_id, row.messages = now, person.id, 1
            lines += [{"digest_id": row.id, "reminder_id": one.id} for one in listed]
            told.append({"digest": row.id, "reader": person.id, "at": now})
            assert person.slack_id is not None  # or nobody could ask them
            sent.append((row.id, 1, person.slack_id))
        else:
            why = "all that is open was told today" if opened[person.id] else "nothing was open"
            row.become(ReminderState.WITHDRAWN, now=now, why=why)
        if opened[person.id] or _is_counted_on(session, person, now):
            again.append(person)
    session.flush()
    if lines:
        session.execute(insert(DigestLine), lines)
        posts.show_reminders(session, sent, now=now)
    if told:
        session.connection().execute(_TELL, told)
    plan(session, again, reach)


def ask(session: Session, person: Person, *, now: datetime) -> int:
    """They want to see now what is open: a digest beside those of the mornings, which come as if nothing was asked.

    Answers how much it lists; with nothing open there is none.
    """
    listed = open_for(session, person, now)
    if not listed:
        return 0
    assert person.slack_id is not None  # it is they who act
    at = wall.wall(now, person.zone)
    row = Reminder(**_row(person, at, now))
    row.occurrence = f"{at:%Y-%m-%d %H:%M:%S.%f}"
    row.due_at = row.told_at = now
    row.state, row.why, row.told_to_id, row.messages = ReminderState.SENT, line(ASKED_FOR, now), person.id, 1
    session.add(row)
    session.flush()
    session.execute(insert(DigestLine), [{"digest_id": row.id, "reminder_id": one.id} for one in listed])
    posts.show_reminders(session, [(row.id, 1, person.slack_id)], now=now)
    return len(listed)


@dataclass(frozen=True)
class _Open:
    """As much of an open reminder as a digest has to know before it lists it."""

    id: int
    kind: str
    noun: str
    subject_id: int
    step: int
    state: ReminderState
    told_at: datetime | None


def _open_for_each(session: Session, people: Sequence[Person], now: datetime) -> dict[int, list[_Open]]:
    """Person's id → what is open for them and for those they cover for."""
    whose = {person.id: [person.id] for person in people}
    for cover_id, away_id in preferences.covered_by_each(session, people, now):
        whose[cover_id].append(away_id)
    columns = (Reminder.id, Reminder.kind, Reminder.noun, Reminder.subject_id, Reminder.step, Reminder.state,
               Reminder.told_at)  # fmt: skip
    recipients = {one for found in whose.values() for one in found}
    found: dict[int | None, list[_Open]] = {}
    for row in session.execute(
        select(Reminder.recipient_id, *columns)
        .where(Reminder.recipient_id.in_(recipients), is_open())
        .order_by(Reminder.due_at, Reminder.id)
    ):
        found.setdefault(row.recipient_id, []).append(_Open(*row[1:]))
    return {person_id: [row for one in ids for row in found.get(one, [])] for person_id, ids in whose.items()}


def _said_in_threads(session: Session, opened: Sequence[_Open], reach: Reach) -> dict[tuple[str, str, int], _Said]:
    """(kind, noun, subject) → when a thread was told, and how high on the ladder that is."""
    if not opened:
        return {}
    threads = select(Reminder.kind, Reminder.noun, Reminder.subject_id, Reminder.step, Reminder.told_at).where(
        Reminder.place == Place.THREAD,
        Reminder.noun.in_({one.noun for one in opened}),
        Reminder.subject_id.in_({one.subject_id for one in opened}),
        or_(
            Reminder.told_at > reach.now - 2 * _DAY,
            and_(is_waiting(), Reminder.due_at <= reach.now),  # another replica is at it
        ),
    )
    return {
        (kind, noun, subject_id): _Said(step, told_at or reach.now)
        for kind, noun, subject_id, step, told_at in session.execute(threads)
    }


@dataclass(frozen=True)
class _Said:
    step: int
    at: datetime


def _was_told(one: _Open, said: Mapping[tuple[str, str, int], _Said], *, since: datetime) -> bool:
    """Nobody reads of one thing twice in a day: not what had a message of its own, nor what the thread told them."""
    if one.state == ReminderState.SENT and one.told_at is not None and one.told_at >= since:
        return True
    in_thread = said.get((one.kind, one.noun, one.subject_id))  # said to those lower on the ladder
    return in_thread is not None and in_thread.step > one.step and in_thread.at >= since


def is_moot(session: Session, row: Reminder, *, now: datetime) -> bool:
    """Whether a digest that Slack does not have yet need not go out: too late for that day, or all of it is settled."""
    if row.told_at is None or now - row.told_at > DIGEST_LATE_AFTER:
        return True  # the next one has what is open
    newer = select(Reminder.id).where(
        Reminder.kind == DIGEST,
        Reminder.subject_id == row.subject_id,
        Reminder.told_at > row.told_at,
        Reminder.state == ReminderState.SENT,
    )
    if session.scalar(newer.limit(1)) is not None:
        return True
    return not any(listed.state in TOLD for listed in queries.listed_in(session, row.id))


def forget_old(session: Session, *, before: datetime) -> None:
    """Digests of long ago; what they listed stays in the ledger."""
    old = select(Reminder.id).where(
        Reminder.kind == DIGEST, Reminder.state.not_in(WAITING), Reminder.due_at < before
    )  # fmt: skip
    session.execute(delete(DigestLine).where(DigestLine.digest_id.in_(old)))
    session.execute(delete(Post).where(Post.noun == posts.REMINDER, Post.subject_id.in_(old)))
    session.execute(delete(Reminder).where(Reminder.id.in_(old.scalar_subquery())))


def open_for(session: Session, person: Person, now: datetime) -> Sequence[Reminder]:
    """What they (and those they cover for) were told and have not settled, or are to be told in a digest."""
    whose = [person.id, *(one.id for one in preferences.covered_by(session, person, now))]
    return session.scalars(
        select(Reminder).where(Reminder.recipient_id.in_(whose), is_open()).order_by(Reminder.due_at, Reminder.id)
    ).all()


def is_open() -> ColumnElement[bool]:
    """What a digest lists: told and not settled, and news only until it was told."""
    news = and_(Reminder.kind.in_(NEWS), Reminder.told_at.is_not(None))
    return and_(Reminder.state.in_(TOLD), Reminder.kind != DIGEST, not_(news))


def _days(session: Session, person_ids: Iterable[int], reach: Reach) -> dict[int, dict[str, bool]]:
    """For each person the days from about today on that have a digest, and whether it is still to come."""
    found: dict[int, dict[str, bool]] = {}
    digests = select(Reminder.subject_id, Reminder.occurrence, Reminder.state).where(
        Reminder.kind == DIGEST,
        Reminder.noun == NOUN,
        Reminder.subject_id.in_(list(person_ids)),
        or_(Reminder.state.in_(WAITING), Reminder.occurrence >= (reach.now.date() - 2 * _DAY).isoformat()),
    )
    for person_id, day, state in session.execute(digests):
        found.setdefault(person_id, {})[day] = state in WAITING
    return found


def _next_day(person: Person, reach: Reach, taken: set[str], *, not_today: bool) -> date:
    """Today, if it is not too late for that, or else the next day on which they can be reached at that hour."""
    hours, at = reach.digest_hours(person), reach.digest_time(person)
    day = reach.today(person)
    if not_today or wall.instant(day, at, hours.zone) + DIGEST_LATE_AFTER < reach.now:
        day += _DAY
    for _ in range(_FAR):
        if day.isoformat() not in taken:
            held = held_until(wall.instant(day, at, hours.zone), hours)
            if held is None:
                return day
            day = max(day, wall.wall(held[0], hours.zone).date() - _DAY)
        day += _DAY
    raise AssertionError("somebody has a year of free days, one after the other")


def _is_counted_on(session: Session, cover: Person, now: datetime) -> bool:
    """Whether they will cover for somebody who has something open: then their own digests go on until that day."""
    whose = [person.id for person in preferences.counting_on(session, cover, now)]
    opened = select(Reminder.id).where(
        Reminder.recipient_id.in_(whose), Reminder.state.in_([*TOLD, *WAITING]), Reminder.kind != DIGEST
    )
    return bool(whose) and session.scalar(opened.limit(1)) is not None


def _planned(person: Person, day: date, reach: Reach) -> dict[str, object]:
    """The row of a digest to come."""
    return _row(person, datetime.combine(day, reach.digest_time(person)), reach.now)


def _row(person: Person, at: datetime, now: datetime) -> dict[str, object]:
    """`at` is a wall time of theirs."""
    return {
        "kind": DIGEST, "step": 0, "noun": NOUN, "subject_id": person.id, "occurrence": at.date().isoformat(),
        "recipient_id": person.id, "place": Place.DM, "rule_time": f"{at:%Y-%m-%dT%H:%M}",
        "due_at": wall.instant(at.date(), at.time(), person.zone), "wall": f"{at:%Y-%m-%dT%H:%M}", "zone": person.zone,
        "keeps_wall": True, "is_chosen": False, "state": ReminderState.PLANNED,
        "why": line(f"planned for {words(at)} ({person.zone})", now), "planned_at": now, "messages": 0,
    }  # fmt: skip


def _waiting_of(person: Person) -> Select[Reminder]:
    return select(Reminder).where(Reminder.kind == DIGEST, Reminder.subject_id == person.id, is_waiting())
