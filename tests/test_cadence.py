"""How often a red account is told of: fiscal quarters, priorities, and never on a free day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import policy as policies
from bot.models import Account, RedAccount
from bot.policy import Policy, Region
from bot.reminders import business_days, cadence

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
MONTHS = st.integers(1, 12)
REGIONS = st.sampled_from(
    [
        Region(lead="a@x.example", time_zone="America/New_York", country="US", subdivision="NY"),
        Region(lead="a@x.example", time_zone="Asia/Dubai", country="AE"),
        Region(lead="a@x.example", time_zone="Pacific/Auckland", country="NZ"),
    ]
)


def rules(**updates: int) -> Policy:
    return policies.parse(
        {
            "default_region": "EMEA",
            "channels": {"red_accounts": "C0000000001"},
            "regions": {
                "EMEA": {"lead": "lead@x.example", "time_zone": "Europe/London", "country": "GB", "subdivision": "ENG"}
            },
            "red_accounts": {"reasons": [{"key": "other", "label": "Something else"}]},
            "updates": updates,
        }
    )


@pytest.mark.parametrize(
    ("day", "starts_in", "first"),
    [
        (date(2027, 2, 1), 2, date(2027, 5, 1)),
        (date(2027, 1, 31), 2, date(2027, 2, 1)),
        (date(2027, 12, 31), 2, date(2028, 2, 1)),
        (date(2027, 11, 1), 2, date(2028, 2, 1)),
        (date(2027, 3, 31), 1, date(2027, 4, 1)),
        (date(2027, 12, 1), 1, date(2028, 1, 1)),
        (date(2027, 9, 30), 10, date(2027, 10, 1)),
    ],
)
def test_a_fiscal_quarter_ends_where_the_next_begins(day: date, starts_in: int, first: date) -> None:
    assert cadence.next_quarter(day, starts_in) == first


@given(DAYS, MONTHS)
def test_quarters_are_three_months_and_one_begins_with_the_year(day: date, starts_in: int) -> None:
    first = cadence.next_quarter(day, starts_in)
    assert day < first <= day + timedelta(days=92)
    assert first.day == 1
    assert (first.month - starts_in) % 3 == 0
    assert cadence.next_quarter(first - timedelta(days=1), starts_in) == first


@given(DAYS, DAYS, MONTHS)
def test_what_renews_sooner_is_not_told_of_less_often(day: date, renewal: date, starts_in: int) -> None:
    if cadence.renews_soon(renewal, day, starts_in):
        assert cadence.renews_soon(renewal - timedelta(days=1), day, starts_in)
        assert (renewal - day).days < 184
    else:
        assert (renewal - day).days > 89


@pytest.mark.parametrize(
    ("renewal", "priority", "days"),
    [
        (date(2027, 4, 30), "low", 7),
        (date(2027, 7, 31), "low", 7),
        (date(2027, 8, 1), "low", 14),
        (date(2027, 8, 1), "medium", 14),
        (date(2027, 8, 1), "high", 7),
        (date(2026, 12, 1), "low", 7),
        (None, "medium", 14),
        (None, "high", 7),
    ],
)
def test_weekly_near_the_renewal_or_where_it_matters_most(renewal: date | None, priority: str, days: int) -> None:
    assert cadence.days_between(renewal, priority, date(2027, 2, 10), rules()) == days


def test_the_pace_is_that_of_policy() -> None:
    assert cadence.days_between(None, "low", date(2027, 2, 10), rules(usual_days=30)) == 30


@given(DAYS, st.times(), st.integers(1, 40), REGIONS)
def test_nothing_is_due_on_a_free_day_nor_too_early(day: date, at: time, days: int, region: Region) -> None:
    zone, since = ZoneInfo(region.time_zone), datetime.combine(day, at, UTC)
    due = cadence.days_after(since, days, region, time(17, 30)).astimezone(zone)
    asked = since.astimezone(zone).date() + timedelta(days=days)
    assert business_days.is_business_day(due.date(), region)
    assert due.time() == time(17, 30)
    assert asked <= due.date()
    between = [asked + timedelta(days=n) for n in range((due.date() - asked).days)]
    assert not any(business_days.is_business_day(day, region) for day in between)


def test_the_next_decision_is_asked_for_thirty_days_after_the_last_on_a_working_day() -> None:
    account = Account(name="Acme", region="EMEA", arr=None, renewal_on=None)
    red = RedAccount(account=account, due_from_at=datetime(2027, 1, 25, 14, tzinfo=UTC))
    assert cadence.next_decision(red, rules()) == datetime(2027, 2, 24, tzinfo=UTC)
    red.still_red_at = datetime(2027, 2, 25, 14, tzinfo=UTC)
    assert cadence.next_decision(red, rules()) == datetime(2027, 3, 30, tzinfo=UTC) - timedelta(hours=1)  # after Easter


def test_the_first_update_counts_from_the_day_on_which_the_plan_was_due() -> None:
    account = Account(name="Acme", region="EMEA", arr=None, renewal_on=date(2028, 9, 1))
    red = RedAccount(account=account, due_from_at=datetime(2027, 1, 25, 14, tzinfo=UTC))
    assert cadence.next_update(red, rules()) == datetime(2027, 2, 15, 17, 30, tzinfo=UTC)  # the plan: Mon 1 Feb
    red.updated_at = datetime(2027, 2, 3, 9, tzinfo=UTC)
    account.renewal_on = date(2027, 3, 12)
    assert cadence.next_update(red, rules()) == datetime(2027, 2, 10, 17, 30, tzinfo=UTC)
    assert not cadence.is_update_due(red, rules(), datetime(2027, 2, 9, 23, tzinfo=UTC))
    assert cadence.is_update_due(red, rules(), datetime(2027, 2, 10, 1, tzinfo=UTC))
