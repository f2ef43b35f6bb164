"""The ledger agrees with a subject: what is promised is planned, what moved is moved, what is over is ended.

A workflow calls `keep` in the transaction of every change; there is no other way for a reminder to come or to go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.models import Account, Person, Place, Reminder, ReminderState
from bot.models.reminders import TOLD, WAITING
from bot.policy import Policy
from bot.queries.preferences import is_for
from bot.reminders import wall
from bot.reminders.kinds import KINDS, THREAD, Due, Kind

LONG_AGO = timedelta(days=1)


@dataclass(frozen=True)
class Subject:
    """What the ledger has to know about a red account, a question, …

    `anchors` are the instants that steps count from; one that is not there any more ends the steps that need it.
    `done` names the kinds that ended by doing what they ask for, rather than by being called off.
    """

    noun: str
    id: int
    account: Account
    anchors: Mapping[str, datetime]
    people: Mapping[str, Person | None]
    done: frozenset[str] = field(default=frozenset())
    #: Kind → the round it is in, where it comes again and again: each round has rows of its own.
    rounds: Mapping[str, str] = field(default_factory=dict)
    #: Role → the instant that their steps count from, where it is another one than everybody's.
    own: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class _Wanted:
    kind: Kind
    step: int
    to: Person | None
    due: Due
    round: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.kind.name, f"{self.to.id if self.to else THREAD} {self.round}".strip()


def keep(session: Session, subject: Subject, *, by: Person | None, now: datetime, policy: Policy) -> None:
    """Make the ledger agree with the subject as it is now. `by`: who changed it."""
    rows = {(row.kind, row.occurrence): row for row in of_subject(session, subject.noun, subject.id)}
    wanted = {one.key: one for one in _wanted(subject, policy)}
    known = {kind for kind, _ in rows}
    for key, one in wanted.items():
        if key in rows:
            _move(rows[key], one, now=now, is_done=one.kind.name in subject.done)
            _take_back(rows[key], one, now=now)
        else:
            session.add(_planned(subject, one, now=now, is_first=one.kind.name not in known))
    for key, row in rows.items():
        if key not in wanted and not row.is_over:
            _end(row, is_done=row.kind in subject.done, by=by, now=now)
    session.flush()


def of_subject(session: Session, noun: str, subject_id: int) -> Sequence[Reminder]:
    """All rows of a subject, locked in the order of their ids, so that two transactions never wait for each other."""
    return session.scalars(
        select(Reminder)
        .where(Reminder.noun == noun, Reminder.subject_id == subject_id)
        .order_by(Reminder.id)
        .with_for_update(of=Reminder)
        .execution_options(populate_existing=True)
    ).all()


def zone_changed(session: Session, person: Person, *, now: datetime) -> None:
    """They moved: what is due at a time on their clock stays at that time on their clock; an instant stays an instant.

    What is held for a good hour is neither: that hour is worked out anew.
    """
    on_their_clock = or_(
        and_(Reminder.is_chosen, Reminder.told_to_id == person.id),  # the time is theirs who chose it
        and_(Reminder.is_chosen.is_(False), Reminder.recipient_id == person.id, Reminder.state != ReminderState.HELD),
    )
    rows = session.scalars(
        select(Reminder)
        .where(Reminder.state.in_(WAITING), on_their_clock)
        .order_by(Reminder.id)
        .with_for_update(of=Reminder)
    )
    for row in rows:
        if not row.keeps_wall:
            postpone(row, row.due_at, person.zone, keeps_wall=False)
            continue
        at = datetime.fromisoformat(row.wall)
        row.due_at, row.zone = wall.instant(at.date(), at.time(), person.zone), person.zone
        row.note(f"their time zone is {person.zone} now: {words(at)} there", now=now)


def postpone(row: Reminder, at: datetime, zone: str, *, keeps_wall: bool = True) -> None:
    """Let it fall due again at this instant (of this wall time, where that is what holds)."""
    row.due_at, row.zone, row.keeps_wall = at, zone, keeps_wall
    row.wall = f"{wall.wall(at, zone):%Y-%m-%dT%H:%M}"


def again(row: Reminder, why: str, *, now: datetime) -> None:
    """What was told (or skipped) is told once more, at the next good hour."""
    row.become(ReminderState.PLANNED, now=now, why=why)
    row.is_chosen, row.ended_at, row.ended_by_id, row.ended_by = False, None, None, None
    postpone(row, now, row.zone, keeps_wall=False)


def is_asked(
    session: Session, person: Person, noun: str, subject_id: int, *, now: datetime, kind: str | None = None
) -> bool:
    """Whether this person, or somebody they cover for today, was asked about it: then they may answer."""
    found = select(Reminder).where(
        Reminder.noun == noun,
        Reminder.subject_id == subject_id,
        Reminder.told_at.is_not(None),
        Reminder.state.in_([*TOLD, ReminderState.HELD]),
    )
    if kind is not None:
        found = found.where(Reminder.kind == kind)
    return any(is_for(session, person, row.recipient, now) for row in session.scalars(found))


def is_theirs(session: Session, person: Person, row: Reminder) -> bool:
    """Whether this person has an open reminder of the same thing."""
    found = select(Reminder.id).where(
        Reminder.noun == row.noun,
        Reminder.subject_id == row.subject_id,
        Reminder.kind == row.kind,
        Reminder.recipient_id == person.id,
        Reminder.state.in_([*TOLD, *WAITING]),
    )
    return session.scalar(found.limit(1)) is not None


def words(at: datetime) -> str:
    """A wall time as `why` says it: "Mon 1 Feb 9:00"."""
    return f"{at:%a} {at.day} {at:%b} {at.hour}:{at:%M}"


def _wanted(subject: Subject, policy: Policy) -> Iterator[_Wanted]:
    region = policy.region(subject.account.region)
    for kind in KINDS.values():
        if kind.noun != subject.noun:
            continue
        asked: set[int] = set()  # nobody stands on the same ladder twice
        round_ = subject.rounds.get(kind.name, "")
        for number, step in enumerate(kind.steps):
            anchor = subject.anchors.get(step.when.anchor)
            if anchor is None:
                continue
            for role in step.to:
                person, since = subject.people.get(role), subject.own.get(role, anchor)
                if role == THREAD:
                    yield _Wanted(kind, number, None, step.when.due(anchor, region.time_zone, region), round_)
                elif person and person.can_be_asked and person.id not in asked:
                    asked.add(person.id)
                    yield _Wanted(kind, number, person, step.when.due(since, person.zone, region), round_)


def _planned(subject: Subject, one: _Wanted, *, now: datetime, is_first: bool) -> Reminder:
    """A new row. Where a kind is new for an old subject, nobody higher on the ladder hears before the lowest."""
    row = Reminder(
        kind=one.kind.name, step=one.step, noun=subject.noun, subject_id=subject.id, occurrence=one.key[1],
        account_id=subject.account.id, recipient_id=one.to.id if one.to else None, recipient=one.to,
        place=one.kind.steps[one.step].place, rule_time=one.due.rule_time, is_chosen=False,
        state=ReminderState.PLANNED, why="", planned_at=now, messages=0,
    )  # fmt: skip
    _set_due(row, one.due)
    row.note(f"planned for {words(one.due.wall)} ({one.due.zone})", now=now)
    if is_first and one.step > 0 and one.due.at < now - LONG_AGO:
        row.become(ReminderState.SKIPPED, now=now, why="its time was over before it was planned")
        row.ended_at = now
    return row


def _move(row: Reminder, one: _Wanted, *, now: datetime, is_done: bool) -> None:
    """A snooze or a hold stays where the rule still says the same; a skip holds for the date it was said of."""
    was, due = datetime.fromisoformat(row.wall), one.due
    if row.step != one.step and row.state in TOLD:  # another place on the ladder, and they know already
        row.step, row.rule_time = one.step, due.rule_time
    row.step = one.step
    if row.rule_time == due.rule_time:
        before = row.state
        if before == ReminderState.WITHDRAWN or (before == ReminderState.ACTED and not is_done):
            row.become(ReminderState.PLANNED, now=now, why="promised again")
            _begin_again(row, one)
            has_it = row.messages and one.to is not None and row.told_to_id == one.to.id
            if before == ReminderState.ACTED and has_it and row.place == Place.DM and row.due_at <= now:
                # An answer was undone. The message that they have is open again, which rings nobody.
                row.become(ReminderState.SENT, now=now, why="open again in the message that they have")
        return
    why = f"moved from {words(was)} to {words(due.wall)} ({due.zone})"
    _plan_again(row, why, now=now)
    _begin_again(row, one)


def _plan_again(row: Reminder, why: str, *, now: datetime) -> None:
    if row.state == ReminderState.PLANNED:
        row.note(why, now=now)
    else:
        row.become(ReminderState.PLANNED, now=now, why=why)


def _begin_again(row: Reminder, one: _Wanted) -> None:
    """As if it had just been planned: nothing is left of what people did with it before."""
    row.rule_time, row.is_chosen, row.place = one.due.rule_time, False, one.kind.steps[one.step].place
    row.ended_at = row.ended_by_id = row.ended_by = row.handed_by_id = row.handed_by = None
    row.recipient_id, row.recipient = one.to.id if one.to else None, one.to
    _set_due(row, one.due)


def _take_back(row: Reminder, one: _Wanted, *, now: datetime) -> None:
    """It was handed to somebody who has left since: it is told to whom it was for."""
    if row.is_over or one.to is None or row.recipient is None or row.recipient.can_be_asked:
        return
    why = f"{row.recipient.name} has left Slack: it is for {one.to.name} again"
    _plan_again(row, why, now=now)
    row.recipient_id, row.recipient, row.is_chosen = one.to.id, one.to, False
    postpone(row, now, one.due.zone, keeps_wall=False)


def _set_due(row: Reminder, due: Due) -> None:
    row.due_at, row.zone, row.keeps_wall = due.at, due.zone, due.keeps_wall
    row.wall = f"{due.wall:%Y-%m-%dT%H:%M}"


def _end(row: Reminder, *, is_done: bool, by: Person | None, now: datetime) -> None:
    who = f" by {by.name}" if by else ""
    if is_done and row.told_at:
        row.become(ReminderState.ACTED, now=now, why=f"done{who}")
    else:
        row.become(ReminderState.WITHDRAWN, now=now, why=f"done{who} before it was told" if is_done else f"over{who}")
    row.ended_at, row.ended_by_id, row.ended_by = now, by.id if by else None, by
