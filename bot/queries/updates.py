"""What was said of how red accounts go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.models import Reply, Update

SLOT = "update "  # with the update's number: the slot of its message in the thread


def newest(session: Session, red_account_id: int) -> Update | None:
    """The last one that nobody has taken back."""
    return session.scalars(
        select(Update)
        .where(Update.red_account_id == red_account_id, Update.taken_back_at.is_(None))
        .order_by(Update.id.desc())
        .limit(1)
    ).first()


def of(session: Session, red_account_id: int) -> Sequence[Update]:
    """All that nobody has taken back, oldest first."""
    return session.scalars(
        select(Update)
        .where(Update.red_account_id == red_account_id, Update.taken_back_at.is_(None))
        .order_by(Update.id)
    ).all()


def newest_of_each(session: Session, red_account_ids: Collection[int] | None = None) -> dict[int, Update]:
    """Red account's id → its newest update."""
    ids = select(func.max(Update.id)).where(Update.taken_back_at.is_(None)).group_by(Update.red_account_id)
    if red_account_ids is not None:
        ids = ids.where(Update.red_account_id.in_(red_account_ids))
    return {update.red_account_id: update for update in session.scalars(select(Update).where(Update.id.in_(ids)))}


def offered(session: Session, red_account_id: int, *, since: datetime) -> Sequence[int]:
    """Replies whose authors were asked whether they are the update, and have not said no."""
    return session.scalars(
        select(Reply.id)
        .where(Reply.red_account_id == red_account_id, Reply.offered_at > since, Reply.refused_at.is_(None))
        .order_by(Reply.id)
    ).all()


def made_from(session: Session, reply_id: int) -> Update | None:
    return session.scalars(select(Update).where(Update.reply_id == reply_id)).first()
