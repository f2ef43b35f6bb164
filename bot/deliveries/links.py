"""Addresses of things in the outside systems."""

from __future__ import annotations

from bot.models import Post
from bot.services import Services


def permalink(services: Services, post: Post | None) -> str | None:
    """Where a message opens in Slack: the form that chat.getPermalink answers."""
    if post is None or post.ts is None:
        return None
    return f"{services.slack.me().url.rstrip('/')}/archives/{post.channel}/p{post.ts.replace('.', '')}"
