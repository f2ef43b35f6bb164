"""What is asked when somebody set the field to something else in Salesforce."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.deliveries.views import line_view, red_view
from bot.deliveries.words import Words
from bot.messages import off_red as messages
from bot.messages.blocks import Message
from bot.messages.reminders import Line, Telling
from bot.models import Reminder
from bot.queries import red_accounts as red_queries
from bot.reminders.kinds import OFF_RED
from bot.services import Services
from bot.workflows import off_red


class _OffRed:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        view = red_view(services, session, telling.reminder.subject_id)
        red = view.facts.red
        at, outcome = off_red.closes_at(red, services.policy), off_red.outcome(red.account)
        closes = (at, outcome) if at and outcome else None
        return messages.question(view, telling, set_by=red_queries.off_red_by(session, red.id), closes=closes)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        return messages.line(line_view(services, session, row.subject_id), row)


WORDS: dict[str, Words] = {OFF_RED: _OffRed()}
