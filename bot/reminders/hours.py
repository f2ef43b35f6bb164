"""When a person can be reached, and if not now, when next and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.models import Person, Preferences
from bot.policy import Policy, Region
from bot.reminders import business_days, wall

_DAY = timedelta(days=1)
_HORIZON = timedelta(days=366)


@dataclass(frozen=True)
class Hours:
    """One person's working hours on the wall clock of `zone`. `region` gives the weekend and the public holidays."""

    zone: str
    region: Region
    from_time: time = time(9)
    to_time: time = time(17, 30)  # no longer reachable at this minute
    muted_until: datetime | None = None
    away: tuple[tuple[date, date], ...] = ()  # first and last day, both away

    def __post_init__(self) -> None:
        if self.from_time >= self.to_time:
            raise ValueError("working hours end after they start, on the same day")


def of(person: Person, chosen: Preferences, policy: Policy) -> Hours:
    """A person's hours: what they chose, and policy's where they did not."""
    region = region_of(person, chosen, policy)
    usual = policy.reminders
    from_time, to_time = chosen.from_time or usual.from_time, chosen.to_time or usual.to_time
    if from_time >= to_time:  # policy's hours changed under what was chosen
        from_time, to_time = usual.from_time, usual.to_time
    away = ((chosen.away_from_on, chosen.away_to_on or chosen.away_from_on),) if chosen.away_from_on else ()
    return Hours(person.zone, region, from_time, to_time, chosen.muted_until_at, away)


def region_of(person: Person, chosen: Preferences, policy: Policy) -> Region:
    """Whose weekend and public holidays are theirs: the region they chose, or else one that keeps their time."""
    if chosen.region in policy.regions:
        return policy.regions[chosen.region]
    keeps = (region for region in policy.regions.values() if region.time_zone == person.time_zone)
    return next(keeps, policy.region(None))


def held_until(moment: datetime, hours: Hours) -> tuple[datetime, str] | None:
    """None when the person can be reached at `moment`; otherwise the first instant (UTC) when they can, and why.

    Reasons add up: "quiet hours, weekend and public holiday (Washington's Birthday) until Tue 9:00". The search ends
    after a year; what is held then (a mute for ever, a week of seven free days) is to be asked about again.
    """
    at, horizon = moment, moment + _HORIZON
    reasons: list[str] = []
    for _ in range(_HORIZON.days):  # each step leads to another day, or to the end of a mute
        held = _obstacle(at, hours, horizon)
        if held is None or at >= horizon:
            break
        at, reason = held
        if reason not in reasons:
            reasons.append(reason)
    if not reasons:
        return None
    *others, last = reasons
    listed = f"{', '.join(others)} and {last}" if others else last
    return at, f"{listed} until {_label(at, moment, hours.zone)}"


def _obstacle(at: datetime, hours: Hours, horizon: datetime) -> tuple[datetime, str] | None:
    """What holds a message at `at`, and the instant at which to look again, which is always later."""
    if hours.muted_until is not None and at < hours.muted_until:
        return min(hours.muted_until, horizon), "muted"
    day = wall.wall(at, hours.zone).date()
    for first, last in hours.away:
        if first <= day <= last:
            back = min(last, wall.wall(horizon, hours.zone).date()) + _DAY
            return wall.instant(back, hours.from_time, hours.zone), "away"
    opens = wall.instant(day, hours.from_time, hours.zone)
    closes = wall.instant(day, hours.to_time, hours.zone)
    opens_next = wall.instant(day + _DAY, hours.from_time, hours.zone)
    if day.weekday() in hours.region.weekend:
        return opens_next, "weekend"
    if name := business_days.holiday(day, hours.region):
        return opens_next, f"public holiday ({name})"
    if at < opens:
        return opens, "quiet hours"
    if at >= closes:
        return opens_next, "quiet hours"
    return None


def _label(at: datetime, now: datetime, zone: str) -> str:
    """ "Tue 9:00" within a week, "Tue 17 Feb 9:00" after it, with the year where it is another one."""
    local, today = wall.wall(at, zone), wall.wall(now, zone)
    day = f"{local:%a}"
    if local.date() - today.date() >= timedelta(days=7):
        day = f"{day} {local.day} {local:%b}"
        if local.year != today.year:
            day = f"{day} {local.year}"
    return f"{day} {local.hour}:{local:%M}"
