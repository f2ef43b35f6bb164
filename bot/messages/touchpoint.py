"""What `/touchpoint` says: help, when somebody is reached, and everything that is open for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from bot.messages import blocks, forms
from bot.messages.reminders import clock
from bot.models import Person
from bot.reminders import wall
from bot.reminders.choices import Reached

HELP = (
    "`/touchpoint` is about when I remind you, and why.\n"
    "• `/touchpoint today` shows everything that is open for you\n"
    "• `/touchpoint settings` sets your hours, digest, mute, days away and who covers for you\n"
    "• `/touchpoint why` shows why you were reminded, or not\n"
    "• `/touchpoint why RA-12` or `why acme` shows it for a red account; `why @Priya` for a person, if you lead or"
    " cover for them\n"
    "• `/touchpoint help` shows this"
)
NOTHING_OPEN = "Nothing is open for you. `/touchpoint why` shows what is still to come."
SENT = "{count} open for you. I sent you the list; it follows what happens."
MOST_NAMES = 5
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def reached(found: Reached, now: datetime, *, by: Person | None = None) -> list[str]:
    """When somebody is reached, sentence by sentence, as plain text. `by` reads it, and is called "you"."""
    hours, chosen = found.hours, found.chosen
    reader, name = by.id if by else None, first(found.person)
    they_are, them = ("You are", "you") if found.person.id == reader else (f"{name} is", name)
    span = f"{clock(hours.from_time)} to {clock(hours.to_time)}"
    said = [
        f"{they_are} reached {working_days(hours.region.weekend)} {span} in {place(hours.zone)},"
        f" public holidays of {found.region} excepted.",
        f"The digest comes at {clock(found.digest_time)}.",
    ]
    today = wall.wall(now, hours.zone).date()
    first_day, last_day = chosen.away_from_on, chosen.away_to_on or chosen.away_from_on
    if first_day and last_day and last_day >= today:
        days = _span(first_day, last_day, today)
        if chosen.cover and not chosen.cover.can_be_asked:
            cover = f"{first(chosen.cover)} would cover, but has left."
        elif chosen.cover:
            cover = f"{'You cover' if chosen.cover.id == reader else f'{first(chosen.cover)} covers'} for {them}."
        else:
            cover = "Nobody covers: what falls due waits."
        said.append(f"{they_are} away {days}. {cover}")
    if chosen.muted_until_at and chosen.muted_until_at > now:
        said.append(f"Muted until {wall_words(chosen.muted_until_at, hours.zone, now)}.")
    if found.held:
        meanwhile = f", and {first(found.stand_in)} gets it meanwhile" if found.stand_in else ""
        said.append(f"Right now: {found.held[1]}{meanwhile}.")
    return said


def saved_view(found: Reached, now: datetime, covered: Sequence[Person]) -> dict[str, Any]:
    """In the place of the form: what holds now, in words."""
    said = reached(found, now, by=found.person)
    if covered:
        names = ", ".join(blocks.clip(person.name, 40) for person in covered[:MOST_NAMES])
        names += f" and {len(covered) - MOST_NAMES} more" if len(covered) > MOST_NAMES else ""
        said.append(f"You cover for {names} on some of the days that you are away: nobody gets theirs then.")
    return forms.form("answer", "Saved", [blocks.section(blocks.said("\n".join(said)))], submit=None)


def working_days(weekend: frozenset[int]) -> str:
    """ "Mon to Fri"; a week that is interrupted lists its parts: "Wed, Sat to Mon"."""
    if not weekend:
        return "every day"
    runs: list[list[int]] = []
    begin = next(day for day in (0, *range(6, 0, -1)) if day not in weekend and (day - 1) % 7 in weekend)
    for day in ((begin + n) % 7 for n in range(7)):
        if day in weekend:
            continue
        if runs and (runs[-1][-1] + 1) % 7 == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_DAYS[run[0]] if len(run) == 1 else f"{_DAYS[run[0]]} to {_DAYS[run[-1]]}" for run in runs)


def place(zone: str) -> str:
    """ "New York" for America/New_York."""
    return zone.rpartition("/")[2].replace("_", " ")


def wall_words(when: datetime, zone: str, now: datetime) -> str:
    """ "Mon 1 Feb 9:00" on the clock of `zone`."""
    local = wall.wall(when, zone)
    return f"{blocks.day(local.date(), wall.wall(now, zone).date())} {clock(local.time())}"


def first(person: Person | None) -> str:
    """Their first name as plain text; `blocks.first_name` is for mrkdwn."""
    return (person.name.split() or ["nobody"])[0] if person else "nobody"


def _span(first_day: date, last_day: date, today: date) -> str:
    if first_day == last_day:
        return f"on {blocks.day(first_day, today)}"
    return f"from {blocks.day(first_day, today)} to {blocks.day(last_day, today)}"
