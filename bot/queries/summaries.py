"""How all red accounts stand, for Monday's summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.models import Outcome, RedAccount, Source, Status, Update
from bot.queries import updates

STARTED = (Status.OPEN, Status.CLOSED)


@dataclass(frozen=True)
class Standing:
    """An open red account and what was last said of it."""

    red: RedAccount
    update: Update | None


@dataclass(frozen=True)
class Week:
    standings: Sequence[Standing]
    new: int
    ended: Mapping[Outcome, int]


def week(session: Session, *, since: datetime, until: datetime) -> Week:
    """All that are open, and what came and went since then."""
    newest = updates.newest_of_each(session)
    opened = session.scalars(select(RedAccount).where(RedAccount.status == Status.OPEN).order_by(RedAccount.id))
    new = select(func.count()).where(
        RedAccount.status.in_(STARTED), RedAccount.source != Source.EXISTING, RedAccount.red_at > since,
        RedAccount.red_at <= until,
    )  # fmt: skip
    ended = session.execute(
        select(RedAccount.outcome, func.count())
        .where(RedAccount.status == Status.CLOSED, RedAccount.ended_at > since, RedAccount.ended_at <= until)
        .group_by(RedAccount.outcome)
    )
    return Week(
        [Standing(red, newest.get(red.id)) for red in opened],
        session.scalar(new) or 0,
        Counter({Outcome(outcome): count for outcome, count in ended if outcome}),
    )


def is_anything_to_say(session: Session, *, since: datetime) -> bool:
    """Whether something is red, or was since then."""
    found = select(RedAccount.id).where(
        or_(RedAccount.status == Status.OPEN, (RedAccount.status == Status.CLOSED) & (RedAccount.ended_at > since))
    )
    return session.scalar(found.limit(1)) is not None
