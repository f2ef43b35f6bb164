"""What was for people who have left goes to the lead; and the ledger is compared with everything that is under way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.models import (
    Account,
    ActionItem,
    ActionState,
    Person,
    RedAccount,
    Reminder,
    Resolution,
    ResolutionState,
    Status,
)
from bot.models.reminders import TOLD, WAITING
from bot.policy import Policy
from bot.reminders.kinds import DIGEST
from bot.reminders.reach import Reach
from bot.workflows import action_items, digests, posts, red_accounts_reminders, team
from bot.workflows.red_accounts_reminders import ACTION, QUESTION, RED_ACCOUNT

OPEN = Reminder.state.in_([*TOLD, *WAITING])


def gone(session: Session, which: ColumnElement[bool] = OPEN) -> Sequence[int]:
    """Recipients of these reminders who cannot be reached any more."""
    recipients = select(Reminder.recipient_id).where(which, Reminder.kind != DIGEST)
    unreachable = (Person.is_member.is_(False)) | (Person.slack_id.is_(None))
    return session.scalars(select(Person.id).where(Person.id.in_(recipients), unreachable)).all()


def hand_over(session: Session, person_ids: Collection[int], *, now: datetime, policy: Policy) -> None:
    """Give what these people had to whoever it belongs to now: it is planned anew without them.

    One subject after the other in the order of their accounts, which is the order in which everybody locks them.
    """
    red = select(RedAccount.account_id, RedAccount.id).join(RedAccount.account)
    proposals = red.where(RedAccount.status == Status.PROPOSED, Account.ce_id.in_(person_ids))
    wishes = (
        select(RedAccount.account_id, Resolution.id)
        .join(RedAccount, RedAccount.id == Resolution.red_account_id)
        .join(Account, Account.id == RedAccount.account_id)
        .where(Resolution.state == ResolutionState.ASKED, Account.ce_id.in_(person_ids))
    )
    actions = (
        select(RedAccount.account_id, ActionItem.id)
        .join(RedAccount, RedAccount.id == ActionItem.red_account_id)
        .where(
            RedAccount.status == Status.OPEN,
            ActionItem.owner_id.in_(person_ids),
            ActionItem.state.in_([ActionState.OPEN, ActionState.BLOCKED]),
        )
    )
    told = select(Reminder.account_id, Reminder.noun, Reminder.subject_id).where(
        Reminder.recipient_id.in_(person_ids), OPEN, Reminder.kind != DIGEST
    )
    subjects = {(account_id, RED_ACCOUNT, subject_id) for account_id, subject_id in session.execute(proposals)}
    subjects |= {(account_id, QUESTION, subject_id) for account_id, subject_id in session.execute(wishes)}
    subjects |= {(account_id, ACTION, subject_id) for account_id, subject_id in session.execute(actions)}
    subjects |= {(account_id or 0, noun, subject_id) for account_id, noun, subject_id in session.execute(told)}
    for _, noun, subject_id in sorted(subjects):
        red_accounts_reminders.keep_by_id(session, noun, subject_id, now=now, policy=policy)
        posts.refresh(session, noun, subject_id, now=now)
    theirs = red.where(RedAccount.status == Status.OPEN, Account.ce_id.in_(person_ids) | Account.ae_id.in_(person_ids))
    for _, red_account_id in sorted((row[0], row[1]) for row in session.execute(theirs)):
        team.tell_lead(session, session.get_one(RedAccount, red_account_id), now=now, policy=policy)


def under_way(session: Session) -> Sequence[int]:
    """Red accounts that the ledger is compared with."""
    return session.scalars(
        select(RedAccount.id).where(RedAccount.status.in_([Status.PROPOSED, Status.OPEN])).order_by(RedAccount.id)
    ).all()


def check(session: Session, red_account_id: int, *, now: datetime, policy: Policy) -> None:
    """Policy may have changed, or a release has brought a new kind: then the ledger follows here."""
    red = session.get_one(RedAccount, red_account_id)
    red_accounts_reminders.keep_by_id(session, RED_ACCOUNT, red_account_id, now=now, policy=policy)
    action_items.show_all(session, red, now=now)
    team.tell_lead(session, red, now=now, policy=policy)


def plan_missing_digests(session: Session, *, now: datetime, policy: Policy) -> None:
    """Whoever has something open has a digest to come."""
    have_one = select(Reminder.subject_id).where(Reminder.kind == DIGEST, Reminder.state.in_(WAITING))
    open_for = select(Reminder.recipient_id).where(digests.is_open())
    without = select(Person).where(Person.id.in_(open_for), Person.id.not_in(have_one)).order_by(Person.id)
    digests.plan(session, session.scalars(without).all(), Reach(session, policy, now))
