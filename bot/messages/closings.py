"""What is asked when a red account is over: the retro where much was lost, and whether it is still good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.errors import InvalidForm
from bot.messages import blocks, forms
from bot.messages.blocks import Message, esc
from bot.messages.outcomes import ENDINGS
from bot.messages.red_accounts import short_money, short_name
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling, own
from bot.models import RedAccount, Reminder
from bot.reminders.kinds import WATCHES

RETRO, RETRO_FORM = "red_account.retro", "red_account.retro_form"
STILL_GOOD, RED_AGAIN = "red_account.still_good", "red_account.red_again"
WHERE, WHY_NONE = "retro", "why_none"


def retro_line(view: View, row: Reminder, today: date) -> Line:
    """In a digest, five working days after the closing."""
    text = f"{_wanted(view, esc(view.facts.account.name), bold='*')} · closed {view.day(_ended(view))}"
    return Line(row, text, Section.TODAY, _add(view))


def retro_message(view: View, telling: Telling) -> Message:
    """By DM: for whoever wanted it at another time, or was handed it."""
    push_line = f"{_wanted(view, short_name(view.facts.red))}."
    text = f"{_wanted(view, esc(view.facts.account.name), bold='*')}: what happened, and what the next team can learn."
    return own(telling, push_line, text, _add(view), view.facts.red.label)


def retro_form(red: RedAccount) -> dict[str, Any]:
    return forms.form(
        RETRO_FORM,
        f"Retro of {red.label}",
        [
            blocks.section(f"*{esc(red.account.name)}*, {red.label}. It is shown on the card."),
            forms.text_field(WHERE, "The retro", hint="Its address, or what you learnt.", optional=True),
            forms.text_field(WHY_NONE, "Or why there is none", optional=True, multiline=False),
        ],
        submit="Save",
        about=red.id,
    )


def read_retro(view: Mapping[str, Any]) -> tuple[int, str | None, str | None]:
    """The red account's id, the retro, and why there is none; one of the two is there."""
    where, why_none = forms.text_of(view, WHERE), forms.text_of(view, WHY_NONE)
    if where and why_none:
        raise InvalidForm({WHY_NONE: "There is a retro above: clear one of the two."})
    if not where and not why_none:
        raise InvalidForm({WHERE: "Say where it is or what you learnt, or say below why there is none."})
    return int(view["private_metadata"]), where, why_none


def watch_line(view: View, row: Reminder, today: date) -> Line:
    text = f"{_still(view, row, esc(view.facts.account.name), bold='*')} Still good?"
    return Line(row, text, Section.TODAY, _good(row), _again(row))


def watch_message(view: View, telling: Telling) -> Message:
    row = telling.reminder
    push_line = f"{_still(view, row, short_name(view.facts.red))} Still good?"
    text = f"{_still(view, row, esc(view.facts.account.name), bold='*')} Still good?"
    return own(telling, push_line, text, _good(row), view.facts.red.label, _again(row))


def _wanted(view: View, name: str, *, bold: str = "") -> str:
    red = view.facts.red
    how = "left" if red.outcome == "churned" else "stays with less"
    return f"Add the retro · {bold}{name}{bold} {how}, {short_money(red.arr_at_end)}"


def _still(view: View, row: Reminder, name: str, *, bold: str = "") -> str:
    """ "Acme has been green for 30 days." """
    outcome = view.facts.red.outcome
    colour = ENDINGS[outcome] if outcome else "closed"
    return f"{bold}{name}{bold} has been {colour} for {WATCHES[row.kind]} days."


def _ended(view: View) -> date:
    assert view.facts.red.ended_at is not None  # it is closed
    return view.local_day(view.facts.red.ended_at)


def _add(view: View) -> Button:
    return Button("Add the retro…", RETRO, view.facts.red.id)


def _good(row: Reminder) -> Button:
    return Button("Still good", STILL_GOOD, row.id)


def _again(row: Reminder) -> Button:
    return Button("It is red again…", RED_AGAIN, row.id)
