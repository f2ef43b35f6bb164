"""Updates: how a red account goes, told by its CE or AE at the pace that policy sets."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class News:
    """What somebody says of how it goes."""

    changed: str
    blocker: str | None = None
    next_step: str | None = None
    next_on: date | None = None
    mood: Mood | None = None


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
    in_salesforce: Mapped[str | None] = mapped_column(Text)  # what was last written there: anything else is people's
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]  # by whoever posted it

    by: Mapped[Person] = relationship(lazy="joined")
