"""What the words of a kind of reminder look like. Each noun has those of its own kinds in its own file."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from bot.messages.blocks import Message
from bot.messages.reminders import Line, Telling
from bot.models import Reminder
from bot.services import Services


class Words(Protocol):
    """What a kind of reminder has to be able to say."""

    def own(self, services: Services, session: Session, telling: Telling) -> Message: ...
    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line: ...
