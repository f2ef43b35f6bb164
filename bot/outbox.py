"""Promises: made with the change they follow, claimed lane by lane, finished under the lane's epoch.

A claim is one short transaction, the delivery runs with none open, and what came of it is recorded in another. Every
write-back names the epoch of its claim: whoever lost the lane meanwhile (a pause longer than the lease) changes
nothing.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, takewhile
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, bindparam, delete, event, func, not_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.models.outbox import LONG_AGO, Lane, Promise, PromiseState

LEASE = timedelta(seconds=120)  # longer than a delivery takes, also where it waits for another one's call
PAUSE = timedelta(minutes=10)  # until what an administrator has to mend is tried again
#: Deliveries at work at once, per system: a slow one must not occupy every deliverer. Salesforce's calls go one by one.
MOST_AT_ONCE = {"salesforce": 2, "sheets": 2, "slack": 5}
MOST_PER_CLAIM = 500
MOST_ROWS_PER_CLAIM = 1000  # of the sheet: each claim is one reading and one writing
#: One post a second per channel and short bursts: https://docs.slack.dev/apis/web-api/rate-limits. Edits count per
#: workspace, so no channel's pace keeps to their limit; the wait that Slack asks for does.
PACE = {"slack": timedelta(seconds=1)}
BURST = 4  # posts at once, then the pace: two cards with their replies. How short "short" is, Slack does not say
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=5)


@dataclass(frozen=True)
class Claim:
    lane: str
    epoch: int
    kind: str
    newest: Mapping[int, int]  # subject id → newest promise id that this claim covers
    first_sent_at: Mapping[int, datetime | None]  # subject id → when an earlier attempt may have gone out
    attempts: int

    @property
    def system(self) -> str:
        return self.kind.partition(".")[0]

    @property
    def subject_ids(self) -> list[int]:
        return list(self.newest)


@dataclass
class Outcomes:
    """What a delivery answers: per subject nothing (done) or the error. An error for all is simply raised."""

    errors: dict[int, Retryable | Permanent | DryRun] = field(default_factory=dict)
    posted: bool = False  # something new was posted, which is what the pace is for


def promise(session: Session, kind: str, subject_id: int, *, lane: str, now: datetime) -> None:
    """Promise, if the transaction commits, that the system in `kind` will agree with the subject's row."""
    made: list[dict[str, Any]] = session.info.setdefault("promises", [])
    made.append({"lane": lane, "kind": kind, "subject_id": subject_id, "created_at": now})


@event.listens_for(Session, "before_commit")
def _write_promises(session: Session) -> None:
    """At the commit, lane by lane in the order of their keys, so that two transactions never wait for each other.

    The lane's row lock makes the order of ids the order of commits within the lane.
    """
    made: list[dict[str, Any]] = session.info.pop("promises", [])
    insert = insert_sqlite if made and session.get_bind().dialect.name == "sqlite" else insert_postgresql
    if not made:
        return
    upsert = insert(Lane).values(
        key=bindparam("lane"), pending=bindparam("count"), next_at=LONG_AGO, lease_until=LONG_AGO, owner="", epoch=0,
        attempts=0,
    )  # fmt: skip
    upsert = upsert.on_conflict_do_update(
        index_elements=[Lane.key], set_={"pending": Lane.pending + bindparam("count")}
    )
    made.sort(key=itemgetter("lane"))  # stable: within a lane their ids keep the order in which they were made
    counts = [{"lane": key, "count": len(list(own))} for key, own in groupby(made, key=itemgetter("lane"))]
    connection = session.connection()
    connection.execute(upsert, counts)
    connection.execute(insert(Promise), made)


@event.listens_for(Session, "after_rollback")
def _forget_promises(session: Session) -> None:
    session.info.pop("promises", None)


