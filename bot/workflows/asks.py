"""Asks: what a red account needs from others. How one comes to be, and where it stands."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.models import Ask, AskState, Person, Post, RedAccount, Status, Wish
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.workflows import history, posts
from bot.workflows.asks_reminders import NOUN, team_channel

TEAM = "team"  # the slot of what stands in the team's own channel
OVER = "red_account.asks_over"  # notice: its red account was closed, or could not be
IN_THREAD = "ask "  # with its number: the slot of what stands in the thread of the card


class NobodyToAsk(UserError):
    """The person named is none that a message reaches."""


def add(session: Session, red: RedAccount, wish: Wish, *, by: Person | None, now: datetime) -> Ask:
    """The one way for an ask to come to be. `red_accounts.changed` shows it, once its red account has a card."""
    owner = whom(session, wish.whom)
    new = Ask(
        red_account_id=red.id, what=wish.what, team=wish.team, needed_on=wish.needed_on, why=wish.why,
        otherwise=wish.otherwise, made_of=wish.made_of, carried_from_id=wish.carried_from_id,
        by_id=by.id if by else None, by=by, created_at=now, since_at=now,
    )  # fmt: skip
    new.owner = new.named = owner
    red.asks.append(new)
    became = f"by {wish.needed_on}" if wish.needed_on else None
    history.record(session, queries.NOUN, red.id, "ask added", by=by, now=now, became=became, why=wish.what)
    session.flush()
    return new


def carry(session: Session, red: RedAccount, left: Ask, today: date, *, by: Person, now: datetime) -> Ask:
    """What the last red account still needed is asked anew, of the same; not of somebody who could not give it."""
    owner = left.owner if left.is_open and left.owner and left.owner.can_be_asked else None
    needed_on = left.needed_on if left.needed_on and left.needed_on >= today else None
    wish = Wish(left.what, needed_on, left.team, owner.slack_id if owner else None, left.why, left.otherwise,
                carried_from_id=left.id)  # fmt: skip
    new = add(session, red, wish, by=by, now=now)
    new.of = left.of
    return new


def made_of(red: RedAccount, place: str | None) -> Ask | None:
    """What somebody made of this message, and nobody has withdrawn."""
    return next((ask for ask in red.asks if place and ask.made_of == place and ask.state != AskState.WITHDRAWN), None)


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


def tell_owners(session: Session, red: RedAccount, *, by: Person | None, now: datetime) -> None:
    """Whoever took something on hears once, in the thread, that nobody asks it any more: or does after all."""
    card = queries.card_post(session, red.id)
    held = [ask for ask in red.asks if ask.state == AskState.TAKEN and ask.owner and ask.owner != by]
    for owner in {ask.owner_id: ask.owner for ask in held}.values():
        if card and owner and owner.can_be_asked:
            posts.say(session, f"{OVER}:{red.id}:{owner.id}:{int(now.timestamp())}", OVER, red.id, to=card.recipient,
                      now=now, under=card, whom_id=owner.id, is_open=red.status == Status.OPEN,
                      ask_ids=[ask.id for ask in held if ask.owner_id == owner.id])  # fmt: skip


def refresh(session: Session, red: RedAccount, *, now: datetime) -> None:
    """What is said of them outside the thread follows: in their teams' channels, in reminders."""
    if red.asks:
        posts.refresh(session, NOUN, *(ask.id for ask in red.asks), now=now)
