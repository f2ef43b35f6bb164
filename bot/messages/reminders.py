"""Reminders: the ⋯ menu under one, what became of it, the line that it has in a digest, and the digest itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, OverflowMenuElement

from bot.messages import blocks
from bot.messages.blocks import Message, esc
from bot.models import Reminder, ReminderState
from bot.models.reminders import TOLD

LATER = "reminder.later"  # the ⋯ menu
DIGEST_LATER = "reminder.digest_later"
WHY, SETTINGS = "touchpoint.why", "touchpoint.settings"
HOUR, TOMORROW, MONDAY, OTHER, SKIP = "hour", "tomorrow", "monday", "other", "skip"
MOST_LINES = 7  # of a morning digest, with a button each
MOST_BLOCKS = 46  # of the lines of one that was asked for: a message holds 50, and four say the rest
MOST_COMING = 4
MOST_TEXT = 9_500  # characters of the lines: all blocks of a message hold 13,200 (undocumented, bolt-js#2509)


class Section(StrEnum):
    """Where a line stands in the digest, in this order."""

    OVERDUE = "Overdue"
    WAITS = "Waits for you"
    TODAY = "Today"


@dataclass(frozen=True)
class Telling:
    """One reminder as one copy of it shows it, and when its reader's day begins."""

    reminder: Reminder
    number: int  # which of its messages
    reader: str  # to whom this copy went: their Slack id
    morning: time
    now: datetime

    @property
    def is_live(self) -> bool:
        """Whether this copy can still be answered: the newest one, while it is told or snoozed, by whoever has it."""
        row = self.reminder
        is_open = row.state in TOLD or row.state == ReminderState.HELD
        return is_open and self.number == row.messages and not self._is_handed_on()

    def later(self) -> OverflowMenuElement | None:
        """⋯: what can be done with a reminder other than what it asks for. Nothing while it is put off."""
        row = self.reminder
        if row.state not in TOLD:
            return None
        return blocks.menu(
            LATER,
            [
                (f"{HOUR}:{row.id}", "In 1 hour"),
                (f"{TOMORROW}:{row.id}", f"Tomorrow {clock(self.morning)}"),
                (f"{MONDAY}:{row.id}", f"Monday {clock(self.morning)}"),
                (f"{OTHER}:{row.id}", "Another day or person…"),
                (f"{SKIP}:{row.id}", "Skip…"),
            ],
        )

    def whose(self) -> str | None:
        """Why somebody reads what is not theirs."""
        row = self.reminder
        if row.handed_by and not self._is_handed_on():
            return f"{blocks.first_name(row.handed_by)} handed this to you"
        if row.recipient and row.told_to and row.told_to_id != row.recipient_id:
            return f"You cover for {blocks.first_name(row.recipient)}"
        return None

    def became(self) -> str | None:
        """What happened to it, in the place of its buttons."""
        row = self.reminder
        if self._is_handed_on() and not row.is_over:
            return f"Handed to {blocks.first_name(row.recipient)} by {blocks.first_name(row.handed_by)}"
        if row.state in TOLD:
            return None if self.number == row.messages else "You were reminded again, below."
        return became(row)

    def _is_handed_on(self) -> bool:
        """Whether this copy is that of somebody who had it before."""
        row = self.reminder
        return row.handed_by is not None and (row.told_to is None or row.told_to.slack_id != self.reader)


@dataclass(frozen=True)
class Button:
    label: str
    action_id: str
    value: object


@dataclass(frozen=True)
class Line:
    """One thing that is open, as a digest lists it."""

    reminder: Reminder
    text: str  # mrkdwn
    section: Section
    button: Button | None
    other: Button | None = None  # the other answer, where a question has two


@dataclass(frozen=True)
class Digest:
    reminder: Reminder
    day: date
    lines: Sequence[Line]
    coming: Sequence[str]
    is_asked_for: bool = False


def became(row: Reminder) -> str:
    """What became of a reminder that nobody is asked about any more: "Snoozed by Priya until Tue 2 Feb 9:00"."""
    if row.state == ReminderState.ACTED:
        return f"☑ Done by {blocks.first_name(row.ended_by)}" if row.ended_by else "☑ Done"
    if row.state == ReminderState.WITHDRAWN:
        return "Over: nothing to do any more"
    word = row.last_word
    return esc(word[:1].upper() + word[1:])


