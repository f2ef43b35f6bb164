"""Action items: those of a person or of a red account, and which one a message in Slack shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.models import ActionItem, ActionState, Ask, Person, Post, RedAccount, Status
from bot.queries.red_accounts import NOUN

SLOT = "action "  # with the item's number: the slot of its message in the thread
OPEN = (ActionState.OPEN, ActionState.BLOCKED)


def of_people(session: Session, whose: Collection[Person]) -> Sequence[ActionItem]:
    """What is open for any of these people, soonest first."""
    return session.scalars(_open().where(ActionItem.owner_id.in_([person.id for person in whose]))).all()


def of_red_account(session: Session, red: RedAccount) -> Sequence[ActionItem]:
    return session.scalars(_open().where(ActionItem.red_account_id == red.id)).all()


def shown_as(session: Session, channel: str, ts: str) -> ActionItem | None:
    """The item whose own message this is."""
    post = session.scalars(
        select(Post).where(Post.channel == channel, Post.ts == ts, Post.noun == NOUN, Post.slot.startswith(SLOT))
    ).first()
    return session.get(ActionItem, int(post.slot.removeprefix(SLOT))) if post else None


def post_of(session: Session, item: ActionItem) -> Post | None:
    return session.scalars(
        select(Post).where(Post.noun == NOUN, Post.subject_id == item.red_account_id, Post.slot == f"{SLOT}{item.id}")
    ).first()


def handed_with(session: Session, item: ActionItem, owner: Person | None) -> Sequence[ActionItem]:
    """What came to this owner in one form, where an item was theirs from the start; this one alone otherwise."""
    if owner is None or item.handed_at != item.created_at:
        return [item]
    return session.scalars(
        select(ActionItem)
        .where(
            ActionItem.red_account_id == item.red_account_id,
            ActionItem.created_at == item.created_at,
            ActionItem.by_id == item.by_id,
            ActionItem.owner_id == owner.id,
        )
        .order_by(ActionItem.id)
    ).all() or [item]


def to_carry(session: Session, red: RedAccount) -> Sequence[ActionItem]:
    """What the last red account of this account left open and nobody has carried over."""
    if red.previous_id is None:
        return ()
    carried = select(ActionItem.carried_from_id).where(ActionItem.carried_from_id.is_not(None))
    return session.scalars(
        select(ActionItem)
        .where(ActionItem.red_account_id == red.previous_id, ActionItem.state.in_(OPEN), ActionItem.id.not_in(carried))
        .order_by(ActionItem.id)
    ).all()


def asks_to_carry(session: Session, red: RedAccount) -> Sequence[Ask]:
    """The same of what it had asked for and still needed."""
    if red.previous_id is None:
        return ()
    carried = select(Ask.carried_from_id).where(Ask.carried_from_id.is_not(None))
    asks = select(Ask).where(Ask.red_account_id == red.previous_id, Ask.id.not_in(carried)).order_by(Ask.id)
    return [ask for ask in session.scalars(asks) if ask.is_wanted]


def carried(red: RedAccount) -> Sequence[ActionItem | Ask]:
    """What was carried over into this red account."""
    found: list[ActionItem | Ask] = [*red.action_items, *red.asks]
    return [one for one in found if one.carried_from_id]


def carried_to(session: Session, item: ActionItem) -> int | None:
    """The red account into which an item was carried over."""
    return session.scalar(select(ActionItem.red_account_id).where(ActionItem.carried_from_id == item.id))


def _open() -> Select[ActionItem]:
    """Of red accounts that are open: what is due first comes first, what has no date last."""
    return (
        select(ActionItem)
        .join(RedAccount, RedAccount.id == ActionItem.red_account_id)
        .where(RedAccount.status == Status.OPEN, ActionItem.state.in_(OPEN))
        .order_by(ActionItem.due_on.is_(None), ActionItem.due_on, ActionItem.id)
    )
