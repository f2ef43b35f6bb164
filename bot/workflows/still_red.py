"""After thirty days, and thirty days after each decision: go on, change the plan, escalate, or end it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import Person, RedAccount, Status
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.reminders import cadence
from bot.workflows import history, red_accounts, rights


def go_on(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    """It is still red, and what we do is right."""
    _decide(session, red_account_id, "go on", by=by, now=now, policy=policy)


def change_plan(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> None:
    """It is still red, and what we do is not enough."""
    _decide(session, red_account_id, "change the plan", by=by, now=now, policy=policy)


def escalate(
    session: Session, red_account_id: int, why: str | None, *, by: Person, now: datetime, policy: Policy
) -> None:
    """The lead and the executive sponsor are asked to decide."""
    red = red_accounts.lock(session, red_account_id)
    may_decide(session, red, by, now=now, policy=policy)
    if red.escalated_at:
        raise InvalidTransition("The lead is asked already. Nothing changed.")
    asked = [person for person in (people.lead_of(session, red.account, policy), red.sponsor) if person]
    if not any(person.can_be_asked and person.id != by.id for person in asked):
        raise UserError("There is nobody else to ask. Name an executive sponsor in the plan, then they are asked.")
    red.escalated_at, red.escalated_by_id = now, by.id
    history.record(session, queries.NOUN, red.id, "how to go on", by=by, now=now, became="escalated", why=why)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)


def may_decide(session: Session, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> None:
    """Once, by whoever may write it or was asked. Raises who can, or what was."""
    if red.status != Status.OPEN:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")
    rights.must_write(session, by, red, "decide how this goes on", now=now, policy=policy)
    if cadence.next_decision(red, policy) > now and not red.escalated_at:
        zone = ZoneInfo(policy.region(red.account.region).time_zone)
        on = cadence.decision_from(red).astimezone(zone)
        raise InvalidTransition(f"This was decided on {on:%a} {on.day} {on:%b}. Nothing changed.")


def _decide(session: Session, red_account_id: int, decision: str, *, by: Person, now: datetime, policy: Policy) -> None:
    red = red_accounts.lock(session, red_account_id)
    may_decide(session, red, by, now=now, policy=policy)
    red.still_red_at, red.escalated_at, red.escalated_by_id = now, None, None
    history.record(session, queries.NOUN, red.id, "how to go on", by=by, now=now, became=decision)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
