"""Who may do what with a red account. Whoever covers for somebody today may do what they may."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import NotYours, UserError
from bot.models import Account, Person, RedAccount
from bot.policy import Policy
from bot.queries import people
from bot.queries.preferences import is_for
from bot.queries.red_accounts import NOUN
from bot.reminders import ledger


def may_decide(session: Session, person: Person, account: Account, *, now: datetime, policy: Policy) -> bool:
    """Its CE and the CE's lead say what health an account has."""
    return is_for(session, person, account.ce, now) or is_lead(session, person, account, now=now, policy=policy)


def is_lead(session: Session, person: Person, account: Account, *, now: datetime, policy: Policy) -> bool:
    """The CE lead of the account's region, or who covers for them today."""
    return people.is_lead(person, account, policy) or is_for(
        session, person, people.lead_of(session, account, policy), now
    )


def may_mark(session: Session, person: Person, account: Account, *, now: datetime, policy: Policy) -> bool:
    """Only the CE writes the field; where an account has none that can be asked, its lead does."""
    if account.ce and account.ce.can_be_asked:
        return is_for(session, person, account.ce, now)
    return is_lead(session, person, account, now=now, policy=policy)


def may_write(session: Session, person: Person, red: RedAccount, *, now: datetime, policy: Policy) -> bool:
    """Its CE and AE, the lead, and whoever was asked to in a reminder."""
    return (
        may_decide(session, person, red.account, now=now, policy=policy)
        or is_for(session, person, red.account.ae, now)
        or ledger.is_asked(session, person, NOUN, red.id, now=now)
    )


def must_write(session: Session, person: Person, red: RedAccount, to_do: str, *, now: datetime, policy: Policy) -> None:
    """Raises who can, for anybody who may not."""
    if may_write(session, person, red, now=now, policy=policy):
        return
    sentence = f"Only {who_can(session, red.account, policy, with_ae=True)} can {to_do}."
    for one in (red.account.ce, people.lead_of(session, red.account, policy)):
        if one and one.can_be_asked:
            raise NotYours(sentence, ask_id=one.id, ask_name=one.name, to_do=to_do, red_account_id=red.id)
    raise UserError(sentence)


def who_can(session: Session, account: Account, policy: Policy, *, with_ae: bool = False) -> str:
    lead = people.lead_of(session, account, policy)
    names = [f"{account.ce.name} ({account.name}'s CE)"] if account.ce else []
    if with_ae and account.ae:
        names.append(f"{account.ae.name} (its AE)")
    names.append(f"{lead.name} (CE lead)" if lead else "a CE lead")
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
