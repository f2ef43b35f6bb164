"""Noun and slot → the message as it should be now. The one place that knows which message is which."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.deliveries import action_items, reminders, summary
from bot.deliveries.links import address, permalink
from bot.deliveries.views import red_view
from bot.messages import asks as ask_messages
from bot.messages import go_live as go_live_messages
from bot.messages import red_accounts as red_messages
from bot.messages import red_accounts_proposals as proposal_messages
from bot.messages import replies as reply_messages
from bot.messages import resolutions as resolution_messages
from bot.messages import updates as update_messages
from bot.messages.blocks import Message
from bot.models import Ask, Post, Reply, Resolution, Update
from bot.queries import red_accounts as queries
from bot.queries import updates
from bot.queries.action_items import SLOT
from bot.services import Services
from bot.workflows import asks, asks_reminders, go_live, posts, red_accounts_proposals, replies, resolutions, summaries
from bot.workflows.action_items import CARRY
from bot.workflows.reminders import IN_THREAD

Draw = Callable[[Services, Session, int], Message]


def draw(services: Services, session: Session, post: Post) -> Message:
    if post.noun == posts.REMINDER:
        return reminders.own(services, session, post)
    slot, _, number = post.slot.partition(" ")
    if number:
        return OF_ITS_THREAD[slot](services, session, int(number))
    return DRAWINGS[post.noun, post.slot](services, session, post.subject_id)


def _proposed(services: Services, session: Session, subject: int) -> Message:
    return proposal_messages.proposal(red_view(services, session, subject), reader="by")


def _asked(services: Services, session: Session, subject: int) -> Message:
    wish = session.get_one(Resolution, subject)
    return resolution_messages.question(red_view(services, session, wish.red_account_id), wish, reader="by")


def _summary(services: Services, session: Session, _subject: int) -> Message:
    return go_live_messages.day_one(queries.without_card(session), services.policy, services.now())


def _ask(services: Services, session: Session, ask_id: int) -> Message:
    ask = session.get_one(Ask, ask_id)
    view = red_view(services, session, ask.red_account_id)
    return ask_messages.in_thread(view, ask, address(services, ask.made_of))


def _ask_for_team(services: Services, session: Session, ask_id: int) -> Message:
    ask = session.get_one(Ask, ask_id)
    view = red_view(services, session, ask.red_account_id)
    return ask_messages.in_team_channel(view, ask, permalink(services, view.facts.card))


def _update(services: Services, session: Session, update_id: int) -> Message:
    update = session.get_one(Update, update_id)
    newest = updates.newest(session, update.red_account_id)
    is_newest = newest is not None and newest.id == update.id
    return update_messages.in_thread(red_view(services, session, update.red_account_id), update, is_newest=is_newest)


def _offer(services: Services, session: Session, reply_id: int) -> Message:
    reply = session.get_one(Reply, reply_id)
    return reply_messages.offer(
        red_view(services, session, reply.red_account_id), reply, updates.made_from(session, reply.id)
    )


DRAWINGS: dict[tuple[str, str], Draw] = {
    (queries.NOUN, queries.CARD): lambda services, session, s: red_messages.card(red_view(services, session, s)),
    (queries.NOUN, queries.OPENING): lambda services, session, s: red_messages.opening(red_view(services, session, s)),
    (queries.NOUN, red_accounts_proposals.PROPOSAL_BY): _proposed,
    (resolutions.NOUN, resolutions.ASK_BY): _asked,
    (go_live.NOUN, go_live.SUMMARY): _summary,
    (asks_reminders.NOUN, asks.TEAM): _ask_for_team,
    (replies.NOUN, replies.OFFER): _offer,
    (summaries.NOUN, summaries.SLOT): summary.monday,
}
#: What stands in a card's thread once for each of something: its slot is "action 12", and 12 is what is drawn.
OF_ITS_THREAD: dict[str, Draw] = {
    IN_THREAD.strip(): reminders.in_thread,
    asks.IN_THREAD.strip(): _ask,
    SLOT.strip(): action_items.item_message,
    CARRY.strip(): action_items.carry_message,
    updates.SLOT.strip(): _update,
}
