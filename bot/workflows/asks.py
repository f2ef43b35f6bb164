"""Asks: what a red account needs from others. How one comes to be, and where it stands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.models import Ask, Person, Post, RedAccount, Status, Wish
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.workflows import history, posts
from bot.workflows.asks_reminders import NOUN, team_channel

TEAM = "team"  # the slot of what stands in the team's own channel
IN_THREAD = "ask "  # with its number: the slot of what stands in the thread of the card


class NobodyToAsk(UserError):
    """The person named is none that a message reaches."""


def add(session: Session, red: RedAccount, wish: Wish, *, by: Person | None, now: datetime) -> Ask:
    """The one way for an ask to come to be. `red_accounts.changed` shows it, once its red account has a card."""
    owner = whom(session, wish.whom)
    new = Ask(
        red_account_id=red.id, what=wish.what, team=wish.team, needed_on=wish.needed_on, why=wish.why,
        otherwise=wish.otherwise, by_id=by.id if by else None, by=by, created_at=now, since_at=now,
    )  # fmt: skip
    new.owner = new.named = owner
    red.asks.append(new)
    became = f"by {wish.needed_on}" if wish.needed_on else None
    history.record(session, queries.NOUN, red.id, "ask added", by=by, now=now, became=became, why=wish.what)
    session.flush()
    return new


def whom(session: Session, slack_id: str | None) -> Person | None:
    """Raises `NobodyToAsk` for guests, bots and people from outside: they get nothing."""
    if slack_id is None:
        return None
    person = people.by_slack_id(session, slack_id)
    if person is None or not person.can_be_asked:
        raise NobodyToAsk("Pick a full member of this workspace: guests, bots and people from outside get nothing.")
    return person


def show(session: Session, red: RedAccount, *, now: datetime, policy: Policy) -> None:
    """Those that wait stand in the thread of the card, and those that nobody has in their team's channel too."""
    card = queries.card_post(session, red.id) if red.status == Status.OPEN else None
    if card is None:
        return
    shown = set(session.scalars(select(Post.slot).where(Post.noun == queries.NOUN, Post.subject_id == red.id)))
    for ask in red.asks:
        slot = f"{IN_THREAD}{ask.id}"
        if ask.is_open and slot not in shown:
            posts.show(session, queries.NOUN, red.id, slot, card.recipient, now=now, under=queries.CARD)
        channel = team_channel(ask, policy)
        if ask.is_open and ask.owner_id is None and channel:
            posts.show(session, NOUN, ask.id, TEAM, channel, now=now)


def refresh(session: Session, red: RedAccount, *, now: datetime) -> None:
    """What is said of them outside the thread follows: in their teams' channels, in reminders."""
    if red.asks:
        posts.refresh(session, NOUN, *(ask.id for ask in red.asks), now=now)
