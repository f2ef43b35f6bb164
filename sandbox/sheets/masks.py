"""Field masks: which parts of a message are meant. https://developers.google.com/sheets/api/guides/field-masks"""

from __future__ import annotations

from typing import Any

from sandbox.sheets.errors import bad_fields

Mask = dict[str, Any]  # name → the mask inside it; {} means all of it

#: What a spreadsheet resource can have, as far as it is modelled here. None: nothing deeper to choose.
SPREADSHEET: dict[str, Any] = {
    "spreadsheetId": None,
    "spreadsheetUrl": None,
    "properties": {
        "title": None, "locale": None, "autoRecalc": None, "timeZone": None,
        "defaultFormat": {}, "spreadsheetTheme": {},
    },
    "developerMetadata": {},
    "namedRanges": {},
    "sheets": {
        "properties": {
            "sheetId": None, "title": None, "index": None, "sheetType": None, "hidden": None, "gridProperties": {},
        },
        "protectedRanges": {},
        "developerMetadata": {},
        "data": {
            "startRow": None,
            "startColumn": None,
            "rowMetadata": {},
            "columnMetadata": {},
            "rowData": {
                "values": {
                    "userEnteredValue": {}, "effectiveValue": {}, "formattedValue": None, "userEnteredFormat": {},
                    "hyperlink": None, "note": None, "textFormatRuns": {}, "dataValidation": {},
                },
            },
        },
    },
}  # fmt: skip


def parse(text: str) -> Mask:
    """`sheets(properties(title),data.rowData),spreadsheetId` as nested dictionaries."""
    mask: Mask = {}
    rest = _parse_list(text.replace(" ", ""), mask, text)
    if rest:
        raise bad_fields(text, rest)
    return mask


def _parse_list(text: str, mask: Mask, whole: str) -> str:
    while text:
        end = next((at for at, char in enumerate(text) if char in ",()"), len(text))
        path, text = text[:end], text[end:]
        if not path:
            raise bad_fields(whole, whole)
        inner = mask
        for name in path.replace("/", ".").split("."):
            inner = inner.setdefault(name, {})
        if text.startswith("("):
            text = _parse_list(text[1:], inner, whole)
            if not text.startswith(")"):
                raise bad_fields(whole, whole)
            text = text[1:]
        if not text.startswith(","):
            return text
        text = text[1:]
    return text


def check(mask: Mask, known: dict[str, Any] | None, whole: str, path: str = "") -> None:
    """Refuses a mask that names what the message does not have."""
    for name, inner in mask.items():
        here = f"{path}.{name}" if path else name
        if name == "*":
            continue
        if known is None or (known and name not in known):
            raise bad_fields(whole, here)
        if known:
            check(inner, known[name], whole, here)


def pick(value: Any, mask: Mask) -> Any:
    """Only the chosen parts of a JSON value."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [pick(item, mask) for item in value]
    if isinstance(value, dict):
        return {name: pick(value[name], inner) for name, inner in mask.items() if name in value}
    return value


def merge(old: Any, new: Any, mask: Mask) -> Any:
    """`old` with the chosen parts replaced by those of `new`; what is chosen and not in `new` is cleared."""
    if not mask or "*" in mask:
        return new
    merged = dict(old or {})
    for name, inner in mask.items():
        given = (new or {}).get(name)
        kept = merge(merged.get(name), given, inner) if inner else given
        if kept in (None, {}):
            merged.pop(name, None)
        else:
            merged[name] = kept
    return merged
