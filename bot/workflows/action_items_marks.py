"""The owner's ✅ on the message of an action item: "done", and taken off it is open again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.models import ActionState, Person, RedAccount, Status
from bot.policy import Policy
from bot.queries import action_items as queries
from bot.workflows import action_items_changes as changes
from bot.workflows import red_accounts

MARKS = frozenset({"white_check_mark", "heavy_check_mark"})  # ✅ and ✔
_CLOCKS_DIFFER = timedelta(minutes=1)  # Slack's and ours


def react(
    session: Session,
    channel: str,
    ts: str,
    *,
    mark: str,
    is_there: bool,
    by: Person | None,
    at: datetime,
    now: datetime,
    policy: Policy,
) -> None:
    """The owner's ✅ is "done", and taken off it is open again. `at` is Slack's time: an event may come late."""
    found = queries.shown_as(session, channel, ts) if mark in MARKS else None
    if found is None or by is None or by.id != found.owner_id:
        return
    red = red_accounts.lock(session, found.red_account_id)
    session.refresh(found)
    is_stale = at < found.since_at - _CLOCKS_DIFFER or (found.reacted_at is not None and at <= found.reacted_at)
    if is_stale or by.id != found.owner_id or red.status != Status.OPEN:
        return
    found.reacted_at, found.marked_by_id = at, by.id if is_there else None
    if is_there and found.is_open:
        changes.become(session, found, red, ActionState.DONE, "action done", by=by, now=now, policy=policy)
    elif not is_there and found.state == ActionState.DONE:
        changes.put_back(session, found, red, by=by, now=now, policy=policy)


def take_marks(
    session: Session, red_account_id: int, marks: Mapping[str, Collection[str]], *, at: datetime, now: datetime,
    policy: Policy,
) -> None:  # fmt: skip
    """A thread was read anew: what was put on or taken off while no Touchpoint listened counts as from `at`.

    `marks`: ts → Slack ids of those whose ✅ is on that message.
    """
    for item in session.get_one(RedAccount, red_account_id).action_items:
        post = queries.post_of(session, item)
        if post is None or post.channel is None or post.ts is None or post.ts not in marks or item.owner is None:
            continue
        is_there = item.owner.slack_id in marks[post.ts]
        if is_there != (item.marked_by_id == item.owner_id):
            react(session, post.channel, post.ts, mark=min(MARKS), is_there=is_there, by=item.owner, at=at, now=now,
                  policy=policy)  # fmt: skip
