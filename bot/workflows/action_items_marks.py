"""The owner's ✅ on the message of an action item: "done", and taken off it is open again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.models import ActionItem, ActionState, Person, Status
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
    """The owner's ✅ or ✔ is "done"; with both taken off it is open again. `at` is Slack's: an event may come late."""
    found = queries.shown_as(session, channel, ts) if mark in MARKS else None
    if found is None or by is None or by.id != found.owner_id:
        return
    red = red_accounts.lock(session, found.red_account_id)
    session.refresh(found)
    known = found.marks.get(mark)
    if by.id != found.owner_id or (known and at <= datetime.fromisoformat(known["at"])):
        return
    _note(found, mark, is_there, at)
    if at < found.since_at - _CLOCKS_DIFFER or red.status != Status.OPEN:
        return
    if is_there and found.is_open:
        changes.become(session, found, red, ActionState.DONE, "action done", by=by, now=now, policy=policy)
    elif found.state == ActionState.DONE and not any(one["is_there"] for one in found.marks.values()):
        changes.put_back(session, found, red, by=by, now=now, policy=policy)


def read(
    session: Session, red_account_id: int, seen: Mapping[str, Mapping[str, Collection[str]]], *, at: datetime,
    now: datetime, policy: Policy,
) -> None:  # fmt: skip
    """A thread was read anew: what was put on or taken off while no Touchpoint listened counts as from `at`.

    `seen`: ts → mark → Slack ids of those whose mark is on that message. What is seen for the first time counts as
    old: whoever is handed an action may have marked it before.
    """
    for item in red_accounts.lock(session, red_account_id).action_items:
        post = queries.post_of(session, item)
        if post is None or post.channel is None or post.ts is None or post.ts not in seen or item.owner is None:
            continue
        for mark in sorted(MARKS):
            is_there, known = item.owner.slack_id in seen[post.ts].get(mark, ()), item.marks.get(mark)
            if known is None:
                _note(item, mark, is_there, at)
            elif known["is_there"] != is_there:
                react(session, post.channel, post.ts, mark=mark, is_there=is_there, by=item.owner, at=at, now=now,
                      policy=policy)  # fmt: skip


def _note(item: ActionItem, mark: str, is_there: bool, at: datetime) -> None:
    item.marks = item.marks | {mark: {"is_there": is_there, "at": at.isoformat()}}
