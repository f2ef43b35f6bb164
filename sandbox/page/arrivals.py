"""What arrived lately: every message that the bot posted since a moment, to whom it went, and the line that rang."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.slack.people import BOT_USER

if TYPE_CHECKING:
    from sandbox.slack.channels import Channel, Message
    from sandbox.slack.people import User
    from sandbox.world import World

MOST = 300  # more than anybody reads; the newest are kept


def arrivals(world: World, since: datetime) -> dict[str, Any]:
    """{"arrivals": [...], oldest first, "left_out": how many older ones there were}. Edits are none."""
    names = [row["Name"] for row in world.salesforce.rows("Account")]
    found = [
        _arrival(world, channel, message, names)
        for channel in world.slack.channels.values()
        for message in _posted_since(channel, since.timestamp())
    ]
    found.sort(key=lambda one: float(one["ts"]))
    return {"arrivals": found[-MOST:], "left_out": max(len(found) - MOST, 0)}


def _posted_since(channel: Channel, since: float) -> list[Message]:
    posted = []
    for ts, message in reversed(channel.messages.items()):
        if float(ts) < since:
            break
        if message.get("user") == BOT_USER and message.get("subtype") in (None, "thread_broadcast", "file_share"):
            posted.append(message)
    return posted


def _arrival(world: World, channel: Channel, message: Message, names: list[str]) -> dict[str, Any]:
    ts = message["ts"]
    thread = message.get("thread_ts")
    in_thread = thread if thread != ts else None
    to = _readers(world, channel, message)
    return {
        "ts": ts,
        "channel": channel.id,
        "channel_name": "" if channel.is_im else channel.name,
        "thread_ts": in_thread,
        "thread": _subject(channel.messages.get(in_thread), names) if in_thread else "",
        "to": [{"user": user.id, "tz": user.zone_at(float(ts))} for user in to],
        "anybody": next((user.id for user in _people(world, channel.members)), ""),
        "text": channel.first_texts.get(ts, message.get("text", "")),
    }


def _people(world: World, members: list[str]) -> list[User]:
    users = [world.slack.users[member] for member in members if member in world.slack.users]
    return [user for user in users if user.kind != "bot" and not user.deleted]


def _readers(world: World, channel: Channel, message: Message) -> list[User]:
    """Whose phone rings: the person of a direct message, or the members whom it mentions."""
    users = world.slack.users
    if channel.is_im:
        return [users[channel.with_user]]
    mentioned = re.findall(r"<@([UW][A-Z0-9]+)", f"{message.get('text', '')} {message.get('blocks', '')}")
    return [users[one] for one in dict.fromkeys(mentioned) if one in channel.members and one in users]


def _subject(parent: Message | None, names: list[str]) -> str:
    """What a thread is about: the account that its first message names, or else that message's own words."""
    if parent is None:
        return ""
    headers = [block["text"]["text"] for block in parent.get("blocks") or [] if block["type"] == "header"]
    said = " ".join([*headers, parent.get("text", "")])
    account = max((name for name in names if name in said), key=len, default="")
    return account or (headers[0] if headers else parent.get("text", ""))[:60]