def claim(
    session: Session, *, now: datetime, real_now: datetime, owner: str, single: Collection[str] = ()
) -> Claim | None:
    """Take the lane that has waited longest. Kinds in `single` are claimed one subject at a time."""
    room = _systems_with_room(session, real_now)
    lane = session.scalars(
        select(Lane)
        .where(Lane.pending > 0, Lane.next_at <= now, Lane.lease_until < real_now, *room)
        .order_by(Lane.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if lane is None:
        return None
    head = session.scalars(_waiting(lane.key).limit(1)).first()
    if head is None:  # the count was wrong; mend it rather than spin on it
        lane.pending = 0
        return None
    subjects = [head.subject_id] if head.kind in single else _same_kind_first(session, head)
    newest, first_sent_at = _mark_sent(session, head, subjects, now)
    lane.epoch += 1
    lane.owner, lane.lease_until = owner, real_now + LEASE
    return Claim(
        lane=lane.key,
        epoch=lane.epoch,
        kind=head.kind,
        newest=newest,
        first_sent_at=first_sent_at,
        attempts=lane.attempts,
    )


def finish(
    session: Session, claim: Claim, outcomes: Outcomes | Exception, *, now: datetime, jitter: Callable[[], float]
) -> bool:
    """Record what came of a claim and free the lane. False if the lane was lost meanwhile: then nothing is recorded."""
    lane = session.scalars(
        select(Lane).where(Lane.key == claim.lane, Lane.epoch == claim.epoch).with_for_update()
    ).first()
    if lane is None:
        return False
    waits: list[timedelta] = []
    failed: list[Retryable | Misconfigured] = []
    for error, subjects in _by_error(claim, outcomes):
        wait = _settle(session, claim, lane, subjects, error, jitter)
        if wait is not None and isinstance(error, Retryable | Misconfigured):
            waits.append(wait)
            failed.append(error)
    asked_to_wait = any(isinstance(error, Retryable) and error.retry_after for error in failed)
    # A wait that the system asked for is no failure: `hurry` leaves it alone, and the next back-off starts anew.
    lane.attempts = lane.attempts + 1 if failed and not asked_to_wait else 0
    lane.paused_reason = next((str(error) for error in failed if isinstance(error, Misconfigured)), None)
    paced = _next_post_at(claim, lane, outcomes, now)
    lane.next_at = max([paced, *(now + wait for wait in waits)])
    lane.lease_until = LONG_AGO
    return True


def _next_post_at(claim: Claim, lane: Lane, outcomes: Outcomes | Exception, now: datetime) -> datetime:
    """A token bucket in one instant: `next_at` falls behind now by as much as a burst uses up; a post moves it on."""
    pace = PACE.get(claim.system, timedelta())
    rested = max(lane.next_at, now - (BURST - 1) * pace)
    did_post = isinstance(outcomes, Exception) or outcomes.posted  # what failed may have been posted all the same
    return rested + pace if did_post else rested


def backoff(attempts: int, jitter: Callable[[], float] = random.random) -> timedelta:
    """Jittered: between a tenth and the whole of twice the last time, five minutes at the most."""
    longest: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts, 10))
    return longest * (0.1 + 0.9 * jitter())


def retry(session: Session, promise_ids: Collection[int] | None, *, now: datetime) -> int:
    """Make failed promises pending again (all of them with None) and let paused lanes go on. Returns how many."""
    failed = select(Promise).where(Promise.state == PromiseState.FAILED).order_by(Promise.id)
    if promise_ids is not None:
        failed = failed.where(Promise.id.in_(promise_ids))
    found = session.scalars(failed).all()
    for one in found:
        one.state, one.error = PromiseState.PENDING, None
        session.execute(update(Lane).where(Lane.key == one.lane).values(pending=Lane.pending + 1))
    resume(session, now=now)
    return len(found)


def resume(session: Session, *, now: datetime, prefix: str = "") -> int:
    """Let lanes go on that an administrator had to mend (a token, a permission, a name)."""
    resumed = session.execute(
        update(Lane)
        .where(Lane.paused_reason.is_not(None), Lane.key.startswith(prefix, autoescape=True))
        .values(paused_reason=None, next_at=now, attempts=0)
    )
    assert isinstance(resumed, CursorResult)
    return resumed.rowcount


def hurry(session: Session, *, now: datetime, prefix: str) -> None:
    """The system answers again: what backs off need not wait any longer."""
    session.execute(
        update(Lane)
        .where(Lane.pending > 0, Lane.attempts > 0, Lane.key.startswith(prefix, autoescape=True))
        .values(next_at=now + PACE.get(prefix, timedelta()))
    )


def is_backing_off(session: Session, prefix: str) -> bool:
    """Whether something for this system failed and waits to be tried again."""
    failing = (Lane.pending > 0, Lane.attempts > 0, Lane.key.startswith(prefix, autoescape=True))
    return session.scalar(select(Lane.key).where(*failing).limit(1)) is not None


def forget_done(session: Session, *, before: datetime) -> None:
    session.execute(delete(Promise).where(Promise.state == PromiseState.DONE, Promise.created_at < before))


def free_all(session: Session) -> None:
    """Nobody else lives on this database: what a killed process had claimed need not wait for its lease to run out."""
    session.execute(update(Lane).values(lease_until=LONG_AGO))


