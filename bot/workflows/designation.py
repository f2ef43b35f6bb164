"""Figures that say that an account may be red. What is not known never counts, and figures alone set nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bot.models import Account
from bot.policy import Policy

SCORE, CONTACT, UNDEPLOYED, DECLINE = "score", "no contact", "not deployed", "decline"  # criteria
#: Criterion → keys of reasons that policy may have, the closest first.
REASONS = {
    UNDEPLOYED: ("deployment_delay", "low_adoption"),
    CONTACT: ("no_engagement",),
    DECLINE: ("usage_decline", "low_adoption"),
    SCORE: ("score_only", "low_adoption"),
}


def met(account: Account, months: Mapping[date, Decimal], today: date, policy: Policy) -> dict[str, Any]:
    """The criteria that an account meets, each with its figure. `months`: its weekly users at the end of each month."""
    rules, names = policy.designation, policy.salesforce.fields
    found: dict[str, Any] = {}
    if not is_customer(account, today):
        return found
    if account.health_score is not None and account.health_score <= rules.score_at_most:
        found[SCORE] = _figure(account.health_score)
    if account.last_contact_on and (today - account.last_contact_on).days >= rules.days_without_contact:
        found[CONTACT] = (today - account.last_contact_on).days
    if names.signed and names.deployed and account.signed_on and not account.deployed_on:
        days = (today - account.signed_on).days
        if days >= rules.days_undeployed:
            found[UNDEPLOYED] = days
    falls = declines(months, today, rules.months)
    if falls and all(fall >= rules.decline_percent for fall in falls):
        found[DECLINE] = [_figure(fall) for fall in falls]
    return found


def is_customer(account: Account, today: date) -> bool:
    """Whether it pays or renews: of prospects and of who has left nobody is asked. Without a CE it has to pay."""
    if account.arr is not None and account.arr > 0:
        return True
    has_ce = account.ce is not None and account.ce.can_be_asked
    return has_ce and account.renewal_on is not None and account.renewal_on >= today


def declines(months: Mapping[date, Decimal], today: date, count: int) -> list[Decimal]:
    """By how many per cent the weekly users fell in each of the last whole months; empty where one is not known."""
    ends = [months.get(month_before(today, number)) for number in range(count + 1, 0, -1)]
    known = [end for end in ends if end is not None and end > 0]
    if len(known) < len(ends):
        return []
    return [(before - after) / before * 100 for before, after in pairwise(known)]


def month_before(day: date, count: int = 0) -> date:
    """The first day of the month so many months before that of `day`."""
    month = day.replace(day=1)
    for _ in range(count):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


def words(criteria: Mapping[str, Any]) -> str:
    """As it stands in the middle of a sentence: "score 4.2, no contact for 45 days"."""
    said = {
        SCORE: "score {}",
        CONTACT: "no contact for {} days",
        UNDEPLOYED: "not deployed {} days after it was signed",
    }
    phrases = [phrase.format(criteria[name]) for name, phrase in said.items() if name in criteria]
    if falls := criteria.get(DECLINE):
        phrases.append(f"weekly users fell by {' % and '.join(falls)} % in the last {len(falls)} months")
    return ", ".join(phrases)


def reason(criteria: Mapping[str, Any], policy: Policy) -> str | None:
    """The reason of policy's list that comes closest, to begin with."""
    known = {one.key for one in policy.red_accounts.reasons}
    wanted = [key for name, keys in REASONS.items() if name in criteria for key in keys]
    return next((key for key in wanted if key in known), None)


def _figure(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1')).normalize():f}"
