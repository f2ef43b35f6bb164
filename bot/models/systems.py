"""The outside systems as we last met them: how far we read, since when one is silent, since when we write to it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base


class SystemName(StrEnum):
    SLACK = "slack"
    SALESFORCE = "salesforce"
    SHEETS = "sheets"


class System(Base):
    __tablename__ = "systems"

    name: Mapped[SystemName] = mapped_column(String(20), primary_key=True)
    writes: Mapped[str] = mapped_column(String(3), default="off")  # policy's word when we last looked
    live_at: Mapped[datetime | None]  # last time that writes were switched on
    go_lives: Mapped[int] = mapped_column(default=0)  # how often that happened
    read_to_at: Mapped[datetime | None]  # how far it is read: of Salesforce by its own clock, of Slack by ours
    cursor: Mapped[str | None] = mapped_column(Text)  # where a reading in several pages goes on
    threads_read_at: Mapped[datetime | None]  # of Slack: when the threads of all cards were compared last
    silent_since_at: Mapped[datetime | None]  # no answer since; None while it answers
    error: Mapped[str | None] = mapped_column(Text)
