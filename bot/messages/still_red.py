"""The question how to go on with an account that has been red for long: by DM, in a digest, and as a form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import OverflowMenuElement

from bot.messages import blocks
from bot.messages import reminders_forms as forms
from bot.messages.blocks import Message, esc, said
from bot.messages.red_accounts import RESOLVE, short_name, team_line
from bot.messages.red_accounts_view import View
from bot.messages.reminders import HOUR, OTHER, SKIP, TOMORROW, Button, Line, Section, Telling, clock
from bot.models import Reminder, Status
from bot.models.reminders import TOLD

GO_ON, CHANGE_PLAN, LATER = "still_red.go_on", "still_red.change_plan", "still_red.later"
ESCALATE = "escalate"
QUESTION = "Go on, change the plan or accept churn?"


def question(view: View, telling: Telling) -> Message:
    """As a message of its own, to its CE and AE, later to the lead, or to whom it was escalated."""
    red = view.facts.red
    after = telling.became()
    press = None
    if telling.is_live and red.status == Status.OPEN:
        press = blocks.actions(
            blocks.button("Still red, go on", GO_ON, red.id, style="primary"),
            blocks.button("Change the plan…", CHANGE_PLAN, red.id),
            blocks.button("Resolve or accept churn…", RESOLVE, red.id),
            _menu(view, telling),
        )
    days = _days(view, telling.reminder.told_at or view.now)
    wanted = after or QUESTION
    return blocks.message(
        f"{short_name(red)} has been red for {days} days. {wanted}",
        [
            blocks.section(f"{_words(view, days)}\n{said(red.sentence, 600)}".strip()),
            blocks.context(team_line(view)),
            blocks.section(after) if after else None,
            press,
            blocks.context(red.label, telling.whose()),
        ],
    )


def line(view: View, row: Reminder) -> Line:
    """In a digest."""
    red = view.facts.red
    text = f"*{esc(view.facts.account.name)}* has been red since {view.day(red.red_at)}: how to go on?"
    return Line(row, text, Section.WAITS, Button("Answer…", forms.ANSWER, row.id))


def answer_form(view: View, row: Reminder) -> dict[str, Any]:
    words = f"{_words(view, _days(view, view.now))}\nTo change the plan or to resolve it, use its card."
    others = blocks.unescaped(_deciders(view, row)) or "somebody else"
    return forms.answer_form(row, words, yes="Still red, go on", no=f"Ask {others} to decide")


def _words(view: View, days: int) -> str:
    red, name = view.facts.red, esc(view.facts.account.name)
    asked = "You are asked to decide: " if red.escalated_at else ""
    return f"{asked}*{name}* has been red for {days} days. {QUESTION}"


def _days(view: View, when: datetime) -> int:
    """Counted to the day of the message, also where it is edited later."""
    return (view.local_day(when) - view.local_day(view.facts.red.red_at)).days


def _menu(view: View, telling: Telling) -> OverflowMenuElement | None:
    row = telling.reminder
    if row.state not in TOLD:
        return None
    entries = [
        (f"{HOUR}:{row.id}", "In 1 hour"),
        (f"{TOMORROW}:{row.id}", f"Tomorrow {clock(telling.morning)}"),
        (f"{OTHER}:{row.id}", "Another day or person…"),
        (f"{SKIP}:{row.id}", "Skip…"),
    ]
    if view.facts.red.escalated_at is None and (others := _deciders(view, row)):
        entries.insert(0, (f"{ESCALATE}:{row.id}", f"Ask {blocks.unescaped(others)} to decide"))
    return blocks.menu(LATER, entries)


def _deciders(view: View, row: Reminder) -> str:
    """Who else would be asked: the lead and the executive sponsor. Empty where there is nobody."""
    both = {person.id: person for person in (view.facts.lead, view.facts.red.sponsor) if person and person.can_be_asked}
    both.pop((row.told_to or row.recipient).id if row.recipient else 0, None)
    return blocks.names(*both.values()) if both else ""
