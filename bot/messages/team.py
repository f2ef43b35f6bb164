"""What those are told to whom a red account goes: a new CE or AE, and the thread in which a merged one goes on."""

from __future__ import annotations

from bot.messages import blocks
from bot.messages.blocks import Message, esc, said
from bot.messages.plans import missing_words
from bot.messages.red_accounts import FILL_IN, reasons_line, renews, short_money, short_name, team_line
from bot.messages.red_accounts_view import View
from bot.messages.reminders import Button, Line, Section, Telling, own
from bot.models import RedAccount, Reminder, Role, Status
from bot.reminders import cadence
from bot.reminders.plans import plan_by


def own_message(view: View, telling: Telling, url: str | None) -> Message:
    """By DM, once: it is red, it is theirs from now on, and what comes next."""
    red, account = view.facts.red, view.facts.account
    news = _news(red, telling.reminder)
    parts = [
        f"*{esc(account.name)}* {news}.",
        team_line(view),
        blocks.quoted(red.sentence) if red.sentence else f"Why: {reasons_line(view) or 'not said yet'}.",
        _next(view),
    ]
    figures = f"{short_money(account.arr)}, {renews(account.renewal_on, view.today)}"
    link = blocks.link(url, "open the card") if url else None
    about = " · ".join(part for part in (red.label, link) if part)
    text = "\n".join(part for part in parts if part)
    return own(telling, f"{short_name(red)} {news}. {figures}.", text, _button(red), about)


def line(view: View, row: Reminder) -> Line:
    """News in a digest, where their messages of the day were up."""
    red = view.facts.red
    return Line(row, f"*{esc(view.facts.account.name)}* {_news(red, row)}", Section.WAITS, _button(red))


def merged(
    goes_on: RedAccount, was: str, ended: RedAccount | None, asks: int, actions: int, url: str | None
) -> Message:
    """In the thread of what goes on: whose it is now too, and where its messages are."""
    merged_in = f"{said(was, 200)} was merged into {esc(goes_on.account.name)} in Salesforce."
    if ended is None:
        text = f"{merged_in} This goes on as {esc(goes_on.account.name)}."
        return blocks.message(blocks.plain(text), [blocks.section(text)])
    counts = ((asks, "ask"), (actions, "action"))
    came = " and ".join(f"{count} {word}{'s' if count > 1 else ''}" for count, word in counts if count)
    rest = "nothing was open there"
    thread = f"the thread of {ended.label}"
    if came:
        stay = "their messages stay" if asks + actions > 1 else "its message stays"
        rest = f"{came} came with it, and {stay} in {blocks.link(url, thread) if url else thread}"
    push_line = f"{blocks.plain(was)} was merged into {blocks.plain(goes_on.account.name)}: {ended.label} goes on here."
    return blocks.message(push_line, [blocks.section(f"{merged_in} {ended.label} goes on here: {rest}.")])


def _next(view: View) -> str | None:
    red = view.facts.red
    if red.status != Status.OPEN:
        return None
    if not red.filled_in_at:
        return f"Say what is happening by {view.day(red.fill_in_by_at)}."
    lacks = missing_words(view) if red.owes_plan else None
    plan = f"The plan lacks {lacks}, by {view.day(plan_by(red, view.policy))}. " if lacks else ""
    return f"{plan}Next update by {view.day(cadence.next_update(red, view.policy))}."


def _news(red: RedAccount, row: Reminder) -> str:
    """The ledger calls a row after whoever it was first for. A cover reads whose it is."""
    if red.status != Status.OPEN:
        return "is not red any more"
    new = {role: one for role in Role if red.since_at(role) and (one := red.has_role(role))}
    theirs = {role: person for role, person in new.items() if str(person.id) == row.occurrence}
    if not theirs:
        return "is red, and somebody else looks after it by now"
    [whose, *_], reader = theirs.values(), row.told_to or row.recipient
    who = "you are" if reader == whose else f"{blocks.first_name(whose)} is"
    return f"is red, and {who} its {' and '.join(theirs)} now"


def _button(red: RedAccount) -> Button | None:
    return None if red.filled_in_at or red.status != Status.OPEN else Button("Fill in…", FILL_IN, red.id)
