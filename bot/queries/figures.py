"""How it went, a fiscal quarter each: days to a plan, days red, what was saved and what was lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.models import Account, Outcome, RedAccount, Status

SAVED = (Outcome.GREEN, Outcome.YELLOW)
COUNTED = (*SAVED, Outcome.CHURNED, Outcome.CHURNED_PARTLY)


@dataclass(frozen=True)
class Run:
    """One time that an account was red."""

    red_at: datetime
    due_from_at: datetime
    plan_in_place_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    relapses: int
    arr: Decimal | None  # when it ended, or now


@dataclass(frozen=True)
class Quarter:
    name: str  # "Q4 FY27": the fiscal year is called after the year in which it ends
    begins_on: date


@dataclass(frozen=True)
class Figures:
    """One quarter. Mistakes, and accounts that are not in Salesforce any more, count as nothing."""

    quarter: Quarter
    opened: int
    again: int  # of those, how many had been red before
    saved: int
    lost: int
    shrunk: int
    arr_saved: Decimal
    arr_lost: Decimal
    arr_shrunk: Decimal  # what those brought that stay with less; how much less is not known here
    arr_not_known: int  # of how many that ended
    days_red: float | None  # median of those that ended
    days_to_plan: float | None  # median of those whose plan came to be in place

    @property
    def ended(self) -> int:
        return self.saved + self.lost + self.shrunk


def runs(session: Session, *, since: datetime) -> list[Run]:
    """Those that began or ended since then, or are open."""
    found = session.execute(
        select(
            RedAccount.red_at,
            RedAccount.due_from_at,
            RedAccount.plan_in_place_at,
            RedAccount.ended_at,
            RedAccount.outcome,
            RedAccount.relapses,
            func.coalesce(RedAccount.arr_at_end, Account.arr),
        )
        .join(RedAccount.account)
        .where(
            RedAccount.status.in_([Status.OPEN, Status.CLOSED]),
            or_(RedAccount.red_at >= since, RedAccount.ended_at >= since, RedAccount.ended_at.is_(None)),
        )
    )
    return [Run(*row) for row in found]


def last_quarters(today: date, starts_in: int, count: int) -> list[Quarter]:
    """Fiscal quarters, oldest first, the last one with today in it."""
    month = today.year * 12 + today.month - 1
    begin = month - (today.month - starts_in) % 3
    return [_quarter(begin - 3 * back, starts_in) for back in reversed(range(count))]


def _quarter(month: int, starts_in: int) -> Quarter:
    """`month` counts from the year 0."""
    into_the_year = (month - (starts_in - 1)) % 12
    ends_in_year = (month - into_the_year + 11) // 12
    return Quarter(f"Q{into_the_year // 3 + 1} FY{ends_in_year % 100:02}", date(month // 12, month % 12 + 1, 1))


def count_up(quarter: Quarter, runs: Iterable[Run], begin: datetime, end: datetime) -> Figures:
    """`end` belongs to the next quarter."""
    real = [run for run in runs if run.outcome is None or run.outcome in COUNTED]
    opened = [run for run in real if begin <= run.red_at < end]
    ended = [run for run in real if run.outcome in COUNTED and run.ended_at and begin <= run.ended_at < end]
    planned = [run for run in real if run.plan_in_place_at and begin <= run.plan_in_place_at < end]
    saved = [run for run in ended if run.outcome in SAVED]
    lost = [run for run in ended if run.outcome == Outcome.CHURNED]
    shrunk = [run for run in ended if run.outcome == Outcome.CHURNED_PARTLY]
    return Figures(
        quarter=quarter,
        opened=len(opened),
        again=sum(run.relapses > 0 for run in opened),
        saved=len(saved),
        lost=len(lost),
        shrunk=len(shrunk),
        arr_saved=_money(saved),
        arr_lost=_money(lost),
        arr_shrunk=_money(shrunk),
        arr_not_known=sum(run.arr is None for run in ended),
        days_red=_days([(run.red_at, run.ended_at) for run in ended]),
        days_to_plan=_days([(run.due_from_at, run.plan_in_place_at) for run in planned]),
    )


def _money(runs: Iterable[Run]) -> Decimal:
    return sum((run.arr or Decimal(0) for run in runs), Decimal(0))


def _days(spans: Sequence[tuple[datetime, datetime | None]]) -> float | None:
    """The median, to a tenth of a day."""
    days = [(end - begin).total_seconds() / 86_400 for begin, end in spans if end]
    return round(median(days), 1) if days else None
