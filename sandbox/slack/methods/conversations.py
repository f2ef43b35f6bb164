"""conversations.*: which channels there are, who is in them, what was said. Cursors are opaque, as on Slack.

https://docs.slack.dev/reference/methods?family=conversations
"""

from __future__ import annotations

import base64
from typing import Any, TypeVar

from sandbox.slack.api import Arguments, method, need_scope
from sandbox.slack.channels import Channel, Message
from sandbox.slack.limits import TIERS
from sandbox.slack.refusals import Refused
from sandbox.slack.state import Slack

T = TypeVar("T")
TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def encode(position: str) -> str:
    return base64.b64encode(f"next:{position}".encode()).decode()


def decode(cursor: str) -> str:
    try:
        mark, _, position = base64.b64decode(cursor, validate=True).decode().partition(":")
    except ValueError:
        mark, position = "", ""
    if mark != "next":
        raise Refused("invalid_cursor", "The cursor is not one that was handed out.")
    return position


def page(items: list[T], arguments: Arguments, *, usual: int, most: int) -> tuple[list[T], dict[str, Any]]:
    """One page of a list and the cursor to the next."""
    limit = arguments.number("limit", usual, most)
    start = int(decode(arguments.text("cursor"))) if "cursor" in arguments else 0
    following = encode(str(start + limit)) if start + limit < len(items) else ""
    return items[start : start + limit], {"next_cursor": following}


@method("conversations.list", per_minute=TIERS[2])
def list_channels(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    wanted = [kind.strip() for kind in arguments.text("types", "public_channel").split(",")]
    for kind in wanted:
        if kind not in TYPES:
            raise Refused("invalid_types", f"There is no conversation type {kind!r}.")
        need_scope(slack, f"{TYPES[kind]}:read")
    nouns = {TYPES[kind] for kind in wanted}
    found = [
        _shown(slack, channel)
        for channel in slack.channels.values()
        if channel.scope_noun in nouns
        and (channel.has_bot or channel.scope_noun == "channels")
        and not (channel.is_archived and arguments.flag("exclude_archived"))
    ]
    channels, more = page(found, arguments, usual=100, most=1000)
    return {"channels": channels, "response_metadata": more}


def _shown(slack: Slack, channel: Channel) -> dict[str, Any]:
    shown = channel.as_json()
    if channel.is_im:
        shown["is_user_deleted"] = slack.users[channel.with_user].deleted
    return shown


@method("conversations.info", per_minute=TIERS[3])
def info(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    channel = slack.find_channel(arguments.need("channel"))
    need_scope(slack, f"{channel.scope_noun}:read")
    shown = _shown(slack, channel)
    if not arguments.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


@method("conversations.members", per_minute=TIERS[4])
def members(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    channel = slack.find_channel(arguments.need("channel"))
    need_scope(slack, f"{channel.scope_noun}:read")
    found, more = page(channel.members, arguments, usual=100, most=1000)
    return {"members": found, "response_metadata": more}


@method("conversations.open", per_minute=TIERS[3])
def open_conversation(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """The direct message with one person."""
    if "channel" in arguments:
        channel = slack.find_channel(arguments.text("channel"))
        need_scope(slack, f"{channel.scope_noun}:write")
        if not channel.is_im:
            raise Refused("method_not_supported_for_channel_type", "Only direct messages can be opened.")
        there = True
    else:
        users = [user.strip() for user in arguments.need("users").split(",")]
        need_scope(slack, "im:write" if len(users) == 1 else "mpim:write")
        if len(users) > 1:
            raise Refused("method_not_supported_for_channel_type", "The stand-in has no group messages.")
        there = any(c.with_user == users[0] for c in slack.channels.values())
        if slack.find_user(users[0]).deleted and not there:
            raise Refused("user_disabled", "The person's account is deactivated.")
        channel = slack.dm_with(users[0])
    shown = _shown(slack, channel) if arguments.flag("return_im") else {"id": channel.id}
    return {"channel": shown} | ({"no_op": True, "already_open": True} if there else {})


def _readable(slack: Slack, arguments: Arguments) -> Channel:
    channel = slack.find_channel(arguments.need("channel"))
    need_scope(slack, f"{channel.scope_noun}:history")
    if not channel.has_bot:
        raise Refused("not_in_channel", f"The app is not in #{channel.name}; invite it.")
    return channel


def _within(messages: list[Message], arguments: Arguments) -> list[Message]:
    """Those between oldest and latest."""
    try:
        oldest = float(arguments.text("oldest", "0") or 0)
        latest = float(arguments.text("latest") or "inf")
    except ValueError:
        raise Refused("invalid_ts_oldest", "oldest and latest are timestamps.") from None
    inclusive = arguments.flag("inclusive")
    return [
        message
        for message in messages
        if oldest < float(message["ts"]) < latest or (inclusive and float(message["ts"]) in (oldest, latest))
    ]


@method("conversations.history", per_minute=TIERS[3])
def history(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """Newest first; replies only where they were also sent to the channel."""
    channel = _readable(slack, arguments)
    limit = arguments.number("limit", 100, 999)
    found = _within(channel.top_level(), arguments)[::-1]
    if "cursor" in arguments:
        before = float(decode(arguments.text("cursor")))
        found = [message for message in found if float(message["ts"]) < before]
    shown, rest = found[:limit], found[limit:]
    metadata = arguments.flag("include_all_metadata")
    return {
        "messages": [channel.with_thread(message, metadata=metadata) for message in shown],
        "has_more": bool(rest),
        "pin_count": 0,
        "response_metadata": {"next_cursor": encode(shown[-1]["ts"]) if rest else ""},
    }


@method("conversations.replies", per_minute=TIERS[3])
def replies(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """The thread's first message and then its replies, oldest first."""
    channel = _readable(slack, arguments)
    parent = channel.messages.get(arguments.need("ts"))
    if parent is None:
        raise Refused("thread_not_found", f"There is no message {arguments.text('ts')} in #{channel.name}.")
    found = [parent, *_within(channel.replies(parent["ts"]), arguments)]
    shown, more = page(found, arguments, usual=1000, most=1000)
    metadata = arguments.flag("include_all_metadata")
    return {
        "messages": [channel.with_thread(message, metadata=metadata) for message in shown],
        "has_more": bool(more["next_cursor"]),
        "response_metadata": more,
    }
