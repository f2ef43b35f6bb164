"""salesforce.task: an action item is one Task of the account, and says what the item says.

A create is never repeated blindly: whatever an earlier attempt may have made is looked for by the mark in its subject,
or in the org's own unique field, which makes a second one impossible. What people changed in Salesforce is taken over
first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.deliveries.health_changes import GONE
from bot.deliveries.links import permalink
from bot.errors import Misconfigured, Permanent, Retryable
from bot.integrations.salesforce_tasks import DESCRIPTION_LENGTH, SUBJECT_LENGTH, TaskRecord
from bot.models import ActionItem, ActionState, Person, RedAccount
from bot.outbox import Claim, Outcomes
from bot.queries import red_accounts as queries
from bot.services import Services
from bot.workflows import tasks, tasks_answers

TRIES = 3


@dataclass(frozen=True)
class Wanted:
    """An action item as it is now, and what its Task should say."""

    item_id: int
    task_id: str | None
    account_id: str  # Salesforce's
    synced: dict[str, Any]
    says: dict[str, Any]  # what the two have to agree about
    ours: dict[str, Any]  # the fields that only we write, unless somebody changed them there
    statuses: dict[str, str]  # state → what the org calls it

    @property
    def status(self) -> str:
        return self.statuses[self.says["state"]]


def deliver(services: Services, claim: Claim) -> Outcomes:
    [item_id] = claim.subject_ids
    try:
        _agree(services, item_id)
    except Misconfigured:
        raise
    except Permanent as error:
        with services.transaction() as session:
            if error.code not in GONE:
                tasks_answers.refused(session, item_id, str(error), now=services.now())
                raise
            tasks_answers.deleted(session, item_id, now=services.now())
    return Outcomes()


def _agree(services: Services, item_id: int) -> None:
    wanted = _wanted(services, item_id)
    if wanted is None:
        return
    if wanted.task_id is None:
        found = services.salesforce.tasks.find(wanted.account_id, f"A-{item_id}")
        if found is None:
            _create(services, wanted)
            return
        _adopt(services, wanted, found)
    for _ in range(TRIES):
        if _change(services, item_id):
            return
    raise Retryable("Something else in Salesforce keeps changing this Task.", sent=False)


def _create(services: Services, wanted: Wanted) -> None:
    fields = wanted.ours | {"WhatId": wanted.account_id, "Status": wanted.status, "ActivityDate": wanted.says["due_on"]}
    task_id = services.salesforce.tasks.create(fields, key=f"A-{wanted.item_id}")
    _written(services, wanted, task_id, wanted.ours, is_closed=_is_closed(wanted), status=wanted.status)


def _adopt(services: Services, wanted: Wanted, found: TaskRecord) -> None:
    """An attempt whose answer was lost made it. It says what we said then; or else what differs is people's."""
    if found.modified_at == found.created_at:
        known = {"state": None, "due_on": found.due_on.isoformat() if found.due_on else None, "status": found.status,
                 "is_closed": found.is_closed}  # fmt: skip
        wrote = {"Subject": found.subject, "OwnerId": found.owner_id, "Description": found.description}
    else:
        known = wanted.says | {"status": wanted.status, "is_closed": _is_closed(wanted)}
        wrote = wanted.ours
    with services.transaction() as session:
        tasks_answers.written(session, wanted.item_id, found.id, known, wrote=wrote, at=found.created_at)


def _change(services: Services, item_id: int) -> bool:
    """Take over what changed there, then write what changed here. False if somebody wrote in between."""
    wanted = _wanted(services, item_id)
    if wanted is None or wanted.task_id is None:
        return True
    there, headers = services.salesforce.tasks.read(wanted.task_id)
    read_at = services.salesforce.tasks.server_time
    with services.transaction() as session:
        tasks_answers.take(session, item_id, there, at=read_at, now=services.now(), policy=services.policy)
    wanted = _wanted(services, item_id)
    if wanted is None or wanted.task_id is None:
        return True
    fields, status, is_closed = _to_write(wanted, there), there.status, there.is_closed
    if wanted.says["state"] != wanted.synced.get("state"):
        status, is_closed = wanted.status, _is_closed(wanted)
        fields["Status"] = status
    if wanted.says["due_on"] != wanted.synced.get("due_on"):
        fields["ActivityDate"] = wanted.says["due_on"]
    if fields and not services.salesforce.tasks.change(wanted.task_id, fields, headers):
        return False
    _written(services, wanted, wanted.task_id, fields, is_closed=is_closed, status=status)
    return True


def _to_write(wanted: Wanted, there: TaskRecord) -> dict[str, Any]:
    """Of our own fields those that changed here, and that nobody changed there."""
    shown = {"Subject": there.subject, "OwnerId": there.owner_id, "Description": there.description}
    wrote = wanted.synced.get("wrote", {})
    return {
        name: value
        for name, value in wanted.ours.items()
        if _plain(value) != _plain(wrote.get(name)) and _plain(shown[name]) == _plain(wrote.get(name))
    }


def _plain(text: str | None) -> str:
    """As Salesforce keeps it: line ends and outer blanks say nothing."""
    return "\n".join(line.rstrip() for line in (text or "").split("\n")).strip()


def _written(
    services: Services, wanted: Wanted, task_id: str, fields: dict[str, Any], *, is_closed: bool, status: str | None
) -> None:
    at: datetime = services.salesforce.tasks.server_time
    wrote = {name: value for name, value in fields.items() if name in wanted.ours}
    said = wanted.says | {"status": status, "is_closed": is_closed}
    with services.transaction() as session:
        tasks_answers.written(session, wanted.item_id, task_id, said, wrote=wrote, at=at)


def _is_closed(wanted: Wanted) -> bool:
    return wanted.says["state"] in (ActionState.DONE, ActionState.DROPPED)


def _wanted(services: Services, item_id: int) -> Wanted | None:
    """None where nothing is left to do."""
    names = services.policy.salesforce.task_statuses
    with services.transaction() as session:
        item = session.get_one(ActionItem, item_id)
        red = session.get_one(RedAccount, item.red_account_id)
        card = queries.card_post(session, red.id)
        if not tasks.is_wanted(red, item, card):
            return None
        return Wanted(
            item_id=item.id,
            task_id=item.task_id,
            account_id=red.account.salesforce_id,
            synced=item.task_synced or {},
            says=tasks.says(red, item, card),
            ours=_ours(services, session, red, item),
            statuses={state: getattr(names, state) for state in ActionState},
        )


def _ours(services: Services, session: Session, red: RedAccount, item: ActionItem) -> dict[str, Any]:
    """Who and from what stands in the description, with the way back to the thread."""
    by = session.get(Person, item.by_id) if item.by_id else None
    told = {ActionState.BLOCKED: "Blocked", ActionState.DROPPED: "Dropped"}.get(item.state)
    lines = [
        f"For: {item.serves}" if item.serves else None,
        f"{told}: {item.note}" if told and item.note else None,
        f"Action item of {red.label} ({red.account.name}), from Slack{f', added by {by.name}' if by else ''}.",
        permalink(services, queries.card_post(session, red.id)),
    ]
    subject = f"{tasks.mark(red, item)} {' '.join(item.what.split())}"
    found = {
        "Subject": subject[:SUBJECT_LENGTH],
        "Description": "\n".join(line for line in lines if line)[:DESCRIPTION_LENGTH],
    }
    owner = next((one for one in (item.owner, red.account.ae) if one and one.is_active_in_salesforce), None)
    return found | ({"OwnerId": owner.salesforce_id} if owner and owner.salesforce_id else {})
