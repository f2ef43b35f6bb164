"""What a red account owes by now: what is missing and what is overdue. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.models import RedAccount
from bot.policy import Policy
from bot.reminders import cadence
from bot.reminders.plans import plan_by


@dataclass(frozen=True)
class Owed:
    """In words, and the day by which it was or is wanted."""

    what: str
    by: date
    is_overdue: bool


@dataclass(frozen=True)
class Listed:
    """A red account with what it owes, the most urgent first."""

    red: RedAccount
    owed: Sequence[Owed] = ()

    @property
    def is_overdue(self) -> bool:
        return any(one.is_overdue for one in self.owed)

    @property
    def overdue_since(self) -> date:
        return min((one.by for one in self.owed if one.is_overdue), default=date.max)


def listed(red: RedAccount, actions: Sequence[date], asks: Sequence[date], now: datetime, policy: Policy) -> Listed:
    """`actions` and `asks`: the dates of open ones. A day is over when it is over in the account's region."""
    zone = ZoneInfo(policy.region(red.account.region).time_zone)
    found = [Owed(what, by.astimezone(zone).date(), by < now) for what, by in promises(red, policy)]
    today = now.astimezone(zone).date()
    for dates, word in ((actions, "action"), (asks, "ask")):
        late = [day for day in dates if day < today]
        if late:
            found.append(Owed(f"{len(late)} {word}{'' if len(late) == 1 else 's'}", min(late), is_overdue=True))
    return Listed(red, sorted(found, key=lambda one: (not one.is_overdue, one.by)))


def promises(red: RedAccount, policy: Policy) -> list[tuple[str, datetime]]:
    """What its CE and AE owe, and until when. Nothing was asked of them before there is a card."""
    if not red.has_card:
        return []
    if red.filled_in_at is None:
        return [("what is happening", red.fill_in_by_at)]
    plan = [("the plan", plan_by(red, policy))] if red.owes_plan else []
    return [*plan, ("an update", cadence.next_update(red, policy))]
