"""The CE's and the AE's word that a plan is the right one: one click each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import InvalidTransition, UserError
from bot.models import Person, RedAccount, Reminder, ReminderState, Role, Status
from bot.models.plans import missing_agreements
from bot.models.reminders import TOLD
from bot.policy import Policy
from bot.queries import people, preferences
from bot.queries.preferences import is_for
from bot.queries.red_accounts import NOUN
from bot.reminders import business_days
from bot.reminders.kinds import AGREEMENT
from bot.workflows import history, plans, red_accounts, rights


def agree(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """The CE or the AE agrees; their cover does it for them, and the lead for one who is away."""
    red = red_accounts.lock(session, red_account_id)
    _must_be_open(red, policy)
    roles = _may_agree_as(session, red, by, now=now, policy=policy)
    if not roles:
        raise UserError(f"Only {_who_can(session, red, policy)} can agree to this plan.")
    wanted = [role for role in roles if not red.agreed(role)]
    if not wanted:
        raise InvalidTransition(_agreed_already(red, roles[0], by))
    for role in wanted:
        plans.give(session, red, role, by=by, now=now)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    return red


def take_back(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> RedAccount:
    """Undo one's own click, until somebody changes the plan."""
    red = red_accounts.lock(session, red_account_id)
    _must_be_open(red, policy)
    theirs = [agreement for agreement in red.agreements if agreement.by_id == by.id]
    if not theirs:
        raise InvalidTransition("You have not agreed to this plan. Nothing changed.")
    # Nobody is told of what they did themselves: the question comes again on another day, and to nobody else.
    another_day = business_days.after(now, 1, policy.region(red.account.region))
    for agreement in theirs:
        red.agreements.remove(agreement)
        red.ask(agreement.role, another_day)
        history.record(session, NOUN, red.id, f"{agreement.role}'s agreement taken back", by=by, now=now)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    return red


def _must_be_open(red: RedAccount, policy: Policy) -> None:
    if red.status != Status.OPEN:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")


def _may_agree_as(session: Session, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> list[Role]:
    """Themselves and for whom they cover, or for who handed them the question, or as the lead for whoever is away."""
    roles = plans.roles_of(session, red, by, now=now) or _handed(session, red, by, now=now)
    if rights.is_lead(session, by, red.account, now=now, policy=policy):
        roles += [role for role in Role if _is_away(session, red.has_role(role), now=now)]
    return list(dict.fromkeys(roles))


def _handed(session: Session, red: RedAccount, by: Person, *, now: datetime) -> list[Role]:
    """The ledger calls a question after whoever it was first for."""
    rows = session.scalars(
        select(Reminder).where(
            Reminder.noun == NOUN, Reminder.subject_id == red.id, Reminder.kind == AGREEMENT,
            Reminder.handed_by_id.is_not(None), Reminder.state.in_([*TOLD, ReminderState.HELD]),
        )
    ).all()  # fmt: skip
    first = {row.occurrence for row in rows if is_for(session, by, row.recipient, now)}
    return [role for role in Role if (person := red.has_role(role)) and str(person.id) in first]


def _is_away(session: Session, person: Person | None, *, now: datetime) -> bool:
    return person is not None and (not person.can_be_asked or preferences.is_away(session, person, now))


def _who_can(session: Session, red: RedAccount, policy: Policy) -> str:
    names = [f"{person.name} (its {role})" for role in missing_agreements(red) if (person := red.has_role(role))]
    if not names:
        return f"the CE and the AE of {red.account.name}"
    lead = people.lead_of(session, red.account, policy)
    instead = f", or {lead.name} (CE lead) where they are away," if lead else ""
    return f"{' and '.join(names)}, whoever covers for them{instead}"


def _agreed_already(red: RedAccount, role: Role, by: Person) -> str:
    """What somebody reads who agreed before: whom it waits for now."""
    agreement = red.agreed(role)
    who = agreement.by.name if agreement and agreement.by_id != by.id else "You"
    waits = [person.name for other in missing_agreements(red) if (person := red.has_role(other))]
    rest = f" It waits for {' and '.join(waits)}." if waits else ""
    return f"{who} agreed to this plan before.{rest} Nothing changed."
