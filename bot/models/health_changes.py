"""A change of an account's health that a person made here, on its way into Salesforce."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.errors import InvalidTransition
from bot.models.accounts import Account
from bot.models.base import Base
from bot.models.people import Person


class ChangeState(StrEnum):
    PENDING = "pending"  # not yet in Salesforce
    WRITTEN = "written"
    REFUSED = "refused"  # Salesforce said no, or somebody changed it meanwhile; what it meant is put back


CHANGE_TRANSITIONS: dict[ChangeState, frozenset[ChangeState]] = {
    ChangeState.PENDING: frozenset({ChangeState.WRITTEN, ChangeState.REFUSED}),
    ChangeState.WRITTEN: frozenset(),
    ChangeState.REFUSED: frozenset(),
}


class HealthChange(Base):
    __tablename__ = "health_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), index=True)
    seen: Mapped[str | None] = mapped_column(String(255))  # what the person saw; another value is not overwritten
    wanted: Mapped[str] = mapped_column(String(40))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[ChangeState] = mapped_column(String(10), default=ChangeState.PENDING)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)  # Salesforce's sentence, where it refused

    account: Mapped[Account] = relationship(lazy="joined")
    by: Mapped[Person] = relationship(lazy="joined")

    __table_args__ = (Index("ix_health_changes_account_id_state", "account_id", "state"),)

    def become(self, state: ChangeState, *, now: datetime, answer: str | None = None) -> None:
        if state not in CHANGE_TRANSITIONS[self.state]:
            raise InvalidTransition(f"This change was {self.state} before. Nothing changed.")
        self.state, self.ended_at, self.answer = state, now, answer
