"""Promises to outside systems, and the lanes that carry their order, pace and back-off."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class PromiseState(StrEnum):
    PENDING = "pending"  # the system does not agree yet
    DONE = "done"
    FAILED = "failed"  # refused for good; kept until someone retries it
    HELD = "held"  # the system's writes are off or dry


class Lane(Base):
    """One ordering key: a Slack channel, a Salesforce account, the sheet, our own long work."""

    __tablename__ = "lanes"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    next_at: Mapped[datetime] = mapped_column(default=LONG_AGO)  # not claimed before; Touchpoint's clock
    lease_until: Mapped[datetime] = mapped_column(default=LONG_AGO)  # claimed until; the real clock
    owner: Mapped[str] = mapped_column(String(80), default="")
    epoch: Mapped[int] = mapped_column(default=0)  # grows with every claim and fences every write-back
    pending: Mapped[int] = mapped_column(default=0)  # how many promises are open
    attempts: Mapped[int] = mapped_column(default=0)  # failures in a row, for the back-off
    paused_reason: Mapped[str | None] = mapped_column(Text)  # what an administrator has to mend

    __table_args__ = (Index("ix_lanes_next_at", "next_at", sqlite_where=pending > 0, postgresql_where=pending > 0),)


class Promise(Base):
    """System and kind must agree with a row. No payload: the delivery reads the row as it is by then."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    lane: Mapped[str] = mapped_column(ForeignKey("lanes.key"))
    kind: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int]
    state: Mapped[PromiseState] = mapped_column(String(10), default=PromiseState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    first_sent_at: Mapped[datetime | None]  # an attempt may have reached the system; None when it certainly did not
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]

    __table_args__ = (
        Index(
            "ix_outbox_lane_pending", "lane", "id", sqlite_where=state == "pending", postgresql_where=state == "pending"
        ),
        Index("ix_outbox_state_id", "state", "id"),
    )
