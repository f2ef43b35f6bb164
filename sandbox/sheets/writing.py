"""Cells of a batch: updateCells, repeatCell, setDataValidation, and how a spreadsheet looks in JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sandbox.sheets import masks
from sandbox.sheets.a1 import Box
from sandbox.sheets.cells import Cell
from sandbox.sheets.errors import invalid
from sandbox.sheets.grid import Protected, Spreadsheet, Stamp, Tab

CELL_FIELDS = ("userEnteredValue", "userEnteredFormat", "textFormatRuns", "dataValidation", "note")
CELL_CHARACTERS = 50_000  # https://support.google.com/drive/answer/37603


def mask_of(request: dict[str, Any], known: tuple[str, ...]) -> masks.Mask:
    mask = masks.parse(request.get("fields", ""))
    if not mask:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    if "*" in mask:
        return {name: {} for name in known}
    for name in mask:
        if name not in known:
            raise invalid(f"Invalid field: {name}", f"'fields' may name {', '.join(known)}.")
    return mask


def grid_range(spreadsheet: Spreadsheet, wanted: dict[str, Any]) -> tuple[Tab, Box]:
    tab = spreadsheet.tab_by_id(wanted.get("sheetId", 0))
    box = Box(
        wanted.get("startRowIndex", 0),
        wanted.get("startColumnIndex", 0),
        wanted.get("endRowIndex"),
        wanted.get("endColumnIndex"),
    )
    for name, start, end, size in (
        ("Row", box.top, box.bottom, tab.row_count),
        ("Column", box.left, box.right, tab.column_count),
    ):
        if start < 0 or (end is not None and end <= start):
            raise invalid(f"GridRange.end{name}Index[{end}] must be greater than GridRange.start{name}Index[{start}]")
        if start >= size:
            raise invalid(f"GridRange.start{name}Index[{start}] is after last {name.lower()} in grid[{size - 1}]")
    return tab, box


def update_cells(draft: Spreadsheet, request: dict[str, Any], stamp: Stamp) -> dict[str, Any]:
    mask = mask_of(request, CELL_FIELDS)
    rows = [row.get("values", []) for row in request.get("rows", [])]
    if "range" in request:
        tab, box = grid_range(draft, request["range"])
        box = box.within(tab.row_count, tab.column_count)
        if len(rows) > box.height:
            raise invalid(
                f"Attempting to write row: {box.bottom}, beyond the last requested row of: {(box.bottom or 0) - 1}"
            )
    elif "start" in request:
        tab, box = _from_start(draft, request["start"], rows)
    else:
        raise invalid("Must specify either 'start' or 'range'.")
    last_column = box.left + box.width - 1 if "range" in request else tab.column_count - 1
    for number, line in enumerate(rows):
        if box.left + len(line) - 1 > last_column:
            raise invalid(
                f"Attempting to write column: {last_column + 1}, beyond the last requested column of: {last_column}"
            )
        if line:
            row = box.top + number
            draft.may_edit(tab, Box(row, box.left, row + 1, box.left + len(line)), stamp)
    for number in range(box.height):
        line = rows[number] if number < len(rows) else []
        width = box.width if "range" in request else len(line)
        for place in range(width):
            _write(tab, box.top + number, box.left + place, line[place] if place < len(line) else {}, mask, stamp)
    return {}


def _from_start(draft: Spreadsheet, start: dict[str, int], rows: list[list[Any]]) -> tuple[Tab, Box]:
    tab = draft.tab_by_id(start.get("sheetId", 0))
    row, column = start.get("rowIndex", 0), start.get("columnIndex", 0)
    for name, at, size in (("row", row, tab.row_count), ("column", column, tab.column_count)):
        if not 0 <= at < size:
            raise invalid(f"GridCoordinate.{name}Index[{at}] is after last {name} in grid[{size - 1}]")
    if row + len(rows) > tab.row_count:
        raise invalid(
            f"Attempting to write row: {tab.row_count}, beyond the last requested row of: {tab.row_count - 1}"
        )
    return tab, Box(row, column, row + len(rows), tab.column_count)


def repeat_cell(draft: Spreadsheet, request: dict[str, Any], stamp: Stamp) -> dict[str, Any]:
    mask = mask_of(request, CELL_FIELDS)
    tab, box = grid_range(draft, request.get("range", {}))
    draft.may_edit(tab, box, stamp)
    for row, column, _ in tab.cells_in(box):
        _write(tab, row, column, request.get("cell", {}), mask, stamp)
    return {}


def set_data_validation(draft: Spreadsheet, request: dict[str, Any], stamp: Stamp) -> dict[str, Any]:
    tab, box = grid_range(draft, request.get("range", {}))
    draft.may_edit(tab, box, stamp)
    rule = request.get("rule")
    if rule is not None:
        condition = rule.get("condition", {})
        if "type" not in condition:
            raise invalid("DataValidationRule.condition is required.")
        if condition["type"] == "ONE_OF_LIST" and not condition.get("values"):
            raise invalid("ConditionValue must be specified for ONE_OF_LIST.")
    for row, column, cell in tab.cells_in(box):
        tab.put(row, column, replace(cell, validation=rule), stamp)
    return {}


def _write(tab: Tab, row: int, column: int, data: dict[str, Any], mask: masks.Mask, stamp: Stamp) -> None:
    cell = tab.cell(row, column)
    if "userEnteredValue" in mask:
        cell = _with_value(cell, data.get("userEnteredValue") or {})
    if "userEnteredFormat" in mask:
        cell = replace(
            cell, format=masks.merge(cell.format, data.get("userEnteredFormat", {}), mask["userEnteredFormat"]) or {}
        )
        _check_format(cell)
    if "textFormatRuns" in mask:
        cell = replace(cell, runs=tuple(data.get("textFormatRuns", ())))
    if "dataValidation" in mask:
        cell = replace(cell, validation=data.get("dataValidation"))
    if "note" in mask:
        cell = replace(cell, note=data.get("note", ""))
    tab.put(row, column, cell, stamp)


def _with_value(cell: Cell, value: dict[str, Any]) -> Cell:
    if len(value) > 1:
        raise invalid("oneof field 'value' is already set.")
    name, content = next(iter(value.items()), ("", None))
    if name == "formulaValue" and not str(content).startswith("="):
        raise invalid("The formula must start with an equals sign.")
    if isinstance(content, str) and len(content) > CELL_CHARACTERS:
        raise invalid(f"Your input contains more than the maximum of {CELL_CHARACTERS} characters in a single cell.")
    return replace(cell, value=content if content != "" else None, is_formula=name == "formulaValue", runs=())


def _check_format(cell: Cell) -> None:
    if cell.number_format and "type" not in cell.number_format:
        raise invalid("NumberFormat.type is required.")
    link = cell.format.get("textFormat", {}).get("link")
    if link is not None and not str(link.get("uri", "")).startswith(("http://", "https://", "mailto:", "#")):
        raise invalid("Invalid link uri.", f"{link.get('uri')!r} is not a link that a cell can have.")


def sheet_properties(spreadsheet: Spreadsheet, tab: Tab) -> dict[str, Any]:
    size = {"rowCount": tab.row_count, "columnCount": tab.column_count}
    if tab.frozen_rows:
        size["frozenRowCount"] = tab.frozen_rows
    if tab.frozen_columns:
        size["frozenColumnCount"] = tab.frozen_columns
    index = next(number for number, other in enumerate(spreadsheet.tabs) if other.id == tab.id)
    properties: dict[str, Any] = {
        "sheetId": tab.id,
        "title": tab.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": size,
    }
    return {**properties, "hidden": True} if tab.hidden else properties


def protected_json(protected: Protected, email: str) -> dict[str, Any]:
    """A protected range as Google answers it; a sheetId of 0 is left out, as proto3 does."""
    box = protected.box
    edges = {
        "sheetId": protected.sheet_id or None,
        "startRowIndex": box.top if box.bottom is not None or box.top else None,
        "endRowIndex": box.bottom,
        "startColumnIndex": box.left if box.right is not None or box.left else None,
        "endColumnIndex": box.right,
    }
    answer: dict[str, Any] = {
        "protectedRangeId": protected.id,
        "range": {name: edge for name, edge in edges.items() if edge is not None},
    }
    if protected.description:
        answer["description"] = protected.description
    if protected.warning_only:
        return {**answer, "warningOnly": True, "requestingUserCanEdit": True}
    if email in protected.editors:
        return {**answer, "requestingUserCanEdit": True, "editors": {"users": sorted(protected.editors)}}
    return answer
