"""What is asked about a plan, and about the agreement to it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.deliveries.views import line_view, red_view
from bot.deliveries.words import Words
from bot.messages import plans_reminders as messages
from bot.messages.blocks import Message
from bot.messages.reminders import Line, Telling
from bot.models import Reminder
from bot.reminders.kinds import AGREEMENT, PLAN
from bot.services import Services


class _Plan:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        return messages.own_message(red_view(services, session, telling.reminder.subject_id), telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        return messages.line(line_view(services, session, row.subject_id), row, today)


class _Agreement:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        return messages.question(red_view(services, session, telling.reminder.subject_id), telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        return messages.question_line(line_view(services, session, row.subject_id), row)


def _in_thread(services: Services, session: Session, telling: Telling) -> Message:
    return messages.in_thread(red_view(services, session, telling.reminder.subject_id), telling)


WORDS: dict[str, Words] = {PLAN: _Plan(), AGREEMENT: _Agreement()}
THREAD_WORDS = {PLAN: _in_thread}
