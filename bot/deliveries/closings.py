"""What is asked about a red account that is over: its words in a digest and by DM."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.deliveries.views import line_view, red_view
from bot.deliveries.words import Words
from bot.messages import closings as messages
from bot.messages.blocks import Message
from bot.messages.reminders import Line, Telling
from bot.models import Reminder
from bot.reminders.kinds import RETRO, WATCHES
from bot.services import Services


class Retro:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        return messages.retro_message(red_view(services, session, telling.reminder.subject_id), telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        return messages.retro_line(line_view(services, session, row.subject_id), row, today)


class Watch:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        return messages.watch_message(red_view(services, session, telling.reminder.subject_id), telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        return messages.watch_line(line_view(services, session, row.subject_id), row, today)


WORDS: dict[str, Words] = {RETRO: Retro(), **dict.fromkeys(WATCHES, Watch())}
