"""Red again: the actions and asks that the last red account left open go on in the new one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.errors import InvalidTransition
from bot.models import ActionItem, Person
from bot.policy import Policy
from bot.queries import action_items as queries
from bot.queries import red_accounts as red_queries
from bot.workflows import action_items, asks, posts, red_accounts
from bot.workflows import action_items_changes as changes
from bot.workflows.action_items import New


def carry_over(session: Session, red_account_id: int, *, by: Person, now: datetime, policy: Policy) -> list[ActionItem]:
    """With one press. A date that has passed is to be set anew."""
    red = red_accounts.lock(session, red_account_id)
    changes.may_add(session, red, by, now=now, policy=policy)
    left, asked = queries.to_carry(session, red), queries.asks_to_carry(session, red)
    if not left and not asked:
        raise InvalidTransition("Somebody has carried them over already. Nothing changed.")
    today = now.astimezone(ZoneInfo(policy.region(red.account.region).time_zone)).date()
    wanted = [
        New(
            what=item.what,
            owner=item.owner if item.owner and item.owner.can_be_asked else None,
            due_on=item.due_on if item.due_on and item.due_on >= today else None,
            serves=item.serves,
            state=item.state,
            note=item.note,
            carried_from_id=item.id,
        )
        for item in left
    ]
    made = action_items.create(session, red, wanted, by=by, now=now)
    for ask in asked:
        asks.carry(session, red, ask, today, by=by, now=now)
    red_accounts.changed(session, red, by=by, now=now, policy=policy)
    assert red.previous_id is not None
    posts.refresh(session, red_queries.NOUN, red.previous_id, now=now)
    return made
