"""What Slack says of the sheet: what was edited there, which of two texts holds, and that a row is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import RadioButtonsElement

from bot.errors import InvalidForm
from bot.messages import blocks, forms
from bot.messages.blocks import Message, esc
from bot.messages.red_accounts import short_name
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling
from bot.messages.sheet_rows import DATES, header
from bot.models import ConflictState, RedAccount, Reminder, SheetConflict, SheetEdit, Status

KEEP, USE_MINE, OPEN = "sheet_conflict.keep", "sheet_conflict.use_mine", "sheet_conflict.open"
ADD_ROW = "sheet_row.add"
FORM, WHICH = "sheet_conflict.form", "which"
SHEETS, OURS = "sheet", "ours"
ENDS = (".”", "!”", "?”", "\n")  # of a text that has its own full stop


def edited(view: View, edits: Sequence[SheetEdit]) -> Message:
    """ "Edited in the sheet: current state …", all of a quarter of an hour at once. Each column as it is now."""
    last = {edit.column: edit for edit in edits if edit.became}
    names = {column: header(view.policy, column) for column in last}
    lines = [f"• *{esc(names[column])}*: {_shown(view, column, edit.became)}" for column, edit in last.items()]
    lines += [f"• {blocks.said(edit.note, 500)}" for edit in edits if edit.note]
    what = ", ".join(_small(name) for name in names.values()) or "what Touchpoint cannot take over"
    push = f"Edited in the sheet of {short_name(view.facts.red)}: {what}"
    return blocks.message(push, [blocks.section("\n".join(["*Edited in the sheet*", *lines]))])


def row_deleted(red: RedAccount) -> Message:
    """Somebody deleted the row of a red account in the sheet."""
    goes_on = "; the red account goes on here" if red.status == Status.OPEN else ""
    text = f"Somebody deleted the sheet row of {blocks.plain(red.account.name)}. It is not put back{goes_on}."
    again = blocks.actions(blocks.button("Add the row again", ADD_ROW, red.id))
    return blocks.message(text, [blocks.section(esc(text)), again])


def conflict(view: View, one: SheetConflict, telling: Telling) -> Message:
    """To whoever wrote ours: "The sheet says Fri 4 Feb, you say Thu 3 Feb." """
    after = _answer(view, one) or telling.became()
    press = None
    if one.state == ConflictState.ASKED and telling.is_live:
        press = blocks.actions(
            blocks.button("Keep the sheet's", KEEP, one.id, style="primary"),
            blocks.button("Use mine" if _is_theirs(one, telling.reminder) else "Use Slack's", USE_MINE, one.id),
            telling.later(),
        )
    column = header(view.policy, one.column)
    head = f"{short_name(view.facts.red)}, {_small(column)}: the sheet says something else."
    push = f"{head} {after or 'Which one holds?'}"
    return blocks.message(
        push,
        [
            blocks.section(f"*{esc(view.facts.account.name)}*, {esc(_small(column))}"),
            blocks.section(_says(view, one, _is_theirs(one, telling.reminder))),
            blocks.section(after) if after else None,
            press,
            blocks.context(_until(view, telling) if press else None, telling.whose()),
        ],
    )


def conflict_line(view: View, one: SheetConflict, row: Reminder) -> Line:
    """In a digest."""
    column = esc(_small(header(view.policy, one.column)))
    text = f"*{esc(view.facts.account.name)}*, {column}: the sheet and Slack say different things"
    return Line(row, text, Section.WAITS, Button("Answer…", OPEN, one.id))


def conflict_form(view: View, one: SheetConflict) -> dict[str, Any]:
    options = [forms.option(SHEETS, "Keep the sheet's"), forms.option(OURS, "Use Slack's")]
    column = esc(_small(header(view.policy, one.column)))
    return forms.form(
        FORM,
        "Which one holds?",
        [
            blocks.section(f"*{esc(view.facts.account.name)}*, {column}\n{_says(view, one, False)}"),
            forms.input_field(WHICH, "From now on", RadioButtonsElement(action_id=forms.INPUT, options=options)),
        ],
        submit="Keep it",
        about=one.id,
    )


def read_conflict(view: Mapping[str, Any]) -> tuple[int, bool]:
    """The conflict's id, and whether the sheet's is kept."""
    which = forms.choice_of(view, WHICH)
    if which is None:
        raise InvalidForm({WHICH: "Pick one."})
    return int(view["private_metadata"]), which == SHEETS


def _says(view: View, one: SheetConflict, is_theirs: bool) -> str:
    who = "you say" if is_theirs else "Slack says"
    theirs, ours = (_shown(view, one.column, text) for text in (one.sheet_says, one.we_say))
    return f"The sheet says {theirs}, {who} {ours}{'' if ours.endswith(ENDS) else '.'}"


def _is_theirs(one: SheetConflict, row: Reminder) -> bool:
    return one.by_id is not None and row.recipient_id == one.by_id


def _answer(view: View, one: SheetConflict) -> str | None:
    if one.state == ConflictState.ASKED:
        return None
    if one.state == ConflictState.OVER:
        return "Both say the same by now."
    whose = "the sheet's" if one.state == ConflictState.SHEET else "Slack's"
    return f"Kept: {whose}.{'' if one.ended_by_id else _why_nobody(view, one)}"


def _why_nobody(view: View, one: SheetConflict) -> str:
    over_at = view.facts.red.ended_at
    if over_at and one.ended_at and one.asked_at < over_at <= one.ended_at:
        return " The red account was over before anybody answered."
    days = view.policy.sheet.answer_days
    return f" Nobody answered in {days} day{'s' if days > 1 else ''}."


def _until(view: View, telling: Telling) -> str:
    row = telling.reminder
    until = (row.told_at or view.now) + timedelta(days=view.policy.sheet.answer_days)
    local = until.astimezone(ZoneInfo(row.zone))
    return f"Without an answer by {blocks.day(local.date(), view.today)} {local:%H:%M}, the sheet's stays."


def _shown(view: View, column: str, text: str | None) -> str:
    """A cell in a sentence: a day as it is said, anything else between marks."""
    if not text:
        return "nothing"
    day = _day(text) if column in DATES else None
    if day:
        return view.day(day)
    return f"“{blocks.said(text, 600)}”" if "\n" not in text else f"\n{blocks.quoted(text, 1200)}\n"


def _day(text: str) -> date | None:
    """People type words into a column of dates too."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _small(name: str) -> str:
    """A column's name inside a sentence; an abbreviation stays as it is."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
