"""Working days: weekends by region, public holidays by country, in the zone of whoever has to act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from bot.policy import Region


@lru_cache(maxsize=64)
def _public_holidays(country: str, subdivision: str | None) -> Mapping[date, str]:
    return holidays.country_holidays(country, subdiv=subdivision)  # grows by itself, year by year


def is_business_day(day: date, region: Region) -> bool:
    if day.weekday() in region.weekend:
        return False
    return day not in _public_holidays(region.country, region.subdivision)


def after(moment: datetime, days: int, region: Region, *, ends_at: time | None = None) -> datetime:
    """The `days`-th working day after `moment`, at `ends_at` of the region's wall clock (or the same time of day)."""
    local = moment.astimezone(ZoneInfo(region.time_zone))
    day = local.date()
    while days > 0:
        day += timedelta(days=1)
        days -= is_business_day(day, region)
    return datetime.combine(day, ends_at or local.time(), ZoneInfo(region.time_zone))
