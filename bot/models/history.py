"""Who changed what, when, from what to what, and why. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base


class History(Base):
    __tablename__ = "history"

    id: Mapped[int] = mapped_column(primary_key=True)
    noun: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # None: Touchpoint, from what a system said
    what: Mapped[str] = mapped_column(String(60))
    was: Mapped[str | None] = mapped_column(String(60))
    became: Mapped[str | None] = mapped_column(String(60))
    why: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(String(20))  # where people did it, if not in Slack: "the sheet"

    __table_args__ = (Index("ix_history_noun_subject_id", "noun", "subject_id", "id"),)
