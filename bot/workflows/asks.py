"""Asks: what a red account needs from another team, said where everyone can see it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition
from bot.models import Ask, Person, RedAccount, Status
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.workflows import history, posts, red_accounts, rights

SAID = "red_account.ask_said"  # notice


def ask(
    session: Session,
    red_account_id: int,
    *,
    what: str,
    of: str,
    needed_on: date,
    why: str | None,
    by: Person,
    now: datetime,
    policy: Policy,
) -> Ask:
    """The account team asks another team. It stands on the card and in the row, and is said in the thread."""
    red = red_accounts.lock(session, red_account_id)
    may_ask(session, red, by, now=now, policy=policy)
    new = Ask(
        red_account_id=red.id, what=what, of=of, needed_on=needed_on, why=why, by_id=by.id, created_at=now, since_at=now
    )
    session.add(new)
    session.flush()
    session.refresh(red, ["asks"])
    history.record(session, queries.NOUN, red.id, "ask added", by=by, now=now, became=f"by {needed_on}", why=what)
    card = queries.card_post(session, red.id)
    if card:
        key = f"{SAID}:{new.id}"
        posts.say(session, key, SAID, red.id, to=card.recipient, now=now, under=card, ask_id=new.id)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    return new


def may_ask(session: Session, red: RedAccount, by: Person, *, now: datetime, policy: Policy) -> None:
    if red.status != Status.OPEN:
        raise InvalidTransition(f"{red_accounts.already(red, policy)} Nothing changed.")
    rights.must_write(session, by, red, "ask for help here", now=now, policy=policy)
