"""Addresses of things in the outside systems."""

from __future__ import annotations

from bot.models import Post
from bot.services import Services


def permalink(services: Services, post: Post | None) -> str | None:
    """Where a message opens in Slack: the form that chat.getPermalink answers."""
    if post is None or post.ts is None:
        return None
    return address(services, f"{post.channel} {post.ts}")


def address(services: Services, place: str | None) -> str | None:
    """The same for any message: "channel ts"."""
    channel, _, ts = (place or "").partition(" ")
    return f"{services.slack.me().url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}" if ts else None