def _systems_with_room(session: Session, real_now: datetime) -> list[ColumnElement[bool]]:
    leased = session.scalars(select(Lane.key).where(Lane.lease_until > real_now))
    busy = Counter(key.partition(":")[0] for key in leased)
    full = [system for system, most in MOST_AT_ONCE.items() if busy[system] >= most]
    return [not_(Lane.key.startswith(system, autoescape=True)) for system in full]


def _waiting(lane: str) -> Select[Promise]:
    return select(Promise).where(Promise.lane == lane, Promise.state == PromiseState.PENDING).order_by(Promise.id)


def _same_kind_first(session: Session, head: Promise) -> list[int]:
    """Subjects from the head of the lane, up to the first promise of another kind, which keeps its place."""
    most = MOST_ROWS_PER_CLAIM if head.kind.startswith("sheets.") else MOST_PER_CLAIM
    columns = _waiting(head.lane).with_only_columns(Promise.kind, Promise.subject_id).limit(most)
    same = takewhile(lambda row: row.kind == head.kind, session.execute(columns))
    return list(dict.fromkeys(row.subject_id for row in same))


def _mark_sent(
    session: Session, head: Promise, subjects: Collection[int], now: datetime
) -> tuple[dict[int, int], dict[int, datetime | None]]:
    """Note that an attempt starts. Answers what it covers, and when an earlier one may have gone out."""
    covered = (
        Promise.lane == head.lane,
        Promise.kind == head.kind,
        Promise.state == PromiseState.PENDING,
        Promise.subject_id.in_(subjects),
    )
    asked = select(Promise.subject_id, func.max(Promise.id), func.min(Promise.first_sent_at)).where(*covered)
    found = {row[0]: row for row in session.execute(asked.group_by(Promise.subject_id))}
    session.execute(
        update(Promise)
        .where(*covered)
        .values(attempts=Promise.attempts + 1, first_sent_at=func.coalesce(Promise.first_sent_at, now))
        .execution_options(synchronize_session=False)
    )
    return {one: found[one][1] for one in subjects}, {one: found[one][2] for one in subjects}


def _by_error(claim: Claim, outcomes: Outcomes | Exception) -> Iterable[tuple[Exception | None, list[int]]]:
    """The subjects that ended alike, with the error or None for what is done."""
    everything = outcomes if isinstance(outcomes, Exception) else None
    groups: dict[int, tuple[Exception | None, list[int]]] = {}
    for subject_id in claim.subject_ids:
        error = everything or (outcomes.errors.get(subject_id) if isinstance(outcomes, Outcomes) else None)
        groups.setdefault(id(error), (error, []))[1].append(subject_id)
    return groups.values()


def _settle(
    session: Session,
    claim: Claim,
    lane: Lane,
    subjects: Collection[int],
    error: Exception | None,
    jitter: Callable[[], float],
) -> timedelta | None:
    """Move these subjects' promises to where they belong now. Answers how long the lane waits if they stay pending."""
    # Within a lane ids grow in the order of commits, so whatever was promised since the claim has a greater one.
    newest = max(claim.newest[subject_id] for subject_id in subjects)
    if isinstance(error, Retryable | Misconfigured):
        _change(session, claim, subjects, newest, error=str(error))
        if isinstance(error, Misconfigured) or not error.sent:
            # This attempt did nothing; what an earlier one may have done still has to be looked for.
            first = [subject_id for subject_id in subjects if claim.first_sent_at[subject_id] is None]
            _change(session, claim, first, newest, first_sent_at=None)
        if isinstance(error, Misconfigured):
            return PAUSE
        return timedelta(seconds=error.retry_after + jitter()) if error.retry_after else backoff(claim.attempts, jitter)
    state = PromiseState.DONE
    if isinstance(error, DryRun):
        state = PromiseState.HELD
    elif error is not None:
        state = PromiseState.FAILED
    lane.pending -= _change(session, claim, subjects, newest, state=state, error=str(error) if error else None)
    return None  # the lane's row is locked, so the count is right


def _change(session: Session, claim: Claim, subjects: Collection[int], newest: int, **values: object) -> int:
    changed = session.execute(
        update(Promise)
        .where(
            Promise.lane == claim.lane,
            Promise.kind == claim.kind,
            Promise.state == PromiseState.PENDING,
            Promise.subject_id.in_(subjects),
            Promise.id <= newest,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(changed, CursorResult)
    return changed.rowcount
