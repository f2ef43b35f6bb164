"""What the reminders of an action say: in a digest, by DM, and in the thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.messages import blocks
from bot.messages.action_items import DONE, HAND_ON, NO_DATE
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling, own
from bot.models import ActionItem, ActionState, Reminder

OPEN = "open it in the thread"
MOST = 8  # in one message


def line(view: View, item: ActionItem, row: Reminder, today: date) -> Line:
    """In a digest of that day. Whoever reads what is not theirs reads whose it is."""
    is_late = item.due_on is not None and item.due_on < today
    when = f"{'since' if is_late else 'by'} {view.day(item.due_on)}" if item.due_on else NO_DATE
    whose = None if item.owner_id == row.recipient_id else blocks.first_name(item.owner)
    text = _line(view, item, whose, when)
    return Line(row, text, Section.OVERDUE if is_late else Section.TODAY, Button("Done", DONE, item.id))


def own_message(view: View, item: ActionItem, telling: Telling, url: str | None) -> Message:
    """By DM: for whoever wanted it at another time, or was handed the reminder."""
    name, by = view.facts.account.name, _by(view, item)
    text = f"*{esc(name)}*: {said(item.what, 1200)}, {by}{_blocked(item)}."
    push_line = f"{blocks.clip(name, 30)}: {item.what}, {by}."
    return own(telling, push_line, text, Button("Done", DONE, item.id), _about(view, url))


def in_thread(view: View, item: ActionItem, telling: Telling) -> Message:
    """Days after it was due, where everybody who follows it reads it. Facts, not blame."""
    who = blocks.mention(item.owner) if item.owner else "Nobody yet"
    due = view.day(item.due_on) if item.due_on else NO_DATE
    after = telling.became()
    text = f"{who} *{said(item.what, 1200)}* is not done yet. It was due {due}{_blocked(item)}."
    press = None if after else blocks.actions(blocks.button("Done", DONE, item.id, style="primary"))
    push_line = f"{blocks.clip(view.facts.account.name, 30)}: due {due}: {item.what}. {after or ''}".strip()
    return blocks.message(push_line, [blocks.section(text), blocks.section(after) if after else press])


def handed_line(view: View, item: ActionItem, row: Reminder, more: int = 0) -> Line:
    """News in a digest: somebody who has left had it, or their messages of the day were up."""
    others = f" · and {more} more" if more else ""
    text = _line(view, item, None, f"{_by(view, item)} · {_from(item)}{others}")
    has_left = item.handed_by is not None and not item.handed_by.can_be_asked
    press = Button("Hand to…", HAND_ON, item.id) if has_left else Button("Done", DONE, item.id)
    return Line(row, text, Section.WAITS, press)


def handed_message(view: View, item: ActionItem, telling: Telling, url: str | None) -> Message:
    """By DM, once: this is theirs from now on."""
    name, by, giver = view.facts.account.name, _by(view, item), _from(item)
    serves = f"\nFor: {said(item.serves, 500)}" if item.serves else ""
    text = f"{giver}: *{said(item.what, 1200)}*, for {esc(name)}, {by}{_blocked(item)}.{serves}"
    push_line = f"{giver}, for {blocks.clip(name, 30)}, {by}: {item.what}"
    return own(telling, push_line, text, Button("Done", DONE, item.id), _about(view, url))


def handed_several(view: View, items: Sequence[ActionItem], telling: Telling, url: str | None) -> Message:
    """The same for what came in one form. Each is finished at its own message, in the thread that `url` opens."""
    item = items[0]
    name, by, many = view.facts.account.name, _by(view, item), f"{len(items)} actions"
    giver = f"{blocks.first_name(item.handed_by)} handed {many} to you" if item.handed_by else f"{many} are yours now"
    text = f"{giver}, for {esc(name)}, {by}:"
    listed = [f"• {said(one.what, 250)}" for one in items[:MOST]]
    if len(items) > MOST:
        listed.append(f"{len(items) - MOST} more in the thread")
    push_line = f"{giver}, for {blocks.clip(name, 30)}, {by}: {item.what}"
    whose = blocks.context(_about(view, url), telling.whose())
    return blocks.message(push_line, [blocks.section("\n".join([text, *listed])), whose])


def _line(view: View, item: ActionItem, whose: str | None, when: str) -> str:
    parts = (said(item.what, 300), f"*{esc(view.facts.account.name)}*", whose, f"{when}{_blocked(item)}")
    return " · ".join(part for part in parts if part)


def _from(item: ActionItem) -> str:
    if item.handed_by is None:  # written into the sheet or into Salesforce, by nobody whom we know
        return "This is yours now"
    giver = blocks.first_name(item.handed_by)
    if not item.handed_by.can_be_asked:
        return f"{giver} had it and has left"
    return f"{giver} handed this to you"


def _by(view: View, item: ActionItem) -> str:
    return f"by {view.day(item.due_on)}" if item.due_on else NO_DATE


def _blocked(item: ActionItem) -> str:
    return f", blocked: {said(item.note, 300)}" if item.state == ActionState.BLOCKED else ""


def _about(view: View, url: str | None) -> str:
    link = blocks.link(url, OPEN) if url else None
    return " · ".join(part for part in (view.facts.red.label, link) if part)
