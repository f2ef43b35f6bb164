"""What Touchpoint last wrote into a red account's row of the sheet, and what people changed there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.errors import InvalidTransition
from bot.models.base import Base


class SheetRow(Base):
    __tablename__ = "sheet_rows"

    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), primary_key=True)
    synced: Mapped[dict[str, Any]]  # column → the value last written or adopted
    writing: Mapped[dict[str, Any]]  # what an attempt under way writes; its answer may be lost
    synced_at: Mapped[datetime]
    #: column → a cell of theirs that nobody could read; of a list, the lines that nobody could take
    left: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_missing: Mapped[bool] = mapped_column(default=False)  # somebody deleted it, and it is theirs to delete
    times_added: Mapped[int] = mapped_column(default=0)  # after somebody deleted it, and somebody wanted it back


class SheetEdit(Base):
    """A cell that people changed and that flowed back. The thread is told of several at once."""

    __tablename__ = "sheet_edits"

    id: Mapped[int] = mapped_column(primary_key=True)
    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), index=True)
    column: Mapped[str] = mapped_column(String(40))  # our name of it
    was: Mapped[str | None] = mapped_column(Text)
    became: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)  # what Touchpoint did not do with it, and why
    seen_at: Mapped[datetime]
    said_at: Mapped[datetime | None]  # when the thread was told

    __table_args__ = (
        Index(
            "ix_sheet_edits_unsaid",
            "red_account_id",
            sqlite_where=text("said_at IS NULL"),
            postgresql_where=text("said_at IS NULL"),
        ),
    )


class ConflictState(StrEnum):
    ASKED = "asked"
    SHEET = "the sheet's"  # kept, by a click or because nobody answered
    OURS = "ours"
    OVER = "over"  # both say the same by now


CONFLICT_TRANSITIONS: dict[ConflictState, frozenset[ConflictState]] = {
    ConflictState.ASKED: frozenset({ConflictState.SHEET, ConflictState.OURS, ConflictState.OVER}),
    ConflictState.SHEET: frozenset(),
    ConflictState.OURS: frozenset(),
    ConflictState.OVER: frozenset(),
}


class SheetConflict(Base):
    """A cell that was changed in the sheet and in Slack: "The sheet says …, you say …"."""

    __tablename__ = "sheet_conflicts"

    id: Mapped[int] = mapped_column(primary_key=True)
    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), index=True)
    column: Mapped[str] = mapped_column(String(40))
    sheet_says: Mapped[str | None] = mapped_column(Text)
    we_say: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # who wrote ours, and is asked
    state: Mapped[ConflictState] = mapped_column(String(12), default=ConflictState.ASKED)
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    __table_args__ = (
        Index(
            "uq_sheet_conflicts_one_asked",
            "red_account_id",
            "column",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
    )

    def become(self, state: ConflictState) -> None:
        if state not in CONFLICT_TRANSITIONS[self.state]:
            raise InvalidTransition("Somebody has answered this before. Nothing changed.")
        self.state = state
