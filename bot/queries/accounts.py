"""Accounts by name, by id, and as somebody types."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.models import Account

MOST_OPTIONS = 25  # as many as an answer over the socket holds in any script: Slack cuts the line at 20,480 bytes


def search(session: Session, typed: str, *, first_for: int | None = None) -> Sequence[Account]:
    """Accounts whose name has `typed` in it: the person's own first, then those whose name starts so."""
    text = typed.strip().casefold()
    mine = or_(Account.ce_id == first_for, Account.ae_id == first_for) if first_for else Account.id.is_(None)
    return session.scalars(
        select(Account)
        .where(Account.is_deleted.is_(False), Account.search_name.contains(text, autoescape=True))
        .order_by(mine.desc(), Account.search_name.startswith(text, autoescape=True).desc(), Account.search_name)
        .limit(MOST_OPTIONS)
    ).all()


def meant(session: Session, typed: str) -> Account | None:
    """The one account that the typed text can mean: its exact name, or the only one whose name starts or goes so."""
    text = typed.strip().casefold()
    if not text:
        return None
    exact = session.scalars(select(Account).where(Account.search_name == text, Account.is_deleted.is_(False))).all()
    if len(exact) == 1:
        return exact[0]
    found = search(session, text)
    starting = [account for account in found if account.search_name.startswith(text)]
    return next((only[0] for only in (starting, found) if len(only) == 1), None)
