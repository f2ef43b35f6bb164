"""The question whether an account is red because its figures say so, in its CE's digest, and the form for a no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.messages import blocks, forms
from bot.messages import reminders_forms as answer_forms
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts import money, renews
from bot.messages.reminders import Button, Line, Section, Telling
from bot.messages.reminders_forms import ANSWER
from bot.models import Reminder, Suggestion, SuggestionState

MARK, NOT_RED = "suggestion.mark", "suggestion.decline"
DECLINE_FORM, WHY = "suggestion.decline_form", "why"


def question(one: Suggestion, figures: str, telling: Telling, *, links: str, today: date) -> Message:
    """`figures`: which criteria it meets, in words."""
    account = one.account
    name, short = esc(account.name), blocks.clip(blocks.plain(account.name), 30)
    after = _answer(one) or telling.became()
    buttons = None
    if one.state == SuggestionState.MADE and telling.is_live:
        buttons = blocks.actions(
            blocks.button("Mark red…", MARK, one.id, style="primary"),
            blocks.button("Not red…", NOT_RED, one.id),
            telling.later(),
        )
    no_ce = None if account.ce and account.ce.can_be_asked else "No CE can be asked, so you are"
    return blocks.message(
        f"{short} may be red: {figures}. {after or 'Mark it red, or say why not.'}",
        [
            blocks.section(f"*{name}* may be red: {esc(figures)}."),
            blocks.context(money(account.arr), renews(account.renewal_on, today), esc(account.region), links),
            blocks.section(after) if after else None,
            buttons,
            blocks.context("From its figures; nothing is set in Salesforce", no_ce, telling.whose()),
        ],
    )


def line(one: Suggestion, figures: str, row: Reminder) -> Line:
    """In a digest."""
    no_ce = "" if one.account.ce and one.account.ce.can_be_asked else " · no CE can be asked"
    text = f"*{esc(one.account.name)}* may be red: {esc(figures)}{no_ce}"
    return Line(row, text, Section.WAITS, Button("Answer…", ANSWER, row.id))


def answer_form(one: Suggestion, figures: str, row: Reminder) -> dict[str, Any]:
    asked = f"{esc(one.account.name)} may be red: {esc(figures)}."
    return answer_forms.answer_form(row, asked, yes="Mark it red", no="It is not red")


def decline_form(one: Suggestion) -> dict[str, Any]:
    return forms.form(
        DECLINE_FORM,
        "Not red",
        [forms.text_field(WHY, f"Why {blocks.clip(one.account.name, 100)} is not red",
                          hint="It stays with the account, for whoever looks at the figures next.")],
        submit="Not red",
        about=one.id,
    )  # fmt: skip


def read_decline(view: Mapping[str, Any]) -> tuple[int, str]:
    return int(view["private_metadata"]), forms.required(view, WHY, "Say why in a sentence.")


def _answer(one: Suggestion) -> str | None:
    return {
        SuggestionState.MADE: None,
        SuggestionState.MARKED: "It is marked red.",
        SuggestionState.DECLINED: f"{blocks.first_name(one.ended_by)} says it is not red: {said(one.answer, 1500)}",
        SuggestionState.OVER: (
            f"{blocks.first_name(one.ended_by)} asks now whether it is red."
            if one.ended_by
            else "Over: the figures have changed."
        ),
    }[one.state]
