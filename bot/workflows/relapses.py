"""Red again: linked to the last time. Whoever left while red is not red again before the field has left Red."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.models import Account, RedAccount, Status
from bot.policy import Policy


def must_be_free(session: Session, account: Account, policy: Policy) -> None:
    """Raises why none opens on an account that left while it was red."""
    if not account.is_left_red:
        return
    closed = select(RedAccount).where(RedAccount.account_id == account.id, RedAccount.status == Status.CLOSED)
    last = session.scalars(closed.order_by(RedAccount.id.desc())).first()
    how = ""
    if last and last.ended_at:
        day = last.ended_at.astimezone(ZoneInfo(policy.region(account.region).time_zone))
        how = f" {last.label} was closed as {last.outcome} on {day:%a} {day.day} {day:%b %Y}."
    raise UserError(
        f"{account.name} has left.{how} It can be red again once Salesforce has shown another health than Red. If it"
        " stays after all, set the field in Salesforce first."
    )
