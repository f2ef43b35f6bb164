"""Which blocks, elements and objects there are, what belongs into them and how long it may be.

https://docs.slack.dev/reference/block-kit; the limits are compared with two libraries in research/slack.md.
Blocks that no message or form here uses are unknown, so that the page never has to draw what it cannot.
"""

from __future__ import annotations

from typing import Any

from sandbox.slack.rules import (
    TIME_OF_DAY,
    Check,
    Problems,
    also,
    any_of,
    boolean,
    by_type,
    day,
    exactly_one,
    integer,
    list_of,
    matching,
    no,
    one_of,
    string,
    thing,
    time_zone,
)

ID = string(255, 1)
URL = matching(r"https?://[^\s]+", "a valid http or https URL")
TIME = matching(TIME_OF_DAY, "a time like 09:30")


def plain(longest: int) -> Check:
    return by_type({"plain_text": thing({"text": string(longest, 1)}, {"emoji": boolean}, typed=True)})


def text(longest: int) -> Check:
    return by_type(
        {
            "plain_text": thing({"text": string(longest, 1)}, {"emoji": boolean}, typed=True),
            "mrkdwn": thing({"text": string(longest, 1)}, {"verbatim": boolean}, typed=True),
        }
    )


CONFIRM = thing(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = thing({"text": plain(75), "value": string(150, 1)}, {"description": plain(75)})
MENU_OPTION = thing({"text": plain(75), "value": string(150, 1)}, {"description": plain(75), "url": URL})
RICH_OPTION = thing({"text": text(75), "value": string(150, 1)}, {"description": text(75)})
GROUP = thing({"label": plain(75), "options": list_of(OPTION, 1, 100)})


def _initial_is_offered(value: Any, pointer: str, problems: Problems) -> None:
    """An initial option must be one of the options, to the letter."""
    groups = value.get("option_groups")
    groups = groups if isinstance(groups, list) else []
    options = value.get("options")
    offered = list(options) if isinstance(options, list) else []
    offered += [option for g in groups if isinstance(g, dict) for option in g.get("options") or []]
    if "initial_option" in value and value["initial_option"] not in offered:
        no(problems, f"{pointer}/initial_option", "invalid_value", "initial_option must be one of the options")
    initial = value.get("initial_options")
    if "initial_options" in value and not (
        isinstance(initial, list) and initial and all(o in offered for o in initial)
    ):
        no(problems, f"{pointer}/initial_options", "invalid_value", "initial_options must be among the options")


def element(required: dict[str, Check], optional: dict[str, Check] | None = None, *more: Check) -> Check:
    """An interactive element: everything here may have an action_id, a confirm dialog and the focus."""
    common = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean}
    return also(thing(required, common | (optional or {}), typed=True), *more)


PLACEHOLDER = {"placeholder": plain(150)}
CHOICES = {"options": list_of(OPTION, 1, 100), "option_groups": list_of(GROUP, 1, 100)}
MAX_ITEMS = {"max_selected_items": integer(1, 100)}
ANSWERED = {"response_url_enabled": boolean}
CONVERSATIONS = {
    "default_to_current_conversation": boolean,
    "filter": thing(
        {},
        {
            "include": list_of(one_of("im", "mpim", "private", "public"), 1, 4),
            "exclude_external_shared_channels": boolean,
            "exclude_bot_users": boolean,
        },
    ),
}
QUERY = {"min_query_length": integer(0, 200)}
LENGTHS = {"min_length": integer(0, 3000), "max_length": integer(1, 3000)}
DISPATCH = {
    "dispatch_action_config": thing(
        {}, {"trigger_actions_on": list_of(one_of("on_enter_pressed", "on_character_entered"), 1, 2)}
    )
}
FOCUS = {"focus_on_load": boolean}
NUMBER = matching(r"-?\d+(\.\d+)?", "a number as a string")
offered_once = also(exactly_one("options", "option_groups"), _initial_is_offered)

