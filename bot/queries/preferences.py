"""What people chose, and who stands in for whom today."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
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
    return chosen is not None and chosen.cover_id == by.id and chosen.is_away(_today(whom, now))


def is_away(session: Session, person: Person, now: datetime) -> bool:
    """Whether they are away today, on their own calendar."""
    chosen = session.get(Preferences, person.id)
    return chosen is not None and chosen.is_away(_today(person, now))


def covered_by(session: Session, person: Person, now: datetime) -> list[Person]:
    """Those who are away today and named this person as their cover."""
    return [whom for chosen, whom in _named(session, person) if chosen.is_away(_today(whom, now))]


def covered_by_each(session: Session, covers: Sequence[Person], now: datetime) -> list[tuple[int, int]]:
    """(cover's id, id of whoever is away today) for these covers."""
    found = session.execute(
        select(Preferences, Person)
        .join(Person, Person.id == Preferences.person_id)
        .where(Preferences.cover_id.in_([cover.id for cover in covers]), Preferences.person_id != Preferences.cover_id)
        .order_by(Person.id)
    )
    return [(chosen.cover_id or 0, whom.id) for chosen, whom in found if chosen.is_away(_today(whom, now))]


def counting_on(session: Session, person: Person, now: datetime) -> list[Person]:
    """Those who named this person as their cover for days that are not over."""
    return [whom for chosen, whom in _named(session, person) if chosen.is_back_after(_today(whom, now))]


def _named(session: Session, cover: Person) -> list[tuple[Preferences, Person]]:
    found = session.execute(
        select(Preferences, Person)
        .join(Person, Person.id == Preferences.person_id)
        .where(Preferences.cover_id == cover.id, Preferences.person_id != cover.id)
        .order_by(Person.id)
    )
    return [(chosen, whom) for chosen, whom in found]


def _today(person: Person, now: datetime) -> date:
    return now.astimezone(ZoneInfo(person.zone)).date()
