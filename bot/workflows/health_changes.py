"""Changes of an account's health that a person wants in Salesforce."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot import outbox
from bot.models import Account, ChangeState, HealthChange, Person, RedAccount
from bot.queries import red_accounts as queries

HEALTH = "salesforce.health"  # promise kind


def want(session: Session, red: RedAccount, wanted: str, *, by: Person, now: datetime) -> HealthChange | None:
    """The person wants the field changed. Nothing to do where Salesforce says so already or soon will."""
    before = queries.pending_change(session, red.account_id)
    seen = before.wanted if before else red.account.health
    if seen == wanted:
        return before
    change = HealthChange(
        account_id=red.account_id,
        account=red.account,
        red_account_id=red.id,
        seen=seen,
        wanted=wanted,
        by_id=by.id,
        by=by,
        state=ChangeState.PENDING,
        created_at=now,
    )
    session.add(change)
    session.flush()
    outbox.promise(session, HEALTH, change.id, lane=lane(red.account), now=now)
    return change


def lane(account: Account) -> str:
    return f"salesforce:{account.salesforce_id}"
