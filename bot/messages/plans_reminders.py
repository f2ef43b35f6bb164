"""What is said of a plan that is not there yet, and the question whether somebody agrees to it."""

from __future__ import annotations

from datetime import date

from bot.messages import action_items, blocks
from bot.messages.blocks import Message, esc, said
from bot.messages.plans import AGREE, EDIT, TAKE_BACK, missing_words, owners
from bot.messages.red_accounts import FILL_IN, reasons_line, short_name
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling, own
from bot.models import Agreement, Person, Reminder, Role, Source, Status
from bot.models.plans import Part, lacks_only_agreement, missing, missing_agreements
from bot.reminders.plans import plan_by


def line(view: View, row: Reminder, today: date) -> Line:
    """In a digest of that day. The lead reads whose it is."""
    by = view.local_day(plan_by(view.facts.red, view.policy))
    is_late = by < today
    whose = f" · {owners(view)}" if row.step else ""
    when = f"{'since' if is_late else 'by'} {view.day(by)}"
    text = f"The plan for *{esc(view.facts.account.name)}*{whose} · missing: {missing_words(view)} · {when}"
    return Line(row, text, Section.OVERDUE if is_late else Section.TODAY, _button(view))


def own_message(view: View, telling: Telling) -> Message:
    """By DM: for whoever wanted it at another time, or was handed it."""
    by = view.day(plan_by(view.facts.red, view.policy))
    text = f"The plan for *{esc(view.facts.account.name)}* lacks {missing_words(view) or 'nothing'}. It is due {by}."
    push_line = f"The plan for {short_name(view.facts.red)}, by {by}."
    return own(telling, push_line, text, _button(view), view.facts.red.label)


def in_thread(view: View, telling: Telling) -> Message:
    """Days after it was due, where everybody who follows it reads it. Facts, not blame."""
    red, account = view.facts.red, view.facts.account
    due, after = view.day(plan_by(red, view.policy)), telling.became()
    whom = [red.has_role(role) for role in missing_agreements(red)] if lacks_only_agreement(red) else None
    who = " ".join(blocks.mention(person) for person in whom or (account.ce, account.ae) if person) or owners(view)
    what = f" Missing: {missing_words(view)}." if missing(red) else ""
    text = f"{who} The plan for {esc(account.name)} was due {due}.{what}"
    button = _button(view)
    press = None
    if button and not after:
        press = blocks.actions(blocks.button(button.label, button.action_id, button.value, style="primary"))
    push_line = f"{short_name(red)}: the plan was due {due}. {after or 'What is missing is here.'}"
    return blocks.message(push_line, [blocks.section(text), blocks.section(after) if after else press])


def question(view: View, telling: Telling) -> Message:
    """To the CE or the AE who has not agreed: what the other one says, and one click."""
    red, row = view.facts.red, telling.reminder
    role = _asked_as(view, row)
    agreement = red.agreed(role) if role else None
    what, asker = _what(view, agreement), _asker(view, role)
    after = _answer(view, agreement) if agreement else telling.became()
    if not agreement and not after and not telling.is_live:
        after = "It is asked again when it is due."
    buttons = None
    if agreement and red.status == Status.OPEN and agreement.by.slack_id == telling.reader:
        buttons = blocks.actions(blocks.button("Undo", TAKE_BACK, red.id))
    elif not agreement and telling.is_live:
        buttons = blocks.actions(blocks.button("Agree", AGREE, red.id, style="primary"), telling.later())
    talk = None
    if buttons and not agreement:
        where = f"say it in its thread in <#{view.policy.channels.red_accounts}>"
        talk = f"You do not? Talk to {blocks.mention(asker)}, or {where}" if asker else f"You do not? Then {where}"
    return blocks.message(
        f"{_push(view, agreement)} {after or 'Do you agree?'}",
        [
            blocks.section(what),
            blocks.section(after) if after else blocks.section("Do you agree?"),
            buttons,
            blocks.context(talk, telling.whose()),
        ],
    )


def question_line(view: View, row: Reminder) -> Line:
    """In a digest."""
    red = view.facts.red
    about = said(red.goal, 200) if red.goal else reasons_line(view) or "what is happening"
    role = _asked_as(view, row)
    asked_at = red.asked_at(role) if role else None
    since = f" · since {view.day(asked_at)}" if asked_at else ""
    text = f"*{esc(view.facts.account.name)}*: {about} · do you agree?{since}"
    return Line(row, text, Section.WAITS, Button("Agree", AGREE, red.id))


def _button(view: View) -> Button | None:
    """What helps with most of what is missing."""
    red = view.facts.red
    parts = {gap.part for gap in missing(red)}
    if Part.WHAT_IS_HAPPENING in parts:
        return Button("Fill in…", FILL_IN, red.id)
    if parts & {Part.GOAL, Part.HOW_WE_KNOW}:
        return Button("Edit plan…", EDIT, red.id)
    if Part.ACTION in parts:
        return Button("Add action…", action_items.ADD, red.id)
    return Button("Agree", AGREE, red.id) if parts == {Part.AGREEMENT} else None


def _asked_as(view: View, row: Reminder) -> Role | None:
    """The ledger calls a question after whoever it was first for."""
    red = view.facts.red
    return next((role for role in Role if (one := red.has_role(role)) and str(one.id) == row.occurrence), None)


def _asker(view: View, role: Role | None) -> Person | None:
    """Whoever agrees already, or marked it red: never the one who is asked."""
    red = view.facts.red
    asked = red.has_role(role) if role else None
    known = [*(one.by for one in red.agreements if one.role != role), red.marked_by]
    return next((one for one in known if one and one.can_be_asked and one != asked), None)


def _what(view: View, agreement: Agreement | None) -> str:
    red = view.facts.red
    return "\n".join(part for part in (
        _head(view, esc(view.facts.account.name), agreement),
        blocks.quoted(red.sentence) if red.sentence else None,
        f"*Goal*  {said(red.goal, 500)}" if red.goal else None,
        f"*How we know*  {said(red.how_we_know, 500)}" if red.how_we_know else None,
    ) if part)  # fmt: skip


def _head(view: View, name: str, agreement: Agreement | None) -> str:
    """What the other one did: marked it red, or agreed to a plan that is written by now."""
    red = view.facts.red
    if red.goal or red.how_we_know:
        other = next((one.by for one in red.agreements if one is not agreement), None)
        return f"{blocks.first_name(other)} agrees to this plan for {name}." if other else f"{name} has a plan now."
    why = reasons_line(view)
    because = f": {why[:1].lower()}{why[1:]}." if why else "."
    if red.marked_by is None or (agreement and agreement.by_id == red.marked_by.id):
        return f"{name} is red{because}"
    marked = "has set" if red.source == Source.SALESFORCE else "has marked"
    where = " to Red in Salesforce" if red.source == Source.SALESFORCE else " red"
    return f"{blocks.first_name(red.marked_by)} {marked} {name}{where}{because}"


def _push(view: View, agreement: Agreement | None) -> str:
    return blocks.clip(_head(view, short_name(view.facts.red), agreement), 90)


def _answer(view: View, agreement: Agreement) -> str:
    person = view.facts.red.has_role(agreement.role)
    of = f" for {blocks.first_name(person)}" if person and person.id != agreement.by_id else ""
    return f"☑ {blocks.first_name(agreement.by)} agreed{of}, {view.day(agreement.at)}."
