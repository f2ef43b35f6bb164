"""Action items: what the account team does itself."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.errors import InvalidTransition
from bot.models.base import Base
from bot.models.people import Person


class ActionState(StrEnum):
    OPEN = "open"
    BLOCKED = "blocked"
    DONE = "done"
    DROPPED = "dropped"


ACTION_TRANSITIONS: dict[ActionState, frozenset[ActionState]] = {
    ActionState.OPEN: frozenset({ActionState.BLOCKED, ActionState.DONE, ActionState.DROPPED}),
    ActionState.BLOCKED: frozenset({ActionState.OPEN, ActionState.DONE, ActionState.DROPPED}),
    ActionState.DONE: frozenset({ActionState.OPEN, ActionState.BLOCKED}),  # undone, or the ✅ taken off
    ActionState.DROPPED: frozenset({ActionState.OPEN, ActionState.BLOCKED}),
}


class ActionItem(Base):
    __tablename__ = "action_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), index=True)
    what: Mapped[str] = mapped_column(Text)
    serves: Mapped[str | None] = mapped_column(Text)  # what it is for: a part of the goal
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    due_on: Mapped[date | None]
    state: Mapped[ActionState] = mapped_column(String(10), default=ActionState.OPEN)
    since_at: Mapped[datetime]  # when it came into this state
    note: Mapped[str | None] = mapped_column(Text)  # what it waits for, or why it was dropped
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    before: Mapped[dict[str, Any] | None]  # of what is over: the state that an undo goes back to, its note and its time
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("action_items.id"))  # of the last red account
    made_of: Mapped[str | None] = mapped_column(String(45))  # the message that it was made of: "channel ts"
    task_id: Mapped[str | None] = mapped_column(String(18), index=True)  # in Salesforce
    task_synced: Mapped[dict[str, Any] | None]  # what the Task said when the two last agreed
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]

    handed_at: Mapped[datetime | None]  # when somebody else gave it to its owner
    handed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # who: or whose it was until they left
    marks: Mapped[dict[str, Any]] = mapped_column(default=dict)  # its owner's ✅ and ✔: there or not, since when

    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id], lazy="joined")
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id], lazy="joined")
    handed_by: Mapped[Person | None] = relationship(foreign_keys=[handed_by_id], lazy="joined")

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it; what is blocked is open too."""
        return self.state in (ActionState.OPEN, ActionState.BLOCKED)

    def become(self, state: ActionState, *, now: datetime) -> None:
        if state not in ACTION_TRANSITIONS[self.state]:
            raise InvalidTransition(f"This action is {self.state} by now. Nothing changed.")
        if self.is_open:
            self.before = {"state": self.state, "note": self.note, "since_at": self.since_at.isoformat()}
        self.state, self.since_at = state, now

    def reopen(self, *, now: datetime) -> None:
        """As it was before it was done or dropped: what was blocked waits again for what it waited for."""
        before = self.before or {}
        self.become(ActionState(before.get("state", ActionState.OPEN)), now=now)
        self.note, self.ended_by_id, self.ended_by = before.get("note"), None, None
        if self.state == ActionState.BLOCKED:
            self.since_at = datetime.fromisoformat(before["since_at"])
