"""Walking through blocks: the ids that Slack fills in, the interactive elements, and the values that they hold."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any

Block = dict[str, Any]
Element = dict[str, Any]
Values = dict[str, dict[str, dict[str, Any]]]  # block_id -> action_id -> value, as in view.state.values

BUTTONS = {"button", "overflow"}  # interactive, but hold no value
_numbers = itertools.count(1)


def elements(block: Block) -> list[Element]:
    """The interactive elements of a block, wherever it keeps them."""
    if block["type"] == "section":
        found = [block["accessory"]] if "accessory" in block else []
    elif block["type"] == "input":
        found = [block["element"]]
    elif block["type"] == "actions":
        found = block["elements"]
    else:
        found = []
    return [element for element in found if element["type"] != "image"]


def all_elements(blocks: list[Block]) -> Iterator[tuple[Block, Element]]:
    for block in blocks:
        for element in elements(block):
            yield block, element


def with_ids(blocks: list[Block]) -> list[Block]:
    """A copy in which every block and interactive element has an id, and texts their defaults, as Slack stores them."""
    blocks = copy.deepcopy(blocks)
    for block in blocks:
        block.setdefault("block_id", f"b{next(_numbers)}")
        for element in elements(block):
            element.setdefault("action_id", f"a{next(_numbers)}")
    _fill_texts(blocks)
    return blocks


def _fill_texts(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _fill_texts(item)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            value.setdefault("verbatim", False)
        elif value.get("type") == "plain_text":
            value.setdefault("emoji", True)
        for item in value.values():
            _fill_texts(item)


def options(element: Element) -> list[dict[str, Any]]:
    """What a select, overflow, radio or checkbox element offers, groups flattened."""
    found = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        found += group["options"]
    return found


def state_of(blocks: list[Block], before: Values | None = None) -> Values:
    """`state.values`: what a person has filled in survives where block_id, action_id and type stay the same."""
    values: Values = {}
    for block, element in all_elements(blocks):
        if element["type"] in BUTTONS:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        kept = (before or {}).get(block_id, {}).get(action_id)
        same = kept is not None and kept["type"] == element["type"]
        values.setdefault(block_id, {})[action_id] = kept if same and kept is not None else initial_value(element)
    return values


#: Which key holds an element's value, and which key of the element says what it starts with.
VALUE_KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
}


def initial_value(element: Element) -> dict[str, Any]:
    key, initial = VALUE_KEYS[element["type"]]
    empty: Any = [] if key.endswith("s") else None
    return {"type": element["type"], key: copy.deepcopy(element.get(initial, empty))}
