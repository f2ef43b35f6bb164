"""The mirror of people: Slack's members and Salesforce's users, joined by e-mail address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Person

if TYPE_CHECKING:
    from bot.integrations.salesforce import UserRecord
    from bot.integrations.slack import Member


def take_members(session: Session, members: Iterable[Member]) -> None:
    """Slack's word on its members: names, time zones, who is a full member, who has left."""
    for member in members:
        person = _by(session, Person.slack_id == member.slack_id)
        if person is None:
            person = _joinable(session, member.email, Person.slack_id.is_(None)) or _new(session, member.name)
            person.slack_id = member.slack_id
        person.name, person.title = member.name, member.title
        person.time_zone, person.is_member = member.time_zone, member.is_member
        person.email = member.email or person.email
        session.flush()


def take_users(session: Session, users: Iterable[UserRecord]) -> None:
    """Salesforce's word on its users. Slack's name for a person stands where both know them."""
    for user in users:
        person = _by(session, Person.salesforce_id == user.id)
        if person is None:
            person = _joinable(session, user.email, Person.salesforce_id.is_(None)) or _new(session, user.name)
            person.salesforce_id = user.id
        if person.slack_id is None:
            person.name = user.name
        person.email = person.email or (user.email.lower() if user.email else None)
        person.is_active_in_salesforce = user.is_active
        session.flush()


def _by(session: Session, condition: object) -> Person | None:
    return session.scalars(select(Person).where(condition)).first()  # type: ignore[arg-type]


def _joinable(session: Session, email: str | None, not_yet: object) -> Person | None:
    """The same human as the other system knows them. Two rows of one address never merge: the first one wins."""
    if not email:
        return None
    return session.scalars(select(Person).where(Person.email == email.lower(), not_yet).order_by(Person.id)).first()  # type: ignore[arg-type]


def _new(session: Session, name: str) -> Person:
    person = Person(name=name)
    session.add(person)
    return person
