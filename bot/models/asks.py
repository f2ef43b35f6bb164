"""Asks: what another team must give so that a red account can be helped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.errors import InvalidTransition
from bot.models.base import Base
from bot.models.people import Person


class AskState(StrEnum):
    ASKED = "asked"  # nobody has it yet, or whoever was named has not answered
    TAKEN = "taken"
    DECLINED = "declined"  # they cannot
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"


class AskNews(StrEnum):
    """What somebody has to be told of an ask."""

    DECLINED = "declined"
    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    HANDED = "handed"
    REOPENED = "reopened"


ASK_TRANSITIONS: dict[AskState, frozenset[AskState]] = {
    AskState.ASKED: frozenset({AskState.TAKEN, AskState.DECLINED, AskState.DELIVERED, AskState.WITHDRAWN}),
    AskState.TAKEN: frozenset({AskState.ASKED, AskState.DECLINED, AskState.DELIVERED, AskState.WITHDRAWN}),
    AskState.DECLINED: frozenset({AskState.ASKED, AskState.TAKEN, AskState.WITHDRAWN}),
    AskState.DELIVERED: frozenset({AskState.TAKEN, AskState.ASKED}),  # undone
    AskState.WITHDRAWN: frozenset({AskState.ASKED, AskState.TAKEN, AskState.DECLINED}),  # undone
}


@dataclass(frozen=True)
class Wish:
    """What somebody wants of another team or person."""

    what: str
    needed_on: date | None = None
    team: str | None = None  # a key of policy's teams
    whom: str | None = None  # a Slack id
    why: str | None = None
    otherwise: str | None = None
    made_of: str | None = None  # the message that it was made of: "channel ts"
    carried_from_id: int | None = None


class Ask(Base):
    __tablename__ = "asks"

    id: Mapped[int] = mapped_column(primary_key=True)
    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), index=True)
    what: Mapped[str] = mapped_column(Text)
    of: Mapped[str | None] = mapped_column(Text)  # the team or person that must give it, as it is called
    team: Mapped[str | None] = mapped_column(String(60))  # a key of policy's teams
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)  # who was named, or took it
    named_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # who was named: has it if a taking is undone
    needed_on: Mapped[date | None]
    why: Mapped[str | None] = mapped_column(Text)
    otherwise: Mapped[str | None] = mapped_column(Text)  # what happens without it
    state: Mapped[AskState] = mapped_column(String(10), default=AskState.ASKED)
    since_at: Mapped[datetime]  # when it came into this state
    note: Mapped[str | None] = mapped_column(Text)  # why they cannot
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # who answered it last
    taken_at: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]  # since when it is asked of whom it is asked now; None: from the beginning
    before: Mapped[dict[str, Any] | None]  # what the last answer changed, for an undo
    made_of: Mapped[str | None] = mapped_column(String(45))  # the message that it was made of: "channel ts"
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("asks.id"))  # of the last red account
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]

    by: Mapped[Person | None] = relationship(foreign_keys=[by_id], lazy="joined")
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id], lazy="joined")
    named: Mapped[Person | None] = relationship(foreign_keys=[named_id], lazy="joined")
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id], lazy="joined")

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to give it."""
        return self.state in (AskState.ASKED, AskState.TAKEN)

    @property
    def is_wanted(self) -> bool:
        """Whether it is still needed; what somebody cannot give is needed too."""
        return self.is_open or self.state == AskState.DECLINED

    @property
    def asked_at(self) -> datetime:
        """When it was asked of whom it is asked now."""
        return self.handed_at or self.created_at

    @property
    def is_asked_of_somebody(self) -> bool:
        return bool(self.team or self.owner_id or self.of)

    def become(self, state: AskState, *, now: datetime) -> None:
        if state not in ASK_TRANSITIONS[self.state]:
            raise InvalidTransition(f"This ask is {self.state} by now. Nothing changed.")
        self.state, self.since_at = state, now
