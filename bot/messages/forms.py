"""The few pieces that every form is made of, and how its answer is read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from slack_sdk.models.blocks import Block, InputBlock, InputInteractiveElement, Option, PlainTextInputElement
from slack_sdk.models.views import View

from bot.errors import InvalidForm
from bot.messages import blocks

TITLE, LABEL = 24, 2000  # https://docs.slack.dev/reference/views/modal-views
LONGEST_TEXT = 3000
MOST_LINES, LONGEST_LINE = 30, 500
INPUT = "value"  # an input's action id: the block id says which field it is
#: Bytes. Slack closes the socket at a frame of 20,480, which it does not document; this leaves room for the rest.
LONGEST_ACK = 15_000


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
    placeholder: str | None = None, multiline: bool = True, action_id: str = INPUT,
) -> InputBlock:  # fmt: skip
    """`initial` has to fit (see `fits_a_field`): cut here, it would be saved like that."""
    element = PlainTextInputElement(
        action_id=action_id,
        multiline=multiline,
        max_length=LONGEST_TEXT,
        initial_value=initial or None,
        placeholder=placeholder,
    )
    return input_field(field, label, element, hint=hint, optional=optional)


def input_field(
    field: str, label: str, element: InputInteractiveElement, *, hint: str | None = None, optional: bool = False
) -> InputBlock:
    return InputBlock(block_id=field, label=label, element=element, hint=hint, optional=optional)


def fits_a_field(text: str) -> bool:
    """Whether a text field can hold it, however Slack counts: an emoji may be one character or two."""
    return len(text) + sum(character > "\uffff" for character in text) <= LONGEST_TEXT


def fits_an_ack(answer: Mapping[str, Any]) -> bool:
    """Whether it can be sent with an acknowledgement, over the socket: its JSON, with a Hebrew letter as six bytes."""
    return len(json.dumps(answer)) <= LONGEST_ACK


def options_that_fit(options: Iterable[Option]) -> dict[str, Any]:
    """The answer to somebody who types ahead: as many options as an acknowledgement holds."""
    answer: dict[str, Any] = {"options": []}
    for one in options:
        more = {"options": [*answer["options"], one.to_dict()]}
        if not fits_an_ack(more):
            break
        answer = more
    return answer


def option(value: object, label: str) -> Option:
    return Option(value=str(value), text=blocks.clip(blocks.plain(label) or "(no name)", blocks.OPTION))


def text_of(view: Mapping[str, Any], field: str) -> str | None:
    """What was typed into a text field, without what cannot be stored; None where nothing was."""
    return blocks.plain(_state(view, field).get("value")) or None


def choice_of(view: Mapping[str, Any], field: str) -> str | None:
    chosen = _state(view, field).get("selected_option")
    return chosen["value"] if chosen else None


def choices_of(view: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """What was picked in a list that takes several."""
    return tuple(option["value"] for option in _state(view, field).get("selected_options") or ())


def date_of(view: Mapping[str, Any], field: str) -> date | None:
    picked = _state(view, field).get("selected_date")
    return date.fromisoformat(picked) if picked else None


def time_of(view: Mapping[str, Any], field: str) -> time | None:
    picked = _state(view, field).get("selected_time")
    return time.fromisoformat(picked) if picked else None


def user_of(view: Mapping[str, Any], field: str) -> str | None:
    """The Slack id of the person that was picked."""
    return _state(view, field).get("selected_user")


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


def is_asked(view: Mapping[str, Any], field: str) -> bool:
    """Whether the form has this field at all."""
    return field in view["state"]["values"]


def _state(view: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """An input block holds one element, whatever its action id is."""
    return next(iter(view["state"]["values"].get(field, {}).values()), {})