def own(
    telling: Telling, push_line: str, text: str, button: Button | None, about: str | None = None,
    other: Button | None = None,
) -> Message:  # fmt: skip
    """A reminder as a message of its own, where its kind has no words of its own for it."""
    after = telling.became()
    press = None
    if telling.is_live:
        settle = blocks.button(button.label, button.action_id, button.value, style="primary") if button else None
        second = blocks.button(other.label, other.action_id, other.value) if other else None
        press = blocks.actions(settle, second, telling.later())
    return blocks.message(
        f"{push_line}{f' {after}' if after else ''}",
        [
            blocks.section(text),
            blocks.section(after) if after else None,
            press,
            blocks.context(about, telling.whose()),
        ],
    )


def digest(told: Digest) -> Message:
    """What is overdue, what waits, what is for today: seven lines and a rest in the morning, all when asked for."""
    opened, shown = [line for line in told.lines if _is_open(line)], _shown(told)
    more = len(opened) - sum(_is_open(line) for line in shown)
    rest = ". They show here when some of these are done." if told.is_asked_for else " in `/touchpoint today`"
    return blocks.message(
        push(opened),
        [
            blocks.header(f"{told.day:%A} {told.day.day} {told.day:%B}"),
            *lines(shown),
            blocks.section("*Coming*  " + " · ".join(told.coming[:MOST_COMING])) if told.coming else None,
            blocks.actions(
                blocks.button("Later, hand on or skip…", DIGEST_LATER, told.reminder.id) if opened else None,
                blocks.button("Why these?", WHY, told.reminder.id),
                blocks.button("Settings…", SETTINGS, told.reminder.id),
            ),
            blocks.context(f"{more} more{rest}" if more else None),
        ],
    )


def lines(listed: Sequence[Line]) -> list[Block]:
    """Each line with its button, the first of a section under the section's name."""
    found: list[Block] = []
    before = None
    for line in listed:
        title = f"*{line.section}*\n" if line.section != before else ""
        before = line.section
        is_open = line.reminder.state in TOLD
        text = line.text if is_open else f"{line.text} · {became(line.reminder)}"
        press = [blocks.button(one.label, one.action_id, one.value) for one in (line.button, line.other) if one]
        accessory = press[0] if is_open and len(press) == 1 else None
        found.append(blocks.section(title + text, accessory=accessory))
        if is_open and len(press) > 1:
            found.append(ActionsBlock(elements=press))
    return found


def push(opened: Sequence[Line]) -> str:
    """ "Today: 1 overdue, 1 waits for you, 2 to do" """
    named = ((Section.OVERDUE, "overdue"), (Section.WAITS, "waits for you"), (Section.TODAY, "to do"))
    counts = [(sum(line.section == section for line in opened), word) for section, word in named]
    said = [f"{count} {'wait for you' if word == 'waits for you' and count > 1 else word}" for count, word in counts
            if count]  # fmt: skip
    return f"Today: {', '.join(said)}" if said else "Today: nothing is left to do"


def clock(at: time) -> str:
    return f"{at.hour}:{at:%M}"


def _shown(told: Digest) -> list[Line]:
    """What has a line of its own: open ones first where there are too many."""
    most = MOST_BLOCKS if told.is_asked_for else MOST_LINES
    chosen = sorted(range(len(told.lines)), key=lambda at: (not _is_open(told.lines[at]), at))[:most]
    while not _fit(shown := [told.lines[at] for at in sorted(chosen)]):
        chosen.pop()
    return shown


def _fit(shown: Sequence[Line]) -> bool:
    drawn = [block.to_dict() for block in lines(shown)]
    return len(drawn) <= MOST_BLOCKS and sum(map(_size, drawn)) <= MOST_TEXT


def _size(drawn: Any) -> int:
    """How many characters of text these blocks hold, those of their buttons among them."""
    if isinstance(drawn, dict):
        return sum(len(value) if key == "text" and isinstance(value, str) else _size(value)
                   for key, value in drawn.items())  # fmt: skip
    return sum(map(_size, drawn)) if isinstance(drawn, list) else 0


def _is_open(line: Line) -> bool:
    return line.reminder.state in TOLD
