"""The question whether an account is red, by DM: to the CE, to the lead, and to whoever asked."""

from __future__ import annotations

from typing import Any

from bot.messages import blocks
from bot.messages import reminders_forms as forms
from bot.messages.blocks import Message, esc, names, said
from bot.messages.red_accounts import by_name, short_name, team_line
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling
from bot.messages.reminders_forms import ANSWER
from bot.models import Outcome, Person, Reminder, Status

MARK_RED, NOT_RED = "red_account.confirm", "red_account.decline"
NUDGE, WITHDRAW = "red_account.nudge", "red_account.withdraw"


def proposal(view: View, *, reader: str, telling: Telling | None = None) -> Message:
    """An AE's proposal, as the CE ("ce"), the lead ("lead") or whoever made it ("by") sees it."""
    red = view.facts.red
    is_own = reader == "by" or (telling is not None and red.by is not None and telling.reader == red.by.slack_id)
    what = _proposal_words(view, reader, is_own=is_own)
    after = _proposal_answer(view) if red.status != Status.PROPOSED else telling.became() if telling else None
    is_put_off = telling is not None and not telling.is_live
    buttons = None
    if red.status == Status.PROPOSED and reader == "by":
        buttons = blocks.actions(
            blocks.button("Nudge", NUDGE, red.id), blocks.button("Withdraw", WITHDRAW, red.id, style="danger")
        )
    elif red.status == Status.PROPOSED and not is_put_off:
        buttons = blocks.actions(
            blocks.button("Mark red", MARK_RED, red.id, style="primary"),
            blocks.button("Not red…", NOT_RED, red.id),
            telling.later() if telling else None,
        )
    note = reminded = None
    if red.status == Status.PROPOSED and reader == "by":
        note = f"Nothing is in Salesforce yet. {_who_may_answer(view)}"
        reminded = f"reminded {view.day(red.nudged_at)}" if red.nudged_at else None
    elif red.status == Status.PROPOSED and red.by and not is_own:
        note = f"Talk to {blocks.mention(red.by)}"
        reminded = f"{blocks.first_name(red.by)} asked again {view.day(red.nudged_at)}" if red.nudged_at else None
    return blocks.message(
        _push(view, reader, after, is_own=is_own),
        [
            blocks.section(what),
            blocks.context(team_line(view)),
            blocks.section(after) if after else None,
            buttons,
            blocks.context(note, reminded, telling.whose() if telling else None),
        ],
    )


def line(view: View, row: Reminder) -> Line:
    """In a digest."""
    red = view.facts.red
    text = f"{_who_thinks(view)} *{esc(view.facts.account.name)}* is red · since {view.day(red.red_at)}"
    return Line(row, text, Section.WAITS, Button("Answer…", ANSWER, row.id))


def answer_form(view: View, row: Reminder) -> dict[str, Any]:
    return forms.answer_form(row, _proposal_words(view, "ce"), yes="Mark it red", no="It is not red")


def _proposal_words(view: View, reader: str, *, is_own: bool = False) -> str:
    red, name = view.facts.red, esc(view.facts.account.name)
    lines = [f"{_who_thinks(view, is_own=is_own)} {name} is red: {esc(_reason(view))}.", blocks.quoted(red.sentence)]
    lines += [f"We need: {said(ask.what, 200)}" for ask in red.asks[: blocks.MOST_LINES]]
    lines += [f"We do: {said(item.what, 200)}" for item in red.action_items[: blocks.MOST_LINES]]
    if reader == "lead":
        lines.append(f"{_why_the_lead(view.facts.account.ce)}: you can answer now.")
    return "\n".join(lines)


def _why_the_lead(ce: Person | None) -> str:
    if ce is None:
        return "The account has no CE"
    return f"{blocks.first_name(ce)} (CE) {'has had a working day' if ce.can_be_asked else 'has left'}"


def _push(view: View, reader: str, after: str | None, *, is_own: bool) -> str:
    red = view.facts.red
    what = f"{_who_thinks(view, is_own=is_own)} {short_name(red)} is red"
    if after:
        return f"{what}. {after}"
    wanted = _who_may_answer(view) if reader == "by" else "Mark it red, or say why not."
    return f"{what}: {blocks.clip(_reason(view), 35)}. {wanted}"


def _who_thinks(view: View, *, is_own: bool = False) -> str:
    return "You think" if is_own else f"{by_name(view.facts.red) or 'Somebody'} thinks"


def _reason(view: View) -> str:
    """As it stands in the middle of a sentence."""
    label = view.policy.red_accounts.reason_label(view.facts.red.reason) or "no reason given"
    return label[:1].lower() + label[1:]


def _who_may_answer(view: View) -> str:
    """As whoever proposed it reads it."""
    red, ce, lead = view.facts.red, view.facts.handed_to or view.facts.account.ce, view.facts.lead
    if not ce or not ce.can_be_asked:
        is_own = lead is not None and lead == red.by
        return f"It waits for {'you' if is_own else blocks.first_name(lead)}."
    if red.is_with_lead(view.now):
        return f"It waits for {names(ce, lead)}."
    until = (
        f"; {blocks.first_name(lead)} (CE lead) can answer from {view.day(red.lead_from_at)}"
        if red.lead_from_at
        else ""
    )
    role = "" if view.facts.handed_to else " (CE)"
    return f"It waits for {blocks.first_name(ce)}{role}{until}."


def _proposal_answer(view: View) -> str:
    red = view.facts.red
    by = blocks.first_name(red.ended_by)
    if red.status == Status.DECLINED:
        return f"{by} says it is not red: {said(red.note, 1500)}"
    if red.status == Status.WITHDRAWN:
        return f"{by} took it back." if red.ended_by else said(red.note, 1500)
    if red.status == Status.CLOSED and red.outcome == Outcome.NOT_SET:
        return f"Salesforce refused to mark it red: {said(red.note, 1500)}"
    return f"{esc(view.facts.account.name)} is marked red. The card is in <#{view.policy.channels.red_accounts}>."
