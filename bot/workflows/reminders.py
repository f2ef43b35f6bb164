"""What falls due is told: as a message of its own, in the thread, or in the morning digest; or it is held.

Every replica calls `fall_due` again and again. Each call is one transaction: what it finds is locked, changed and
promised to Slack, all or nothing; what another replica has locked is left to that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, Update, and_, bindparam, select, update
from sqlalchemy.orm import Session, joinedload

from bot.models import Person, Place, Post, Reminder, ReminderState
from bot.models.reminders import TOLD, is_waiting, line
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.queries.red_accounts import CARD
from bot.reminders import ledger, wall
from bot.reminders.kinds import DIGEST, KINDS, Late
from bot.reminders.reach import Reach
from bot.workflows import digests, ownership, posts, red_accounts_reminders, summaries

IN_THREAD = "reminder "  # with the row's number: the slot of what it says in the thread of its subject
STALE = timedelta(minutes=30)  # so long a message may wait for Slack and still be that of its hour
MOST_FOLDED, MOST_TOLD, MOST_PEOPLE = 5000, 2000, 100  # at once; the next transaction goes on


def fall_due(session: Session, *, now: datetime, policy: Policy) -> bool:
    """Tell some of what is due. False when nothing is left to do, or another replica is at it."""
    due = and_(is_waiting(), Reminder.due_at <= now)
    if session.scalar(select(Reminder.id).where(due).limit(1)) is None:
        return False
    gone = ownership.gone(session, due)
    if gone:  # in a transaction of its own: it locks what people's presses lock, in their order
        ownership.hand_over(session, gone, now=now, policy=policy)
        return True
    reach = Reach(session, policy, now)
    said = summaries.fall_due(session, due, now=now, policy=policy)
    said += _tell_threads(session, and_(due, Reminder.recipient_id.is_(None), Reminder.place == Place.THREAD), reach)
    recipients = _lock_recipients(session, due, reach)
    theirs = and_(due, Reminder.recipient_id.in_(recipients))
    late = _set_late_aside(session, theirs, reach)
    folded = _fold(session, and_(theirs, Reminder.place == Place.DIGEST, Reminder.is_chosen.is_(False)), reach,
                   why="left for the next digest")  # fmt: skip
    # Digests come last, so that they hold what was folded before.
    told = _tell_people(session, theirs, recipients, reach) if folded < MOST_FOLDED else 0
    return said + late + folded + told > 0


def is_wanted(session: Session, post: Post, *, now: datetime, policy: Policy) -> bool:
    """Whether a message that Slack does not have yet is still to be posted.

    A reminder is not once it is settled, moved or told anew. One that Slack has not taken for so long that it would
    come at a bad hour waits for a good one.
    """
    if post.slot.startswith(IN_THREAD):
        return session.get_one(Reminder, int(post.slot.removeprefix(IN_THREAD))).state in TOLD
    if post.noun == summaries.NOUN:
        return summaries.is_wanted(session, post, now=now)
    if post.noun != posts.REMINDER:
        return True
    row = session.get_one(Reminder, post.subject_id)
    if row.kind == DIGEST:
        return not digests.is_moot(session, row, now=now)
    if row.state not in TOLD or int(post.slot) < row.messages:
        return False
    return not _put_off(session, row, post, Reach(session, policy, now))


def _put_off(session: Session, row: Reminder, post: Post, reach: Reach) -> bool:
    """Take back a message that has waited for Slack into somebody's evening."""
    assert row.told_to is not None  # it was told
    held = reach.held_until(row.told_to)
    if row.is_chosen or held is None or row.told_at is None or reach.now - row.told_at < STALE:
        return False
    row.become(ReminderState.HELD, now=reach.now, why=f"Slack did not take it; held: {held[1]}")
    ledger.postpone(row, held[0], row.told_to.zone)
    row.messages -= 1
    session.delete(post)
    return True


def _lock_recipients(session: Session, due: ColumnElement[bool], reach: Reach) -> dict[int | None, Person]:
    """Whoever something is due for, and who covers for them, each for one replica: nobody else tells them meanwhile."""
    whom = select(Reminder.recipient_id).where(due)
    found = _locked(session, select(Person).where(Person.id.in_(whom)).limit(MOST_PEOPLE))
    reach.read(list(found.values()))
    covers = {cover.id for person in found.values() if (cover := reach.stand_in(person))}
    covers = covers - _locked(session, select(Person).where(Person.id.in_(covers - set(found)))).keys() - set(found)
    return {
        person_id: person
        for person_id, person in found.items()
        if (cover := reach.stand_in(person)) is None or cover.id not in covers
    }


def _locked(session: Session, whom: Select[Person]) -> dict[int | None, Person]:
    lock = whom.order_by(Person.id).with_for_update(of=Person, skip_locked=True, key_share=True)
    return {person.id: person for person in session.scalars(lock)}


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
        .order_by(Reminder.due_at, Reminder.id)  # as the partial index has them
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
        red_account_id = red_accounts_reminders.red_account_of(session, row)
        head = queries.card_post(session, red_account_id)
        held = reach.region_held_until(region)
        if head is None:
            row.become(ReminderState.SKIPPED, now=reach.now, why="there is no card to say it under")
        elif held:
            _change(session, _HOLD, [_held(row.id, held, region.time_zone, reach)])
        else:
            row.become(ReminderState.SENT, now=reach.now, why="said in the thread")
            row.told_at = reach.now
            slot = f"{IN_THREAD}{row.id}"
            posts.show(session, queries.NOUN, red_account_id, slot, head.recipient, now=reach.now, under=CARD)
    session.flush()
    return len(rows)


