"""Replies: what people say in a card's thread, kept when Slack forgets it, with license keys cut out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base
from bot.models.people import Person


class Reply(Base):
    __tablename__ = "replies"

    id: Mapped[int] = mapped_column(primary_key=True)
    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    ts: Mapped[str] = mapped_column(String(20))
    thread_ts: Mapped[str | None] = mapped_column(String(20))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(Text)  # as it is now; empty once it was deleted
    said_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]  # when its author was asked whether it is an update
    refused_at: Mapped[datetime | None]  # and said no

    by: Mapped[Person] = relationship(lazy="joined")

    __table_args__ = (UniqueConstraint("channel", "ts"),)
