"""What falls due is told: as a message of its own, in the thread, or in the morning digest; or it is held.

Every replica calls `fall_due` again and again. Each call is one transaction: what it finds is locked, changed and
promised to Slack, all or nothing; what another replica has locked is left to that one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session, joinedload

from bot.models import Person, Place, Post, Reminder, ReminderState
from bot.models.reminders import TOLD, WAITING, line
from bot.policy import Policy
from bot.queries.red_accounts import CARD
from bot.reminders import ledger
from bot.reminders.kinds import DIGEST, KINDS, Late
from bot.reminders.reach import Reach
from bot.workflows import digests, ownership, posts

IN_THREAD = "reminder "  # with the row's number: the slot of what it says in the thread of its subject
MOST_FOLDED, MOST_TOLD, MOST_PEOPLE = 5000, 500, 100  # at once; the next transaction goes on


def fall_due(session: Session, *, now: datetime, policy: Policy) -> bool:
    """Tell some of what is due. False when nothing is left to do."""
    due = and_(Reminder.state.in_(WAITING), Reminder.due_at <= now)
    if session.scalar(select(Reminder.id).where(due).limit(1)) is None:
        return False
    gone = _gone(session, due)
    if gone:  # in a transaction of its own: it locks what other workflows lock, in their order
        ownership.hand_over(session, gone, now=now, policy=policy)
        return True
    reach = Reach(session, policy, now)
    for condition, late in _late(now):
        if late is Late.FOLD:
            _fold(session, and_(due, condition), reach, why="too late for a message of its own")
        else:
            _skip(session, and_(due, condition), now=now)
    for_digests = and_(due, Reminder.place == Place.DIGEST, Reminder.is_chosen.is_(False))
    if _fold(session, for_digests, reach, why="left for the next digest"):
        return True
    if _tell_threads(session, and_(due, Reminder.recipient_id.is_(None)), reach):
        return True
    return _tell_people(session, due, reach)


def is_moot(session: Session, post: Post) -> bool:
    """Whether a reminder that Slack does not have yet says nothing any more: it is settled, moved, or told anew."""
    if post.noun != posts.REMINDER:
        return False
    row = session.get_one(Reminder, post.subject_id)
    if row.kind == DIGEST:
        return digests.is_moot(session, row)
    return row.state not in TOLD or int(post.slot) < row.messages


def _gone(session: Session, due: ColumnElement[bool]) -> Sequence[int]:
    """Recipients of what is due who have left."""
    unreachable = (Person.is_member.is_(False)) | (Person.slack_id.is_(None))
    return session.scalars(
        select(Person.id)
        .join(Reminder, Reminder.recipient_id == Person.id)
        .where(due, unreachable, Reminder.kind != DIGEST)
        .distinct()
    ).all()


def _late(now: datetime) -> list[tuple[ColumnElement[bool], Late]]:
    """Which rows are too late, and what their kind says of that. Digests know by themselves."""
    return [
        (and_(Reminder.kind == kind.name, Reminder.step == number, Reminder.is_chosen.is_(False),
              Reminder.due_at < now - step.late_after), step.late)
        for kind in KINDS.values()
        for number, step in enumerate(kind.steps)
        if step.late is not Late.SEND and step.place is not Place.DIGEST and kind.name != DIGEST
    ]  # fmt: skip


def _fold(session: Session, which: ColumnElement[bool], reach: Reach, *, why: str) -> bool:
    """Leave them for the digest, all at once. True if there may be more."""
    found = session.execute(
        select(Reminder.id, Reminder.recipient_id)
        .where(which)
        .order_by(Reminder.id)
        .limit(MOST_FOLDED)
        .with_for_update(skip_locked=True)
    ).all()
    _become_folded(session, [row_id for row_id, _ in found], reach, why=why)
    whose = {recipient_id for _, recipient_id in found}
    digests.plan(session, session.scalars(select(Person).where(Person.id.in_(whose)).order_by(Person.id)).all(), reach)
    return len(found) == MOST_FOLDED


def _become_folded(session: Session, ids: Collection[int], reach: Reach, *, why: str) -> None:
    if ids:
        session.execute(
            update(Reminder)
            .where(Reminder.id.in_(ids))
            .values(state=ReminderState.FOLDED, why=Reminder.why + line(why, reach.now))
            .execution_options(synchronize_session=False)
        )


def _skip(session: Session, which: ColumnElement[bool], *, now: datetime) -> None:
    ids = session.scalars(select(Reminder.id).where(which).order_by(Reminder.id).with_for_update(skip_locked=True))
    session.execute(
        update(Reminder)
        .where(Reminder.id.in_(ids.all()))
        .values(state=ReminderState.SKIPPED, ended_at=now, why=Reminder.why + line("too late to be of use", now))
        .execution_options(synchronize_session=False)
    )


def _tell_threads(session: Session, which: ColumnElement[bool], reach: Reach) -> bool:
    """In the thread under the card, in the working hours of the account's region. True if there may be more."""
    rows = session.scalars(
        select(Reminder)
        .options(joinedload(Reminder.account))
        .where(which)
        .order_by(Reminder.due_at, Reminder.id)
        .limit(MOST_TOLD)
        .with_for_update(of=Reminder, skip_locked=True)
    ).all()
    for row in rows:
        region = reach.policy.region(row.account.region if row.account else None)
        head = posts.find(session, row.noun, row.subject_id, CARD)
        held = reach.region_held_until(region)
        if head is None:
            row.become(ReminderState.SKIPPED, now=reach.now, why="there is no card to say it under")
        elif held:
            _hold(row, held, region.time_zone, reach)
        else:
            row.become(ReminderState.SENT, now=reach.now, why="said in the thread")
            row.told_at = reach.now
            slot = f"{IN_THREAD}{row.id}"
            posts.show(session, row.noun, row.subject_id, slot, head.recipient, now=reach.now, under=CARD)
    return len(rows) == MOST_TOLD


