"""The morning digest: one message for each person and working day, none when nothing is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, and_, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from bot.models import DigestLine, Person, Place, Post, Reminder, ReminderState
from bot.models.reminders import TOLD, WAITING, line
from bot.queries import digests as queries
from bot.queries import preferences
from bot.reminders import wall
from bot.reminders.hours import held_until
from bot.reminders.kinds import DIGEST, DIGEST_LATE_AFTER, KINDS
from bot.reminders.ledger import words
from bot.reminders.reach import Reach
from bot.workflows import posts

_DAY = timedelta(days=1)
_FAR = 400  # days: after a year of free days somebody has left
NOUN = KINDS[DIGEST].noun


def plan(session: Session, people: Iterable[Person], reach: Reach) -> None:
    """See that each of them has a digest to come, and whoever covers for them, now or soon."""
    wanted = {person.id: person for person in people}
    reach.read(list(wanted.values()))
    for person in list(wanted.values()):
        cover = reach.cover_to_come(person)
        if cover:
            wanted.setdefault(cover.id, cover)
    days = _days(session, wanted, reach)
    for person in wanted.values():
        if person.can_be_asked and not any(is_waiting for is_waiting in days.get(person.id, {}).values()):
            _plan_on(session, person, _next_day(person, reach, taken=set(days.get(person.id, ()))), reach)


def plan_anew(session: Session, person: Person, reach: Reach) -> None:
    """Their hours are others now: the digest to come moves there."""
    for row in session.scalars(_waiting_of(person).with_for_update(of=Reminder)):
        session.delete(row)  # nobody has heard of it
        session.flush()
        plan(session, [person], reach)


def fall_due(session: Session, row: Reminder, person: Person, reach: Reach) -> None:
    """It is time: list what is open, if anything is."""
    now = reach.now
    held = held_until(now, reach.digest_hours(person))
    if not person.can_be_asked:
        return row.become(ReminderState.SKIPPED, now=now, why=f"{person.name} has left Slack")
    if held or now - row.due_at > DIGEST_LATE_AFTER:
        why = held[1] if held else "too late for that morning"
        row.become(ReminderState.SKIPPED, now=now, why=why)
        return plan(session, [person], reach)
    opened = open_for(session, person, now)
    listed = _not_told_today(session, opened, person, reach)
    if listed:
        row.become(ReminderState.SENT, now=now, why=f"sent with {len(listed)} open")
        row.told_at, row.told_to_id, row.messages = now, person.id, 1
        ids = [one.id for one in listed]
        session.execute(insert(DigestLine), [{"digest_id": row.id, "reminder_id": one} for one in ids])
        session.execute(
            update(Reminder)
            .where(Reminder.id.in_(ids), Reminder.told_at.is_(None))
            .values(told_at=now, told_to_id=person.id)
        )
        assert person.slack_id is not None  # or nobody could ask them
        posts.show(session, posts.REMINDER, row.id, "1", person.slack_id, now=now)
    else:
        why = "all that is open was told today" if opened else "nothing was open"
        row.become(ReminderState.WITHDRAWN, now=now, why=why)
    if opened or _is_counted_on(session, person, now):
        plan(session, [person], reach)
    return None


def is_moot(session: Session, row: Reminder, *, now: datetime) -> bool:
    """Whether a digest that Slack does not have yet need not go out: too late for that day, or all of it is settled."""
    if row.told_at is None or now - row.told_at > DIGEST_LATE_AFTER:
        return True  # the next one has what is open
    newer = select(Reminder.id).where(
        Reminder.kind == DIGEST,
        Reminder.subject_id == row.subject_id,
        Reminder.occurrence > row.occurrence,
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
        select(Reminder)
        .where(Reminder.recipient_id.in_(whose), Reminder.state.in_(TOLD), Reminder.kind != DIGEST)
        .order_by(Reminder.due_at, Reminder.id)
    ).all()


def _not_told_today(session: Session, rows: Sequence[Reminder], person: Person, reach: Reach) -> list[Reminder]:
    """Nobody reads of one thing twice in a day: not what had a message of its own, nor what the thread told them."""
    zone = reach.hours(person).zone
    midnight = wall.instant(reach.today(person), time(), zone)
    threads = select(Reminder.kind, Reminder.noun, Reminder.subject_id, Reminder.step).where(
        Reminder.place == Place.THREAD,
        Reminder.subject_id.in_({row.subject_id for row in rows}),
        or_(
            Reminder.told_at >= midnight,
            and_(Reminder.state.in_(WAITING), Reminder.due_at <= reach.now),  # another replica is at it
        ),
    )
    said = {(kind, noun, subject_id): step for kind, noun, subject_id, step in session.execute(threads)}
    return [
        row
        for row in rows
        if row.step > said.get((row.kind, row.noun, row.subject_id), -1)  # it was said to those lower on the ladder
        and not (row.state == ReminderState.SENT and row.told_at is not None and row.told_at >= midnight)
    ]


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


def _next_day(person: Person, reach: Reach, taken: set[str]) -> date:
    """Today, if it is not too late for that, or else the next day on which they can be reached at that hour."""
    hours, at = reach.digest_hours(person), reach.digest_time(person)
    day = reach.today(person)
    if wall.instant(day, at, hours.zone) + DIGEST_LATE_AFTER < reach.now:
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


def _plan_on(session: Session, person: Person, day: date, reach: Reach) -> None:
    zone, at = person.zone, datetime.combine(day, reach.digest_time(person))
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    session.execute(
        insert(Reminder)
        .values(
            kind=DIGEST, step=0, noun=NOUN, subject_id=person.id, occurrence=day.isoformat(), recipient_id=person.id,
            place=Place.DM, rule_time=f"{at:%Y-%m-%dT%H:%M}", due_at=wall.instant(day, at.time(), zone),
            wall=f"{at:%Y-%m-%dT%H:%M}", zone=zone, keeps_wall=True, is_chosen=False, state=ReminderState.PLANNED,
            why=line(f"planned for {words(at)} ({zone})", reach.now), planned_at=reach.now, messages=0,
        )
        .on_conflict_do_nothing()  # somebody else's transaction has planned it at this moment
    )  # fmt: skip


def _waiting_of(person: Person) -> Select[Reminder]:
    return select(Reminder).where(
        Reminder.kind == DIGEST, Reminder.subject_id == person.id, Reminder.state.in_(WAITING)
    )
