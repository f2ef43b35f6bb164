"""People: the mirror of Slack's members and Salesforce's users, one row per human."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base


class Person(Base):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    slack_id: Mapped[str | None] = mapped_column(String(20), unique=True)
    salesforce_id: Mapped[str | None] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(320), index=True)  # lower case; joins the two systems
    title: Mapped[str] = mapped_column(String(200), default="")
    time_zone: Mapped[str | None] = mapped_column(String(64))  # IANA name, from Slack
    is_member: Mapped[bool] = mapped_column(default=False)  # a full, active member of this workspace, and no bot
    is_active_in_salesforce: Mapped[bool] = mapped_column(default=False)

    @property
    def zone(self) -> str:
        """Whose clock counts for them. Slack names one for every member."""
        return self.time_zone or "UTC"

    @property
    def can_be_asked(self) -> bool:
        """Whether a message reaches this person: everyone else gets nothing."""
        return self.is_member and self.slack_id is not None
