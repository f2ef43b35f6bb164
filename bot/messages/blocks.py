"""The few pieces that every message is made of. User text is escaped here and nowhere else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    InteractiveElement,
    MarkdownTextObject,
    Option,
    OverflowMenuElement,
    PlainTextObject,
    SectionBlock,
)

from bot.models import Person

# https://docs.slack.dev/reference/block-kit lists these; messages.md asks for a push line under 120 characters.
SECTION, CONTEXT, HEADER, BUTTON, OPTION, PUSH = 3000, 2000, 150, 75, 75, 119
MOST_LINES = 5  # of one list on a card
MARK = "…"  # what was cut ends with it
ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Message:
    """What is posted: the push line and the blocks, both as Slack wants them."""

    text: str
    blocks: list[dict[str, Any]]


def message(text: str, blocks: Iterable[Block | None]) -> Message:
    """`text` is the push line. It may hold names as people wrote them: nothing in it rings anybody or is a link."""
    inert = re.sub(r"<(?!#[CG][A-Z0-9]+>)", "&lt;", text)  # the name of a channel may stay
    return Message(cut(inert, PUSH), [block.to_dict() for block in blocks if block is not None])


def plain(text: str | None) -> str:
    """User text without what cannot be stored or shown: control characters, and marks that turn the line around."""
    kept = (c for c in text or "" if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c == "\u200d")
    return "".join(kept).strip()


def esc(text: str | None) -> str:
    """User text that Slack shows as it is: https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    return plain(text).translate(ESCAPED)


def unescaped(text: str) -> str:
    """What a person typed after a command, where Slack has escaped it for us."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(MARK)].rstrip() + MARK


def cut(text: str, limit: int) -> str:
    """`clip` for text that is escaped already: never in the middle of an `&amp;`, a mention, a link or a date."""
    if len(text) <= limit:
        return text
    whole = re.sub(r"(&[a-z]{0,3}|<[^>]*)$", "", text[: limit - len(MARK)])
    return whole.rstrip() + MARK


def said(text: str | None, limit: int = 2500) -> str:
    """User text for a section, escaped, and cut to fit together with what stands around it."""
    return cut(esc(text), limit)


def quoted(text: str | None, limit: int = 1500) -> str:
    """User text as a quotation, every line of it."""
    return cut(">" + esc(text).replace("\n", "\n>"), limit)


def whole(text: str | None) -> list[SectionBlock]:
    """User text of any length in as many sections as it takes: nothing of it is cut."""
    pieces = [""]
    for shown in (character.translate(ESCAPED) for character in plain(text)):
        if len(pieces[-1]) + len(shown) > SECTION:
            pieces.append("")
        pieces[-1] += shown
    return [section(piece) for piece in pieces if piece.strip()]


def header(text: str) -> HeaderBlock:
    return HeaderBlock(text=PlainTextObject(text=clip(plain(text), HEADER), emoji=True))


def section(text: str, *, block_id: str | None = None, accessory: Any = None) -> SectionBlock:
    """A paragraph of mrkdwn; whatever a person wrote in it went through `esc` or `said` before."""
    return SectionBlock(
        text=MarkdownTextObject(text=cut(text, SECTION), verbatim=True), block_id=block_id, accessory=accessory
    )


def context(*parts: str | None) -> ContextBlock | None:
    """A small grey line; its parts stand with dots between them."""
    line = " · ".join(part for part in parts if part)
    return ContextBlock(elements=[MarkdownTextObject(text=cut(line, CONTEXT), verbatim=True)]) if line else None


def actions(*elements: InteractiveElement | None, block_id: str | None = None) -> ActionsBlock | None:
    shown = [element for element in elements if element]
    return ActionsBlock(elements=shown, block_id=block_id) if shown else None


def button(
    label: str, action_id: str, value: object, *, style: str | None = None, url: str | None = None
) -> ButtonElement:
    return ButtonElement(text=clip(label, BUTTON), action_id=action_id, value=str(value), style=style, url=url)


def menu(action_id: str, entries: Sequence[tuple[str, str]]) -> OverflowMenuElement | None:
    """The ⋯ menu: (value, label) for each entry, five at the most."""
    if not entries:
        return None
    return OverflowMenuElement(
        action_id=action_id, options=[Option(value=value, text=clip(label, OPTION)) for value, label in entries]
    )


def lines(title: str, whats: Sequence[str], elsewhere: str = "") -> str | None:
    """A short list under its title; None without any. Of many it says how many more there are, and where."""
    if not whats:
        return None
    shown = [f"• {said(what, 250)}" for what in whats[:MOST_LINES]]
    if len(whats) > MOST_LINES:
        shown.append(f"{len(whats) - MOST_LINES} more{elsewhere}")
    return "\n".join([f"*{title}*", *shown])


def link(url: str, label: str) -> str:
    return f"<{url}|{esc(label)}>"


def mention(person: Person) -> str:
    return f"<@{person.slack_id}>" if person.can_be_asked else esc(person.name)


def first_name(person: Person | None) -> str:
    return esc(clip(person.name.split()[0], 40)) if person and person.name.strip() else "nobody yet"


def names(*people: Person | None) -> str:
    """ "Priya and Tom" """
    return " and ".join(first_name(person) for person in people if person) or "Nobody yet"


def day(when: date, today: date) -> str:
    """ "Thu 3 Feb", with the year where it is another one. Stays true however old the message gets."""
    text = f"{when:%a} {when.day} {when:%b}"
    return text if when.year == today.year else f"{text} {when.year}"


def short_day(when: date, today: date) -> str:
    """ "12 Mar": for dates that name a thing rather than a deadline (a renewal)."""
    return day(when, today).split(" ", 1)[1]


def moment(when: datetime, zone: str, now: datetime) -> str:
    """An instant, in the time zone of whoever reads it; the words after the bar are for where Slack cannot."""
    local = when.astimezone(ZoneInfo(zone))
    fallback = f"{day(local.date(), now.astimezone(ZoneInfo(zone)).date())} {local:%H:%M}"
    return f"<!date^{int(when.timestamp())}^{{date_short}} {{time}}|{fallback}>"


def clock(when: datetime, zone: str) -> str:
    return f"<!date^{int(when.timestamp())}^{{time}}|{when.astimezone(ZoneInfo(zone)):%H:%M}>"
