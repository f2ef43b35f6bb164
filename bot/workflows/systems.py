"""How the outside systems are doing, as the deliveries and polls meet them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import outbox
from bot.errors import Misconfigured, Retryable
from bot.models import ChangeState, HealthChange, System, SystemName
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.workflows import notices, posts


def met(session: Session, name: str, errors: Sequence[Exception], *, now: datetime, policy: Policy) -> None:
    """Note whether a system answered. Cards that wait for Salesforce say so, and what has to be mended is told."""
    system = session.get(System, name)
    if system is None:
        return
    was, to_mend = system.silent_since_at, next((error for error in errors if isinstance(error, Misconfigured)), None)
    if any(isinstance(error, Retryable) and error.retry_after is None for error in errors):
        system.silent_since_at = was or now
    elif not any(isinstance(error, Retryable) for error in errors) and was:
        # It answers. Whoever backs off need not wait; while one of them fails, it is not over.
        if outbox.is_backing_off(session, name):
            outbox.hurry(session, now=now, prefix=name)
        else:
            system.silent_since_at = None
    system.error = str(errors[0]) if errors else None
    if to_mend:
        notices.trouble(
            session, f"{name}: {to_mend}", about=f"{name}:{to_mend.code or to_mend}", now=now, policy=policy
        )
    if (was is None) != (system.silent_since_at is None) and name == SystemName.SALESFORCE:
        _refresh_waiting(session, now=now)


def _refresh_waiting(session: Session, *, now: datetime) -> None:
    waiting = select(HealthChange.red_account_id).where(HealthChange.state == ChangeState.PENDING).distinct()
    for red_account_id in session.scalars(waiting):
        posts.refresh(session, queries.NOUN, red_account_id, now=now)
