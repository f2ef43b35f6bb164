"""By when a plan has to be there, and by when each of the two has to agree to it."""

from __future__ import annotations

from datetime import datetime

from bot.models import RedAccount
from bot.models.plans import missing_agreements
from bot.policy import Policy
from bot.reminders import business_days


def plan_by(red: RedAccount, policy: Policy) -> datetime:
    """What a plan lost after it was in place has days of its own."""
    return _after(red.plan_lacks_since_at or red.due_from_at, policy.red_accounts.plan_business_days, red, policy)


def agree_by(red: RedAccount, policy: Policy) -> datetime:
    """With the plan; whoever was asked late, because it was changed late, has days of their own."""
    asked = [at for role in missing_agreements(red) if (at := red.asked_at(role))]
    days = policy.red_accounts.agree_business_days
    return max([plan_by(red, policy), *(_after(at, days, red, policy) for at in asked)])


def _after(moment: datetime, days: int, red: RedAccount, policy: Policy) -> datetime:
    region = policy.region(red.account.region)
    return business_days.after(moment, days, region, ends_at=policy.red_accounts.day_ends_at)
