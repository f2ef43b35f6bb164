"""The form of an update, beside the reader of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from slack_sdk.models.blocks import DatePickerElement, StaticSelectElement

from bot.errors import InvalidForm
from bot.messages import blocks, forms
from bot.messages.blocks import esc
from bot.models import Mood, RedAccount, Update
from bot.models.updates import News

FORM, EDIT_FORM = "update.form", "update.edit_form"
CHANGED, BLOCKER, NEXT_STEP, NEXT_ON, MOOD = "changed", "blocker", "next_step", "next_on", "mood"
MOODS = {Mood.BETTER: "Better", Mood.SAME: "The same", Mood.WORSE: "Worse"}


def form(red: RedAccount, last: Update | None, today: date) -> dict[str, Any]:
    """A new one. What the last one said is next stands in it already."""
    next_on = last.next_on if last and last.next_on and last.next_on >= today else None
    return forms.form(
        FORM,
        "Post update",
        [
            blocks.section(f"*{esc(red.account.name)}*, {red.label}. It is said in the thread of its card."),
            *_fields(None, last.next_step if last else None, next_on),
        ],
        submit="Post",
        about=red.id,
    )


def edit_form(update: Update) -> dict[str, Any]:
    return forms.form(EDIT_FORM, "Edit update", _fields(update, update.next_step, update.next_on), submit="Save",
                      about=update.id)  # fmt: skip


def _fields(update: Update | None, next_step: str | None, next_on: date | None) -> list[Any]:
    moods = [forms.option(mood, label) for mood, label in MOODS.items()]
    mood = next((one for one in moods if update and one.value == update.mood), None)
    picker = DatePickerElement(action_id=forms.INPUT, initial_date=next_on.isoformat() if next_on else None)
    select = StaticSelectElement(action_id=forms.INPUT, options=moods, initial_option=mood)
    return [
        forms.text_field(CHANGED, "What changed", initial=_fitting(update.changed if update else None)),
        forms.text_field(BLOCKER, "Blocker", initial=_fitting(update.blocker if update else None), optional=True),
        forms.text_field(NEXT_STEP, "Next step", initial=_fitting(next_step), optional=True),
        forms.input_field(NEXT_ON, "By when", picker, optional=True),
        forms.input_field(MOOD, "How it goes", select, optional=True),
    ]


def read(view: Mapping[str, Any], today: date) -> tuple[int, News]:
    """The id that the form is about, and what was said. Raises `InvalidForm` with a sentence for each field to mend."""
    changed = forms.required(view, CHANGED, "Say what changed, even if it is that nothing did.")
    next_on, mood = forms.date_of(view, NEXT_ON), forms.choice_of(view, MOOD)
    if next_on and next_on < today:
        raise InvalidForm({NEXT_ON: "Pick today or a later day."})
    news = News(
        changed, forms.text_of(view, BLOCKER), forms.text_of(view, NEXT_STEP), next_on, Mood(mood) if mood else None
    )
    return int(view["private_metadata"]), news


def _fitting(text: str | None) -> str | None:
    return text if text and forms.fits_a_field(text) else None
