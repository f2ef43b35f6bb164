"""What was said in Slack, as people read it."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy.orm import Session

from bot.queries import people

_MARKED = re.compile(r"<([@#!][^<>]+|https?://[^<>]+|mailto:[^<>]+)>")


def as_read(session: Session, mrkdwn: str) -> str:
    """A message as plain text, with everybody's name in it."""

    def name_of(slack_id: str) -> str | None:
        person = people.by_slack_id(session, slack_id)
        return person.name if person else None

    return plain(mrkdwn, name_of)


def plain(mrkdwn: str, name_of: Callable[[str], str | None]) -> str:
    """Names for mentions, labels and addresses for links, and nothing escaped. Pure."""

    def shown(match: re.Match[str]) -> str:
        target, _, label = match[1].partition("|")
        if target.startswith("@"):
            return f"@{name_of(target[1:]) or label or 'somebody'}"
        if target.startswith(("#", "!")):
            return f"{target[0] if target[0] == '#' else '@'}{label or target[1:]}"
        address = target.removeprefix("mailto:")
        is_the_same = not label or address.partition("://")[2].rstrip("/") == label or address == label
        return address if is_the_same else f"{label} ({address})"

    return _MARKED.sub(shown, mrkdwn).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
