"""Action items as Tasks of the account in Salesforce: what a Task should say, and when it has to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import outbox
from bot.models import ActionItem, Post, RedAccount, Status
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.workflows.health_changes import lane

TASK = "salesforce.task"  # promise kind; its subject is an action item


def follow(session: Session, red: RedAccount, *, now: datetime, policy: Policy) -> None:
    """Promise a Task for every action item whose Task does not say the same."""
    if not policy.salesforce.tasks:
        return
    card = queries.card_post(session, red.id) if red.action_items else None
    for item in red.action_items:
        if is_wanted(red, item, card):
            outbox.promise(session, TASK, item.id, lane=lane(red.account), now=now)


def is_wanted(red: RedAccount, item: ActionItem, card: Post | None) -> bool:
    """Whether Salesforce has to hear of it. What is over before it had a Task, or was never red, gets none."""
    if item.task_synced is None:
        return red.status == Status.OPEN and item.is_open
    return not is_let_go(item) and bool(differences(red, item, card))


def is_let_go(item: ActionItem) -> bool:
    """Somebody deleted its Task in Salesforce, and it is theirs to delete."""
    return bool((item.task_synced or {}).get("is_deleted"))


def differences(red: RedAccount, item: ActionItem, card: Post | None) -> set[str]:
    """What is not in Salesforce yet."""
    synced, wanted = item.task_synced or {}, says(red, item, card)
    if wanted["card"] is None:  # not up yet, or about to be posted again
        wanted.pop("card")
    return {name for name, value in wanted.items() if name not in synced or synced[name] != value}


def says(red: RedAccount, item: ActionItem, card: Post | None) -> dict[str, Any]:
    """What the Task has to follow, as JSON keeps it."""
    return {
        "what": item.what,
        "red_account": red.id,
        "state": str(item.state),
        "due_on": item.due_on.isoformat() if item.due_on else None,
        "owner": item.owner_id,
        "note": item.note,
        "card": card.ts if card else None,  # it links there
    }


def mark(red: RedAccount, item: ActionItem) -> str:
    """What its subject begins with, so that it is found again: "[RA-12/A-34]"."""
    return f"[{red.label}/A-{item.id}]"
