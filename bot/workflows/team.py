"""Who looks after a red account: where its CE or AE is missing or cannot be reached, the lead is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.models import RedAccount, Status
from bot.policy import Policy
from bot.queries import people
from bot.queries.red_accounts import NOUN
from bot.workflows import posts

NOBODY = f"{NOUN}.nobody"  # notice


def tell_lead(session: Session, red: RedAccount, *, now: datetime, policy: Policy) -> None:
    """Once each time that a role is without anybody. Nothing is dropped: the lead is asked in the place of a CE."""
    if red.status != Status.OPEN:
        return
    team = {"CE": red.account.ce, "AE": red.account.ae}
    missing = [role for role, person in team.items() if person is None or not person.can_be_asked]
    posts.may_say_again(session, [_key(red, role) for role in team if role not in missing])
    for role in missing:
        person, lead = team[role], people.lead_of(session, red.account, policy)
        posts.say(session, _key(red, role), NOBODY, red.id, to=lead, now=now, role=role,
                  name=person.name if person else None)  # fmt: skip


def _key(red: RedAccount, role: str) -> str:
    return f"{NOBODY}:{red.id}:{role}"
