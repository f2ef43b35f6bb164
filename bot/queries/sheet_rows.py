"""What the sheet is compared with: the rows that Touchpoint knows, and who wrote what stands in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from bot.models import (
    Account,
    ChangeState,
    ConflictState,
    HealthChange,
    History,
    Person,
    Post,
    RedAccount,
    Reminder,
    SheetConflict,
    SheetEdit,
    SheetRow,
    Status,
    Update,
)
from bot.models.reminders import TOLD, WAITING
from bot.queries import updates
from bot.queries.red_accounts import CARD, NOUN, Facts

#: A column → what the history calls a change of it. Whoever wrote ours last is asked about a conflict.
IN_HISTORY = {
    "reason": ("reason",),
    "impact": ("impact",),
    "state": ("what is happening",),
    "goal": ("goal",),
    "how_we_know": ("how we will know",),
    "sponsor": ("sponsor",),
    "note": ("closed",),
}


@dataclass(frozen=True)
class Known:
    """A red account whose row is in the sheet, as far as Touchpoint knows."""

    red_account_id: int
    salesforce_id: str
    name: str
    status: Status
    synced: dict[str, Any]
    writing: dict[str, Any]
    left: dict[str, Any]
    is_missing: bool

    @property
    def label(self) -> str:
        return f"RA-{self.red_account_id}"


def known(session: Session) -> list[Known]:
    """Every row that was written, in the order in which they were."""
    found = session.execute(
        select(
            SheetRow.red_account_id,
            Account.salesforce_id,
            Account.name,
            RedAccount.status,
            SheetRow.synced,
            SheetRow.writing,
            SheetRow.left,
            SheetRow.is_missing,
        )
        .join(RedAccount, RedAccount.id == SheetRow.red_account_id)
        .join(Account, Account.id == RedAccount.account_id)
        .order_by(SheetRow.red_account_id)
    )
    return [Known(*row) for row in found if row.synced]


@dataclass(frozen=True)
class Read:
    """What a row is made of."""

    facts: Facts
    row: SheetRow | None
    newest: Update | None  # of its updates
    seen: int  # the number of the last entry of its history
    asked: frozenset[str]  # columns with a conflict that waits for an answer


def read(session: Session, red_account_ids: Collection[int]) -> dict[int, Read]:
    """Many at once, in a few statements: on some days all of them change."""
    reds = session.scalars(select(RedAccount).where(RedAccount.id.in_(red_account_ids))).unique().all()
    cards = session.scalars(
        select(Post).where(Post.noun == NOUN, Post.slot == CARD, Post.subject_id.in_(red_account_ids))
    )
    card = {post.subject_id: post for post in cards}
    changes = session.scalars(
        select(HealthChange)
        .where(HealthChange.account_id.in_([red.account_id for red in reds]), HealthChange.state == ChangeState.PENDING)
        .order_by(HealthChange.id)
    )
    pending = {change.account_id: change for change in changes}
    newest = updates.newest_of_each(session, red_account_ids)
    entries = select(History.subject_id, func.max(History.id)).where(
        History.noun == NOUN, History.subject_id.in_(red_account_ids)
    )
    seen = {row[0]: row[1] for row in session.execute(entries.group_by(History.subject_id))}
    written, questions = rows(session, red_account_ids), asked(session, red_account_ids)
    found = {}
    for red in reds:
        facts = Facts(red, None, pending.get(red.account_id), None, None, card.get(red.id))
        columns = frozenset(column for red_id, column in questions if red_id == red.id)
        found[red.id] = Read(facts, written.get(red.id), newest.get(red.id), seen.get(red.id, 0), columns)
    return found


def rows(session: Session, red_account_ids: Collection[int], *, locked: bool = False) -> dict[int, SheetRow]:
    found = select(SheetRow).where(SheetRow.red_account_id.in_(red_account_ids)).order_by(SheetRow.red_account_id)
    return {row.red_account_id: row for row in session.scalars(found.with_for_update() if locked else found)}


def has_rows(session: Session) -> bool:
    return session.scalar(select(SheetRow.red_account_id).where(SheetRow.is_missing.is_(False)).limit(1)) is not None


def asked(session: Session, red_account_ids: Collection[int] | None = None) -> dict[tuple[int, str], SheetConflict]:
    """The conflicts that wait for an answer, by red account and column."""
    found = select(SheetConflict).where(SheetConflict.state == ConflictState.ASKED)
    if red_account_ids is not None:
        found = found.where(SheetConflict.red_account_id.in_(red_account_ids))
    return {(one.red_account_id, one.column): one for one in session.scalars(found)}


def unanswered(session: Session, noun: str, before: datetime) -> list[int]:
    """Conflicts that somebody was asked about before then, or that there is nobody to ask about; and those of red
    accounts that have ended since. In the order in which everybody locks.
    """
    rows = select(Reminder.id).where(Reminder.noun == noun, Reminder.subject_id == SheetConflict.id)
    is_lately = or_(Reminder.told_at > before, and_(Reminder.told_at.is_(None), Reminder.state.in_([*WAITING, *TOLD])))
    is_over = and_(SheetConflict.asked_at <= before, ~rows.where(is_lately).exists())
    found = (
        select(SheetConflict.id)
        .join(RedAccount, RedAccount.id == SheetConflict.red_account_id)
        .where(SheetConflict.state == ConflictState.ASKED, or_(is_over, SheetConflict.asked_at < RedAccount.ended_at))
        .order_by(RedAccount.account_id, SheetConflict.id)
    )
    return list(session.scalars(found))


def unsaid(session: Session) -> Sequence[int]:
    """Red accounts with edits that their threads have not been told of."""
    return session.scalars(
        select(SheetEdit.red_account_id)
        .where(SheetEdit.said_at.is_(None))
        .distinct()
        .order_by(SheetEdit.red_account_id)
    ).all()


def edits(session: Session, edit_ids: Iterable[int]) -> Sequence[SheetEdit]:
    return session.scalars(select(SheetEdit).where(SheetEdit.id.in_(edit_ids)).order_by(SheetEdit.id)).all()


def newest_entry(session: Session, red_account_id: int) -> int:
    """The number of the last entry of its history: whoever sees another one knows that something changed."""
    newest = select(func.max(History.id)).where(History.noun == NOUN, History.subject_id == red_account_id)
    return session.scalar(newest) or 0


def entries_since(session: Session, red_account_id: int, seen: int) -> Sequence[History]:
    of_it = (History.noun == NOUN, History.subject_id == red_account_id)
    return session.scalars(select(History).where(*of_it, History.id > seen)).all()


def writer(session: Session, red: RedAccount, column: str) -> Person | None:
    """Who wrote last what stands in a column on our side."""
    if column in ("next_step", "next_on"):
        newest = updates.newest(session, red.id)
        return newest.by if newest else None
    return session.scalars(
        select(Person)
        .join(History, History.by_id == Person.id)
        .where(History.noun == NOUN, History.subject_id == red.id, History.what.in_(IN_HISTORY.get(column, ())))
        .order_by(History.id.desc())
        .limit(1)
    ).first()
