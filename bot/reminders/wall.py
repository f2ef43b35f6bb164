"""Wall-clock times and instants. The only place that decides what a clock change does to a reminder."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def instant(day: date, at: time, zone: str) -> datetime:
    """The instant (UTC) at which clocks in `zone` show `at` on `day`.

    A time that the spring change skips is taken with the offset before the gap, so it comes later by the gap's
    length; a time that the autumn change repeats is the first of the two (RFC 5545 §3.3.5, PEP 495's fold=0).
    This holds for shifts of any size, a day that a whole country skipped (Apia, 30 December 2011) included.
    """
    return datetime.combine(day, at.replace(fold=0), ZoneInfo(zone)).astimezone(UTC)


def wall(moment: datetime, zone: str) -> datetime:
    """What clocks in `zone` show at `moment`, without a zone."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
