"""Who looks after a red account: a new CE or AE is told, and the lead where one is missing or cannot be reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bot.models import Account, Person, RedAccount, Role, Status
from bot.policy import Policy
from bot.queries import people
from bot.queries.red_accounts import NOUN
from bot.reminders import business_days
from bot.reminders.kinds import HANDED, NEW_AE, NEW_CE
from bot.workflows import history, posts

NOBODY = f"{NOUN}.nobody"  # notice
NEW = {Role.CE: NEW_CE, Role.AE: NEW_AE}


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


def of(account: Account) -> dict[Role, Person | None]:
    return {Role.CE: account.ce, Role.AE: account.ae}


def handed_over(
    session: Session, red: RedAccount, before: Mapping[Role, Person | None], *, now: datetime, policy: Policy
) -> None:
    """Its CE or AE may be another one than before. What the earlier one agreed to is asked of them too.

    They are told today that it is theirs, so the question comes on another day.
    """
    if red.status != Status.OPEN:
        return
    another_day = business_days.after(now, 1, policy.region(red.account.region))
    for role, person in of(red.account).items():
        was = before[role]
        if person is was:
            continue
        history.record(session, NOUN, red.id, role, by=None, now=now, was=was.name if was else "nobody",
                       became=person.name if person else "nobody", why="Changed in Salesforce.")  # fmt: skip
        agreement = red.agreed(role)
        if person is None or (agreement and agreement.by_id == person.id):
            continue
        if agreement:
            red.agreements.remove(agreement)
        if red.filled_in_at:
            red.ask(role, another_day)
        if red.has_card:
            red.hand_over(role, now)


def handed_at(red: RedAccount) -> dict[str, datetime]:
    """Each of those who are new is told from an instant of their own."""
    return {NEW[role]: at for role in Role if (at := red.since_at(role))}


def anchors(red: RedAccount) -> dict[str, datetime]:
    at = handed_at(red)
    return {HANDED: min(at.values())} if at and red.status == Status.OPEN else {}


def newcomers(red: RedAccount) -> dict[str, Person | None]:
    return {NEW[role]: red.has_role(role) if red.since_at(role) else None for role in Role}


def _key(red: RedAccount, role: str) -> str:
    return f"{NOBODY}:{red.id}:{role}"
