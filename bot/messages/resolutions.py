"""The question whether a red account is over, by DM."""

from __future__ import annotations

from typing import Any

from bot.messages import blocks
from bot.messages import reminders_forms as forms
from bot.messages.blocks import Message, esc, said
from bot.messages.outcomes import ENDINGS, linked
from bot.messages.red_accounts import team_line
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling
from bot.messages.reminders_forms import ANSWER
from bot.models import Reminder, Resolution, ResolutionState

AGREE, DECLINE, WITHDRAW = "resolution.agree", "resolution.decline", "resolution.withdraw"


def question(view: View, wish: Resolution, *, reader: str, telling: Telling | None = None) -> Message:
    """Somebody asks to end a red account, as the CE ("ce"), the lead ("lead") or whoever asked ("by") sees it."""
    name, colour = esc(view.facts.account.name), ENDINGS[wish.outcome]
    who = "You asked" if reader == "by" else f"{blocks.first_name(wish.by)} asks"
    head = f"{who} to end {name} as {colour}."
    is_asked = wish.state == ResolutionState.ASKED
    answer = telling.became() if is_asked and telling else None if is_asked else _answer(wish)
    buttons = None
    if is_asked and reader == "by":
        buttons = blocks.actions(blocks.button("Withdraw", WITHDRAW, wish.id, style="danger"))
    elif is_asked and (telling is None or telling.is_live):
        buttons = blocks.actions(
            blocks.button(f"Yes, {colour}", AGREE, wish.id, style="primary"),
            blocks.button("Not yet…", DECLINE, wish.id),
            telling.later() if telling else None,
        )
    waits = None
    if is_asked and reader == "by":
        asked = view.facts.lead if wish.is_with_lead(view.now) else view.facts.account.ce
        waits = f"It waits for {blocks.first_name(asked)}. Until then {name} stays red."
    wanted = waits or "Agree, or say why not yet."
    return blocks.message(
        f"{head} {answer or wanted}",
        [
            blocks.section(f"{head}\n{_said(wish)}"),
            blocks.context(team_line(view)),
            blocks.section(answer) if answer else None,
            buttons,
            blocks.context(waits, telling.whose() if telling else None),
        ],
    )


def line(view: View, wish: Resolution, row: Reminder) -> Line:
    """In a digest."""
    name, colour = esc(view.facts.account.name), ENDINGS[wish.outcome]
    text = f"{blocks.first_name(wish.by)} asks to end *{name}* as {colour} · since {view.day(wish.created_at)}"
    return Line(row, text, Section.WAITS, Button("Answer…", ANSWER, row.id))


def answer_form(view: View, wish: Resolution, row: Reminder) -> dict[str, Any]:
    colour = ENDINGS[wish.outcome]
    asked = f"{blocks.first_name(wish.by)} asks to end {esc(view.facts.account.name)} as {colour}."
    return forms.answer_form(row, f"{asked}\n{_said(wish)}", yes=f"Yes, {colour}", no="Not yet")


def _said(wish: Resolution) -> str:
    """What whoever asked wrote, and what shows that it is so."""
    evidence = f"\nEvidence: {linked(wish.evidence, 'see it')}" if wish.evidence else ""
    return blocks.quoted(wish.note) + evidence


def _answer(wish: Resolution) -> str:
    by = blocks.first_name(wish.ended_by)
    return {
        ResolutionState.AGREED: f"{by} agreed. It is closed.",
        ResolutionState.DECLINED: f"{by} says not yet: {said(wish.answer, 1500)}",
        ResolutionState.WITHDRAWN: f"{by} took it back.",
        ResolutionState.OVERTAKEN: f"{by} closed it." if wish.ended_by else "It is over.",
    }[wish.state]
