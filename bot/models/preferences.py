"""What each person chose: hours, digest, quiet, days off and who covers them. Without a row, policy's hours hold."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.models.base import Base
from bot.models.people import Person


class Preferences(Base):
    __tablename__ = "preferences"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    region: Mapped[str | None] = mapped_column(String(60))  # of policy: whose weekend and holidays hold
    from_time: Mapped[time | None]
    to_time: Mapped[time | None]
    digest_time: Mapped[time | None]
    muted_until_at: Mapped[datetime | None]
    away_from_on: Mapped[date | None]
    away_to_on: Mapped[date | None]  # the last day away
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)

    cover: Mapped[Person | None] = relationship(foreign_keys=[cover_id], lazy="joined")

    def is_back_after(self, day: date) -> bool:
        """Whether they are away on that day or on one that is still to come."""
        return self.away_from_on is not None and (self.away_to_on or self.away_from_on) >= day

    def is_away(self, day: date) -> bool:
        return self.away_from_on is not None and self.away_from_on <= day <= (self.away_to_on or self.away_from_on)
