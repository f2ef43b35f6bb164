"""What is asked about an ask: who gives it, and when it is needed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.deliveries.links import permalink
from bot.deliveries.views import line_view, red_view
from bot.deliveries.words import Words
from bot.messages import asks_reminders as messages
from bot.messages.blocks import Message
from bot.messages.reminders import Line, Telling
from bot.models import Ask, Reminder
from bot.reminders.kinds import ASK_DECLINED, ASK_DUE, ASK_UNANSWERED
from bot.services import Services


class _AskUnanswered:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        ask = session.get_one(Ask, telling.reminder.subject_id)
        view = red_view(services, session, ask.red_account_id)
        return messages.question(view, ask, telling, permalink(services, view.facts.card))

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        ask = session.get_one(Ask, row.subject_id)
        return messages.unanswered_line(line_view(services, session, ask.red_account_id), ask, row)


class _AskDeclined:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        ask = session.get_one(Ask, telling.reminder.subject_id)
        return messages.declined(red_view(services, session, ask.red_account_id), ask, telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        ask = session.get_one(Ask, row.subject_id)
        return messages.declined_line(line_view(services, session, ask.red_account_id), ask, row)


class _AskDue:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        ask = session.get_one(Ask, telling.reminder.subject_id)
        return messages.due(red_view(services, session, ask.red_account_id), ask, telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        ask = session.get_one(Ask, row.subject_id)
        return messages.due_line(line_view(services, session, ask.red_account_id), ask, row, today)


def _late(services: Services, session: Session, telling: Telling) -> Message:
    ask = session.get_one(Ask, telling.reminder.subject_id)
    return messages.late_in_thread(red_view(services, session, ask.red_account_id), ask, telling)


def _answer(services: Services, session: Session, row: Reminder) -> dict[str, Any]:
    ask = session.get_one(Ask, row.subject_id)
    return messages.answer_form(red_view(services, session, ask.red_account_id), ask, row)


WORDS: dict[str, Words] = {
    ASK_UNANSWERED: _AskUnanswered(),
    ASK_DECLINED: _AskDeclined(),
    ASK_DUE: _AskDue(),
}
THREAD_WORDS = {ASK_DUE: _late}
ANSWER_FORMS = {ASK_UNANSWERED: _answer}
