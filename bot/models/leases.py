"""Background work that must run once at a time, whichever process does it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base
from bot.models.outbox import LONG_AGO


class Lease(Base):
    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80), default="")
    epoch: Mapped[int] = mapped_column(default=0)
    until: Mapped[datetime] = mapped_column(default=LONG_AGO)  # the real clock
