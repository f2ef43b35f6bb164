"""The forms of a reminder, each beside the reader of its answer: another time or person, skip, answer a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from slack_sdk.models.blocks import DatePickerElement, RadioButtonsElement, StaticSelectElement, UserSelectElement

from bot.errors import InvalidForm
from bot.messages import blocks, forms
from bot.messages.reminders import HOUR, MONDAY, OTHER, SKIP, TOMORROW
from bot.models import Reminder

LATER_FORM, SKIP_FORM, ANSWER_FORM = "reminder.later_form", "reminder.skip_form", "reminder.answer_form"
ANSWER = "reminder.answer"  # the button of a digest's line that is a question
WHICH, WHAT, DAY, WHOM, WHY = "which", "what", "day", "whom", "why"
HAND = "hand"
YES, NO = "yes", "no"
MOST_ITEMS = 100  # https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element


@dataclass(frozen=True)
class Later:
    """What somebody wants with a reminder instead of doing what it asks for."""

    reminder_id: int
    what: str  # one of HOUR, TOMORROW, MONDAY, OTHER, HAND, SKIP
    day: date | None = None
    whom: str | None = None  # a Slack id
    why: str | None = None


def later_form(items: Sequence[tuple[int, str]], *, morning: str, what: str = TOMORROW) -> dict[str, Any]:
    """Another time or person for one of these reminders: (its id, what it is about)."""
    shown = [forms.option(*item) for item in items[:MOST_ITEMS]]
    ways = (
        (HOUR, "In 1 hour"),
        (TOMORROW, f"Tomorrow {morning}"),
        (MONDAY, f"Monday {morning}"),
        (OTHER, "On the day below"),
        (HAND, "Hand it to the person below"),
        (SKIP, "Skip it, for the reason below"),
    )
    options = [forms.option(*way) for way in ways]
    initial = next(option for option in options if option.value == what)
    return forms.form(
        LATER_FORM,
        "Later, hand on or skip",
        [
            forms.input_field(WHICH, "Which", StaticSelectElement(options=shown, initial_option=shown[0])),
            forms.input_field(WHAT, "What", RadioButtonsElement(options=options, initial_option=initial)),
            forms.input_field(DAY, "Day", DatePickerElement(), optional=True),
            forms.input_field(WHOM, "Person", UserSelectElement(), optional=True,
                              hint="They get it as a message, and may do what it asks for."),
            forms.text_field(WHY, "Reason", optional=True, multiline=False),
        ],
        submit="Save",
    )  # fmt: skip


def read_later(view: Mapping[str, Any]) -> Later:
    what, which = forms.choice_of(view, WHAT), forms.choice_of(view, WHICH)
    if not which or not which.isdigit():
        raise InvalidForm({WHICH: "Pick what it is about."})
    day, whom, why = forms.date_of(view, DAY), forms.user_of(view, WHOM), forms.text_of(view, WHY)
    if what == OTHER and day is None:
        raise InvalidForm({DAY: "Pick the day on which you want it again."})
    if what == HAND and whom is None:
        raise InvalidForm({WHOM: "Pick who takes it over."})
    if what == SKIP and why is None:
        raise InvalidForm({WHY: "Say why it can be skipped, for whoever asks later."})
    if what != OTHER and day is not None:
        raise InvalidForm({DAY: 'You picked a day: choose "On the day below" too, or clear it.'})
    if what != HAND and whom is not None:
        raise InvalidForm({WHOM: 'You picked a person: choose "Hand it to the person below" too, or clear them.'})
    return Later(int(which), what or TOMORROW, day, whom, why)


def skip_form(row: Reminder, about: str) -> dict[str, Any]:
    return forms.form(
        SKIP_FORM,
        "Skip this reminder",
        [
            blocks.section(f"{about}\nOnly this reminder is skipped; what it asks for stays open."),
            forms.text_field(WHY, "Why it can be skipped", multiline=False),
        ],
        submit="Skip",
        about=row.id,
    )


def read_skip(view: Mapping[str, Any]) -> Later:
    why = forms.required(view, WHY, "Say why it can be skipped, for whoever asks later.")
    return Later(int(view["private_metadata"]), SKIP, why=why)


def answer_form(row: Reminder, question: str, *, yes: str, no: str) -> dict[str, Any]:
    """A question that a digest lists, to be answered there."""
    options = [forms.option(YES, yes), forms.option(NO, no)]
    return forms.form(
        ANSWER_FORM,
        "Your answer",
        [
            blocks.section(question),
            forms.input_field(WHAT, "Your answer", RadioButtonsElement(options=options)),
            forms.text_field(WHY, "Why not", optional=True, hint="Needed for a no: they read it."),
        ],
        submit="Answer",
        about=row.id,
    )


def read_answer(view: Mapping[str, Any]) -> tuple[int, bool, str]:
    """The reminder's id, yes or no, and why not."""
    what, why = forms.choice_of(view, WHAT), forms.text_of(view, WHY)
    if what is None:
        raise InvalidForm({WHAT: "Pick one."})
    if what == NO and not why:
        raise InvalidForm({WHY: "Say why not: whoever asked reads it."})
    return int(view["private_metadata"]), what == YES, why or ""