@dataclass(frozen=True)
class _Telling:
    """A message of its own that goes out now."""

    row_id: int
    reader: Person
    for_whom: Person
    number: int  # which of its messages
    noun: str
    subject_id: int
    is_seen_elsewhere: bool  # others see by it whom it waits for, or an earlier copy says that it came again


def _tell_people(session: Session, due: ColumnElement[bool], recipients: dict[int | None, Person], reach: Reach) -> int:
    """Messages of their own, and then the digests, which know what was told. Answers how many were looked at.

    Columns instead of rows, and one statement for all of them: after an outage there can be thousands.
    """
    columns = (Reminder.id, Reminder.recipient_id, Reminder.told_to_id, Reminder.kind, Reminder.is_chosen,
               Reminder.messages, Reminder.step, Reminder.noun, Reminder.subject_id)  # fmt: skip
    found = session.execute(
        select(*columns)
        .where(due)
        .order_by(Reminder.kind == DIGEST, Reminder.due_at, Reminder.id)
        .limit(MOST_TOLD)
        .with_for_update(skip_locked=True)
    ).all()
    told: list[_Telling] = []
    held: list[dict[str, object]] = []
    beyond: list[int] = []
    for row in found:
        if row.kind == DIGEST:
            continue
        person = recipients[row.recipient_id]
        reader = reach.stand_in(person) or person
        chose_it = row.is_chosen and row.told_to_id == reader.id  # a time that somebody else chose is not theirs
        if not chose_it and (until := reach.held_until(reader)):
            held.append(_held(row.id, until, reader.zone, reach))
        elif not chose_it and not reach.has_room(reader):
            beyond.append(row.id)
        else:
            number = row.messages + 1
            told.append(_Telling(row.id, reader, person, number, row.noun, row.subject_id, row.step > 0 or number > 1))
            reach.count(reader)
    _send(session, told, reach)
    _change(session, _HOLD, held)
    why = f"{reach.policy.reminders.most_a_day} messages were sent that day"
    _become(session, Reminder.id.in_(beyond), ReminderState.FOLDED, reach, why=why)
    folded = set(beyond)
    for ids, not_today in ((folded, False), ({one.row_id for one in told}, True)):
        digests.plan(session, [recipients[row.recipient_id] for row in found if row.id in ids], reach,
                     not_today=not_today)  # fmt: skip
    if len(found) < MOST_TOLD:  # they come last, so that they hold what was folded before
        days = [(row.id, recipients[row.recipient_id]) for row in found if row.kind == DIGEST]
        digests.fall_due(session, days, reach)
    return len(found)


def _send(session: Session, told: Sequence[_Telling], reach: Reach) -> None:
    """Each as a new message: the slot is its number."""
    changes, wanted = [], []
    for one in told:
        cover = f", who covers for {one.for_whom.name}" if one.for_whom.id != one.reader.id else ""
        why = line(f"sent to {one.reader.name}{cover}", reach.now)
        changes.append({"row": one.row_id, "said": why, "at": reach.now, "reader": one.reader.id})
        assert one.reader.slack_id is not None  # or nobody could ask them
        wanted.append((one.row_id, one.number, one.reader.slack_id))
    _change(session, _SEND, changes)
    posts.show_reminders(session, wanted, now=reach.now)
    for noun, subject_id in sorted({(one.noun, one.subject_id) for one in told if one.is_seen_elsewhere}):
        posts.refresh(session, noun, subject_id, now=reach.now)


def _held(row_id: int, held: tuple[datetime, str], zone: str, reach: Reach) -> dict[str, object]:
    at, why = held
    said = line(f"held: {why}", reach.now)
    return {"row": row_id, "said": said, "at": at, "clock": f"{wall.wall(at, zone):%Y-%m-%dT%H:%M}", "where": zone}


def _change(session: Session, statement: Update, changes: Sequence[dict[str, object]]) -> None:
    """One UPDATE for many rows, each with its own values."""
    if changes:
        session.connection().execute(statement, changes)


_one = update(Reminder.__table__).where(Reminder.__table__.c.id == bindparam("row"))  # type: ignore[arg-type]
_why = Reminder.__table__.c.why + bindparam("said")
_SEND = _one.values(
    state=ReminderState.SENT, why=_why, told_at=bindparam("at"), told_to_id=bindparam("reader"),
    messages=Reminder.__table__.c.messages + 1,
)  # fmt: skip
_HOLD = _one.values(
    state=ReminderState.HELD, why=_why, due_at=bindparam("at"), wall=bindparam("clock"), zone=bindparam("where"),
    keeps_wall=True, is_chosen=False,
)  # fmt: skip
