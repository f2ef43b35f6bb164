"""The lists of red accounts that people ask for, with what each of them owes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.models import Person, RedAccount
from bot.policy import Policy
from bot.queries import red_accounts_lists as queries
from bot.reminders.owed import Listed, listed

MINE, REGION, OVERDUE, ALL = "mine", "region", "overdue", "all"


def of(session: Session, what: str, region: str, *, by: Person, now: datetime, policy: Policy) -> list[Listed]:
    """The largest account first; of what is overdue, what has waited longest."""
    if what == MINE:
        return _with_what_they_owe(session, queries.mine(session, by, now), now, policy)
    if what == REGION:
        return _with_what_they_owe(session, queries.of_region(session, region, policy), now, policy)
    found = _with_what_they_owe(session, queries.everything(session), now, policy)
    return (
        sorted((one for one in found if one.is_overdue), key=lambda one: one.overdue_since)
        if what == OVERDUE
        else found
    )


def _with_what_they_owe(session: Session, reds: Sequence[RedAccount], now: datetime, policy: Policy) -> list[Listed]:
    until = now.date()  # where a day has begun that has not in London, this one is over
    actions, asks = queries.action_dates(session, until), queries.ask_dates(session, until)
    return [listed(red, actions.get(red.id, []), asks.get(red.id, []), now, policy) for red in reds]
