"""A channel's threads, read anew: what people said under cards while Touchpoint was away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.errors import Gone
from bot.models import System, SystemName
from bot.services import Services
from bot.workflows import action_items_marks
from bot.workflows import replies as workflow
from bot.workflows.replies import Said, Thread

#: What people say; everything else that has a subtype is said by Slack or by an app.
SPOKEN = (None, "file_share", "me_message", "thread_broadcast")
MOST_THREADS = 30  # at once: Slack allows fifty readings of threads a minute, and others need some of them


def spoken(message: dict[str, Any], channel: str) -> Said | None:
    """A message as a person's reply; None where it is none."""
    is_reply = message.get("thread_ts", message.get("ts")) != message.get("ts")
    is_a_persons = message.get("subtype") in SPOKEN and not message.get("bot_id") and message.get("user")
    if not is_reply or not is_a_persons:
        return None
    edited_ts = message.get("edited", {}).get("ts")
    files = tuple(file.get("name") or "without a name" for file in message.get("files", ()))
    text = message.get("text", "")
    return Said(channel, message["thread_ts"], message["ts"], message["user"], text, edited_ts, files)


def read_missed(services: Services, now: datetime) -> bool:
    """Read the threads of cards in which something has changed. False: there are more of them."""
    channel = services.policy.channels.red_accounts
    changed = _changed(services, channel, now)
    for thread in changed[:MOST_THREADS]:
        _read(services, thread)
        services.still_here()
    if len(changed) > MOST_THREADS:
        return False
    with services.transaction() as session:
        session.get_one(System, SystemName.SLACK).threads_read_at = now
    return True


def _changed(services: Services, channel: str, now: datetime) -> list[Thread]:
    """The channel's own messages say how many replies each has, 200 cards a call: no thread is read in vain."""
    with services.transaction() as session:
        oldest = workflow.oldest_card(session, channel, now=now)
    if oldest is None:
        return []
    seen: dict[str, str] = {}
    cursor = None
    while True:
        page, cursor = services.slack.threads(channel, oldest=oldest, cursor=cursor)
        seen |= {thread.ts: thread.seen for thread in page}
        if not cursor:
            break
    with services.transaction() as session:
        return workflow.to_read(session, channel, seen, now=now)


def _read(services: Services, thread: Thread) -> None:
    began_at = services.now()
    try:
        messages = services.slack.replies(thread.channel, thread.ts)
    except Gone:  # the card was deleted, and comes back as a new one
        return
    found = [said for message in messages if (said := spoken(message, thread.channel))]
    with services.transaction() as session:
        now = services.now()
        workflow.take_thread(session, thread, found, began_at=began_at, now=now, policy=services.policy)
        seen = {message["ts"]: _marks(message) for message in messages}
        action_items_marks.read(session, thread.red_account_id, seen, at=began_at, now=now, policy=services.policy)


def _marks(message: dict[str, Any]) -> dict[str, list[str]]:
    """Mark → whose it is. Slack may name only some where there are many."""
    return {one["name"]: one["users"] for one in message.get("reactions", [])}
