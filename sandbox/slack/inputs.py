"""Filling in a form: a person's plain answer becomes the element's value, checked as Slack's client checks it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.slack.blocks import VALUE_KEYS, Element, options
from sandbox.slack.refusals import CannotDo
from sandbox.slack.rules import TIME_OF_DAY, is_date
from sandbox.slack.seen import REQUIRED

Plain = str | int | list[str] | None


def filled(element: Element, answer: Plain, offered: list[dict[str, Any]]) -> dict[str, Any]:
    """The value object for `answer`: text, an option's value or text, an id, a date, or a list of these."""
    kind = element["type"]
    key = VALUE_KEYS[kind][0]
    if key.endswith("s"):
        wanted = [answer] if isinstance(answer, str) else answer or []
        chosen: Any = [_one(element, key[:-1], item, offered) for item in wanted]
    elif answer is None or answer == "":
        chosen = None
    elif isinstance(answer, int) and kind == "datetimepicker":
        chosen = _one(element, key, str(answer), offered)
    elif isinstance(answer, str):
        chosen = _one(element, key, answer, offered)
    else:
        raise CannotDo(f"{element['action_id']} takes one answer as text, not {answer!r}.")
    return {"type": kind, key: chosen}


def _one(element: Element, key: str, answer: str, offered: list[dict[str, Any]]) -> Any:
    if key == "selected_option":
        option = find_option(offered or options(element), answer)
        if option is None:
            raise CannotDo(f"{element['action_id']} does not offer {answer!r}.")
        return option
    if key == "selected_date" and not is_date(answer):
        raise CannotDo(f"{answer!r} is not a date like 2026-02-04.")
    if key == "selected_time" and not re.fullmatch(TIME_OF_DAY, answer):
        raise CannotDo(f"{answer!r} is not a time like 09:30.")
    if key == "selected_date_time":
        if not re.fullmatch(r"\d{10}", answer):
            raise CannotDo(f"{answer!r} is not a moment: ten digits, the seconds since 1970.")
        return int(answer)
    return answer


def find_option(offered: list[dict[str, Any]], answer: str) -> dict[str, Any] | None:
    """The option with this value, or else with this text."""
    for option in offered:
        if option.get("value") == answer:
            return option
    for option in offered:
        if option["text"]["text"].casefold() == answer.casefold():
            return option
    return None


def mistake(element: Element, value: dict[str, Any], *, optional: bool) -> str:
    """What Slack's own client says before it sends the form; empty if it would send it."""
    content = value[VALUE_KEYS[element["type"]][0]]
    if content in (None, "", []):
        return "" if optional else REQUIRED
    if element["type"] == "number_input":
        return _number_mistake(element, content)
    if element["type"] == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", content):
        return "Please enter a valid email address."
    if element["type"] == "url_text_input" and not re.match(r"https?://\S+$", content):
        return "Please enter a valid URL."
    if "min_length" in element and len(content) < element["min_length"]:
        return f"Please enter at least {element['min_length']} characters."
    longest = element.get("max_length", 3000)
    if element["type"] == "plain_text_input" and len(content) > longest:
        return f"Please enter at most {longest} characters."
    if "max_selected_items" in element and len(content) > element["max_selected_items"]:
        return f"Choose at most {element['max_selected_items']}."
    return ""


def _number_mistake(element: Element, content: str) -> str:
    try:
        number = Decimal(content)
    except InvalidOperation:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and number != number.to_integral_value():
        return "Please enter a whole number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Please enter {element['min_value']} or more."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Please enter {element['max_value']} or less."
    return ""
