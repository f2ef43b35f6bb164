"""What falls due is told: as a message of its own, in the thread, or in the morning digest; or it is held.

Every replica calls `fall_due` again and again. Each call is one transaction: what it finds is locked, changed and
promised to Slack, all or nothing; what another replica has locked is left to that one.
"""

from __future__ import annotations

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
    """Tell some of what is due. False when nothing is left to do, or another replica is at it."""
    due = and_(Reminder.state.in_(WAITING), Reminder.due_at <= now)
    if session.scalar(select(Reminder.id).where(due).limit(1)) is None:
        return False
    gone = ownership.gone(session, due)
    if gone:  # in a transaction of its own: it locks what people's presses lock, in their order
        ownership.hand_over(session, gone, now=now, policy=policy)
        return True
    reach = Reach(session, policy, now)
    said = _tell_threads(session, and_(due, Reminder.recipient_id.is_(None)), reach)
    recipients = _lock_recipients(session, due)
    theirs = and_(due, Reminder.recipient_id.in_(recipients))
    late = _set_late_aside(session, theirs, reach)
    folded = _fold(session, and_(theirs, Reminder.place == Place.DIGEST, Reminder.is_chosen.is_(False)), reach,
                   why="left for the next digest")  # fmt: skip
    # Digests come last, so that they hold what was folded before.
    told = _tell_people(session, theirs, recipients, reach) if folded < MOST_FOLDED else 0
    return said + late + folded + told > 0


def is_moot(session: Session, post: Post, *, now: datetime) -> bool:
    """Whether a reminder that Slack does not have yet says nothing any more: it is settled, moved, or told anew."""
    if post.slot.startswith(IN_THREAD):
        return session.get_one(Reminder, int(post.slot.removeprefix(IN_THREAD))).state not in TOLD
    if post.noun != posts.REMINDER:
        return False
    row = session.get_one(Reminder, post.subject_id)
    if row.kind == DIGEST:
        return digests.is_moot(session, row, now=now)
    return row.state not in TOLD or int(post.slot) < row.messages


def _lock_recipients(session: Session, due: ColumnElement[bool]) -> dict[int | None, Person]:
    """Whoever something is due for, each for one replica: nobody else plans or tells their digest meanwhile."""
    found = session.scalars(
        select(Person)
        .where(Person.id.in_(select(Reminder.recipient_id).where(due)))
        .order_by(Person.id)
        .limit(MOST_PEOPLE)
        .with_for_update(of=Person, skip_locked=True, key_share=True)
    )
    return {person.id: person for person in found}


def _set_late_aside(session: Session, due: ColumnElement[bool], reach: Reach) -> int:
    """What was to be told long ago, where its kind says that it is skipped or folded then."""
    count = 0
    for kind in KINDS.values():
        for number, step in enumerate(kind.steps):
            if step.late is Late.SEND or step.place is Place.DIGEST or kind.name == DIGEST:
                continue  # a digest looks at itself, and what it folds is never late
            late = and_(due, Reminder.kind == kind.name, Reminder.step == number, Reminder.is_chosen.is_(False),
                        Reminder.due_at < reach.now - step.late_after)  # fmt: skip
            if step.late is Late.FOLD:
                count += _fold(session, late, reach, why="too late for a message of its own")
            else:
                count += len(_become(session, late, ReminderState.SKIPPED, reach, why="too late to be of use"))
    return count


def _fold(session: Session, which: ColumnElement[bool], reach: Reach, *, why: str) -> int:
    """Leave them for the digest, all at once. Answers how many."""
    whose = _become(session, which, ReminderState.FOLDED, reach, why=why)
    if whose:
        people = session.scalars(select(Person).where(Person.id.in_(set(whose))).order_by(Person.id)).all()
        digests.plan(session, people, reach)
    return len(whose)


def _become(
    session: Session, which: ColumnElement[bool], state: ReminderState, reach: Reach, *, why: str
) -> list[int | None]:
    """Move many rows at once. Answers whose they are."""
    found = session.execute(
        select(Reminder.id, Reminder.recipient_id)
        .where(which)
        .order_by(Reminder.id)
        .limit(MOST_FOLDED)
        .with_for_update(skip_locked=True)
    ).all()
    if found:
        ended = {"ended_at": reach.now} if state == ReminderState.SKIPPED else {}
        session.execute(
            update(Reminder)
            .where(Reminder.id.in_([row_id for row_id, _ in found]))
            .values(state=state, why=Reminder.why + line(why, reach.now), **ended)
            .execution_options(synchronize_session=False)
        )
    return [recipient_id for _, recipient_id in found]


def _tell_threads(session: Session, which: ColumnElement[bool], reach: Reach) -> int:
    """In the thread under the card, in the working hours of the account's region. Answers how many were looked at."""
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
    session.flush()
    return len(rows)


def _tell_people(session: Session, due: ColumnElement[bool], recipients: dict[int | None, Person], reach: Reach) -> int:
    """Messages of their own, and then the digests, which know what was told. Answers how many were looked at."""
    reach.read(list(recipients.values()))
    rows = session.execute(
        select(Reminder.id, Reminder.recipient_id, Reminder.told_to_id, Reminder.kind, Reminder.is_chosen)
        .where(due)
        .order_by(Reminder.kind == DIGEST, Reminder.due_at, Reminder.id)
        .limit(MOST_TOLD)
        .with_for_update(skip_locked=True)
    ).all()
    told: list[Person] = []
    beyond: list[int] = []
    for row_id, recipient_id, told_to_id, kind, is_chosen in rows:
        person = recipients[recipient_id]
        reader = reach.stand_in(person) or person
        chose_it = is_chosen and told_to_id == reader.id  # a time that somebody else chose is not theirs
        if kind == DIGEST:
            if len(rows) < MOST_TOLD:
                digests.fall_due(session, session.get_one(Reminder, row_id), person, reach)
        elif not chose_it and (held := reach.held_until(reader)):
            _hold(_row(session, row_id), held, reader.zone, reach)
        elif not chose_it and not reach.has_room(reader):
            beyond.append(row_id)
            told.append(person)
        else:
            _tell(session, _row(session, row_id), reader, reach)
            told.append(person)
    why = f"{reach.policy.reminders.most_a_day} messages were sent that day"
    _become(session, Reminder.id.in_(beyond), ReminderState.FOLDED, reach, why=why)
    digests.plan(session, told, reach)
    return len(rows)


def _tell(session: Session, row: Reminder, reader: Person, reach: Reach) -> None:
    for_whom = f", who covers for {row.recipient.name}" if row.recipient and row.recipient_id != reader.id else ""
    row.become(ReminderState.SENT, now=reach.now, why=f"sent to {reader.name}{for_whom}")
    row.told_at, row.told_to_id, row.told_to, row.messages = reach.now, reader.id, reader, row.messages + 1
    assert reader.slack_id is not None  # or nobody could ask them
    posts.show(session, posts.REMINDER, row.id, str(row.messages), reader.slack_id, now=reach.now)
    if row.step > 0 or row.messages > 1:  # others see whom it waits for by now; earlier copies, that it came again
        posts.refresh(session, row.noun, row.subject_id, now=reach.now)
    reach.count(reader)


def _hold(row: Reminder, held: tuple[datetime, str], zone: str, reach: Reach) -> None:
    at, why = held
    row.become(ReminderState.HELD, now=reach.now, why=f"held: {why}")
    row.is_chosen = False
    ledger.postpone(row, at, zone)


def _row(session: Session, row_id: int) -> Reminder:
    return session.scalars(select(Reminder).options(joinedload(Reminder.account)).where(Reminder.id == row_id)).one()
