"""What is asked where the sheet and Slack say different things."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.deliveries.views import line_view, red_view
from bot.deliveries.words import Words
from bot.messages import sheet_edits as messages
from bot.messages.blocks import Message
from bot.messages.reminders import Line, Telling
from bot.models import Reminder, SheetConflict
from bot.reminders.kinds import CONFLICT
from bot.services import Services


class _Conflict:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        conflict = session.get_one(SheetConflict, telling.reminder.subject_id)
        return messages.conflict(red_view(services, session, conflict.red_account_id), conflict, telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        conflict = session.get_one(SheetConflict, row.subject_id)
        return messages.conflict_line(line_view(services, session, conflict.red_account_id), conflict, row)


WORDS: dict[str, Words] = {CONFLICT: _Conflict()}
