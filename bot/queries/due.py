"""Whether anything waits to be done right now. The sandbox's time machine goes on when nothing does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Lane, Reminder
from bot.models.reminders import is_waiting


def is_anything_due(session: Session, *, now: datetime, real_now: datetime) -> bool:
    """A promise that can be delivered, a delivery that is going on, or a reminder that is due."""
    deliverable = select(Lane.key).where(Lane.pending > 0, Lane.next_at <= now)
    going_on = select(Lane.key).where(Lane.lease_until > real_now)
    reminders = select(Reminder.id).where(is_waiting(), Reminder.due_at <= now)
    return any(session.scalar(one.limit(1)) is not None for one in (deliverable, going_on, reminders))
