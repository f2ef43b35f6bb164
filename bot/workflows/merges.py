"""An account was merged into another one in Salesforce: its red account goes on there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.models import Account, ActionItem, Ask, Outcome, Post, RedAccount, Reminder, Status
from bot.policy import Policy
from bot.queries import red_accounts as queries
from bot.queries.red_accounts import NOUN
from bot.workflows import history, red_accounts


def merged(session: Session, gone: Account, master: Account, *, now: datetime, policy: Policy) -> None:
    """Move what is under way to the account that stays. Where that has one of its own, this one ends in it."""
    both = sorted((gone.id, master.id))
    session.execute(select(Account.id).where(Account.id.in_(both)).order_by(Account.id).with_for_update())
    red, other = queries.under_way(session, gone.id), queries.under_way(session, master.id)
    if red is None:
        return
    if other and other.status == Status.PROPOSED and red.status == Status.OPEN:
        _withdraw(session, other, f"{gone.name} was merged into it and is red: {red.label}.", now=now, policy=policy)
        other = None
    if other is None:
        _move(session, red, gone, master, now=now, policy=policy)
    else:
        _end_in(session, red, other, gone, now=now, policy=policy)


def _move(session: Session, red: RedAccount, gone: Account, master: Account, *, now: datetime, policy: Policy) -> None:
    red.account_id, red.account = master.id, master
    session.flush()
    _reminders_follow(session, gone, master)
    why = f"{gone.name} was merged into {master.name} in Salesforce."
    history.record(session, NOUN, red.id, "moved to another account", by=None, now=now, was=gone.name[:60],
                   became=master.name[:60], why=why)  # fmt: skip
    red_accounts.changed(session, red, by=None, now=now, policy=policy)


def _end_in(
    session: Session, red: RedAccount, other: RedAccount, gone: Account, *, now: datetime, policy: Policy
) -> None:
    """Its open asks and actions go on in the other one, and their messages follow them."""
    note = f"{gone.name} was merged into {other.account.name} in Salesforce: {other.label} goes on."
    if red.status == Status.PROPOSED:
        _withdraw(session, red, note, now=now, policy=policy)
        return
    asks: list[Ask] = [one for one in red.asks if one.is_wanted]
    actions: list[ActionItem] = [one for one in red.action_items if one.is_open]
    slots = [f"ask {one.id}" for one in asks] + [f"action {one.id}" for one in actions]
    for ask in asks:
        ask.red_account_id = other.id
    for action in actions:
        action.red_account_id = other.id
    session.flush()
    of_these = (Post.noun == NOUN, Post.subject_id == red.id, Post.slot.in_(slots))
    session.execute(update(Post).where(*of_these).values(subject_id=other.id))
    _reminders_follow(session, gone, other.account)
    session.refresh(red, ["asks", "action_items"])
    session.refresh(other, ["asks", "action_items"])
    red_accounts.close(session, red, Outcome.LEFT, note, by=None, now=now, policy=policy)
    why = f"{red.label} of {gone.name} goes on here: {len(asks)} asks and {len(actions)} actions came with it."
    history.record(session, NOUN, other.id, "merged in", by=None, now=now, was=red.label, why=why)
    red_accounts.changed(session, other, by=None, now=now, policy=policy)


def _reminders_follow(session: Session, gone: Account, master: Account) -> None:
    session.execute(update(Reminder).where(Reminder.account_id == gone.id).values(account_id=master.id))


def _withdraw(session: Session, red: RedAccount, note: str, *, now: datetime, policy: Policy) -> None:
    red.become(Status.WITHDRAWN)
    red.note, red.ended_at = note, now
    history.record(session, NOUN, red.id, "withdrawn", by=None, now=now, was="proposed", became="withdrawn", why=note)
    session.flush()
    red_accounts.changed(session, red, by=None, now=now, policy=policy)
