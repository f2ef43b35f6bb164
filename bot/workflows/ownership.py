"""What was for people who have left goes to the lead; and the ledger is compared with everything that is under way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Person, RedAccount, Reminder, Status
from bot.models.reminders import TOLD, WAITING
from bot.policy import Policy
from bot.reminders.kinds import DIGEST
from bot.workflows import posts, red_accounts_reminders


def gone(session: Session) -> Sequence[int]:
    """People with something open who cannot be reached any more."""
    open_for = select(Reminder.recipient_id).where(Reminder.state.in_([*TOLD, *WAITING]), Reminder.kind != DIGEST)
    unreachable = (Person.is_member.is_(False)) | (Person.slack_id.is_(None))
    return session.scalars(select(Person.id).where(Person.id.in_(open_for), unreachable)).all()


def hand_over(session: Session, person_ids: Collection[int], *, now: datetime, policy: Policy) -> None:
    """Give what these people had to whoever it belongs to now: their subjects are planned anew without them."""
    subjects = (
        select(Reminder.noun, Reminder.subject_id)
        .where(
            Reminder.recipient_id.in_(person_ids), Reminder.state.in_([*TOLD, *WAITING]), Reminder.kind != DIGEST
        )
        .distinct()
    )  # fmt: skip
    for noun, subject_id in session.execute(subjects).all():
        red_accounts_reminders.keep_by_id(session, noun, subject_id, now=now, policy=policy)
        posts.refresh(session, noun, subject_id, now=now)


def under_way(session: Session) -> Sequence[int]:
    return session.scalars(
        select(RedAccount.id).where(RedAccount.status.in_([Status.PROPOSED, Status.OPEN])).order_by(RedAccount.id)
    ).all()


def check(session: Session, red_account_ids: Collection[int], *, now: datetime, policy: Policy) -> None:
    """Policy may have changed, or a release has brought a new kind: then the ledger follows here."""
    for red in session.scalars(select(RedAccount).where(RedAccount.id.in_(red_account_ids)).order_by(RedAccount.id)):
        red_accounts_reminders.keep(session, red, by=None, now=now, policy=policy)
