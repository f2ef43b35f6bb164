"""Work that must run once at a time: whoever holds the lease does it, and it runs out if they die."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from bot.models import Lease
from bot.models.outbox import LONG_AGO


def take(session: Session, name: str, *, holder: str, now: datetime, lasts: timedelta) -> bool:
    """`now` is the real clock: moving the time must not make two processes do the same work."""
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    new = insert(Lease).values(name=name, holder="", epoch=0, until=LONG_AGO)
    session.execute(new.on_conflict_do_nothing(index_elements=[Lease.name]))
    lease = session.get_one(Lease, name, with_for_update=True)
    if lease.until > now and lease.holder != holder:
        return False
    lease.holder, lease.epoch, lease.until = holder, lease.epoch + 1, now + lasts
    return True


def keep_until(session: Session, name: str, *, holder: str, until: datetime) -> bool:
    """It goes on, or it is done: nobody else needs to do it before then. False where somebody else has begun it."""
    lease = session.get(Lease, name, with_for_update=True)
    if lease is None or lease.holder != holder:
        return False
    lease.until = until
    return True


def let_go(session: Session, *, holder: str) -> None:
    """This process ends in good order: others need not wait for what it held."""
    session.execute(update(Lease).where(Lease.holder == holder).values(until=LONG_AGO))
