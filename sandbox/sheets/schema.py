"""What requests may hold here, message by message, with the refusals of Google's JSON parser.

Names and types are those of https://sheets.googleapis.com/$discovery/rest?version=v4, as far as they are modelled.
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.sheets.errors import Refused, bad_payload

ENUMS = {
    "Dimension": ("ROWS", "COLUMNS"),
    "SortOrder": ("ASCENDING", "DESCENDING"),
    "SheetType": ("GRID",),
    "NumberFormatType": ("TEXT", "NUMBER", "PERCENT", "CURRENCY", "DATE", "TIME", "DATE_TIME", "SCIENTIFIC"),
    "ConditionType": ("ONE_OF_LIST", "ONE_OF_RANGE", "NUMBER_GREATER", "TEXT_CONTAINS", "DATE_IS_VALID", "BOOLEAN"),
    "DeveloperMetadataVisibility": ("DOCUMENT", "PROJECT"),
    "DeveloperMetadataLocationType": ("ROW", "COLUMN", "SHEET", "SPREADSHEET"),
    "DeveloperMetadataLocationMatchingStrategy": ("EXACT_LOCATION", "INTERSECTING_LOCATION"),
}
_INTS = ("startIndex", "endIndex", "sheetId")
_GRID_RANGE = dict.fromkeys(("sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"), "int32")

#: message → field → type: a scalar, an enum, a message, or [type] for a repeated one. "any" is looked at no further.
MESSAGES: dict[str, dict[str, Any]] = {
    "BatchUpdateSpreadsheetRequest": {
        "requests": ["Request"],
        "includeSpreadsheetInResponse": "bool",
        "responseRanges": ["string"],
        "responseIncludeGridData": "bool",
    },
    "Request": {
        "insertDimension": {"range": "DimensionRange", "inheritFromBefore": "bool"},
        "deleteDimension": {"range": "DimensionRange"},
        "appendDimension": {"sheetId": "int32", "dimension": "Dimension", "length": "int32"},
        "moveDimension": {"source": "DimensionRange", "destinationIndex": "int32"},
        "updateDimensionProperties": {"range": "DimensionRange", "properties": "DimensionProperties", "fields": "mask"},
        "updateCells": {"start": "GridCoordinate", "range": "GridRange", "rows": ["RowData"], "fields": "mask"},
        "repeatCell": {"range": "GridRange", "cell": "CellData", "fields": "mask"},
        "sortRange": {"range": "GridRange", "sortSpecs": ["SortSpec"]},
        "addSheet": {"properties": "SheetProperties"},
        "deleteSheet": {"sheetId": "int32"},
        "updateSheetProperties": {"properties": "SheetProperties", "fields": "mask"},
        "setDataValidation": {"range": "GridRange", "rule": "DataValidationRule"},
        "addProtectedRange": {"protectedRange": "ProtectedRange"},
        "deleteProtectedRange": {"protectedRangeId": "int32"},
        "createDeveloperMetadata": {"developerMetadata": "DeveloperMetadata"},
        "deleteDeveloperMetadata": {"dataFilter": "DataFilter"},
    },
    "GridRange": _GRID_RANGE,
    "GridCoordinate": {"sheetId": "int32", "rowIndex": "int32", "columnIndex": "int32"},
    "DimensionRange": {"dimension": "Dimension", **dict.fromkeys(_INTS, "int32")},
    "DimensionProperties": {"pixelSize": "int32", "hiddenByUser": "bool"},
    "RowData": {"values": ["CellData"]},
    "CellData": {
        "userEnteredValue": "ExtendedValue",
        "userEnteredFormat": "CellFormat",
        "textFormatRuns": ["TextFormatRun"],
        "dataValidation": "DataValidationRule",
        "note": "string",
    },
    "ExtendedValue": {"numberValue": "double", "stringValue": "string", "boolValue": "bool", "formulaValue": "string"},
    "CellFormat": {
        "numberFormat": {"type": "NumberFormatType", "pattern": "string"},
        "textFormat": "TextFormat",
        "backgroundColor": "any",
        "backgroundColorStyle": "any",
        "horizontalAlignment": "string",
        "verticalAlignment": "string",
        "wrapStrategy": "string",
        "hyperlinkDisplayType": "string",
    },
    "TextFormat": {
        "bold": "bool",
        "italic": "bool",
        "strikethrough": "bool",
        "underline": "bool",
        "fontFamily": "string",
        "fontSize": "int32",
        "foregroundColor": "any",
        "foregroundColorStyle": "any",
        "link": {"uri": "string"},
    },
    "TextFormatRun": {"startIndex": "int32", "format": "TextFormat"},
    "SortSpec": {"dimensionIndex": "int32", "sortOrder": "SortOrder"},
    "SheetProperties": {
        "sheetId": "int32",
        "title": "string",
        "index": "int32",
        "sheetType": "SheetType",
        "hidden": "bool",
        "gridProperties": dict.fromkeys(("rowCount", "columnCount", "frozenRowCount", "frozenColumnCount"), "int32"),
    },
    "DataValidationRule": {
        "condition": {"type": "ConditionType", "values": [{"userEnteredValue": "string"}]},
        "inputMessage": "string",
        "strict": "bool",
        "showCustomUi": "bool",
    },
    "ProtectedRange": {
        "protectedRangeId": "int32",
        "range": "GridRange",
        "description": "string",
        "warningOnly": "bool",
        "requestingUserCanEdit": "bool",
        "editors": {"users": ["string"], "groups": ["string"], "domainUsersCanEdit": "bool"},
    },
    "DeveloperMetadata": {
        "metadataId": "int32",
        "metadataKey": "string",
        "metadataValue": "string",
        "visibility": "DeveloperMetadataVisibility",
        "location": "DeveloperMetadataLocation",
    },
    "DeveloperMetadataLocation": {
        "locationType": "DeveloperMetadataLocationType",
        "spreadsheet": "bool",
        "sheetId": "int32",
        "dimensionRange": "DimensionRange",
    },
    "DataFilter": {"developerMetadataLookup": "DeveloperMetadataLookup"},
    "DeveloperMetadataLookup": {
        "locationType": "DeveloperMetadataLocationType",
        "metadataLocation": "DeveloperMetadataLocation",
        "locationMatchingStrategy": "DeveloperMetadataLocationMatchingStrategy",
        "metadataId": "int32",
        "metadataKey": "string",
        "metadataValue": "string",
        "visibility": "DeveloperMetadataVisibility",
    },
    "SearchDeveloperMetadataRequest": {"dataFilters": ["DataFilter"]},
    "ValueRange": {"range": "string", "majorDimension": "Dimension", "values": "values"},
    "BatchUpdateValuesRequest": {
        "valueInputOption": "string",
        "data": ["ValueRange"],
        "includeValuesInResponse": "bool",
        "responseValueRenderOption": "string",
        "responseDateTimeRenderOption": "string",
    },
    "BatchClearValuesRequest": {"ranges": ["string"]},
}


def check(body: Any, message: str) -> dict[str, Any]:
    """The body as that message, without nulls; refused as Google's parser does if something does not fit."""
    checked: dict[str, Any] = _check(body, message, "")
    return checked


