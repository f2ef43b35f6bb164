"""What a digest listed, and what falls due after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.models import DigestLine, Person, Place, Reminder, ReminderState


def listed_in(session: Session, digest_id: int) -> Sequence[Reminder]:
    """What a digest listed, longest open first."""
    return session.scalars(
        select(Reminder)
        .options(joinedload(Reminder.account))
        .join(DigestLine, DigestLine.reminder_id == Reminder.id)
        .where(DigestLine.digest_id == digest_id)
        .order_by(Reminder.due_at, Reminder.id)
    ).all()


def coming(session: Session, person: Person, *, after: datetime, until: datetime) -> Sequence[Reminder]:
    """Planned for their digests of these days. What is a message of its own then is not announced."""
    return session.scalars(
        select(Reminder)
        .where(
            Reminder.recipient_id == person.id,
            Reminder.place == Place.DIGEST,
            Reminder.step == 0,
            Reminder.state == ReminderState.PLANNED,
            Reminder.due_at > after,
            Reminder.due_at <= until,
        )
        .order_by(Reminder.due_at, Reminder.id)
    ).all()
