"""slack.post: a message that is kept up to date. Posted if it is not there, edited if it is."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from bot.deliveries.drawing import draw
from bot.errors import Gone, Permanent
from bot.integrations.slack import is_person
from bot.integrations.slack_errors import UNREACHABLE
from bot.messages.blocks import Message
from bot.models import Post, RedAccount
from bot.outbox import Claim, Outcomes
from bot.queries.red_accounts import CARD, NOUN
from bot.services import Services
from bot.workflows import people, posts, reminders, tasks


def deliver(services: Services, claim: Claim) -> Outcomes:
    [post_id] = claim.subject_ids
    with services.transaction() as session:
        post = session.get(Post, post_id)
        if post is None:
            return Outcomes()
        head = posts.find(session, post.noun, post.subject_id, post.under) if post.under else None
        if head is not None and head.ts is None:
            return Outcomes()  # `posted` promises it again when the message that it answers is up
        message = draw(services, session, post)
    thread_ts = head.ts if head else None
    shown = _digest(message)
    if post.ts is None or post.channel is None:
        try:
            return Outcomes(posted=_post(services, post, message, thread_ts, claim.first_sent_at[post_id]))
        except Permanent as error:
            if error.code not in UNREACHABLE or not is_person(post.recipient):
                raise
        with services.transaction() as session:
            people.cannot_be_reached(session, post.recipient, now=services.now(), policy=services.policy)
        return Outcomes()
    if post.shown == shown:
        return Outcomes()  # a subject has many messages, and most of its changes show in one
    try:
        services.slack.edit(post.channel, post.ts, message.text, message.blocks, opaque_id=post.opaque_id)
    except Gone:
        with services.transaction() as session:
            posts.lose(session, session.get_one(Post, post_id), now=services.now())
        return Outcomes()
    with services.transaction() as session:
        session.get_one(Post, post_id).shown = shown
    return Outcomes()


def _digest(message: Message) -> str:
    return hashlib.sha256(json.dumps([message.text, message.blocks]).encode()).hexdigest()


def _post(services: Services, post: Post, message: Message, thread_ts: str | None, tried_at: datetime | None) -> bool:
    """Post it and answer True, unless an attempt whose answer was lost has done so: then bring that one up to date.

    A reminder that has said its say while it waited is not posted at all.
    """
    found = None
    if tried_at:
        found = services.slack.find(post.recipient, post.opaque_id, since=tried_at, thread_ts=thread_ts)
    if found:
        services.slack.edit(found.channel, found.ts, message.text, message.blocks, opaque_id=post.opaque_id)
    else:
        with services.transaction() as session:
            row = session.get_one(Post, post.id)
            if not reminders.is_wanted(session, row, now=services.now(), policy=services.policy):
                return False
    posted = found or services.slack.post(
        post.recipient, message.text, message.blocks, opaque_id=post.opaque_id, thread_ts=thread_ts
    )
    with services.transaction() as session:
        row = session.get_one(Post, post.id)
        row.channel, row.ts, row.shown = posted.channel, posted.ts, _digest(message)
        posts.posted(session, row, now=services.now())
        if (row.noun, row.slot) == (NOUN, CARD):  # Tasks in Salesforce link there
            red = session.get_one(RedAccount, row.subject_id)
            tasks.follow(session, red, now=services.now(), policy=services.policy)
    return found is None
