"""What is asked about how a red account goes: the next update, and after thirty days how to go on."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.deliveries.views import line_view, red_view
from bot.deliveries.words import Words
from bot.messages import still_red as still_red_messages
from bot.messages import updates as update_messages
from bot.messages.blocks import Message
from bot.messages.reminders import Line, Telling
from bot.models import Reminder
from bot.reminders.kinds import STILL_RED, UPDATE
from bot.services import Services


class _Update:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        return update_messages.own_message(red_view(services, session, telling.reminder.subject_id), telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        return update_messages.line(line_view(services, session, row.subject_id), row, today)


class _StillRed:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        return still_red_messages.question(red_view(services, session, telling.reminder.subject_id), telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        return still_red_messages.line(line_view(services, session, row.subject_id), row)


def _in_thread(services: Services, session: Session, telling: Telling) -> Message:
    return update_messages.reminder_in_thread(red_view(services, session, telling.reminder.subject_id), telling)


def _answer(services: Services, session: Session, row: Reminder) -> dict[str, Any]:
    return still_red_messages.answer_form(red_view(services, session, row.subject_id), row)


WORDS: dict[str, Words] = {UPDATE: _Update(), STILL_RED: _StillRed()}
THREAD_WORDS = {UPDATE: _in_thread}
ANSWER_FORMS = {STILL_RED: _answer}
