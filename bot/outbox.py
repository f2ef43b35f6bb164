"""Promises: made with the change they follow, claimed lane by lane, finished under the lane's epoch.

A claim is one short transaction, the delivery runs with none open, and what came of it is recorded in another. Every
write-back names the epoch of its claim: whoever lost the lane
meanwhile (a pause longer than the lease) changes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.models.outbox import LONG_AGO, Lane, Promise, PromiseState

LEASE = timedelta(seconds=120)  # longer than any delivery's time-outs together
MOST_PER_CLAIM = 500
PACE = {"slack": timedelta(seconds=1)}  # https://docs.slack.dev/apis/web-api/rate-limits: one post a second per channel
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


def promise(session: Session, kind: str, subject_id: int, *, lane: str, now: datetime) -> None:
    """Promise that the system in `kind` ("slack.red_account") will agree with the subject's row."""
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    # The lane's row lock makes the order of ids the order of commits within the lane.
    session.execute(
        insert(Lane)
        .values(key=lane, pending=1, next_at=LONG_AGO, lease_until=LONG_AGO, owner="", epoch=0, attempts=0)
        .on_conflict_do_update(index_elements=[Lane.key], set_={"pending": Lane.pending + 1})
    )
    session.add(Promise(lane=lane, kind=kind, subject_id=subject_id, created_at=now))
    session.flush()


def claim(
    session: Session, *, now: datetime, real_now: datetime, owner: str, single: Collection[str] = ()
) -> Claim | None:
    """Take the lane that has waited longest. Kinds in `single` are claimed one subject at a time."""
    lane = session.scalars(
        select(Lane)
        .where(Lane.pending > 0, Lane.next_at <= now, Lane.lease_until < real_now, Lane.paused_reason.is_(None))
        .order_by(Lane.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if lane is None:
        return None
    waiting = session.scalars(_head(lane.key)).all()
    if not waiting:  # the count was wrong; mend it rather than spin on it
        lane.pending = 0
        return None
    kind = waiting[0].kind
    subjects = _same_kind_first(waiting, kind, 1 if kind in single else MOST_PER_CLAIM)
    counted = session.execute(
        select(Promise.subject_id, func.max(Promise.id))
        .where(
            Promise.lane == lane.key,
            Promise.kind == kind,
            Promise.state == PromiseState.PENDING,
            Promise.subject_id.in_(subjects),
        )
        .group_by(Promise.subject_id)
    )
    newest: dict[int, int] = {subject_id: promise_id for subject_id, promise_id in counted}  # noqa: C416  # rows are no pairs to mypy
    lane.epoch += 1
    lane.owner, lane.lease_until = owner, real_now + LEASE
    return Claim(
        lane=lane.key,
        epoch=lane.epoch,
        kind=kind,
        newest={subject_id: newest[subject_id] for subject_id in subjects},
        first_sent_at=_mark_sent(waiting, kind, subjects, now),
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
    errors = _per_subject(claim, outcomes)
    waits: list[timedelta] = []
    for subject_id in claim.subject_ids:
        wait = _settle(session, claim, lane, subject_id, errors.get(subject_id), jitter)
        if wait is not None:
            waits.append(wait)
    lane.attempts = lane.attempts + 1 if waits else 0
    lane.next_at = now + max([*waits, PACE.get(claim.system, timedelta())])
    lane.lease_until = LONG_AGO
    return True


def backoff(attempts: int, jitter: Callable[[], float] = random.random) -> timedelta:
    """Full jitter: anywhere between nothing and twice as long as the last time, five minutes at the most."""
    longest: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts, 10))
    return longest * (0.1 + 0.9 * jitter())


def is_idle(session: Session, now: datetime) -> bool:
    """Whether nothing could be delivered now."""
    return not session.scalar(
        select(Lane.key).where(Lane.pending > 0, Lane.next_at <= now, Lane.paused_reason.is_(None)).limit(1)
    )


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
        .values(next_at=now, attempts=0)
    )


def _head(lane: str) -> Select[Promise]:
    return (
        select(Promise)
        .where(Promise.lane == lane, Promise.state == PromiseState.PENDING)
        .order_by(Promise.id)
        .limit(MOST_PER_CLAIM)
    )


def _same_kind_first(waiting: Collection[Promise], kind: str, most: int) -> list[int]:
    """Subjects from the head of the lane, up to the first promise of another kind, which keeps its place."""
    subjects: dict[int, None] = {}
    for one in waiting:
        if one.kind != kind or (len(subjects) == most and one.subject_id not in subjects):
            break
        subjects[one.subject_id] = None
    return list(subjects)


def _mark_sent(
    waiting: Collection[Promise], kind: str, subjects: Collection[int], now: datetime
) -> dict[int, datetime | None]:
    """Note that an attempt starts, before it does; answer when an earlier one may have gone out."""
    earlier: dict[int, datetime | None] = dict.fromkeys(subjects)
    for one in waiting:
        if one.kind == kind and one.subject_id in earlier:
            if one.first_sent_at and not earlier[one.subject_id]:
                earlier[one.subject_id] = one.first_sent_at
            one.first_sent_at = one.first_sent_at or now
            one.attempts += 1
    return earlier


def _per_subject(claim: Claim, outcomes: Outcomes | Exception) -> Mapping[int, Exception]:
    if isinstance(outcomes, Exception):
        return dict.fromkeys(claim.subject_ids, outcomes)
    return outcomes.errors


def _settle(
    session: Session, claim: Claim, lane: Lane, subject_id: int, error: Exception | None, jitter: Callable[[], float]
) -> timedelta | None:
    """Move one subject's promises to where they belong now. Answers how long the lane waits if they stay pending."""
    covered = (
        Promise.lane == claim.lane,
        Promise.kind == claim.kind,
        Promise.subject_id == subject_id,
        Promise.id <= claim.newest[subject_id],
        Promise.state == PromiseState.PENDING,
    )
    if isinstance(error, Retryable | Misconfigured):
        values: dict[str, object] = {"error": str(error)}
        if isinstance(error, Misconfigured):
            lane.paused_reason = str(error)
        if isinstance(error, Misconfigured) or not error.sent:
            # This attempt did nothing; what an earlier one may have done still has to be looked for.
            values["first_sent_at"] = claim.first_sent_at[subject_id]
        session.execute(update(Promise).where(*covered).values(values))
        retry_after = error.retry_after if isinstance(error, Retryable) else None
        return timedelta(seconds=retry_after + jitter()) if retry_after else backoff(claim.attempts, jitter)
    state = PromiseState.DONE
    if isinstance(error, DryRun):
        state = PromiseState.HELD
    elif error is not None:
        state = PromiseState.FAILED
    closed = session.execute(update(Promise).where(*covered).values(state=state, error=str(error) if error else None))
    assert isinstance(closed, CursorResult)
    lane.pending -= closed.rowcount  # the lane's row is locked
    return None
