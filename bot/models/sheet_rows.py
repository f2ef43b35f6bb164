"""What Touchpoint last wrote into a red account's row of the sheet, so that what people change there is recognised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base


class SheetRow(Base):
    __tablename__ = "sheet_rows"

    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), primary_key=True)
    synced: Mapped[dict[str, Any]]  # column → the value last written or adopted
    writing: Mapped[dict[str, Any]]  # what an attempt under way writes; its answer may be lost
    synced_at: Mapped[datetime]