def _check(value: Any, kind: Any, path: str) -> Any:
    if isinstance(kind, list):
        items = value if isinstance(value, list) else [value]  # a single one is taken for a list of one
        return [_check(item, kind[0], f"{path}[{number}]") for number, item in enumerate(items)]
    if isinstance(kind, dict) or kind in MESSAGES:
        return _check_message(value, kind, path)
    if kind in ENUMS:
        if value not in ENUMS[kind]:
            raise _invalid_value(path, f"type.googleapis.com/google.apps.sheets.v4.{kind}", value)
        return value
    return _check_scalar(value, kind, path)


def _check_message(value: Any, kind: Any, path: str) -> dict[str, Any]:
    fields = kind if isinstance(kind, dict) else MESSAGES[kind]
    if not isinstance(value, dict):
        raise _invalid_value(
            path, f"type.googleapis.com/google.apps.sheets.v4.{kind if isinstance(kind, str) else 'Message'}", value
        )
    checked = {}
    for name, item in value.items():
        if name not in fields:
            at = f" at '{path}'" if path else ""
            why = (
                f"{path or 'the body'} has a field {name!r} that the API (as far as it is modelled here) does not know."
            )
            raise bad_payload(
                path, f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.', why
            )
        if item is not None:
            inner = f"{path}.{_snake(name)}" if path else _snake(name)
            checked[name] = _check(item, fields[name], inner)
    return checked


def _check_scalar(value: Any, kind: str, path: str) -> Any:
    if kind == "int32":
        number = int(value) if isinstance(value, str) and re.fullmatch(r"-?\d+", value) else value
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if isinstance(number, bool) or not isinstance(number, int) or not -(2**31) <= number < 2**31:
            raise _invalid_value(path, "TYPE_INT32", value)
        return number
    if kind == "double" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise _invalid_value(path, "TYPE_DOUBLE", value)
    if kind == "bool" and not isinstance(value, bool):
        raise _invalid_value(path, "TYPE_BOOL", value)
    if kind in ("string", "mask"):
        if not isinstance(value, str) or any("\ud800" <= char <= "\udfff" for char in value):
            raise _invalid_value(path, "TYPE_STRING", value)
        if kind == "mask" and not re.fullmatch(r"[\w.,()*/ ]*", value):
            raise _invalid_value(path, "type.googleapis.com/google.protobuf.FieldMask", value)
    if kind == "values":
        _check_values(value)
    return value


def _check_values(value: Any) -> None:
    if not isinstance(value, list):
        raise _invalid_value("data.values", "type.googleapis.com/google.protobuf.ListValue", value)
    for number, row in enumerate(value):
        if not isinstance(row, list):
            raise _invalid_value(f"data.values[{number}]", "type.googleapis.com/google.protobuf.ListValue", row)
        for place, item in enumerate(row):
            if isinstance(item, dict | list):
                kind = "struct_value" if isinstance(item, dict) else "list_value"
                raise bad_payload(
                    "",
                    f"Invalid values[{number}][{place}]: {kind} {{\n}}\n",
                    "A cell holds a text, a number or true/false.",
                )
            _check_scalar(item if isinstance(item, str) else "", "string", f"data.values[{number}][{place}]")


def _invalid_value(path: str, kind: str, value: Any) -> Refused:
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return bad_payload(path, f"Invalid value at '{path}' ({kind}), {shown}")


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name)
