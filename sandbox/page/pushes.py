"""What a person's phone would show: messages that mention them or are sent to them, newer than what it showed last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.slack.channels import Channel
    from sandbox.world import World


def pushes(world: World, user: str, after: str | None) -> dict[str, Any]:
    """{"last": the newest ts of all, "pushes": […]}; with no `after`, only where to begin."""
    found = []
    last = 0.0
    for channel in world.slack.channels.values():
        if user not in channel.members and channel.with_user != user:
            continue
        last = max(last, float(next(reversed(channel.messages), "0")))
        for ts, message in reversed(channel.messages.items()):
            if after is None or float(ts) <= float(after):
                break
            if _rings(channel, message, user):
                found.append(
                    {
                        "channel": channel.id,
                        "ts": ts,
                        "thread_ts": message.get("thread_ts") if message.get("thread_ts") != ts else None,
                        "from": message.get("user", ""),
                        "text": message.get("text", ""),
                    }
                )
    return {"last": f"{last:.6f}", "pushes": sorted(found, key=lambda push: float(push["ts"]))}


RING = (None, "thread_broadcast", "bot_message", "file_share")  # subtypes


def _rings(channel: Channel, message: dict[str, Any], user: str) -> bool:
    if message.get("user") == user or message.get("subtype") not in RING:
        return False
    return channel.is_im or f"<@{user}" in _words(message)


def _words(message: dict[str, Any]) -> str:
    """Slack notifies of a mention in the text and in the blocks alike."""
    return f"{message.get('text', '')} {message.get('blocks', '')}"
