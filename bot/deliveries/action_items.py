"""What the messages about action items are drawn from."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from bot.deliveries.links import address, permalink
from bot.deliveries.views import line_view
from bot.deliveries.words import Words
from bot.messages import action_items as messages
from bot.messages import action_items_reminders as reminder_messages
from bot.messages.blocks import Message
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Line, Telling
from bot.models import ActionItem, Ask, Notice, Person, RedAccount, Reminder
from bot.queries import action_items as queries
from bot.queries import red_accounts as red_queries
from bot.reminders.kinds import ACTION_DUE, ACTION_HANDED
from bot.services import Services


def item_message(services: Services, session: Session, item_id: int) -> Message:
    item, view = _drawn(services, session, item_id)
    said_at = address(services, item.made_of)
    return messages.item_message(view, item, carried_to=queries.carried_to(session, item), said_at=said_at)


def carry_message(services: Services, session: Session, red_account_id: int) -> Message:
    view = line_view(services, session, red_account_id)
    previous = session.get_one(RedAccount, view.facts.red.previous_id)
    red = view.facts.red
    left: list[ActionItem | Ask] = [*queries.to_carry(session, red), *queries.asks_to_carry(session, red)]
    return messages.carry_message(view, previous, left, queries.carried(red))


def said_in_thread(services: Services, session: Session, notice: Notice) -> Message:
    details = notice.details
    item, view = _drawn(services, session, details["item_id"])
    by, was, became, whom = (
        session.get(Person, details[key]) if details.get(key) else None
        for key in ("by_id", "was_id", "became_id", "whom_id")
    )
    return messages.said_in_thread(view, item, details, by, was, became, _url(services, session, item), whom)


class DueWords:
    """What a reminder of an action that is due says."""

    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        item, view = _drawn(services, session, telling.reminder.subject_id)
        return reminder_messages.own_message(view, item, telling, _url(services, session, item))

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        item, view = _drawn(services, session, row.subject_id)
        return reminder_messages.line(view, item, row, today)

    def in_thread(self, services: Services, session: Session, telling: Telling) -> Message:
        item, view = _drawn(services, session, telling.reminder.subject_id)
        return reminder_messages.in_thread(view, item, telling)


class HandedWords:
    """What whoever has it from now on is told."""

    def own(self, services: Services, session: Session, telling: Telling) -> Message:
        item, view = _drawn(services, session, telling.reminder.subject_id)
        together = queries.handed_with(session, item, telling.reminder.recipient)
        if len(together) > 1:
            return reminder_messages.handed_several(view, together, telling, _url(services, session, item))
        return reminder_messages.handed_message(view, item, telling, _url(services, session, item))

    def line(self, services: Services, session: Session, row: Reminder, today: date) -> Line:
        item, view = _drawn(services, session, row.subject_id)
        more = len(queries.handed_with(session, item, row.recipient)) - 1
        return reminder_messages.handed_line(view, item, row, more)


def _url(services: Services, session: Session, item: ActionItem) -> str | None:
    """Where its message is, or its thread while Slack does not have the message yet."""
    card = red_queries.card_post(session, item.red_account_id)
    return permalink(services, queries.post_of(session, item)) or permalink(services, card)


def _drawn(services: Services, session: Session, item_id: int) -> tuple[ActionItem, View]:
    item = session.get_one(ActionItem, item_id)
    return item, line_view(services, session, item.red_account_id)


WORDS: dict[str, Words] = {ACTION_DUE: DueWords(), ACTION_HANDED: HandedWords()}
THREAD_WORDS = {ACTION_DUE: DueWords().in_thread}
