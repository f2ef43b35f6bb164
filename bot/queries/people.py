"""Who somebody is, and who leads whom."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.models import Account, Person
from bot.policy import Policy


def by_slack_id(session: Session, slack_id: str) -> Person | None:
    return session.scalars(select(Person).where(Person.slack_id == slack_id)).first()


def by_email(session: Session, email: str) -> Person | None:
    return session.scalars(
        select(Person).where(Person.email == email.lower()).order_by(Person.is_member.desc(), Person.id)
    ).first()


def by_name(session: Session, name: str) -> Person | None:
    """The one full member of the workspace who is called exactly that, whatever the capitals; None if several are."""
    wanted = " ".join(name.split()).casefold()
    members = session.scalars(select(Person).where(Person.is_member, Person.slack_id.is_not(None)))
    found = [person for person in members if person.name.casefold() == wanted]
    return found[0] if len(found) == 1 else None


def acting(session: Session, slack_id: str) -> Person:
    """The person who pressed or typed. Raises `UserError` for anybody who is not a full member of the workspace."""
    person = by_slack_id(session, slack_id)
    if person is None:
        raise UserError("I do not know you yet: Slack tells me of new members within a minute. Please try again then.")
    if not person.is_member:
        raise UserError("Touchpoint is for full members of this workspace only.")
    return person


def lead_of(session: Session, account: Account, policy: Policy) -> Person | None:
    """The CE lead of the account's region; where they have left, the first lead of another region who has not."""
    lead = by_email(session, policy.region(account.region).lead)
    if lead and lead.can_be_asked:
        return lead
    others = (by_email(session, email) for email in dict.fromkeys(one.lead for one in policy.regions.values()))
    return next((other for other in others if other and other.can_be_asked), lead)


def is_lead(person: Person, account: Account, policy: Policy) -> bool:
    return person.email is not None and person.email == policy.region(account.region).lead
