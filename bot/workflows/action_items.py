"""Action items: how every one of them comes to be, and its message in the thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import ActionItem, ActionState, Person, Post, RedAccount
from bot.queries import action_items as item_queries
from bot.queries import red_accounts as queries
from bot.queries.action_items import SLOT
from bot.workflows import history, posts

CARRY = "carry "  # with the red account's number: the slot of the offer to carry over what the last one left open


@dataclass(frozen=True)
class New:
    """An action as somebody wants it."""

    what: str
    owner: Person | None = None
    due_on: date | None = None
    serves: str | None = None  # what it is for
    state: ActionState = ActionState.OPEN
    note: str | None = None
    carried_from_id: int | None = None
    made_of: str | None = None  # the message: "channel ts"


def create(
    session: Session, red: RedAccount, wanted: Iterable[New], *, by: Person | None, now: datetime
) -> list[ActionItem]:
    """The one way in which items come to be. Whoever gets one from somebody else is told; `changed` sees to that."""
    made = [_made(new, by=by, now=now) for new in wanted]
    if not made:
        return made
    _tell_each_once(made, by=by, now=now)
    red.action_items.extend(made)
    session.flush()
    for item in made:
        owner, due_on = item.owner.name if item.owner else "nobody yet", item.due_on or "no date yet"
        became = f"{owner}, {due_on}"
        history.record(session, queries.NOUN, red.id, "action added", by=by, now=now, became=became, why=item.what)
    show_all(session, red, now=now)
    return made


def made_of(red: RedAccount, place: str | None) -> ActionItem | None:
    """What somebody made of this message, and nobody has dropped."""
    found = (item for item in red.action_items if place and item.made_of == place)
    return next((item for item in found if item.state != ActionState.DROPPED), None)


def default_owner(red: RedAccount, by: Person | None) -> Person | None:
    """Whoever writes "we do" means to do it, if it is the CE or the AE; of anybody else's nobody knows yet."""
    return by if by and by.id in (red.account.ce_id, red.account.ae_id) else None


def show_all(session: Session, red: RedAccount, *, now: datetime) -> None:
    """Have a message up for each that has none, once there is a card to say it under."""
    card = queries.card_post(session, red.id) if red.has_card else None
    if card is None:
        return
    slots = [f"{SLOT}{item.id}" for item in red.action_items]
    if item_queries.to_carry(session, red) or item_queries.asks_to_carry(session, red):
        slots.insert(0, f"{CARRY}{red.id}")
    up = set(
        session.scalars(
            select(Post.slot).where(Post.noun == queries.NOUN, Post.subject_id == red.id, Post.slot.in_(slots))
        )
    )
    for slot in slots:
        if slot not in up:
            posts.show(session, queries.NOUN, red.id, slot, card.recipient, now=now, under=queries.CARD)


def _tell_each_once(made: Iterable[ActionItem], *, by: Person | None, now: datetime) -> None:
    """Whoever got some from somebody else hears of the first, and its message names the others."""
    by_id = by.id if by else None
    told = {by_id}
    for item in made:
        if item.owner and item.owner.id not in told and item.carried_from_id is None:
            told.add(item.owner.id)
            item.handed_at, item.handed_by_id, item.handed_by = now, by_id, by


def _made(new: New, *, by: Person | None, now: datetime) -> ActionItem:
    return ActionItem(
        what=new.what, serves=new.serves, owner_id=new.owner.id if new.owner else None, owner=new.owner,
        due_on=new.due_on, state=new.state, note=new.note, since_at=now, by_id=by.id if by else None, created_at=now,
        carried_from_id=new.carried_from_id, made_of=new.made_of,
    )  # fmt: skip
