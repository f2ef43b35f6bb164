"""What the reminder to fill a red account in says: in a digest, by DM, and in the thread."""

from __future__ import annotations

from datetime import date

from bot.messages import blocks
from bot.messages.blocks import Message, esc, names
from bot.messages.red_accounts import FILL_IN, short_name
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling, own
from bot.models import Reminder

WANTED = "what is happening, what we need, what we will do"


def line(view: View, row: Reminder, today: date) -> Line:
    """In a digest of that day. The lead reads whose it is."""
    red = view.facts.red
    by = view.local_day(red.fill_in_by_at)
    is_late = by < today
    whose = f" · {names(view.facts.account.ce, view.facts.account.ae)}" if row.step else ""
    when = f"{'since' if is_late else 'by'} {view.day(by)}"
    text = f"Say what is happening · *{esc(view.facts.account.name)}*{whose} · {when}"
    return Line(row, text, Section.OVERDUE if is_late else Section.TODAY, Button("Fill in…", FILL_IN, red.id))


def own_message(view: View, telling: Telling) -> Message:
    """By DM: for whoever wanted it at another time, or was handed it."""
    red = view.facts.red
    by = view.day(red.fill_in_by_at)
    text = f"*{esc(view.facts.account.name)}*: {WANTED}, by {by}."
    push_line = f"{short_name(red)}: say what is happening, by {by}."
    return own(telling, push_line, text, Button("Fill in…", FILL_IN, red.id), red.label)


def in_thread(view: View, telling: Telling) -> Message:
    """Days after it was due, where everybody who follows it reads it. Facts, not blame."""
    red, account = view.facts.red, view.facts.account
    who = " ".join(blocks.mention(person) for person in (account.ce, account.ae) if person) or "Nobody yet"
    due, after = view.day(red.fill_in_by_at), telling.became()
    text = f"{who} Nothing is filled in for {esc(account.name)} yet: {WANTED}. It was due {due}."
    press = None if after else blocks.actions(blocks.button("Fill in…", FILL_IN, red.id, style="primary"))
    push_line = f"{short_name(red)}: what is happening was due {due}. {after or 'Fill it in here.'}"
    return blocks.message(push_line, [blocks.section(text), blocks.section(after) if after else press])
