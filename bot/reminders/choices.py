"""What a person chooses in `/touchpoint settings`, and what holds for them as a result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from bot.models import Person, Preferences
from bot.reminders.hours import Hours, region_of
from bot.reminders.reach import Reach

#: The fields of `Chosen`, which the form's fields are called after: a mistake is shown under the one it is about.
FROM, TO, DIGEST, REGION = "from_time", "to_time", "digest_time", "region"
MUTED, AWAY_FROM, AWAY_TO, COVER = "muted_until_on", "away_from_on", "away_to_on", "cover"


@dataclass(frozen=True)
class Chosen:
    """As the form was filled in. Times and days are those of the person's own clock."""

    from_time: time
    to_time: time
    digest_time: time
    region: str  # of policy
    muted_until_on: date | None = None  # reminders wait until the morning of that day
    away_from_on: date | None = None  # both days away
    away_to_on: date | None = None
    cover: str | None = None  # a Slack id


@dataclass(frozen=True)
class Reached:
    """When one person is reached, as it is now."""

    person: Person
    hours: Hours
    region: str  # policy's name of the region that gives the weekend and the public holidays
    digest_time: time
    chosen: Preferences
    held: tuple[datetime, str] | None  # until when and why nothing is sent right now
    stand_in: Person | None  # who gets it meanwhile


def reached(reach: Reach, person: Person) -> Reached:
    chosen = reach.chosen(person)
    region = region_of(person, chosen, reach.policy)
    return Reached(
        person=person,
        hours=reach.hours(person),
        region=next(name for name, one in reach.policy.regions.items() if one is region),
        digest_time=reach.digest_time(person),
        chosen=chosen,
        held=reach.held_until(person),
        stand_in=reach.stand_in(person),
    )
