"""Updates: how a red account goes, told by its CE or AE at the pace that policy sets."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base
from bot.models.people import Person


class Mood(StrEnum):
    BETTER = "better"
    SAME = "the same"
    WORSE = "worse"


class Update(Base):
    __tablename__ = "updates"

    id: Mapped[int] = mapped_column(primary_key=True)
    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), index=True)
    changed: Mapped[str] = mapped_column(Text)  # what changed
    blocker: Mapped[str | None] = mapped_column(Text)
    next_step: Mapped[str | None] = mapped_column(Text)
    next_on: Mapped[date | None]
    mood: Mapped[Mood | None] = mapped_column(String(10))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"), unique=True)  # the reply it was made from
    task_id: Mapped[str | None] = mapped_column(String(18))  # as a logged activity in Salesforce
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]

    by: Mapped[Person] = relationship(lazy="joined")
