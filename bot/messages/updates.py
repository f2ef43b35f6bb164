"""How a red account goes, as its thread and its card say it, and the reminder to say it."""

from __future__ import annotations

from datetime import date, datetime

from bot.messages import blocks
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling, own
from bot.models import Reminder, Status, Update
from bot.reminders import cadence

POST, MENU = "red_account.post_update", "update.menu"
EDIT, UNDO = "edit", "undo"
POST_LABEL = "Post update…"
WEEK = 7  # days


def in_thread(view: View, update: Update, *, is_newest: bool) -> Message:
    """One update. Its author can change the newest."""
    name, by = view.facts.account.name, blocks.first_name(update.by)
    if update.taken_back_at:
        text = f"{by} took this update back."
        return blocks.message(f"{blocks.clip(name, 30)}: {text}", [blocks.context(text)])
    mood = f"it goes {update.mood}" if update.mood else None
    head = " · ".join(part for part in (f"*Update* by {by}, {view.day(update.created_at)}", mood) if part)
    can_change = is_newest and view.facts.red.status == Status.OPEN
    menu = blocks.menu(MENU, [(f"{EDIT}:{update.id}", "Edit…"), (f"{UNDO}:{update.id}", "Take back")])
    return blocks.message(
        f"{blocks.clip(name, 30)}, update by {by}: {' '.join(blocks.plain(update.changed).split())}",
        [
            blocks.section(head, accessory=menu if can_change else None),
            *blocks.whole(update.changed),
            *(blocks.section(f"*{title}*  {text}") for title, text in _rest(view, update)),
        ],
    )


def _rest(view: View, update: Update) -> list[tuple[str, str]]:
    found = [("Blocker", said(update.blocker))] if update.blocker else []
    by = f"by {view.day(update.next_on)}" if update.next_on else None
    step = ", ".join(part for part in (said(update.next_step) if update.next_step else None, by) if part)
    return [*found, ("Next", step)] if step else found


def dates(view: View) -> str | None:
    """For the card's last line: "last update 28 Jan, next by 4 Feb"."""
    red = view.facts.red
    if red.status != Status.OPEN or not red.has_card:
        return None
    due = blocks.short_day(view.local_day(cadence.next_update(red, view.policy)), view.today)
    if red.updated_at is None:
        return f"first update by {due}"
    return f"last update {blocks.short_day(view.local_day(red.updated_at), view.today)}, next by {due}"


def line(view: View, row: Reminder, today: date) -> Line:
    """In a digest of that day. The lead reads whose it is."""
    red, due = view.facts.red, view.local_day(_due(view, row))
    whose = f" · {_names(view)}" if row.step else ""
    when = f"{'since' if due < today else 'by'} {view.day(due)}"
    section = Section.OVERDUE if due < today else Section.TODAY
    weekly = "weekly " if cadence.pace(red, _since(view, row), view.policy) == WEEK else ""
    text = f"*{esc(view.facts.account.name)}*'s {weekly}update{whose} · {when}"
    return Line(row, text, section, _button(view))


def own_message(view: View, telling: Telling) -> Message:
    """By DM: for whoever wanted it at another time, or was handed it."""
    red, name = view.facts.red, view.facts.account.name
    due = view.day(_due(view, telling.reminder))
    text = f"*{esc(name)}*: what changed, what is in the way, what is next. By {due}."
    return own(telling, f"{blocks.clip(name, 30)}: post an update, by {due}.", text, _button(view), red.label)


def reminder_in_thread(view: View, telling: Telling) -> Message:
    """Days after it was due, where everybody who follows it reads it. Facts, not blame."""
    red, account, row = view.facts.red, view.facts.account, telling.reminder
    who = " ".join(blocks.mention(person) for person in (account.ce, account.ae) if person) or "Nobody yet"
    since = _since(view, row)
    is_first = cadence.round_since(cadence.plan_due(red, view.policy)) == cadence.round_since(since)
    last = "yet" if is_first else f"since {view.day(since)}"
    text = f"{who} No update on {esc(account.name)} {last}. It was due {view.day(_due(view, row))}."
    after = telling.became()
    press = None if after else blocks.actions(blocks.button(POST_LABEL, POST, red.id, style="primary"))
    push_line = f"{blocks.clip(account.name, 30)}: no update when it was due. {after or 'Post it here.'}"
    return blocks.message(push_line, [blocks.section(text), blocks.section(after) if after else press])


def _since(view: View, row: Reminder) -> datetime:
    """What the update that this reminder asks for is counted from; by now there may be newer ones."""
    return cadence.since_of(row) or cadence.counts_from(view.facts.red, view.policy)


def _due(view: View, row: Reminder) -> datetime:
    return cadence.next_update(view.facts.red, view.policy, _since(view, row))


def _names(view: View) -> str:
    account = view.facts.account
    return " and ".join(blocks.first_name(person) for person in (account.ce, account.ae) if person) or "Nobody yet"


def _button(view: View) -> Button:
    return Button(POST_LABEL, POST, view.facts.red.id)
