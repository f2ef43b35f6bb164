"""What people chose, and who stands in for whom today."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Person, Preferences


def of(session: Session, person: Person) -> Preferences:
    """Their row; one that is not stored yet where they never chose anything."""
    return session.get(Preferences, person.id) or Preferences(person_id=person.id)


def many(session: Session, person_ids: Collection[int]) -> dict[int, Preferences]:
    found = session.scalars(select(Preferences).where(Preferences.person_id.in_(person_ids)))
    return {one.person_id: one for one in found}


def is_for(session: Session, by: Person, whom: Person | None, now: datetime) -> bool:
    """Whether `by` is this person, or covers for them today."""
    if whom is None:
        return False
    if by.id == whom.id:
        return True
    chosen = session.get(Preferences, whom.id)
    today = now.astimezone(ZoneInfo(whom.time_zone or "UTC")).date()
    return chosen is not None and chosen.cover_id == by.id and chosen.is_away(today)


def covered_by(session: Session, person: Person, now: datetime) -> list[Person]:
    """Those who are away today and named this person as their cover."""
    found = session.execute(
        select(Preferences, Person).join(Person, Person.id == Preferences.person_id).where(
            Preferences.cover_id == person.id
        )
    )  # fmt: skip
    return [whom for _, whom in found if whom.id != person.id and is_for(session, person, whom, now)]
