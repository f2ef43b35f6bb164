"""Asks: what another team must give so that a red account can be helped."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base


class Ask(Base):
    __tablename__ = "asks"

    id: Mapped[int] = mapped_column(primary_key=True)
    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), index=True)
    what: Mapped[str] = mapped_column(Text)
    of: Mapped[str | None] = mapped_column(Text)  # the team or person that must give it
    needed_on: Mapped[date | None]
    why: Mapped[str | None] = mapped_column(Text)  # and what happens otherwise
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
