"""Accounts: the mirror of Salesforce's. Salesforce stays the truth; cards, selects and checks read this."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base
from bot.models.people import Person


class Health(StrEnum):
    RED = "Red"
    YELLOW = "Yellow"
    GREEN = "Green"


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    salesforce_id: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    search_name: Mapped[str] = mapped_column(String(255), index=True)  # name.casefold(), for typing ahead
    health: Mapped[str | None] = mapped_column(String(255), index=True)  # as Salesforce last said it
    ae_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    ce_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    region: Mapped[str | None] = mapped_column(String(255))
    tier: Mapped[str | None] = mapped_column(String(255))
    arr: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))  # US dollars a year
    renewal_on: Mapped[date | None]
    seats: Mapped[int | None]
    weekly_users: Mapped[int | None]
    usage_change: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))  # per cent over four weeks
    usage_as_of: Mapped[date | None]
    health_score: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))  # 0 to 10
    last_contact_on: Mapped[date | None]
    signed_on: Mapped[date | None]  # when the contract was signed
    deployed_on: Mapped[date | None]  # when production went live
    is_left_red: Mapped[bool] = mapped_column(default=False)  # churned while red: none opens until the field leaves Red
    is_deleted: Mapped[bool] = mapped_column(default=False)
    refreshed_at: Mapped[datetime]

    ae: Mapped[Person | None] = relationship(foreign_keys=[ae_id], lazy="joined")
    ce: Mapped[Person | None] = relationship(foreign_keys=[ce_id], lazy="joined")
