"""The spreadsheet as a resource: https://developers.google.com/sheets/api/reference/rest/v4/spreadsheets"""

from __future__ import annotations

from typing import Any

from sandbox.sheets import masks, metadata, writing
from sandbox.sheets.a1 import Box
from sandbox.sheets.cells import Cell
from sandbox.sheets.grid import Spreadsheet, Tab
from sandbox.sheets.values import locate

BATCH_ANSWER: dict[str, Any] = {"spreadsheetId": None, "replies": {}, "updatedSpreadsheet": masks.SPREADSHEET}


def get(spreadsheet: Spreadsheet, query: Any, email: str) -> dict[str, Any]:
    """Cells only where they are asked for: with includeGridData, or with a field mask that names them."""
    fields = query.get("fields")
    wants_cells = (
        "data" in masks.parse(fields).get("sheets", {})
        if fields
        else query.get("includeGridData", "").lower() == "true"
    )
    return masked(build(spreadsheet, query.getall("ranges", []), wants_cells, email), fields, masks.SPREADSHEET)


def masked(answer: dict[str, Any], fields: str | None, known: dict[str, Any]) -> dict[str, Any]:
    if not fields:
        return answer
    mask = masks.parse(fields)
    masks.check(mask, known, fields)
    picked: dict[str, Any] = masks.pick(answer, mask)
    return picked


def build(spreadsheet: Spreadsheet, ranges: list[str], wants_cells: bool, email: str) -> dict[str, Any]:
    chosen = [locate(spreadsheet, text) for text in ranges] or [(tab, Box()) for tab in spreadsheet.tabs]
    sheets = []
    for tab in spreadsheet.tabs:
        boxes = [box for other, box in chosen if other is tab]
        if not boxes:
            continue
        sheet: dict[str, Any] = {"properties": writing.sheet_properties(spreadsheet, tab)}
        if wants_cells:
            sheet["data"] = [_grid_data(tab, box) for box in boxes]
        pins = [metadata.as_json(pin) for pin in spreadsheet.metadata if pin.sheet_id == tab.id]
        if pins:
            sheet["developerMetadata"] = pins
        protected = [writing.protected_json(item, email) for item in spreadsheet.protected if item.sheet_id == tab.id]
        if protected:
            sheet["protectedRanges"] = protected
        sheets.append(sheet)
    answer: dict[str, Any] = {
        "spreadsheetId": spreadsheet.id,
        "properties": {
            "title": spreadsheet.title, "locale": "en_US", "autoRecalc": "ON_CHANGE", "timeZone": spreadsheet.time_zone,
        },
        "sheets": sheets,
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{spreadsheet.id}/edit",
    }  # fmt: skip
    pins = [metadata.as_json(pin) for pin in spreadsheet.metadata if pin.sheet_id is None]
    return {**answer, "developerMetadata": pins} if pins else answer


def _grid_data(tab: Tab, box: Box) -> dict[str, Any]:
    closed = box.within(tab.row_count, tab.column_count)
    assert closed.bottom is not None
    assert closed.right is not None
    rows = []
    for line in tab.rows[closed.top : closed.bottom]:
        cells = [cell_json(cell) for cell in line[closed.left : closed.right]]
        while cells and not cells[-1]:
            cells.pop()
        rows.append({"values": cells} if cells else {})
    while rows and not rows[-1]:
        rows.pop()
    data: dict[str, Any] = {}
    if closed.top:
        data["startRow"] = closed.top
    if closed.left:
        data["startColumn"] = closed.left
    return {**data, "rowData": rows} if rows else data


def cell_json(cell: Cell) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if not cell.is_empty:
        answer["userEnteredValue"] = {"formulaValue": cell.value} if cell.is_formula else _extended(cell.value)
        answer["effectiveValue"] = _extended(cell.effective)
        answer["formattedValue"] = cell.display
    if cell.format:
        answer["userEnteredFormat"] = dict(cell.format)
    if cell.hyperlink:
        answer["hyperlink"] = cell.hyperlink
    if cell.note:
        answer["note"] = cell.note
    if cell.runs:
        answer["textFormatRuns"] = list(cell.runs)
    if cell.validation:
        answer["dataValidation"] = dict(cell.validation)
    return answer


def _extended(value: Any) -> dict[str, Any]:
    name = (
        "boolValue" if isinstance(value, bool) else "numberValue" if isinstance(value, int | float) else "stringValue"
    )
    return {name: value}
