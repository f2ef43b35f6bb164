"""Noun and slot → the message as it should be now. The one place that knows which message is which."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.deliveries import reminders
from bot.deliveries.views import red_view
from bot.messages import go_live as go_live_messages
from bot.messages import red_accounts as red_messages
from bot.messages import red_accounts_proposals as proposal_messages
from bot.messages import resolutions as resolution_messages
from bot.messages.blocks import Message
from bot.models import Post, Resolution
from bot.queries import red_accounts as queries
from bot.services import Services
from bot.workflows import go_live, posts, red_accounts_proposals, resolutions
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


DRAWINGS: dict[tuple[str, str], Draw] = {
    (queries.NOUN, queries.CARD): lambda services, session, s: red_messages.card(red_view(services, session, s)),
    (queries.NOUN, queries.OPENING): lambda services, session, s: red_messages.opening(red_view(services, session, s)),
    (queries.NOUN, red_accounts_proposals.PROPOSAL_BY): _proposed,
    (resolutions.NOUN, resolutions.ASK_BY): _asked,
    (go_live.NOUN, go_live.SUMMARY): _summary,
}
#: What stands in a card's thread once for each of something: its slot is "action 12", and 12 is what is drawn.
OF_ITS_THREAD: dict[str, Draw] = {IN_THREAD.strip(): reminders.in_thread}
