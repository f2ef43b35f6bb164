"""chat.*: post, change and delete messages. https://docs.slack.dev/reference/methods?family=chat"""

from __future__ import annotations

from typing import Any

from sandbox.slack.api import Arguments, method, need_scope
from sandbox.slack.blocks import with_ids
from sandbox.slack.channels import Channel, Message
from sandbox.slack.limits import TIERS
from sandbox.slack.people import BOT_USER
from sandbox.slack.refusals import Refused
from sandbox.slack.state import Slack
from sandbox.slack.validator import LONGEST_TEXT, check_message


def _content(arguments: Arguments) -> dict[str, Any]:
    """Text, blocks and attachments, checked."""
    content = {
        "text": arguments.text("text"),
        "blocks": arguments.decoded("blocks", "invalid_blocks_format"),
        "attachments": arguments.decoded("attachments", "invalid_attachments"),
    }
    return check_message(content)


def _metadata(arguments: Arguments) -> dict[str, Any] | None:
    metadata = arguments.decoded("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if metadata == {}:
        return {}
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise Refused("invalid_metadata_format", "metadata has event_type and event_payload.")
    if not isinstance(metadata["event_type"], str) or not isinstance(metadata["event_payload"], dict):
        raise Refused("invalid_metadata_format", "event_type is a string and event_payload an object.")
    return metadata


def _writable(slack: Slack, channel: str) -> Channel:
    """A channel that the app may write to now."""
    found = slack.find_channel(channel)
    if not found.has_bot and "chat:write.public" not in slack.manifest.scopes:
        raise Refused("not_in_channel", f"The app is not in #{found.name}; invite it.")
    if found.is_archived:
        raise Refused("is_archived", f"#{found.name} is archived.")
    return found


@method("chat.postMessage", "chat:write")
def post_message(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """Post to a channel by id or name, or by a person's id to their direct message.

    A deactivated person's direct message takes posts without complaint, as on Slack (python-slack-sdk#1156).
    """
    target = arguments.need("channel")
    if target.startswith(("U", "W")) and target not in slack.channels:
        channel = slack.dm_with(target)
    else:
        named = [c.id for c in slack.channels.values() if c.name == target.lstrip("#") and not c.is_im]
        channel = _writable(slack, named[0] if named else target)
    if any(name in arguments for name in ("username", "icon_emoji", "icon_url")):
        need_scope(slack, "chat:write.customize")
    content, metadata = _content(arguments), _metadata(arguments)
    slack.limits.post(channel.id)
    warnings = []
    if len(content.get("text", "")) > LONGEST_TEXT:
        content["text"] = content["text"][:LONGEST_TEXT]
        warnings.append("message_truncated")
    message = slack.bot_message(content.pop("text", ""), **content)
    if metadata:
        message["metadata"] = metadata
    slack.post(channel, message, thread_ts=arguments.text("thread_ts"), broadcast=arguments.flag("reply_broadcast"))
    answer: dict[str, Any] = {"channel": channel.id, "ts": message["ts"], "message": dict(message)}
    if warnings:
        answer |= {"warning": warnings[0], "response_metadata": {"warnings": warnings}}
    return answer


def _own(slack: Slack, arguments: Arguments, refusal: str) -> tuple[Channel, Message]:
    channel = _writable(slack, arguments.need("channel"))
    message = slack.find_message(channel, arguments.need("ts"))
    if message["user"] != BOT_USER:
        raise Refused(refusal, "Only the app's own messages can be changed by it.")
    return channel, message


@method("chat.update", "chat:write", per_minute=TIERS[3])
def update(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    """Change a message. Text without blocks removes the blocks; blocks without text keep the text."""
    channel, message = _own(slack, arguments, "cant_update_message")
    if len(arguments.text("text")) > LONGEST_TEXT:
        raise Refused("msg_too_long", f"At most {LONGEST_TEXT} characters.")
    blocks = arguments.decoded("blocks", "invalid_blocks_format")
    metadata = _metadata(arguments)
    if metadata is not None and not arguments.text("text") and not blocks:
        content: dict[str, Any] = {}
    else:
        content = _content(arguments)
    changes: Message = {key: content[key] for key in ("text", "attachments") if key in content}
    if blocks is not None or "text" in content:
        changes["blocks"] = with_ids(blocks) if blocks else None
    if metadata is not None:
        changes["metadata"] = metadata or None
    # Slack marks a message as edited only if its text, not its blocks, is what is drawn.
    slack.edit_message(channel, message, changes, by=BOT_USER, marked="text" in content and not blocks)
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": dict(message)}


@method("chat.delete", "chat:write", per_minute=TIERS[3])
def delete(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    channel, message = _own(slack, arguments, "cant_delete_message")
    slack.remove_message(channel, message)
    return {"channel": channel.id, "ts": message["ts"]}


@method("chat.postEphemeral", "chat:write", per_minute=TIERS[4])
def post_ephemeral(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    channel = _writable(slack, arguments.need("channel"))
    user = arguments.need("user")
    slack.find_user(user)
    if user not in channel.members:
        raise Refused("user_not_in_channel", "The person is not in the channel.")
    content = _content(arguments)
    message = slack.bot_message(content.pop("text", ""), **content)
    if "thread_ts" in arguments:
        message["thread_ts"] = arguments.text("thread_ts")
    return {"message_ts": slack.whisper(channel, user, message)["ts"]}


@method("chat.getPermalink")
def get_permalink(slack: Slack, arguments: Arguments) -> dict[str, Any]:
    channel = slack.find_channel(arguments.need("channel"))
    message = slack.find_message(channel, arguments.need("message_ts"))
    link = f"{slack.world.base_url}/archives/{channel.id}/p{message['ts'].replace('.', '')}"
    if message.get("thread_ts", message["ts"]) != message["ts"]:
        link += f"?thread_ts={message['thread_ts']}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
