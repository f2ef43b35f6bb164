"""The mirror of people: Slack's members and Salesforce's users, joined by e-mail address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from bot.models import Account, Person
from bot.models.base import tidy
from bot.policy import Policy
from bot.reminders import ledger
from bot.reminders.reach import Reach
from bot.workflows import digests, ownership, settings

if TYPE_CHECKING:
    from bot.integrations.salesforce import UserRecord
    from bot.integrations.slack import Member


def take_members(session: Session, members: Iterable[Member], *, now: datetime, policy: Policy) -> None:
    """Slack's word on its members: names, time zones, who is a full member, who has left."""
    for member in members:
        person = _by(session, Person.slack_id == member.slack_id)
        if person is None:
            person = _joinable(session, member.email, Person.slack_id.is_(None)) or _new(session, tidy(member.name))
            person.slack_id = member.slack_id
        was_member, was_zone = person.is_member, person.zone
        person.name, person.title = tidy(member.name, 200), tidy(member.title, 200)
        person.time_zone, person.is_member = member.time_zone, member.is_member
        person.email = member.email or person.email
        session.flush()
        _join_user(session, person)
        if was_member and not person.is_member:
            _left(session, person, now=now, policy=policy)
        if person.time_zone and person.zone != was_zone:
            moved(session, person, now=now, policy=policy)


def moved(session: Session, person: Person, *, now: datetime, policy: Policy) -> None:
    """Their clock shows another time, and their weekend and holidays may be others: what waits for them follows."""
    ledger.zone_changed(session, person, now=now)
    reach = Reach(session, policy, now)
    settings.look_again(session, person, reach, f"the time zone of {person.name} is {person.zone} now")
    digests.plan_anew(session, person, reach)


def cannot_be_reached(session: Session, slack_id: str, *, now: datetime, policy: Policy) -> None:
    """Slack takes no message for them: they have left, and no event has said so."""
    person = _by(session, Person.slack_id == slack_id)
    if person and person.is_member:
        person.is_member = False
        _left(session, person, now=now, policy=policy)


def _left(session: Session, person: Person, *, now: datetime, policy: Policy) -> None:
    """What waited for them goes on without them."""
    session.flush()
    ownership.hand_over(session, [person.id], now=now, policy=policy)


def take_users(session: Session, users: Iterable[UserRecord]) -> None:
    """Salesforce's word on its users. Slack's name for a person stands where both know them."""
    for user in users:
        person = _by(session, Person.salesforce_id == user.id)
        if person is None:
            person = _joinable(session, user.email, Person.salesforce_id.is_(None)) or _new(
                session, tidy(user.name, 200)
            )
            person.salesforce_id = user.id
        if person.slack_id is None:
            person.name = tidy(user.name, 200)
        person.email = person.email or (user.email.lower() if user.email else None)
        person.is_active_in_salesforce = user.is_active
        session.flush()


def _join_user(session: Session, person: Person) -> None:
    """Somebody's address was corrected: the Salesforce user with that address is the same human after all."""
    if person.salesforce_id or not person.email:
        return
    user = _by(
        session, and_(Person.email == person.email, Person.salesforce_id.is_not(None), Person.slack_id.is_(None))
    )
    if user is None:
        return
    salesforce_id, user.salesforce_id, user.email = user.salesforce_id, None, None
    session.flush()
    person.salesforce_id, person.is_active_in_salesforce = salesforce_id, user.is_active_in_salesforce
    session.execute(update(Account).where(Account.ae_id == user.id).values(ae_id=person.id))
    session.execute(update(Account).where(Account.ce_id == user.id).values(ce_id=person.id))


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
