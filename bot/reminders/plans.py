"""By when a plan has to be there, and by when each of the two has to agree to it."""

from __future__ import annotations

from datetime import datetime

from bot.models import RedAccount
from bot.policy import Policy
from bot.reminders import business_days


def plan_by(red: RedAccount, policy: Policy) -> datetime:
    return _after(red.due_from_at, policy.red_accounts.plan_business_days, red, policy)


def agree_by(red: RedAccount, policy: Policy) -> datetime:
    """With the plan; whoever was asked late, because it was changed late, has days of their own."""
    asked_at = red.agreement_asked_at
    by = plan_by(red, policy)
    return max(by, _after(asked_at, policy.red_accounts.agree_business_days, red, policy)) if asked_at else by


def _after(moment: datetime, days: int, red: RedAccount, policy: Policy) -> datetime:
    region = policy.region(red.account.region)
    return business_days.after(moment, days, region, ends_at=policy.red_accounts.day_ends_at)
