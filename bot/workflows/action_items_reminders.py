"""What an action item promises: the anchors that its reminders count from, and to whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import ActionItem, ActionState, Person, RedAccount, Reminder, Status
from bot.models.reminders import TOLD, WAITING
from bot.policy import Policy
from bot.queries import people
from bot.queries import red_accounts as queries
from bot.reminders import ledger, wall
from bot.reminders.kinds import ACTION_BY, ACTION_DUE, ACTION_HANDED, HANDED, LEAD, LEFT, OWNER
from bot.reminders.ledger import Subject
from bot.workflows import history, posts

NOUN = "action_item"


def keep(
    session: Session, item: ActionItem, red: RedAccount, *, by: Person | None, now: datetime, policy: Policy
) -> None:
    """The ledger follows an action item. What was for somebody who has left is the lead's from now on."""
    lead = people.lead_of(session, red.account, policy)
    if _is_promised(item, red) and item.owner and not item.owner.can_be_asked:
        _give_to_lead(session, item, lead, now=now)
    anchors = _anchors(item, red, policy)
    ce = red.account.ce if red.account.ce and red.account.ce.can_be_asked else lead
    whom = {OWNER: item.owner or ce, LEAD: lead}
    done = frozenset({ACTION_DUE, ACTION_HANDED} if item.state == ActionState.DONE else ())
    subject = Subject(NOUN, item.id, red.account, anchors, whom, done)
    ledger.keep(session, subject, by=by, now=now, policy=policy)


def keep_all(session: Session, red: RedAccount, *, by: Person | None, now: datetime, policy: Policy) -> None:
    """The same for all of a red account: those that promise something, or did until now."""
    ids = [item.id for item in red.action_items if item.id]
    rows = select(Reminder.subject_id).where(
        Reminder.noun == NOUN, Reminder.subject_id.in_(ids), Reminder.state.in_([*TOLD, *WAITING])
    )
    planned = set(session.scalars(rows)) if ids else set()
    for item in red.action_items:
        if item.id in planned or (item.id and _anchors(item, red, policy)):
            keep(session, item, red, by=by, now=now, policy=policy)
        if item.id in planned and not _is_promised(item, red):
            posts.refresh(session, NOUN, item.id, now=now)  # every copy says that it is over


def keep_by_id(session: Session, item_id: int, now: datetime, policy: Policy) -> None:
    item = session.get_one(ActionItem, item_id)
    red = queries.lock(session, item.red_account_id)
    assert red is not None
    session.refresh(item)
    keep(session, item, red, by=None, now=now, policy=policy)
    posts.refresh(session, queries.NOUN, red.id, now=now)


def _is_promised(item: ActionItem, red: RedAccount) -> bool:
    return red.status == Status.OPEN and item.is_open


def _anchors(item: ActionItem, red: RedAccount, policy: Policy) -> dict[str, datetime]:
    if not _is_promised(item, red):
        return {}
    found = {}
    if item.due_on and red.has_card:
        zone = policy.region(red.account.region).time_zone
        found[ACTION_BY] = wall.instant(item.due_on, policy.red_accounts.day_ends_at, zone)
    if item.handed_at:
        has_left = item.handed_by is not None and not item.handed_by.can_be_asked
        found[LEFT if has_left else HANDED] = item.handed_at
    return found


def _give_to_lead(session: Session, item: ActionItem, lead: Person | None, *, now: datetime) -> None:
    gone = item.owner
    assert gone is not None
    heir = lead if lead and lead.can_be_asked else None
    item.owner_id, item.owner, item.marks = heir.id if heir else None, heir, {}
    item.handed_at, item.handed_by_id, item.handed_by = now, gone.id, gone
    name = heir.name if heir else "nobody"
    history.record(
        session, queries.NOUN, item.red_account_id, "action handed over", by=None, now=now, was=gone.name, became=name,
        why=f"{gone.name} has left Slack: {item.what}",
    )  # fmt: skip
