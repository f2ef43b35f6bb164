"""What Salesforce says of a Task: what people did with it there flows back into the action item."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import ActionItem, ActionState, Person, RedAccount
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.workflows import history, posts, red_accounts, tasks

if TYPE_CHECKING:
    from bot.integrations.salesforce import TaskRecord

SAID = f"{queries.NOUN}.salesforce"  # notice: a sentence in the thread


def take_all(session: Session, found: Iterable[TaskRecord], *, at: datetime, now: datetime, policy: Policy) -> None:
    """What a poll saw. `at` is Salesforce's time of its answer."""
    records = {record.id: record for record in found}
    if not records:
        return
    items = session.scalars(select(ActionItem).where(ActionItem.task_id.in_(records))).all()
    for item in sorted(items, key=lambda one: (one.red_account_id, one.id)):
        record = records[item.task_id or ""]
        if is_news(item, record, at):
            take(session, item.id, record, at=at, now=now, policy=policy)


def take(
    session: Session, item_id: int, record: TaskRecord, *, at: datetime, now: datetime, policy: Policy
) -> ActionItem:
    """What changed in Salesforce since the two last agreed is taken over, also where we changed it too."""
    item, red = lock(session, item_id)
    if not is_news(item, record, at):
        return item
    if record.is_deleted:
        return deleted(session, item.id, now=now)
    by = session.scalars(select(Person).where(Person.salesforce_id == record.modified_by_id)).first()
    synced = dict(item.task_synced or {})
    is_moved = _take_due(session, red, item, synced, record, by, now)
    is_moved |= _take_state(session, red, item, synced, record, by, now)
    item.task_synced = synced | {"status": record.status, "is_closed": record.is_closed, "at": at.isoformat()}
    if is_moved:
        red_accounts.changed(session, red, by=by, now=now, policy=policy)
    return item


def is_news(item: ActionItem, record: TaskRecord, at: datetime) -> bool:
    """Whether the Task says something else than when the two last agreed. What was read before that is no news."""
    synced = item.task_synced
    if not synced or tasks.is_let_go(item) or at.isoformat() <= synced["at"]:
        return False
    return record.is_deleted or _shown(record) != {name: synced[name] for name in ("due_on", "status", "is_closed")}


def written(
    session: Session, item_id: int, task_id: str, said: dict[str, Any], *, wrote: dict[str, Any], at: datetime
) -> None:
    """The two agree. `said` is what was written, `wrote` the fields that only we write."""
    item, _red = lock(session, item_id)
    before = item.task_synced or {}
    item.task_id = task_id
    item.task_synced = before | said | {"wrote": before.get("wrote", {}) | wrote, "at": at.isoformat()}


def deleted(session: Session, item_id: int, *, now: datetime) -> ActionItem:
    """Somebody deleted the Task. The action item goes on here, and no other Task is made."""
    item, red = lock(session, item_id)
    if not tasks.is_let_go(item):
        item.task_synced = (item.task_synced or {}) | {"is_deleted": True}
        history.record(session, queries.NOUN, red.id, "Task deleted in Salesforce", by=None, now=now, why=item.what)
    return item


def refused(session: Session, item_id: int, answer: str, *, now: datetime) -> None:
    """Salesforce does not take the Task: the thread hears its reason once."""
    item, red = lock(session, item_id)
    _say(session, red, f"refused:{item.id}:{answer[:60]}", now, f"Salesforce does not take “{item.what}”: {answer}")


def lock(session: Session, item_id: int) -> tuple[ActionItem, RedAccount]:
    item = session.get_one(ActionItem, item_id)
    red = red_accounts.lock(session, item.red_account_id)
    session.refresh(item)
    return item, red


def _take_due(
    session: Session, red: RedAccount, item: ActionItem, synced: dict[str, Any], record: TaskRecord,
    by: Person | None, now: datetime,
) -> bool:  # fmt: skip
    there, here = _iso(record.due_on), _iso(item.due_on)
    if there == synced["due_on"]:
        return False
    both_changed = here not in (synced["due_on"], there)
    synced["due_on"] = there
    if here == there:
        return False
    item.due_on = record.due_on
    history.record(session, queries.NOUN, red.id, "action: date, in Salesforce", by=by, now=now, was=here,
                   became=there, why=item.what)  # fmt: skip
    who = by.name.split()[0] if by else record.modified_by or "Somebody"
    words = f"“{item.what}” is due {_day(there)} now, was {_day(here)}. {who} changed it in Salesforce"
    meanwhile = " while it was changed here, and Salesforce's date stands." if both_changed else "."
    _say(session, red, f"due:{item.id}:{there}:{int(now.timestamp())}", now, words + meanwhile)
    return True


def _take_state(
    session: Session, red: RedAccount, item: ActionItem, synced: dict[str, Any], record: TaskRecord,
    by: Person | None, now: datetime,
) -> bool:  # fmt: skip
    if record.is_closed == synced["is_closed"]:
        return False
    was = item.state
    if record.is_closed == item.is_open:
        item.become(ActionState.DONE if record.is_closed else ActionState.OPEN, now=now)
        item.note = None  # what it waited for, or why it was dropped: whoever reopens it there has picked a status
        item.ended_by_id, item.ended_by = (by.id if by else None, by) if record.is_closed else (None, None)
        history.record(session, queries.NOUN, red.id, "action, in Salesforce", by=by, now=now, was=was,
                       became=item.state, why=item.what)  # fmt: skip
    synced["state"] = str(item.state)
    return item.state != was


def _say(session: Session, red: RedAccount, key: str, now: datetime, sentence: str) -> None:
    card = queries.card_post(session, red.id)
    if card:
        posts.say(session, f"task.{key}"[:160], SAID, red.id, to=card.recipient, now=now, under=card, sentence=sentence)


def _shown(record: TaskRecord) -> dict[str, Any]:
    return {"due_on": _iso(record.due_on), "status": record.status, "is_closed": record.is_closed}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(iso: str | None) -> str:
    day = date.fromisoformat(iso) if iso else None
    return f"{day:%a} {day.day} {day:%b}" if day else "on no day"
