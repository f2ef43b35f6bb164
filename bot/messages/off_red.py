"""The question to CE and AE whether a red account is over, after somebody set the field in Salesforce."""

from __future__ import annotations

from datetime import datetime

from bot.messages import blocks
from bot.messages.blocks import Message, esc
from bot.messages.outcomes import OUTCOME_LABELS
from bot.messages.red_accounts import RESOLVE, STILL_RED, short_name, team_line
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling
from bot.models import Health, Outcome, Reminder, Status


def question(view: View, telling: Telling, *, set_by: str | None, closes: tuple[datetime, Outcome] | None) -> Message:
    """`closes`: when it is closed, and as what, if nobody answers."""
    red, account = view.facts.red, view.facts.account
    by = f", set by {esc(set_by)}" if set_by else ""
    says = f"Salesforce says {account.health or 'nothing'}"
    since = f", {view.moment(red.off_red_at)}" if red.off_red_at else ""
    answer = _answer(view)
    after = answer or telling.became()
    head = f"*{esc(account.name)}*: {esc(says)}{by}{since}. {'' if after else 'Is it over?'}".strip()
    if answer:  # by now the field says what was answered
        says, head = "it left Red in Salesforce", f"*{esc(account.name)}* left Red in Salesforce{by}."
    buttons = unless = None
    if telling.is_live and not after:
        buttons = blocks.actions(
            blocks.button("Yes, resolve…", RESOLVE, red.id, style="primary"),
            blocks.button("No, still red", STILL_RED, red.id),
            telling.later(),
        )
    if closes and not answer:
        unless = f"If nobody answers by {view.day(closes[0])}, it is closed as {OUTCOME_LABELS[closes[1]].lower()}"
    return blocks.message(
        f"{short_name(red)}: {says}. {after or 'Is it over?'}",
        [
            blocks.section(head),
            blocks.context(team_line(view)),
            blocks.section(after) if after else None,
            buttons,
            blocks.context(red.label, unless, telling.whose()),
        ],
    )


def line(view: View, row: Reminder) -> Line:
    """In a digest. Who wants to say that it is still red does so on the card."""
    red, account = view.facts.red, view.facts.account
    text = f"*{esc(account.name)}*: Salesforce says {esc(account.health or 'nothing')}. Is it over?"
    return Line(row, text, Section.WAITS, Button("Resolve…", RESOLVE, red.id))


def _answer(view: View) -> str | None:
    red = view.facts.red
    if red.status == Status.CLOSED:
        return f"{blocks.first_name(red.ended_by)} closed it." if red.ended_by else "It is closed."
    if red.off_red_at is None:
        return "It is still red." if view.facts.account.health == Health.RED or view.facts.pending else None
    return None
