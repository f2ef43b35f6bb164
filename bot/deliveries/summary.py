"""Monday's summary, drawn from how everything stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.messages import summaries as messages
from bot.messages.blocks import Message
from bot.messages.red_accounts_view import Links, View
from bot.queries import red_accounts, summaries
from bot.services import Services
from bot.workflows.summaries import of

WEEK = timedelta(weeks=1)


def monday(services: Services, session: Session, subject_id: int) -> Message:
    row, now = of(session, subject_id), services.now()
    due: datetime = row.due_at if row else now
    week = summaries.week(session, since=due - WEEK, until=now)
    policy = services.policy
    views = [
        messages.Standing(
            View(red_accounts.bare_facts(one.red), policy, Links(None, None, None, None), now), one.update
        )
        for one in week.standings
    ]
    return messages.monday(views, new=week.new, ended=week.ended, sheet=services.sheets.url())