def _tell_people(session: Session, due: ColumnElement[bool], reach: Reach) -> bool:
    """Messages of their own, and then the digests, so that these know what was told. True if there may be more.

    Whoever is told is locked first: no two replicas count somebody's messages of the day at once.
    """
    whom = select(Reminder.recipient_id).where(due)
    found = session.scalars(
        select(Person)
        .where(Person.id.in_(whom))
        .order_by(Person.id)
        .limit(MOST_PEOPLE)
        .with_for_update(of=Person, skip_locked=True, key_share=True)
    ).all()
    persons: dict[int | None, Person] = {person.id: person for person in found}
    reach.read(found)
    rows = session.execute(
        select(Reminder.id, Reminder.recipient_id, Reminder.kind, Reminder.is_chosen)
        .where(due, Reminder.recipient_id.in_(persons))
        .order_by(Reminder.kind == DIGEST, Reminder.due_at, Reminder.id)
        .limit(MOST_TOLD)
        .with_for_update(skip_locked=True)
    ).all()
    told: list[Person] = []
    beyond: dict[int, list[int]] = {}
    for row_id, recipient_id, kind, is_chosen in rows:
        person = persons[recipient_id]
        reader = reach.stand_in(person) or person
        if kind == DIGEST:
            if len(rows) < MOST_TOLD:
                digests.fall_due(session, session.get_one(Reminder, row_id), person, reach)
        elif not is_chosen and (held := reach.held_until(reader)):
            _hold(_row(session, row_id), held, reader.zone, reach)
        elif not is_chosen and not reach.has_room(reader):
            beyond.setdefault(reader.id, []).append(row_id)
            told.append(reader)
        else:
            _tell(session, _row(session, row_id), reader, reach)
            told.append(reader)
    for ids in beyond.values():
        _become_folded(session, ids, reach, why=f"{reach.policy.reminders.most_a_day} messages were sent that day")
    digests.plan(session, told, reach)
    return bool(rows)


def _tell(session: Session, row: Reminder, reader: Person, reach: Reach) -> None:
    for_whom = f", who covers for {row.recipient.name}" if row.recipient and row.recipient_id != reader.id else ""
    row.become(ReminderState.SENT, now=reach.now, why=f"sent to {reader.name}{for_whom}")
    row.told_at, row.told_to_id, row.told_to, row.messages = reach.now, reader.id, reader, row.messages + 1
    assert reader.slack_id is not None  # or nobody could ask them
    posts.show(session, posts.REMINDER, row.id, str(row.messages), reader.slack_id, now=reach.now)
    if row.step > 0 or row.messages > 1:  # others see whom it waits for by now; earlier copies, that it came again
        posts.refresh(session, row.noun, row.subject_id, now=reach.now)
    if not row.is_chosen:
        reach.count(reader)


def _hold(row: Reminder, held: tuple[datetime, str], zone: str, reach: Reach) -> None:
    at, why = held
    row.become(ReminderState.HELD, now=reach.now, why=f"held: {why}")
    ledger.postpone(row, at, zone)


def _row(session: Session, row_id: int) -> Reminder:
    return session.scalars(select(Reminder).options(joinedload(Reminder.account)).where(Reminder.id == row_id)).one()
