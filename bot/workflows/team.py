"""Who looks after a red account: where its CE or AE is missing or cannot be reached, the lead is told once."""

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
    """Once for each red account and role. Nothing is dropped: the lead is asked in the place of a CE."""
    if red.status != Status.OPEN:
        return
    for role, person in (("CE", red.account.ce), ("AE", red.account.ae)):
        if person is None or not person.can_be_asked:
            lead = people.lead_of(session, red.account, policy)
            posts.say(session, f"{NOBODY}:{red.id}:{role}", NOBODY, red.id, to=lead, now=now, role=role,
                      name=person.name if person else None)  # fmt: skip
