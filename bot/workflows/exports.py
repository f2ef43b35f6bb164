"""Somebody wants all that is known of a red account: it comes to them as a file."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.models import Person, RedAccount
from bot.policy import Policy
from bot.queries.red_accounts import NOUN
from bot.workflows import posts, rights, why

EXPORT = f"{NOUN}.export"  # notice


def meant(session: Session, typed: str) -> RedAccount:
    """By its label, or the newest one of the account that was typed."""
    found = why.meant(session, typed)
    if isinstance(found, Person):
        raise UserError(f"{found.name} is a person. Name a red account such as RA-12, or an account.")
    return found


def may_export(session: Session, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> None:
    """What was said in a thread goes to those who work on it, and to leads."""
    if by.email not in policy.leads:
        rights.must_write(session, by, red, "export this", now=now, policy=policy)


def send(session: Session, red: RedAccount, form: str, key: str, *, by: Person, now: datetime, policy: Policy) -> None:
    """`key` is what exists once for this press."""
    may_export(session, red, by, now=now, policy=policy)
    if not posts.say(session, f"{EXPORT}:{key}"[:160], EXPORT, red.id, to=by, now=now, form=form):
        raise UserError("It is on its way to you already.")
