"""What the bot has up in Slack: messages that are kept up to date (posts) and those that are said once (notices)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base


class Post(Base):
    """One message per noun, subject and slot ("card", "opening"); edited in place, posted again if it is deleted."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    opaque_id: Mapped[str] = mapped_column(String(36), unique=True)  # in the message's metadata; says nothing
    noun: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    slot: Mapped[str] = mapped_column(String(40))
    under: Mapped[str | None] = mapped_column(String(40))  # the slot whose thread it stands in
    recipient: Mapped[str] = mapped_column(String(20))  # a channel's id, or a person's Slack id for a DM
    channel: Mapped[str | None] = mapped_column(String(20), index=True)  # where Slack put it (a DM's own channel)
    ts: Mapped[str | None] = mapped_column(String(20))
    shown: Mapped[str | None] = mapped_column(String(64))  # a digest of what it says, so that it is not edited in vain
    told_at: Mapped[datetime | None]  # of a reminder's message, of which a person has only so many a day

    __table_args__ = (
        UniqueConstraint("noun", "subject_id", "slot"),
        Index("ix_posts_recipient_told_at", "recipient", "told_at"),
    )


class LostThread(Base):
    """The thread of a message that was deleted and posted again: Slack keeps it, and people may go on talking there."""

    __tablename__ = "lost_threads"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    ts: Mapped[str] = mapped_column(String(20))
    noun: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]

    __table_args__ = (UniqueConstraint("channel", "ts"),)


class Notice(Base):
    """A message said once. The key holds what it is about, so that it can exist once: "red_account.asked:12"."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    opaque_id: Mapped[str] = mapped_column(String(36), unique=True)
    recipient: Mapped[str] = mapped_column(String(20))  # a channel's id, or a person's Slack id for a DM
    message: Mapped[str] = mapped_column(String(60))  # which message; deliveries/notices.py knows it
    subject_id: Mapped[int]
    details: Mapped[dict[str, Any]]
    under_id: Mapped[int | None] = mapped_column(
        ForeignKey("posts.id"), index=True
    )  # the post in whose thread it stands
    created_at: Mapped[datetime]
    channel: Mapped[str | None] = mapped_column(String(20))  # where Slack put it (a DM's own channel)
    ts: Mapped[str | None] = mapped_column(String(20))  # of a file: its id, for Slack names no message
