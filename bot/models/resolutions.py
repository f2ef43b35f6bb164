"""A wish to end a red account that somebody other than its CE spoke first."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.errors import InvalidTransition
from bot.models.base import Base
from bot.models.people import Person
from bot.models.red_accounts import Outcome, RedAccount


class ResolutionState(StrEnum):
    ASKED = "asked"  # the CE is asked
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"  # it ended another way


RESOLUTION_TRANSITIONS: dict[ResolutionState, frozenset[ResolutionState]] = {
    ResolutionState.ASKED: frozenset(set(ResolutionState) - {ResolutionState.ASKED}),
    **{state: frozenset[ResolutionState]() for state in ResolutionState if state != ResolutionState.ASKED},
}


class Resolution(Base):
    __tablename__ = "resolutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), index=True)
    outcome: Mapped[Outcome] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[ResolutionState] = mapped_column(String(12), default=ResolutionState.ASKED)
    created_at: Mapped[datetime]
    lead_from_at: Mapped[datetime]  # from then on the lead is asked too
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answer: Mapped[str | None] = mapped_column(Text)  # why not

    red_account: Mapped[RedAccount] = relationship(lazy="joined")
    by: Mapped[Person] = relationship(foreign_keys=[by_id], lazy="joined")
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id], lazy="joined")

    __table_args__ = (
        Index(
            "uq_resolutions_one_asked",
            "red_account_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
    )

    def is_with_lead(self, now: datetime) -> bool:
        """Whether it waits for the lead by now: the CE had a working day, or there is none."""
        return self.lead_from_at <= now

    def become(self, state: ResolutionState) -> None:
        if state not in RESOLUTION_TRANSITIONS[self.state]:
            raise InvalidTransition(f"This was {self.state} before. Nothing changed.")
        self.state = state
