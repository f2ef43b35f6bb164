"""Reminders as somebody asks about them: those of a person, and those about a red account."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from bot.models import Account, ActionItem, Ask, DigestLine, Person, Post, RedAccount, Reminder, Resolution
from bot.models.reminders import TOLD, WAITING
from bot.queries.red_accounts import NOUN

DIGESTS = "person"  # noun: a digest is about whoever reads it
QUESTIONS = "resolution"  # noun: the question whether a red account is over
ASKS = "ask"  # noun
ACTIONS = "action_item"  # noun
_changed_at = func.coalesce(Reminder.ended_at, Reminder.told_at, Reminder.due_at)  # when something happened to it last


@dataclass(frozen=True)
class Found:
    """A reminder with what it is about, and the message in which it was told."""

    reminder: Reminder
    label: str | None  # of the red account: RA-12
    post: Post | None
    digests: Sequence[date] = ()  # whose digests listed it, the newest first


def of_person(session: Session, person: Person, *, since: datetime, most: int) -> tuple[list[Reminder], int]:
    """For this person or told to them: what is open and what was since then; and how many there are in all."""
    theirs = or_(Reminder.recipient_id == person.id, Reminder.told_to_id == person.id)
    return _open_first(session, and_(theirs, or_(_is_open(), since <= _changed_at)), most)


def of_red_account(session: Session, red: RedAccount, *, most: int) -> tuple[list[Reminder], int]:
    """About a red account, an action of it or a question about it; and how many there are in all."""
    questions = select(Resolution.id).where(Resolution.red_account_id == red.id)
    actions = select(ActionItem.id).where(ActionItem.red_account_id == red.id)
    about = or_(
        and_(Reminder.noun == ACTIONS, Reminder.subject_id.in_(actions)),
        and_(Reminder.noun == NOUN, Reminder.subject_id == red.id),
        and_(Reminder.noun == QUESTIONS, Reminder.subject_id.in_(questions)),
        and_(Reminder.noun == ASKS, Reminder.subject_id.in_(select(Ask.id).where(Ask.red_account_id == red.id))),
    )
    return _open_first(session, about, most)


def one(session: Session, reminder_id: int) -> Reminder | None:
    return session.scalars(_loaded().where(Reminder.id == reminder_id)).first()


def labels(session: Session, rows: Collection[Reminder]) -> dict[int, str]:
    """Reminder's id → what people call its red account."""
    asked = {row.subject_id for row in rows if row.noun == QUESTIONS}
    of_question = session.execute(select(Resolution.id, Resolution.red_account_id).where(Resolution.id.in_(asked)))
    red_ids = {one.id: one.red_account_id for one in of_question}
    asks = {row.subject_id for row in rows if row.noun == ASKS}
    of_ask = session.execute(select(Ask.id, Ask.red_account_id).where(Ask.id.in_(asks)))
    items = {row.subject_id for row in rows if row.noun == ACTIONS}
    of_item = session.execute(select(ActionItem.id, ActionItem.red_account_id).where(ActionItem.id.in_(items)))
    whose = {
        NOUN: None,
        QUESTIONS: red_ids,
        ASKS: {one.id: one.red_account_id for one in of_ask},
        ACTIONS: {one.id: one.red_account_id for one in of_item},
    }
    found = {row.id: row.subject_id if (ids := whose[row.noun]) is None else ids.get(row.subject_id) for row in rows
             if row.noun in whose}  # fmt: skip
    return {reminder_id: f"RA-{red_id}" for reminder_id, red_id in found.items() if red_id}


def digests(session: Session, reminder_ids: Collection[int]) -> dict[int, list[tuple[int, date]]]:
    """Reminder's id → the digests that listed it, the newest first: (id, day)."""
    lines = (
        select(DigestLine.reminder_id, DigestLine.digest_id, Reminder.occurrence)
        .join(Reminder, Reminder.id == DigestLine.digest_id)
        .where(DigestLine.reminder_id.in_(reminder_ids))
        .order_by(Reminder.occurrence.desc(), Reminder.id.desc())
    )
    found: dict[int, list[tuple[int, date]]] = {}
    for reminder_id, digest_id, day in session.execute(lines):
        found.setdefault(reminder_id, []).append((digest_id, date.fromisoformat(day[:10])))
    return found


def newest_red_account(session: Session, account: Account) -> RedAccount | None:
    """The one under way, or else the last one."""
    return session.scalars(
        select(RedAccount).where(RedAccount.account_id == account.id).order_by(RedAccount.id.desc())
    ).first()


def named(session: Session, typed: str) -> Sequence[Person]:
    """Members whose full or first name was typed."""
    text = typed.strip().casefold()
    members = select(Person.id, Person.name).where(Person.is_member)  # a database folds ASCII alone
    folded = {person_id: name.casefold() for person_id, name in session.execute(members)}
    exact = [person_id for person_id, name in folded.items() if name == text]
    found = exact or [person_id for person_id, name in folded.items() if name.split()[:1] == [text]]
    return session.scalars(select(Person).where(Person.id.in_(found)).order_by(Person.name, Person.id)).all()


def _is_open() -> ColumnElement[bool]:
    """To come, or told and not settled. A digest that was sent is settled: what it listed may not be."""
    return or_(
        Reminder.state.in_(WAITING), and_(Reminder.state.in_(TOLD), Reminder.noun != DIGESTS)
    )  # fmt: skip


def _open_first(session: Session, which: ColumnElement[bool], most: int) -> tuple[list[Reminder], int]:
    """Open ones, the next one first; then the others, the newest first."""
    count = session.scalar(select(func.count()).select_from(Reminder).where(which)) or 0
    opened = session.scalars(
        _loaded().where(which, _is_open()).order_by(Reminder.due_at, Reminder.id).limit(most)
    ).all()
    others = session.scalars(
        _loaded().where(which, ~_is_open()).order_by(_changed_at.desc(), Reminder.id.desc()).limit(most - len(opened))
    ).all()
    return [*opened, *others], count


def _loaded() -> Select[Reminder]:
    return select(Reminder).options(joinedload(Reminder.account))