BUTTON = also(
    thing(
        {"text": plain(75)},
        {
            "action_id": ID,
            "url": URL,
            "value": string(2000),
            "style": one_of("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75, 1),
        },
        typed=True,
    )
)
SELECTS: dict[str, Check] = {
    "static_select": element({}, PLACEHOLDER | CHOICES | {"initial_option": OPTION}, offered_once),
    "external_select": element({}, PLACEHOLDER | QUERY | {"initial_option": OPTION}),
    "users_select": element({}, PLACEHOLDER | {"initial_user": ID}),
    "conversations_select": element({}, PLACEHOLDER | CONVERSATIONS | ANSWERED | {"initial_conversation": ID}),
    "channels_select": element({}, PLACEHOLDER | ANSWERED | {"initial_channel": ID}),
}
MULTI_SELECTS: dict[str, Check] = {
    "multi_static_select": element(
        {}, PLACEHOLDER | CHOICES | MAX_ITEMS | {"initial_options": list_of(OPTION, 1, 100)}, offered_once
    ),
    "multi_external_select": element(
        {}, PLACEHOLDER | QUERY | MAX_ITEMS | {"initial_options": list_of(OPTION, 1, 100)}
    ),
    "multi_users_select": element({}, PLACEHOLDER | MAX_ITEMS | {"initial_users": list_of(ID, 1, 100)}),
    "multi_conversations_select": element(
        {}, PLACEHOLDER | MAX_ITEMS | CONVERSATIONS | {"initial_conversations": list_of(ID, 1, 100)}
    ),
    "multi_channels_select": element({}, PLACEHOLDER | MAX_ITEMS | {"initial_channels": list_of(ID, 1, 100)}),
}
PICKERS: dict[str, Check] = {
    "datepicker": element({}, PLACEHOLDER | {"initial_date": day}),
    "timepicker": element({}, PLACEHOLDER | {"initial_time": TIME, "timezone": time_zone}),
    "datetimepicker": element({}, {"initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
    "radio_buttons": element(
        {"options": list_of(RICH_OPTION, 1, 10)}, {"initial_option": RICH_OPTION}, _initial_is_offered
    ),
    "checkboxes": element(
        {"options": list_of(RICH_OPTION, 1, 10)}, {"initial_options": list_of(RICH_OPTION, 1, 10)}, _initial_is_offered
    ),
}
TYPED: dict[str, Check] = {  # text fields have no confirm dialog
    "plain_text_input": thing(
        {},
        {"action_id": ID, "initial_value": string(3000), "multiline": boolean}
        | PLACEHOLDER
        | LENGTHS
        | DISPATCH
        | FOCUS,
        typed=True,
    ),
    "email_text_input": thing(
        {}, {"action_id": ID, "initial_value": string(3000)} | PLACEHOLDER | DISPATCH | FOCUS, typed=True
    ),
    "url_text_input": thing(
        {}, {"action_id": ID, "initial_value": string(3000)} | PLACEHOLDER | DISPATCH | FOCUS, typed=True
    ),
    "number_input": thing(
        {"is_decimal_allowed": boolean},
        {"action_id": ID, "initial_value": NUMBER, "min_value": NUMBER, "max_value": NUMBER}
        | PLACEHOLDER
        | DISPATCH
        | FOCUS,
        typed=True,
    ),
}
MENU = thing({"options": list_of(MENU_OPTION, 1, 5)}, {"action_id": ID, "confirm": CONFIRM}, typed=True)
IMAGE_ELEMENT = thing({"image_url": URL, "alt_text": string(2000)}, typed=True)

IN_ACTIONS: dict[str, Check] = {"button": BUTTON, "overflow": MENU} | SELECTS | PICKERS
#: A section takes no datetimepicker: https://docs.slack.dev/reference/block-kit/block-elements/datetime-picker-element
IN_SECTION: dict[str, Check] = (
    {kind: rule for kind, rule in IN_ACTIONS.items() if kind != "datetimepicker"}
    | MULTI_SELECTS
    | {"image": IMAGE_ELEMENT}
)
IN_INPUT: dict[str, Check] = TYPED | SELECTS | MULTI_SELECTS | PICKERS


def _anything(value: Any, pointer: str, problems: Problems) -> None:
    """Rich text is drawn in its basics only; its inner parts are not checked."""
    if not isinstance(value, dict) or not str(value.get("type", "")).startswith("rich_text_"):
        no(problems, pointer, "unsupported_type", "must be a rich_text_section, _list, _quote or _preformatted")


def block(required: dict[str, Check], optional: dict[str, Check] | None = None, *more: Check) -> Check:
    return also(thing(required, {"block_id": ID} | (optional or {}), typed=True), *more)


BLOCKS: dict[str, Check] = {
    "header": block({"text": plain(150)}),
    "section": block(
        {},
        {
            "text": text(3000),
            "fields": list_of(text(2000), 1, 10),
            "accessory": by_type(IN_SECTION),
            "expand": boolean,
        },
        any_of("text", "fields"),
    ),
    "context": block(
        {
            "elements": list_of(
                by_type(
                    {
                        "plain_text": text(3000),
                        "mrkdwn": text(3000),
                        "image": IMAGE_ELEMENT,
                    }
                ),
                1,
                10,
            )
        }
    ),
    "actions": block({"elements": list_of(by_type(IN_ACTIONS), 1, 25)}),
    "divider": block({}),
    "input": block(
        {"label": plain(2000), "element": by_type(IN_INPUT)},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "image": block({"image_url": URL, "alt_text": string(2000)}, {"title": plain(2000)}),
    "rich_text": block({"elements": list_of(_anything, 0, 50)}),
    "markdown": block({"text": string(12_000, 1)}),
}
IN_MESSAGE = by_type(BLOCKS)
IN_VIEW = by_type({kind: rule for kind, rule in BLOCKS.items() if kind != "markdown"})

MODAL = thing(
    {"title": plain(24), "blocks": list_of(IN_VIEW, 0, 100)},
    {
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": string(3000),
        "callback_id": string(255),
        "external_id": string(255),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
    typed=True,
)
HOME = thing(
    {"blocks": list_of(IN_VIEW, 0, 100)},
    {"private_metadata": string(3000), "callback_id": string(255), "external_id": string(255)},
    typed=True,
)
