"""Updates of a red account reach the account in Salesforce, as policy says: as logged activities, or in a field."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot import outbox
from bot.models import RedAccount, Update
from bot.policy import Policy, UpdatesAs
from bot.queries import red_accounts as queries
from bot.workflows import posts, red_accounts
from bot.workflows.health_changes import lane

UPDATE = "salesforce.update"  # promise kind; its subject is an update
NOT_REPLACED = f"{queries.NOUN}.not_replaced"  # notice


def follow(session: Session, red: RedAccount, update: Update, *, now: datetime, policy: Policy) -> None:
    """Promise that Salesforce will have this update as it is now: posted, edited or taken back."""
    if policy.salesforce.updates != UpdatesAs.OFF:
        outbox.promise(session, UPDATE, update.id, lane=lane(red.account), now=now)


def written(session: Session, update_id: int, said: str, *, task_id: str | None = None) -> None:
    """Salesforce has it; `task_id` where it is an activity of the account."""
    update = session.get_one(Update, update_id)
    red_accounts.lock(session, update.red_account_id)
    update.in_salesforce, update.task_id = said, task_id or update.task_id


def not_replaced(session: Session, update_id: int, field: str, there: str, *, now: datetime) -> None:
    """Somebody wrote into the field by hand: that stands, and whoever posted the update sees it."""
    update = session.get_one(Update, update_id)
    posts.say(session, f"{NOT_REPLACED}:{update.id}", NOT_REPLACED, update.red_account_id, to=update.by, now=now,
              field=field, there=there[:1500])  # fmt: skip
