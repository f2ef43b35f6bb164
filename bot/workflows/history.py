"""One entry for everything that changes: who, when, from what to what, and why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.models import History, Person

LONGEST = 60  # of what it was and what it became


def record(
    session: Session,
    noun: str,
    subject_id: int,
    what: str,
    *,
    by: Person | None,
    now: datetime,
    was: str | None = None,
    became: str | None = None,
    why: str | None = None,
) -> None:
    session.add(
        History(
            noun=noun,
            subject_id=subject_id,
            what=what,
            by_id=by.id if by else None,
            at=now,
            was=was and str(was)[:LONGEST],
            became=became and str(became)[:LONGEST],
            why=why,
        )
    )
