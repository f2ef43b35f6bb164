"""Why somebody was reminded, or was not: the same words in Slack and on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from bot.messages import blocks, forms
from bot.messages.touchpoint import place
from bot.models import Place, Reminder, ReminderState
from bot.models.reminders import TOLD
from bot.queries.reminders import Found
from bot.reminders import wall
from bot.reminders.kinds import DIGEST, KINDS

NOTHING = "Nothing is planned for them, and nothing was in the last two weeks."
MOST = 25  # reminders in one answer
MOST_DIGESTS = 5  # named by their day
MOST_ENTRIES = 8  # of what happened to one, in Slack
_WRITTEN = "%Y-%m-%dT%H:%MZ"  # as bot/models/reminders.py writes the lines of `why`


@dataclass(frozen=True)
class Explained:
    """One reminder in plain words. `entries` is what happened to it, oldest first."""

    title: str
    facts: tuple[str, ...]
    entries: tuple[tuple[datetime, str], ...]


def explain(found: Found, now: datetime) -> Explained:
    row = found.reminder
    facts = (f"{_for_whom(row)} {_state(row, now)}", _rule(row), *_listed(found, now))
    return Explained(_title(found, now), facts, tuple(_entries(row.why)))


def view(
    title: str,
    intro: Sequence[str],
    listed: Iterable[tuple[Found, str | None]],
    *,
    zone: str,
    now: datetime,
    more: str | None = None,
) -> dict[str, Any]:
    """A modal: sentences, then one reminder after the other, each with the address of its message."""
    body = [blocks.section(blocks.said("\n".join(intro)))] if intro else []
    body += [blocks.section(_mrkdwn(explain(found, now), url, zone, now)) for found, url in listed]
    return forms.form("touchpoint.why", title, [*body, blocks.context(more)], submit=None)


def more(count: int, whose: str) -> str | None:
    """What stands below when `count` are not shown."""
    return f"{count} more: `touchpoint why {whose}` on the server lists them all." if count > 0 else None


def _mrkdwn(one: Explained, url: str | None, zone: str, now: datetime) -> str:
    said = [f"*{blocks.esc(one.title)}*", *(blocks.esc(fact) for fact in one.facts)]
    left_out = len(one.entries) - MOST_ENTRIES
    if left_out > 0:
        said.append(f"• {left_out} older entries are left out")
    said += [f"• {blocks.moment(at, zone, now)} {blocks.said(text, 200)}" for at, text in one.entries[-MOST_ENTRIES:]]
    return "\n".join([*said, blocks.link(url, "Open the message")] if url else said)


def _title(found: Found, now: datetime) -> str:
    row = found.reminder
    if row.kind == DIGEST:
        asked = f", asked for at {row.wall[-5:].lstrip('0')}" if row.is_asked_for else ""
        return f"Digest of {blocks.day(row.day, wall.wall(now, row.zone).date())}{asked}"
    kind = KINDS.get(row.kind)
    about = row.account.name if row.account else row.noun.replace("_", " ")
    return f"{about}{f' ({found.label})' if found.label else ''}: {kind.what if kind else row.kind}"


def _for_whom(row: Reminder) -> str:
    if row.recipient is None:
        return "Said in the thread of its card."
    if row.kind == DIGEST:
        return f"For {row.recipient.name}."
    handed = f", handed on by {row.handed_by.name}" if row.handed_by else ""
    is_own = row.is_chosen or row.messages or row.place == Place.DM
    return f"For {row.recipient.name}{handed}{', as a message of its own' if is_own else ''}."


def _listed(found: Found, now: datetime) -> list[str]:
    today = wall.wall(now, found.reminder.zone).date()
    listed = list(dict.fromkeys(found.digests))
    days = [blocks.day(day, today) for day in listed[:MOST_DIGESTS]]
    older = f" and {len(listed) - MOST_DIGESTS} before" if len(listed) > MOST_DIGESTS else ""
    return [f"Listed in the digest of {', '.join(days)}{older}."] if days else []


def _rule(row: Reminder) -> str:
    kind = KINDS.get(row.kind)
    if row.kind == DIGEST and row.is_asked_for:
        return "It came because it was asked for, and the digests of the mornings come all the same."
    if row.kind == DIGEST:
        return "It comes on working days at the time in their settings, if anything is open."
    if kind is None or row.step >= len(kind.steps):
        return "Its rule is not in use any more."
    step = kind.steps[row.step]
    return f"Its time is {step.when}. Should Touchpoint be down then, it is {step.late}. It ends when {kind.stops}."


def _state(row: Reminder, now: datetime) -> str:
    """Where it stands, with the wall time and whose clock it is."""
    at = datetime.fromisoformat(row.wall)
    day = blocks.day(at.date(), wall.wall(now, row.zone).date())
    when = f"{day} {at.hour}:{at:%M} in {place(row.zone)}"
    if row.state == ReminderState.PLANNED and row.place == Place.DIGEST and at.time() == time():
        return f"To come with the morning digest, from {day} on."
    if row.state == ReminderState.PLANNED:
        return f"To come {when}."
    if row.state == ReminderState.HELD:
        return f"{'Snoozed' if row.is_chosen else 'Held'} until {when}."
    if row.kind == DIGEST and row.state in TOLD:
        return "It was sent."
    if row.state == ReminderState.FOLDED and row.told_at is None:
        return "Left for the next morning digest."
    return {
        ReminderState.SENT: "Sent, and not settled yet.",
        ReminderState.FOLDED: "Listed in a morning digest, and not settled yet.",
        ReminderState.ACTED: "Done.",
        ReminderState.SKIPPED: "Skipped.",
        ReminderState.WITHDRAWN: "Over.",
    }[row.state]


def _entries(why: str) -> list[tuple[datetime, str]]:
    """The lines of `Reminder.why`; what has no time of its own belongs to the line before."""
    found: list[tuple[datetime, str]] = []
    for line in why.splitlines():
        stamp, _, text = line.partition(" ")
        try:
            found.append((datetime.strptime(stamp, _WRITTEN).replace(tzinfo=UTC), text))
        except ValueError:
            if found and line.strip():
                found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
    return found
