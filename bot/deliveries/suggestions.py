"""What is asked where the figures say that an account may be red."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.deliveries.views import links
from bot.deliveries.words import Words
from bot.messages import suggestions as messages
from bot.messages.blocks import Message
from bot.messages.reminders import Line, Telling
from bot.models import Reminder, Suggestion
from bot.reminders.kinds import SUGGESTION
from bot.services import Services
from bot.workflows import designation


class _Suggestion:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        one = session.get_one(Suggestion, telling.reminder.subject_id)
        today = telling.now.astimezone(ZoneInfo(services.policy.region(one.account.region).time_zone)).date()
        where = links(services, one.account).line()
        figures = designation.words(one.criteria)
        return messages.question(one, figures, telling, links=where, today=today)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        one = session.get_one(Suggestion, row.subject_id)
        return messages.line(one, designation.words(one.criteria), row)


def _answer(services: Services, session: Session, row: Reminder) -> dict[str, Any]:
    one = session.get_one(Suggestion, row.subject_id)
    return messages.answer_form(one, designation.words(one.criteria), row)


WORDS: dict[str, Words] = {SUGGESTION: _Suggestion()}
ANSWER_FORMS = {SUGGESTION: _answer}
