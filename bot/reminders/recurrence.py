"""Things that come again: a small grammar, worked out on dates of the wall calendar.

An occurrence is known by its date in the rule (`key`), which needs no time zone and no holidays. Where its person is,
and which days are free there, decides only *when* it is due. So someone who moves from Auckland to Los Angeles
neither loses a date nor gets one twice: what stands in the ledger stays, and `due` is asked again.

Full RFC 5545 rules are refused on purpose: some take seconds to find that they never happen. Two differences are
meant: a month without a 31st (or a fifth Monday) uses its last one instead of leaving it out, and a time that the
spring change skips comes later instead of not at all (§3.3.5, not §3.3.10).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, dropwhile, takewhile
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from bot.policy import Region
from bot.reminders import business_days, wall

LAST = 31  # as a day of the month; as the nth weekday it is 5
FAR = timedelta(days=3653)  # ten years: how far one look ahead goes
NEAR = timedelta(days=31)  # no run of free days is longer

_DAY = timedelta(days=1)
_STRICT = ConfigDict(extra="forbid")
Weekday = Annotated[int, Field(ge=0, le=6)]  # Monday is 0
Months = Annotated[int, Field(ge=1, le=60)]


class OffDays(StrEnum):
    """What happens to a date on which nobody works."""

    AS_IS = "as is"
    NEXT = "next business day"
    PREVIOUS = "previous business day"
    SKIP = "skip"


@dataclass(frozen=True, config=_STRICT)
class Once:
    since: date
    kind: Literal["once"] = "once"

    def candidates(self, start: date) -> Iterator[date]:
        yield self.since


@dataclass(frozen=True, config=_STRICT)
class Days:
    """Every `every` days, the first on `since`."""

    since: date
    every: Annotated[int, Field(ge=1, le=366)] = 1
    kind: Literal["days"] = "days"

    def candidates(self, start: date) -> Iterator[date]:
        first = (start - self.since).days // self.every
        return (self.since + n * self.every * _DAY for n in count(first))


@dataclass(frozen=True, config=_STRICT)
class Weeks:
    """On these weekdays of every `every`-th week. The week of `since` is the first; weeks begin on Monday."""

    since: date
    weekdays: Annotated[frozenset[Weekday], Field(min_length=1)]
    every: Annotated[int, Field(ge=1, le=52)] = 1
    kind: Literal["weeks"] = "weeks"

    def candidates(self, start: date) -> Iterator[date]:
        monday = self.since - self.since.weekday() * _DAY
        first = (start - monday).days // 7 // self.every
        return (monday + (n * self.every * 7 + day) * _DAY for n in count(first) for day in sorted(self.weekdays))


@dataclass(frozen=True, config=_STRICT)
class MonthDay:
    """On the `day`-th of every `every`-th month, or on its last day if it is shorter. Day 31 is always the last."""

    since: date
    day: Annotated[int, Field(ge=1, le=31)]
    every: Months = 1
    kind: Literal["month day"] = "month day"

    def candidates(self, start: date) -> Iterator[date]:
        for month in _months(self.since, self.every, start):
            yield month.replace(day=min(self.day, _length(month)))


@dataclass(frozen=True, config=_STRICT)
class MonthWeekday:
    """On the `nth` Monday, Tuesday, … of every `every`-th month. The fifth is always the last."""

    since: date
    nth: Annotated[int, Field(ge=1, le=5)]
    weekday: Weekday
    every: Months = 1
    kind: Literal["month weekday"] = "month weekday"

    def candidates(self, start: date) -> Iterator[date]:
        for month in _months(self.since, self.every, start):
            day = 1 + (self.weekday - month.weekday()) % 7 + 7 * (self.nth - 1)
            yield month.replace(day=day if day <= _length(month) else day - 7)


@dataclass(frozen=True, config=_STRICT)
class Rule:
    """Which dates, at what time on the wall clock, and what to do on free days."""

    when: Annotated[Once | Days | Weeks | MonthDay | MonthWeekday, Field(discriminator="kind")]
    at: time
    off_days: OffDays = OffDays.AS_IS

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = _RULE.dump_python(self, mode="json")
        return found

    @staticmethod
    def from_json(found: object) -> Rule:
        """Raises pydantic's ValidationError (a ValueError) that names what is wrong."""
        return _RULE.validate_python(found)


