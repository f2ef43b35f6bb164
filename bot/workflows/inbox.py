"""Deduplication: the first delivery of something has its effect, every later one has none."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from bot.models import Inbox

KEPT = timedelta(days=14)  # Slack's last retry of an event comes after an hour at the most


def first_time(session: Session, key: str, *, now: datetime) -> bool:
    """Whether this key is new. It is from now on taken, if the transaction commits."""
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    added = session.scalar(
        insert(Inbox).values(key=key, at=now).on_conflict_do_nothing(index_elements=[Inbox.key]).returning(Inbox.key)
    )
    return added is not None


def forget_old(session: Session, *, now: datetime) -> None:
    session.execute(delete(Inbox).where(Inbox.at < now - KEPT))
