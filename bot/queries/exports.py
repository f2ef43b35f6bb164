"""Everything that is known of one red account, as plain values: what an export is written from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from bot.models import (
    ActionItem,
    Ask,
    Base,
    HealthChange,
    Person,
    RedAccount,
    Reminder,
    Reply,
    Resolution,
    SheetEdit,
    Update,
)
from bot.queries import red_accounts as queries
from bot.queries.reminders import QUESTIONS

Values = dict[str, Any]
_OF_OURS = {"opaque_id", "search_name", "before", "marks"}  # say nothing to anybody else


def everything(session: Session, red: RedAccount) -> Values:
    """The red account, its account, and each of the lists that belong to it, oldest first."""
    people = _Names(session)
    return {
        "red_account": {"label": red.label, **people.values(red)},
        "account": people.values(red.account),
        "agreements": [people.values(one) for one in red.agreements],
        "asks": people.all(red.id, Ask, Ask.red_account_id),
        "actions": people.all(red.id, ActionItem, ActionItem.red_account_id),
        "updates": people.all(red.id, Update, Update.red_account_id),
        "replies": people.all(red.id, Reply, Reply.red_account_id),
        "resolutions": people.all(red.id, Resolution, Resolution.red_account_id),
        "salesforce": people.all(red.id, HealthChange, HealthChange.red_account_id),
        "sheet": people.all(red.id, SheetEdit, SheetEdit.red_account_id),
        "history": [{**people.values(entry), "by": name} for entry, name in reversed(queries.history(session, red.id))],
        "reminders": [people.values(row) for row in _reminders(session, red)],
    }


def _reminders(session: Session, red: RedAccount) -> Sequence[Reminder]:
    """About it, about the questions whether it is over, and about what is asked and done for it."""
    asked = select(Resolution.id).where(Resolution.red_account_id == red.id)
    asks = select(Ask.id).where(Ask.red_account_id == red.id)
    actions = select(ActionItem.id).where(ActionItem.red_account_id == red.id)
    about = or_(
        and_(Reminder.noun == queries.NOUN, Reminder.subject_id == red.id),
        and_(Reminder.noun == QUESTIONS, Reminder.subject_id.in_(asked)),
        and_(Reminder.noun == "ask", Reminder.subject_id.in_(asks)),
        and_(Reminder.noun == "action_item", Reminder.subject_id.in_(actions)),
    )
    return session.scalars(
        select(Reminder).options(joinedload(Reminder.recipient)).where(about).order_by(Reminder.id)
    ).all()


class _Names:
    """Rows as plain values, with the names of people in the place of their numbers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.known: dict[int, str] = {}

    def all(self, red_account_id: int, table: type[Base], column: InstrumentedAttribute[int]) -> list[Values]:
        found = self.session.scalars(select(table).where(column == red_account_id).order_by(table.__table__.c.id))
        return [self.values(row) for row in found]

    def values(self, row: Base) -> Values:
        """Column → value. `owner_id` becomes `owner`, with a name."""
        found: Values = {}
        for column in row.__table__.columns:
            value = getattr(row, column.key)
            if any(key.column.table.name == Person.__tablename__ for key in column.foreign_keys):
                found[column.key.removesuffix("_id")] = self._name(value)
            elif column.key not in _OF_OURS:
                found[column.key] = _plain(value)
        return found

    def _name(self, person_id: int | None) -> str | None:
        if person_id is None:
            return None
        if person_id not in self.known:
            self.known[person_id] = self.session.get_one(Person, person_id).name
        return self.known[person_id]


def _plain(value: Any) -> Any:
    """As JSON holds it: instants in UTC, money as a number."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value) if isinstance(value, str) else value