_RULE = TypeAdapter(Rule)


def first_business_day(since: date, at: time, every: int = 1) -> Rule:
    return Rule(MonthDay(since, 1, every), at, OffDays.NEXT)


def last_business_day(since: date, at: time, every: int = 1) -> Rule:
    return Rule(MonthDay(since, LAST, every), at, OffDays.PREVIOUS)


def key(day: date) -> str:
    """The name of an occurrence within its series."""
    return day.isoformat()


def dates(rule: Rule, start: date) -> Iterator[date]:
    """The rule's dates from `start` on (never before its `since`), for ten years: at most 3,653 of them."""
    start = max(start, rule.when.since)
    found = dropwhile(lambda day: day < start, rule.when.candidates(start))
    return takewhile(lambda day: day < start + FAR, found)


def due(rule: Rule, day: date, zone: str, region: Region | None = None) -> datetime | None:
    """The instant (UTC) of the occurrence of `day`, one of the rule's dates. Without a region, nobody has days off.

    None where it does not happen: free days are skipped, or it would come together with another date of the same
    rule (Saturday's, Sunday's and Monday's all on Monday), which stands for both.
    """
    taken = _taken(rule, day, zone, region)
    if taken is None:
        return None
    moment = wall.instant(taken, rule.at, zone)
    if taken < day:
        together = next(dates(rule, taken)) < day
    else:
        following = next(dates(rule, day + _DAY), None)
        together = following is not None and wall.instant(following, rule.at, zone) <= moment
    return None if together else moment


def _taken(rule: Rule, day: date, zone: str, region: Region | None) -> date | None:
    """The day on which the occurrence of `day` takes place. A day that the zone leaves out is a free day."""

    def works(one: date) -> bool:
        return wall.has_day(one, zone) and (region is None or business_days.is_business_day(one, region))

    if rule.off_days is OffDays.AS_IS or works(day):
        return day
    if rule.off_days is OffDays.SKIP:
        return None
    step = _DAY if rule.off_days is OffDays.NEXT else -_DAY
    return next((one for n in range(1, NEAR.days + 1) if works(one := day + n * step)), day)


def occurrences(rule: Rule, start: date, zone: str, region: Region | None = None) -> Iterator[tuple[date, datetime]]:
    """(date, instant) of what happens from the date `start` on, both strictly rising."""
    for day in dates(rule, start):
        moment = due(rule, day, zone, region)
        if moment is not None:
            yield day, moment


def next_after(rule: Rule, moment: datetime, zone: str, region: Region | None = None) -> tuple[date, datetime] | None:
    """The first occurrence due after `moment`, to begin a series. None: there is none within ten years."""
    start = wall.wall(moment, zone).date() - NEAR
    return next((found for found in occurrences(rule, start, zone, region) if found[1] > moment), None)


def following(rule: Rule, day: date, zone: str, region: Region | None = None) -> tuple[date, datetime] | None:
    """The occurrence after the one of `day`, to go on with a series. It can be due already, after a move eastward."""
    return next(occurrences(rule, day + _DAY, zone, region), None)


def _months(since: date, every: int, start: date) -> Iterator[date]:
    """The first day of every `every`-th month from the one of `since`, beginning not after the month of `start`."""
    origin = since.year * 12 + since.month - 1
    first = (start.year * 12 + start.month - 1 - origin) // every
    for n in count(first):
        year, month = divmod(origin + n * every, 12)
        yield date(year, month + 1, 1)


def _length(month: date) -> int:
    return monthrange(month.year, month.month)[1]
