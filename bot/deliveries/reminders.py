"""Kind of reminder → what it says: as a message of its own, in the thread, and as a line of a digest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.deliveries import action_items, asks, closings, off_red, plans, sheet_conflicts, suggestions, updates
from bot.deliveries.links import permalink
from bot.deliveries.views import line_view, red_view
from bot.deliveries.words import Words
from bot.messages import red_accounts_proposals as proposal_messages
from bot.messages import red_accounts_reminders as fill_in_messages
from bot.messages import reminders as messages
from bot.messages import resolutions as resolution_messages
from bot.messages import team as team_messages
from bot.messages.blocks import Message
from bot.messages.reminders import Line, Telling
from bot.models import Person, Post, Reminder, Resolution
from bot.queries import digests as queries
from bot.reminders.kinds import (
    DIGEST,
    FILL_IN,
    HANDED_OVER,
    PROPOSAL,
    RESOLUTION,
)
from bot.reminders.reach import Reach
from bot.services import Services

COMING = timedelta(days=7)  # how far a digest looks ahead


def own(services: Services, session: Session, post: Post) -> Message:
    """One of its messages of its own."""
    row = session.get_one(Reminder, post.subject_id)
    if row.kind == DIGEST:
        return _digest(services, session, row)
    assert row.recipient is not None  # only a thread has none
    reach = Reach(session, services.policy, services.now())
    morning = reach.hours(row.told_to or row.recipient).from_time
    telling = Telling(row, int(post.slot), post.recipient, morning, services.now())
    return WORDS[row.kind].own(services, session, telling)


def in_thread(services: Services, session: Session, reminder_id: int) -> Message:
    row = session.get_one(Reminder, reminder_id)
    telling = Telling(row, row.messages, "", services.policy.reminders.from_time, services.now())
    return THREAD_WORDS[row.kind](services, session, telling)


def line(services: Services, session: Session, row: Reminder, today: date) -> Line:
    """As a digest of that day lists it."""
    return WORDS[row.kind].line(services, session, row, today)


def lines(services: Services, session: Session, rows: Sequence[Reminder], today: date) -> list[Line]:
    """Section by section, and what has been open longest first."""
    order = list(messages.Section)
    found = [line(services, session, row, today) for row in rows]
    return sorted(found, key=lambda one: (order.index(one.section), one.reminder.due_at, one.reminder.id))


def answer_form(services: Services, session: Session, row: Reminder) -> dict[str, Any]:
    """The form that answers a question where a digest lists it."""
    return ANSWER_FORMS[row.kind](services, session, row)


def _digest(services: Services, session: Session, row: Reminder) -> Message:
    assert row.recipient is not None
    listed = lines(services, session, queries.listed_in(session, row.id), row.day)
    coming = _coming(services, session, row, row.recipient, row.day)
    return messages.digest(messages.Digest(row, row.day, listed, coming, row.is_asked_for))


def _coming(services: Services, session: Session, row: Reminder, person: Person, day: date) -> list[str]:
    """What falls due in the days after the digest and was not told yet. A question is not announced."""
    found = queries.coming(session, person, after=row.due_at, until=row.due_at + COMING)
    return [line(services, session, one, day).text for one in found if one.kind not in ANSWER_FORMS]


class _FillIn:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        return fill_in_messages.own_message(red_view(services, session, telling.reminder.subject_id), telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        return fill_in_messages.line(line_view(services, session, row.subject_id), row, today)


class _HandedOver:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        view = red_view(services, session, telling.reminder.subject_id)
        return team_messages.own_message(view, telling, permalink(services, view.facts.card))

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        return team_messages.line(line_view(services, session, row.subject_id), row)


class _Proposal:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        view = red_view(services, session, telling.reminder.subject_id)
        ce = view.facts.account.ce
        reader = "ce" if telling.reminder.step == 0 and ce and ce.can_be_asked else "lead"
        return proposal_messages.proposal(view, reader=reader, telling=telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        return proposal_messages.line(line_view(services, session, row.subject_id), row)


class _Resolution:
    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        wish = session.get_one(Resolution, telling.reminder.subject_id)
        view = red_view(services, session, wish.red_account_id)
        return resolution_messages.question(view, wish, reader="ce", telling=telling)

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        wish = session.get_one(Resolution, row.subject_id)
        return resolution_messages.line(line_view(services, session, wish.red_account_id), wish, row)


def _fill_in_late(services: Services, session: Session, telling: Telling) -> Message:
    return fill_in_messages.in_thread(red_view(services, session, telling.reminder.subject_id), telling)


#: Kind → its words. Those of a noun stand in its own file.
WORDS: dict[str, Words] = {
    FILL_IN: _FillIn(),
    HANDED_OVER: _HandedOver(),
    PROPOSAL: _Proposal(),
    RESOLUTION: _Resolution(),
    **plans.WORDS,
    **asks.WORDS,
    **action_items.WORDS,
    **off_red.WORDS,
    **suggestions.WORDS,
    **updates.WORDS,
    **sheet_conflicts.WORDS,
    **closings.WORDS,
}
#: And what it says in a thread, if a step of it goes there.
THREAD_WORDS: dict[str, Callable[[Services, Session, Telling], Message]] = {
    FILL_IN: _fill_in_late,
    **plans.THREAD_WORDS,
    **asks.THREAD_WORDS,
    **action_items.THREAD_WORDS,
    **updates.THREAD_WORDS,
}


def _answer_proposal(services: Services, session: Session, row: Reminder) -> dict[str, Any]:
    return proposal_messages.answer_form(red_view(services, session, row.subject_id), row)


def _answer_wish(services: Services, session: Session, row: Reminder) -> dict[str, Any]:
    wish = session.get_one(Resolution, row.subject_id)
    return resolution_messages.answer_form(red_view(services, session, wish.red_account_id), wish, row)


#: And its form, if it is a question.
ANSWER_FORMS: dict[str, Callable[[Services, Session, Reminder], dict[str, Any]]] = {
    PROPOSAL: _answer_proposal,
    RESOLUTION: _answer_wish,
    **asks.ANSWER_FORMS,
    **suggestions.ANSWER_FORMS,
    **updates.ANSWER_FORMS,
}
