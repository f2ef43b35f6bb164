"""Lists of red accounts: read light, two thousand at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, raiseload

from bot.models import Account, ActionItem, ActionState, Ask, AskState, Person, Post, RedAccount, Status
from bot.policy import Policy
from bot.queries.preferences import covered_by
from bot.queries.red_accounts import CARD, NOUN

#: The parts of a red account that a line does not say.
_LIGHT = (
    raiseload(RedAccount.asks),
    raiseload(RedAccount.action_items),
    raiseload(RedAccount.agreements),
)
Dates = dict[int, list[date]]  # by red account's id


def mine(session: Session, person: Person, now: datetime) -> Sequence[RedAccount]:
    """Of the accounts that this person has, or that somebody has for whom they cover today."""
    ids = [person.id, *(one.id for one in covered_by(session, person, now))]
    return _open(session, Account.ce_id.in_(ids) | Account.ae_id.in_(ids))


def of_region(session: Session, region: str, policy: Policy) -> Sequence[RedAccount]:
    is_there = Account.region == region
    if region == policy.default_region:  # what has no region, or an unknown one, is led from there
        is_there = is_there | Account.region.is_(None) | Account.region.not_in(policy.regions)
    return _open(session, is_there)


def everything(session: Session) -> Sequence[RedAccount]:
    return _open(session, Account.id.is_not(None))


def of_account(session: Session, account: Account) -> Sequence[RedAccount]:
    """All red accounts of an account that were more than a wish, newest first."""
    return session.scalars(
        select(RedAccount)
        .options(*_LIGHT)
        .where(RedAccount.account_id == account.id, RedAccount.status.in_([Status.OPEN, Status.CLOSED]))
        .order_by(RedAccount.id.desc())
    ).all()


def cards(session: Session, reds: Collection[RedAccount]) -> dict[int, Post]:
    """Red account's id → its card."""
    found = select(Post).where(Post.noun == NOUN, Post.slot == CARD, Post.subject_id.in_([red.id for red in reds]))
    return {post.subject_id: post for post in session.scalars(found)}


def action_dates(session: Session, until: date) -> Dates:
    """When open actions of open red accounts were due, up to that day."""
    found = (
        select(ActionItem.red_account_id, ActionItem.due_on)
        .join(RedAccount)
        .where(
            RedAccount.status == Status.OPEN,
            ActionItem.state.in_([ActionState.OPEN, ActionState.BLOCKED]),
            ActionItem.due_on <= until,
        )
    )
    return _dates(session, found)


def ask_dates(session: Session, until: date) -> Dates:
    """By when open asks of open red accounts were needed, up to that day."""
    found = (
        select(Ask.red_account_id, Ask.needed_on)
        .join(RedAccount)
        .where(
            RedAccount.status == Status.OPEN,
            Ask.state.in_([AskState.ASKED, AskState.TAKEN, AskState.DECLINED]),
            Ask.needed_on <= until,
        )
    )
    return _dates(session, found)


def _dates(session: Session, which: Select[int, date | None]) -> Dates:
    found: Dates = {}
    for red_account_id, day in session.execute(which):
        if day:
            found.setdefault(red_account_id, []).append(day)
    return found


def _open(session: Session, which: ColumnElement[bool]) -> Sequence[RedAccount]:
    """Those that are open, the largest account first."""
    return session.scalars(
        select(RedAccount)
        .join(RedAccount.account)
        .options(*_LIGHT)
        .where(RedAccount.status == Status.OPEN, which)
        .order_by(Account.arr.desc().nulls_last(), RedAccount.id)
    ).all()
