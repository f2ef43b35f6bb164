"""Working days: weekends by region, public holidays by country, in the zone of whoever has to act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from bot.policy import Region
from bot.reminders import wall

_DAY = timedelta(days=1)
#: The oldest release of `holidays` that pyproject.toml admits is of this year: what it still did not
#: confirm by then, it never does, and no update helps.
_CONFIRMED_SINCE = 2025


@lru_cache(maxsize=1024)
def _public_holidays(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    """One finished year. An object that grows by itself would be seen half grown by another thread."""
    return dict(holidays.country_holidays(country, subdivision, years=year, expand=False, language="en_US"))


def holiday(day: date, region: Region) -> str | None:
    """The public holiday's name, in English where the holidays package has one. Several are joined with "; "."""
    return _public_holidays(region.country, region.subdivision, day.year).get(day)


def is_business_day(day: date, region: Region) -> bool:
    return day.weekday() not in region.weekend and holiday(day, region) is None


def after(moment: datetime, days: int, region: Region, *, ends_at: time | None = None) -> datetime:
    """The `days`-th working day after `moment`, at `ends_at` of the region's wall clock (or the same time of day)."""
    return _walk(moment, days, region, ends_at, _DAY)


def before(moment: datetime, days: int, region: Region, *, ends_at: time | None = None) -> datetime:
    """The `days`-th working day before `moment`, at `ends_at` of the region's wall clock (or the same time of day)."""
    return _walk(moment, days, region, ends_at, -_DAY)


def _walk(moment: datetime, days: int, region: Region, ends_at: time | None, step: timedelta) -> datetime:
    local = wall.wall(moment, region.time_zone)
    day = local.date()
    while days > 0:
        day += step
        days -= is_business_day(day, region)
    at = local.time() if ends_at is None else ends_at
    return wall.instant(day, at, region.time_zone).astimezone(ZoneInfo(region.time_zone))


def between(first: date, last: date, region: Region) -> int:
    """How many working days `last` is after `first`: `last` counts, `first` does not. Negative where it is before."""
    if last < first:
        return -between(last, first, region)
    days = (first + n * _DAY for n in range(1, (last - first).days + 1))
    return sum(is_business_day(day, region) for day in days)


@lru_cache(maxsize=64)
def data_ends_on(region: Region) -> date | None:
    """The last day on which the holidays package says that it knows this region's public holidays.

    Three things end its knowledge, and the first of them counts: the end of its calendar; the first date that it marks
    as an estimate (feasts that wait for the moon are confirmed some months ahead); and, where the government
    decrees days anew each year (China, Indonesia, …), the last year whose decree it lists.
    None: it estimates such feasts always, even past ones, so that a newer release would not help.
    """
    place = holidays.country_holidays(region.country, region.subdivision, expand=False, language="en_US")
    ends = [date(place.end_year, 12, 31)]
    decreed = getattr(place, "special_public_holidays", {})
    last = max(decreed, default=0)
    if last >= _CONFIRMED_SINCE and {last - 1, last - 2} <= set(decreed):
        ends.append(date(last, 12, 31))
    for year in range(_CONFIRMED_SINCE - 1, ends[-1].year + 1):
        names = _public_holidays(region.country, region.subdivision, year)
        if estimated := [day for day, name in names.items() if "(estimated)" in name]:
            if year < _CONFIRMED_SINCE:
                return None
            ends.append(min(estimated) - _DAY)
            break
    return min(ends)
