"""The few pieces that every form is made of, and how its answer is read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block, InputBlock, InputInteractiveElement, Option, PlainTextInputElement
from slack_sdk.models.views import View

from bot.errors import InvalidForm
from bot.messages import blocks

TITLE, LABEL = 24, 2000  # https://docs.slack.dev/reference/views/modal-views
LONGEST_TEXT = 3000
MOST_LINES, LONGEST_LINE = 30, 500
INPUT = "value"  # every input's action id: the block id says which field it is


def form(
    callback_id: str, title: str, body: Sequence[Block | None], *, submit: str | None, about: object = ""
) -> dict[str, Any]:
    """A modal. `about` comes back with the answer: an id, never a fact."""
    view = View(
        type="modal",
        callback_id=callback_id,
        title=blocks.clip(title, TITLE),
        submit=submit,
        close="Cancel" if submit else "Close",
        private_metadata=str(about),
        blocks=[block for block in body if block is not None],
    )
    return view.to_dict()


def text_field(
    field: str, label: str, *, hint: str | None = None, initial: str | None = None, optional: bool = False,
    placeholder: str | None = None, multiline: bool = True,
) -> InputBlock:  # fmt: skip
    element = PlainTextInputElement(
        action_id=INPUT,
        multiline=multiline,
        max_length=LONGEST_TEXT,
        initial_value=blocks.clip(initial, LONGEST_TEXT) if initial else None,
        placeholder=placeholder,
    )
    return input_field(field, label, element, hint=hint, optional=optional)


def input_field(
    field: str, label: str, element: InputInteractiveElement, *, hint: str | None = None, optional: bool = False
) -> InputBlock:
    return InputBlock(block_id=field, label=label, element=element, hint=hint, optional=optional)


def option(value: object, label: str) -> Option:
    return Option(value=str(value), text=blocks.clip(blocks.plain(label) or "(no name)", blocks.OPTION))


def text_of(view: Mapping[str, Any], field: str) -> str | None:
    """What was typed into a text field, without what cannot be stored; None where nothing was."""
    return blocks.plain(_state(view, field).get("value")) or None


def choice_of(view: Mapping[str, Any], field: str, action_id: str = INPUT) -> str | None:
    chosen = _state(view, field, action_id).get("selected_option")
    return chosen["value"] if chosen else None


def lines_of(view: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """One item for each line, without the dashes and bullets that people put before them."""
    lines = (line.strip().lstrip("-•*·☐").strip() for line in (text_of(view, field) or "").splitlines())
    found = tuple(line for line in lines if line)
    if len(found) > MOST_LINES:
        raise InvalidForm({field: f"These are {len(found)} lines; {MOST_LINES} at the most. Put the rest in later."})
    too_long = [number for number, line in enumerate(found, 1) if len(line) > LONGEST_LINE]
    if too_long:
        raise InvalidForm({field: f"Line {too_long[0]} is longer than {LONGEST_LINE} characters. Split it in two."})
    return found


def required(view: Mapping[str, Any], field: str, sentence: str) -> str:
    found = text_of(view, field)
    if not found:
        raise InvalidForm({field: sentence})
    return found


def _state(view: Mapping[str, Any], field: str, action_id: str = INPUT) -> Mapping[str, Any]:
    return view["state"]["values"].get(field, {}).get(action_id, {})  # type: ignore[no-any-return]
