"""One cell: what it holds, how it is shown, and what becomes of a text that somebody types into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

Value = str | int | float | bool | None
DAY_ZERO = date(1899, 12, 30)  # Sheets counts days from here
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HYPERLINK = re.compile(r'^=HYPERLINK\(\s*"((?:[^"]|"")*)"\s*(?:[,;]\s*"((?:[^"]|"")*)"\s*)?\)$', re.IGNORECASE)
_NUMBER = re.compile(
    r"^(?P<sign>[-+]?)(?P<dollar>\$?)(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?)(?P<exp>[eE][-+]?\d+)?(?P<percent>%?)$"
)


@dataclass(frozen=True)
class Cell:
    """`value` is what was entered; of a formula, its text (there is no engine: a formula is shown as its text)."""

    value: Value = None
    is_formula: bool = False
    format: Mapping[str, Any] = field(default_factory=dict)
    runs: tuple[Mapping[str, Any], ...] = ()
    validation: Mapping[str, Any] | None = None
    note: str = ""
    changed_at: datetime | None = None
    by: str = ""

    @property
    def is_empty(self) -> bool:
        return self.value is None or self.value == ""

    @property
    def number_format(self) -> Mapping[str, Any]:
        return self.format.get("numberFormat") or {}

    @property
    def effective(self) -> Value:
        """What it comes to. Of formulas only HYPERLINK is worked out."""
        if self.is_formula and (match := _HYPERLINK.match(str(self.value))):
            return (match[1] if match[2] is None else match[2]).replace('""', '"')
        if isinstance(self.value, float) and self.value.is_integer() and abs(self.value) < 1e15:
            return int(self.value)
        return self.value

    @property
    def hyperlink(self) -> str:
        if self.is_formula:
            match = _HYPERLINK.match(str(self.value))
            return match[1].replace('""', '"') if match else ""
        uri: str = ((self.format.get("textFormat") or {}).get("link") or {}).get("uri", "")
        return uri

    @property
    def display(self) -> str:
        value = self.effective
        if value is None:
            return ""
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, str):
            return value
        return _show_number(value, self.number_format.get("type", ""), self.number_format.get("pattern", ""))


def rendered(cell: Cell, value_option: str, date_option: str) -> Value:
    """A cell as the values endpoints give it: https://developers.google.com/sheets/api/reference/rest/v4/ValueRenderOption"""
    if cell.is_empty:
        return None
    if value_option == "FORMATTED_VALUE":
        return cell.display
    if value_option == "FORMULA" and cell.is_formula:
        return cell.value
    is_date = cell.number_format.get("type") in ("DATE", "TIME", "DATE_TIME")
    if is_date and date_option == "FORMATTED_STRING" and isinstance(cell.value, int | float):
        return cell.display
    return cell.effective


def entered(text: str, number_format: Mapping[str, Any], today: date) -> tuple[Value, bool, dict[str, Any]]:
    """What Sheets (en_US) makes of a typed text: its value, whether it is a formula, the number format it brings."""
    if number_format.get("type") == "TEXT" or not text:
        return text or None, False, {}
    if text.startswith("'"):
        return text[1:], False, {}
    if text.startswith("=") and len(text) > 1:
        return text, True, {}
    bare = text.strip()
    if bare.upper() in ("TRUE", "FALSE"):
        return bare.upper() == "TRUE", False, {}
    if (match := _NUMBER.match(bare)) and any(char.isdigit() for char in match["digits"]):
        return _typed_number(match)
    if typed := _typed_date(bare, today):
        day, pattern = typed
        return (day - DAY_ZERO).days, False, {"type": "DATE", "pattern": pattern}
    return text, False, {}


def _typed_number(match: re.Match[str]) -> tuple[Value, bool, dict[str, Any]]:
    number = float(match["sign"] + match["digits"].replace(",", "") + (match["exp"] or ""))
    decimals = ".00" if "." in match["digits"] else ""
    brings: dict[str, Any] = {}
    if match["percent"]:
        number, brings = number / 100, {"type": "PERCENT", "pattern": f"0{decimals}%"}
    elif match["dollar"]:
        brings = {"type": "CURRENCY", "pattern": f'"$"#,##0{decimals}'}
    elif "," in match["digits"]:
        brings = {"type": "NUMBER", "pattern": f"#,##0{decimals}"}
    return (int(number) if number.is_integer() and abs(number) < 1e15 else number), False, brings


def _typed_date(text: str, today: date) -> tuple[date, str] | None:
    month = "(" + "|".join(MONTHS) + r")[a-z]*\.?"
    for shape, order, pattern in (
        (r"(\d{4})-(\d{1,2})-(\d{1,2})", "ymd", "yyyy-mm-dd"),
        (r"(\d{1,2})/(\d{1,2})/(\d{4})", "mdy", "m/d/yyyy"),
        (r"(\d{1,2})/(\d{1,2})", "md", "m/d"),
        (rf"(\d{{1,2}})[ -]{month}[ -](\d{{4}})", "dmy", "d mmm yyyy"),
        (rf"(\d{{1,2}})[ -]{month}", "dm", "d mmm"),
        (rf"{month} (\d{{1,2}}),? (\d{{4}})", "mdy", "mmm d, yyyy"),
        (rf"{month} (\d{{1,2}})", "md", "mmm d"),
    ):
        if match := re.fullmatch(shape, text, re.IGNORECASE):
            parts = dict(zip(order, match.groups(), strict=True))
            name = parts["m"][:3].lower()
            month_number = MONTHS.index(name) + 1 if name in MONTHS else int(parts["m"])
            try:
                return date(int(parts.get("y", today.year)), month_number, int(parts["d"])), pattern
            except ValueError:
                return None
    return None


def _show_number(value: float, kind: str, pattern: str) -> str:
    if kind in ("DATE", "DATE_TIME") and 0 <= value < 2_900_000:
        return _show_date(DAY_ZERO + timedelta(days=int(value)), pattern or "m/d/yyyy")
    shape = pattern or {"CURRENCY": "$#,##0.00", "PERCENT": "0.00%", "NUMBER": "#,##0.00"}.get(kind, "")
    match = re.fullmatch(r'("?\$"?)?(#,##0|0)(\.0+)?(%)?', shape)
    if not match:
        return f"{value:.15g}"
    dollar, digits, decimals, percent = match.groups()
    number = value * 100 if percent else value
    places = len(decimals) - 1 if decimals else 0
    text = f"{abs(number):{',' if ',' in digits else ''}.{places}f}"
    return f"{'-' if number < 0 else ''}{'$' if dollar else ''}{text}{'%' if percent else ''}"


def _show_date(day: date, pattern: str) -> str:
    tokens = {
        "yyyy": f"{day.year:04}", "yy": f"{day.year % 100:02}",
        "mmmm": day.strftime("%B"), "mmm": day.strftime("%b"), "mm": f"{day.month:02}", "m": str(day.month),
        "dddd": day.strftime("%A"), "ddd": day.strftime("%a"), "dd": f"{day.day:02}", "d": str(day.day),
    }  # fmt: skip
    return re.sub(r"y+|m+|d+", lambda match: tokens.get(match[0], match[0]), pattern.lower())
