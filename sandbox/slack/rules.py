"""Small checks that block and view rules are written with. Each collects problems with a JSON pointer to the place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

TIME_OF_DAY = r"([01]\d|2[0-3]):[0-5]\d"


@dataclass(frozen=True)
class Problem:
    pointer: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"

    def as_json(self) -> dict[str, str]:
        """As `blocks.validate` lists it."""
        return {"pointer": self.pointer, "code": self.code, "message": self.message}


Problems = list[Problem]
Check = Callable[[Any, str, Problems], None]


def no(problems: Problems, pointer: str, code: str, message: str) -> None:
    problems.append(Problem(pointer or "/", code, message))


def string(longest: int = 3000, shortest: int = 0) -> Check:
    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, str):
            no(problems, pointer, "invalid_type", "must provide a string")
        elif len(value) > longest:
            no(problems, pointer, "too_long", f"must be less than {longest + 1} characters")
        elif len(value) < shortest:
            no(problems, pointer, "too_short", f"must be more than {shortest - 1} characters")

    return check


def matching(pattern: str, meaning: str, longest: int = 3000) -> Check:
    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value) or len(value) > longest:
            no(problems, pointer, "invalid_value", f"must be {meaning}")

    return check


def is_date(value: Any) -> bool:
    """A day that the calendar has, as YYYY-MM-DD."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def day(value: Any, pointer: str, problems: Problems) -> None:
    if not is_date(value):
        no(problems, pointer, "invalid_value", "must be a date like 2026-02-04")


def is_zone(value: Any) -> bool:
    """The name of a time zone, such as Europe/London."""
    try:
        return isinstance(value, str) and bool(ZoneInfo(value))
    except (KeyError, ValueError, OSError):
        return False


def time_zone(value: Any, pointer: str, problems: Problems) -> None:
    if not is_zone(value):
        no(problems, pointer, "invalid_value", "must be a time zone like America/Chicago")


def one_of(*allowed: str) -> Check:
    def check(value: Any, pointer: str, problems: Problems) -> None:
        if value not in allowed:
            no(problems, pointer, "invalid_value", f"must be one of {', '.join(allowed)}")

    return check


def boolean(value: Any, pointer: str, problems: Problems) -> None:
    if not isinstance(value, bool):
        no(problems, pointer, "invalid_type", "must provide a boolean")


def integer(least: int, most: int) -> Check:
    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            no(problems, pointer, "invalid_value", f"must be an integer from {least} to {most}")

    return check


def list_of(item: Check, least: int, most: int) -> Check:
    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, list):
            no(problems, pointer, "invalid_type", "must provide an array")
            return
        if len(value) > most:
            no(problems, pointer, "too_many", f"no more than {most} items allowed")
        if len(value) < least:
            no(problems, pointer, "too_few", f"no less than {least} items allowed")
        for index, entry in enumerate(value):
            item(entry, f"{pointer}/{index}", problems)

    return check


def thing(required: dict[str, Check], optional: dict[str, Check] | None = None, *, typed: bool = False) -> Check:
    """An object with these keys and no others; `typed` ones also carry the "type" that chose the rule."""
    known = required | (optional or {})

    def check(value: Any, pointer: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            no(problems, pointer, "invalid_type", "must provide an object")
            return
        for key in required:
            if key not in value:
                no(problems, pointer, "missing_field", f"missing required field: {key}")
        for key, entry in value.items():
            if key in known:
                known[key](entry, f"{pointer}/{key}", problems)
            elif not (typed and key == "type"):
                no(problems, f"{pointer}/{key}", "unknown_field", f"invalid additional property: {key}")

    return check


def by_type(rules: dict[str, Check]) -> Check:
    """An object whose "type" says which rule it follows."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            no(problems, pointer, "invalid_type", "must provide an object")
        elif not isinstance(kind, str):
            no(problems, pointer, "missing_field", "missing required field: type")
        elif kind not in rules:
            no(problems, f"{pointer}/type", "unsupported_type", f"unsupported type: {kind}")
        else:
            rules[kind](value, pointer, problems)

    return check


def also(*checks: Check) -> Check:
    """All of these."""

    def check(value: Any, pointer: str, problems: Problems) -> None:
        for one in checks:
            one(value, pointer, problems)

    return check


def exactly_one(*keys: str) -> Check:
    def check(value: Any, pointer: str, problems: Problems) -> None:
        if isinstance(value, dict) and sum(key in value for key in keys) != 1:
            no(problems, pointer, "missing_field", f"exactly one of {', '.join(keys)} is required")

    return check


def any_of(*keys: str) -> Check:
    def check(value: Any, pointer: str, problems: Problems) -> None:
        if isinstance(value, dict) and not any(key in value for key in keys):
            no(problems, pointer, "missing_field", f"missing required field: {' or '.join(keys)}")

    return check
