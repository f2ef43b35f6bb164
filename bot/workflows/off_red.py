"""The field left Red in Salesforce: CE and AE are asked whether it is over. Unanswered, it closes after some days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.models import Account, Health, Outcome, RedAccount, Status
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.workflows import red_accounts

AT_ONCE = 50  # in one transaction
OUTCOMES = {Health.GREEN.value: Outcome.GREEN, Health.YELLOW.value: Outcome.YELLOW}


def follow(red: RedAccount, *, since: datetime) -> None:
    """Remember since when the field says something else, or that it is Red again."""
    if red.account.health == Health.RED:
        red.off_red_at = None
    elif red.off_red_at is None:
        red.off_red_at = since


def look(
    session: Session, reds: Iterable[RedAccount], protected: Collection[int], *, now: datetime, policy: Policy
) -> None:
    """Ask about those that nobody was asked about yet, and close those that nobody answered for.

    So many at a time: whoever presses a button meanwhile has three seconds. The next poll goes on.
    """
    left = AT_ONCE
    for red in sorted(reds, key=lambda one: one.account_id):
        if red.status != Status.OPEN or red.account.is_deleted or red.account_id in protected:
            continue
        if not (_is_unseen(red) or is_over(red, now, policy)):
            continue
        red = red_accounts.lock(session, red.id)
        if red.status != Status.OPEN or queries.pending_change(session, red.account_id):
            continue
        if left == 0:
            return
        if _is_unseen(red):
            follow(red, since=now)
            red_accounts.changed(session, red, by=None, now=now, policy=policy)
            left -= 1
        elif is_over(red, now, policy) and queries.asked(session, red.id) is None:
            _close(session, red, now=now, policy=policy)
            left -= 1


def outcome(account: Account) -> Outcome | None:
    """What the field's value means for a red account; None for one that says nothing of it."""
    return OUTCOMES.get(account.health or "")


def closes_at(red: RedAccount, policy: Policy) -> datetime | None:
    """When it closes unless somebody says whether it is over."""
    if red.off_red_at is None or outcome(red.account) is None:
        return None
    return red.off_red_at + timedelta(days=policy.red_accounts.off_red_closes_after_days)


def is_over(red: RedAccount, now: datetime, policy: Policy) -> bool:
    at = closes_at(red, policy)
    return at is not None and at <= now


def _is_unseen(red: RedAccount) -> bool:
    return (red.account.health != Health.RED) == (red.off_red_at is None)


def _close(session: Session, red: RedAccount, *, now: datetime, policy: Policy) -> None:
    found = outcome(red.account)
    assert found is not None
    days = policy.red_accounts.off_red_closes_after_days
    note = f"Salesforce has said {red.account.health} for {days} days, and nobody said that it is still red."
    red_accounts.close(session, red, found, note, by=None, now=now, policy=policy)
