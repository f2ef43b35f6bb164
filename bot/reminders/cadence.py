"""How often a red account is told of, and when it is to be decided how to go on. Pure.

Weekly where it renews in this or the next fiscal quarter or where its priority is high, else as policy says.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bot.models import RedAccount, Reminder
from bot.policy import Policy, Region
from bot.reminders import business_days, wall

HIGH = "high"  # a priority
_DAY = timedelta(days=1)


def next_quarter(day: date, starts_in: int) -> date:
    """The first day of the fiscal quarter after the one of `day`, in years that start with this month."""
    months = day.month - 1 + 3 - (day.month - starts_in) % 3
    return date(day.year + months // 12, months % 12 + 1, 1)


def renews_soon(renewal_on: date | None, day: date, starts_in: int) -> bool:
    """Whether it renews in the fiscal quarter of `day` or in the next one, or should have before."""
    return renewal_on is not None and renewal_on < next_quarter(next_quarter(day, starts_in), starts_in)


def days_between(renewal_on: date | None, priority: str, day: date, policy: Policy) -> int:
    """How many days lie between two updates, as it stands on `day`."""
    is_near = renews_soon(renewal_on, day, policy.company.fiscal_year_starts_in)
    return policy.updates.often_days if is_near or priority == HIGH else policy.updates.usual_days


def days_after(since: datetime, days: int, region: Region, at: time) -> datetime:
    """So many days after `since`, on a working day of the region: a free day is left for the next working day."""
    day = wall.wall(since, region.time_zone).date() + days * _DAY
    while not business_days.is_business_day(day, region):
        day += _DAY
    return wall.instant(day, at, region.time_zone)


def plan_due(red: RedAccount, policy: Policy) -> datetime:
    """What the first update is counted from: the day on which the plan is due."""
    rules, region = policy.red_accounts, policy.region(red.account.region)
    return business_days.after(red.due_from_at, rules.plan_business_days, region, ends_at=rules.day_ends_at)


def counts_from(red: RedAccount, policy: Policy) -> datetime:
    """What the next update is counted from: the last one, or else the day on which the plan was due."""
    return red.updated_at or plan_due(red, policy)


def pace(red: RedAccount, since: datetime, policy: Policy) -> int:
    """In how many days an update is due, by what is known of the account and as it stood on the day it counts from."""
    account = red.account
    day = wall.wall(since, policy.region(account.region).time_zone).date()
    priority = policy.priority(account.arr, account.renewal_on, day)
    return days_between(account.renewal_on, priority, day, policy)


def next_update(red: RedAccount, policy: Policy, since: datetime | None = None) -> datetime:
    """When the next update is due, or the one after `since`."""
    since = since or counts_from(red, policy)
    region = policy.region(red.account.region)
    return days_after(since, pace(red, since, policy), region, policy.red_accounts.day_ends_at)


def round_since(since: datetime) -> str:
    """The name of what is counted from this instant, among the reminders of one kind."""
    return f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


def since_of(row: Reminder) -> datetime | None:
    """The instant that its round counts from; None where it has none."""
    name = row.occurrence.rpartition(" ")[2]
    return datetime.fromisoformat(name).replace(tzinfo=UTC) if "T" in name else None


def is_update_due(red: RedAccount, policy: Policy, now: datetime) -> bool:
    """Whether the day of the next update has come."""
    zone = policy.region(red.account.region).time_zone
    return wall.wall(next_update(red, policy), zone).date() <= wall.wall(now, zone).date()


def is_silent(red: RedAccount, policy: Policy, now: datetime) -> bool:
    """Whether the next update is overdue."""
    return next_update(red, policy) < now


def decision_from(red: RedAccount) -> datetime:
    """What the next decision is counted from: the last one, or else the day on which it turned red."""
    return red.still_red_at or red.due_from_at


def next_decision(red: RedAccount, policy: Policy) -> datetime:
    """When it is to be decided how to go on: the beginning of that day."""
    region = policy.region(red.account.region)
    return days_after(decision_from(red), policy.updates.still_red_days, region, time())
