"""What happens to the channels that Touchpoint posts in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot import outbox
from bot.workflows import posts


def message_deleted(session: Session, channel: str, ts: str, *, now: datetime) -> None:
    posts.deleted(session, channel, ts, now=now)


def usable_again(session: Session, channel: str, *, now: datetime) -> None:
    """Touchpoint was let in, or the channel came back: what waited for it goes out."""
    outbox.resume(session, now=now, prefix=f"slack:{channel}")
