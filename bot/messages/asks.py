"""Asking another team for help: the form, and what the thread says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from slack_sdk.models.blocks import DatePickerElement

from bot.errors import InvalidForm
from bot.messages import blocks, forms
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts_view import View
from bot.models import Ask, RedAccount

FORM = "ask.form"
ASK = "red_account.ask"  # the button on the card
WHAT, OF, NEEDED_ON, WHY = "what", "of", "needed_on", "why"
LONGEST_TEAM = 200


@dataclass(frozen=True)
class Wish:
    """What somebody asks for."""

    what: str
    of: str
    needed_on: date
    why: str | None


def we_need(view: View) -> str | None:
    """The card's part about asks; None where there is none."""
    return blocks.lines("We need", [words(view, ask) for ask in view.facts.red.asks], _elsewhere(view))


def words(view: View, ask: Ask) -> str:
    """ "SSO fix, Identity, by Thu 4 Feb" """
    by = f"by {view.day(ask.needed_on)}" if ask.needed_on else None
    return ", ".join(part for part in (ask.what, ask.of, by) if part)


def _elsewhere(view: View) -> str:
    return " in the sheet row" if view.has_sheet else ""


def form(red: RedAccount) -> dict[str, Any]:
    return forms.form(
        FORM,
        "Ask for help",
        [
            blocks.section(f"*{esc(red.account.name)}*, {red.label}. It is said in the thread of its card."),
            forms.text_field(WHAT, "What", placeholder="SSO fix", multiline=False),
            forms.text_field(OF, "From whom", hint="A team or a person.", placeholder="Identity", multiline=False),
            forms.input_field(NEEDED_ON, "By when", DatePickerElement(action_id=forms.INPUT)),
            forms.text_field(WHY, "Why, and what happens otherwise", optional=True),
        ],
        submit="Ask",
        about=red.id,
    )


def read(view: Mapping[str, Any], today: date) -> tuple[int, Wish]:
    """The red account's id and the ask. Raises `InvalidForm` with a sentence for each field to mend."""
    what = forms.required(view, WHAT, "Say what you need.")
    of = forms.required(view, OF, "Say which team or person can give it.")
    if len(what) > forms.LONGEST_LINE or len(of) > LONGEST_TEAM:
        field, most = (WHAT, forms.LONGEST_LINE) if len(what) > forms.LONGEST_LINE else (OF, LONGEST_TEAM)
        raise InvalidForm({field: f"{most} characters at the most; the rest fits under Why."})
    picked = forms.date_of(view, NEEDED_ON)
    if picked is None or picked < today:
        raise InvalidForm({NEEDED_ON: "Pick the day by which you need it, today or later."})
    return int(view["private_metadata"]), Wish(what, of, picked, forms.text_of(view, WHY))


def said_in_thread(view: View, ask: Ask) -> Message:
    """ "🙋 SSO fix for Acme · Identity · by Fri 4 Feb" """
    name, by = esc(view.facts.account.name), f"by {view.day(ask.needed_on)}" if ask.needed_on else None
    line = " · ".join(part for part in (f"🙋 *{said(ask.what, 500)}* for {name}", said(ask.of, 200), by) if part)
    push = f"Ask for {ask.of}, {by}: {ask.what} for {view.facts.account.name}"
    return blocks.message(push, [blocks.section(line), blocks.section(said(ask.why)) if ask.why else None])
