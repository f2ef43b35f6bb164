"""Suggestions: the figures say that an account may be red, and its CE is asked to look. Figures alone set nothing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.errors import InvalidTransition
from bot.models.accounts import Account
from bot.models.base import Base
from bot.models.people import Person


class SuggestionState(StrEnum):
    MADE = "made"
    MARKED = "marked red"
    DECLINED = "not red"
    OVER = "over"  # the figures are better again or other ones, or somebody proposed it


SUGGESTION_TRANSITIONS: dict[SuggestionState, frozenset[SuggestionState]] = {
    SuggestionState.MADE: frozenset({SuggestionState.MARKED, SuggestionState.DECLINED, SuggestionState.OVER}),
    SuggestionState.MARKED: frozenset(),
    SuggestionState.DECLINED: frozenset(),
    SuggestionState.OVER: frozenset(),
}


class Suggestion(Base):
    __tablename__ = "suggestions"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    criteria: Mapped[dict[str, Any]]  # criterion → the figure that met it
    state: Mapped[SuggestionState] = mapped_column(String(12), default=SuggestionState.MADE)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answer: Mapped[str | None] = mapped_column(Text)  # why not

    account: Mapped[Account] = relationship(lazy="joined")
    ended_by: Mapped[Person | None] = relationship(lazy="joined")

    def become(self, state: SuggestionState) -> None:
        if state not in SUGGESTION_TRANSITIONS[self.state]:
            raise InvalidTransition("Somebody has answered this before. Nothing changed.")
        self.state = state


class UsageMonth(Base):
    """An account's usage at the end of a month, kept so that a decline of two months can be seen."""

    __tablename__ = "usage_months"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    month: Mapped[date]  # its first day
    weekly_users: Mapped[Decimal] = mapped_column(Numeric(18, 4))

    __table_args__ = (UniqueConstraint("account_id", "month"),)
