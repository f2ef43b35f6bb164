"""Agreements: the AE's and the CE's word that a red account's plan is the right one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base
from bot.models.people import Person


class Role(StrEnum):
    CE = "CE"
    AE = "AE"


class Agreement(Base):
    """One per red account and role. It is taken away when somebody else changes what was agreed to."""

    __tablename__ = "agreements"

    red_account_id: Mapped[int] = mapped_column(ForeignKey("red_accounts.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(String(2), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship(lazy="joined")
