"""salesforce.update: an update is a logged activity of the account, or stands in its field for the newest one."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.deliveries.health_changes import GONE
from bot.deliveries.links import permalink
from bot.errors import Misconfigured, Permanent, Retryable
from bot.integrations.salesforce import Conflict
from bot.integrations.salesforce_tasks import DESCRIPTION_LENGTH, SUBJECT_LENGTH
from bot.models import RedAccount, Update
from bot.outbox import Claim, Outcomes
from bot.policy import UpdatesAs
from bot.queries import red_accounts as queries
from bot.reminders import wall
from bot.services import Services
from bot.workflows import salesforce_updates

OF_OURS = re.compile(r"^\[RA-\d+/U-(\d+)\] ")


def deliver(services: Services, claim: Claim) -> Outcomes:
    [update_id] = claim.subject_ids
    try:
        if services.policy.salesforce.updates == UpdatesAs.TASK:
            _log(services, update_id)
        elif services.policy.salesforce.updates == UpdatesAs.FIELD:
            _set_field(services, update_id)
    except Misconfigured:
        raise
    except Permanent as error:
        if error.code not in GONE:  # with its account gone, there is nothing to tell it to
            raise
    return Outcomes()


def _log(services: Services, update_id: int) -> None:
    """A Task that is done already, on the day of the update. Looked for before it is created."""
    with services.transaction() as session:
        update = session.get_one(Update, update_id)
        red = session.get_one(RedAccount, update.red_account_id)
        fields = _fields(services, session, red, update)
    tasks, said = services.salesforce.tasks, fields["Description"]
    task_id, before = update.task_id, update.in_salesforce
    if task_id is None and update.taken_back_at:
        return
    if task_id is None:
        found = tasks.find(fields["WhatId"], f"U-{update_id}")
        if found is None:
            task_id = tasks.create(fields, key=f"U-{update_id}")
        else:
            task_id, before = found.id, found.description
    if before is not None and not _rewrite(services, task_id, before, fields):
        return
    with services.transaction() as session:
        salesforce_updates.written(session, update_id, said, task_id=task_id)


def _rewrite(services: Services, task_id: str, before: str, fields: dict[str, str]) -> bool:
    """Its author edited it or took it back. False where people changed it in Salesforce: that is theirs."""
    there, headers = services.salesforce.tasks.read(task_id)
    if there.description.split() == fields["Description"].split():
        return True
    if there.description.split() != before.split():
        return False
    changes = {name: fields[name] for name in ("Subject", "Description")}
    if not services.salesforce.tasks.change(task_id, changes, headers):
        raise Retryable("Somebody changed this Task at the same moment.", sent=False)
    return True


def _fields(services: Services, session: Session, red: RedAccount, update: Update) -> dict[str, str]:
    said, zone = text(red, update), services.policy.region(red.account.region).time_zone
    card = permalink(services, queries.card_post(session, red.id))
    fields = {
        "Subject": said.split("\n")[0][:SUBJECT_LENGTH],
        "Description": "\n".join(part for part in (said, card) if part)[:DESCRIPTION_LENGTH],
        "Status": services.policy.salesforce.task_statuses.done,
        "ActivityDate": wall.wall(update.created_at, zone).date().isoformat(),
        "WhatId": red.account.salesforce_id,
    }
    if update.by.salesforce_id and update.by.is_active_in_salesforce:
        fields["OwnerId"] = update.by.salesforce_id
    return fields


def _set_field(services: Services, update_id: int) -> None:
    """The field has the newest update of the account, whichever of them was promised."""
    field = services.salesforce.fields.newest_update
    assert field is not None  # policy sees to it
    with services.transaction() as session:
        account = session.get_one(RedAccount, session.get_one(Update, update_id).red_account_id).account
        told = select(RedAccount, Update).join(Update, Update.red_account_id == RedAccount.id)
        told = told.where(RedAccount.account_id == account.id, Update.taken_back_at.is_(None))
        row = session.execute(told.order_by(Update.id.desc()).limit(1)).first()
        red, newest = row if row else (None, None)
        wanted = text(red, newest) if red and newest else ""

    def may_replace(there: str) -> bool:
        with services.transaction() as session:
            return _is_ours(session, there)

    shown_id = newest.id if newest else update_id
    try:
        services.salesforce.set_text(account.salesforce_id, field, wanted, may_replace)
    except Conflict as conflict:
        with services.transaction() as session:
            salesforce_updates.not_replaced(session, shown_id, field, conflict.current or "", now=services.now())
        return
    with services.transaction() as session:
        salesforce_updates.written(session, shown_id, wanted)


def _is_ours(session: Session, there: str) -> bool:
    """Whether it is an earlier update just as it was written. What people changed in it is theirs."""
    found = OF_OURS.match(there)
    update = session.get(Update, int(found[1])) if found else None
    if update is None:
        return False
    said = (text(session.get_one(RedAccount, update.red_account_id), update), update.in_salesforce or "")
    return there.split() in [one.split() for one in said]


def text(red: RedAccount, update: Update) -> str:
    """What Salesforce reads: what changed, and who says so from where."""
    next_on = f", by {update.next_on:%a} {update.next_on.day} {update.next_on:%b}" if update.next_on else ""
    if update.taken_back_at:
        return f"[{red.label}/U-{update.id}] Taken back\n{update.by.name}, from Slack, {red.label}"
    lines = [
        f"[{red.label}/U-{update.id}] {update.changed}",
        f"Blocker: {update.blocker}" if update.blocker else None,
        f"Next: {update.next_step}{next_on}" if update.next_step else None,
        f"Mood: {update.mood}" if update.mood else None,
        f"{update.by.name}, from Slack, {red.label}",
    ]
    return "\n".join(line for line in lines if line)
