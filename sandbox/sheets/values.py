"""The values endpoints: https://developers.google.com/sheets/api/reference/rest/v4/spreadsheets.values"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sandbox.sheets import writing
from sandbox.sheets.a1 import Box, letters, parse, written
from sandbox.sheets.cells import Cell, Value, entered, rendered
from sandbox.sheets.errors import Refused, bad_payload, invalid
from sandbox.sheets.grid import Spreadsheet, Stamp, Tab

Options = dict[str, str]
OPTIONS = {
    "majorDimension": ("Dimension", ("ROWS", "COLUMNS")),
    "valueRenderOption": ("ValueRenderOption", ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")),
    "dateTimeRenderOption": ("DateTimeRenderOption", ("SERIAL_NUMBER", "FORMATTED_STRING")),
    "valueInputOption": ("ValueInputOption", ("RAW", "USER_ENTERED")),
    "insertDataOption": ("InsertDataOption", ("OVERWRITE", "INSERT_ROWS")),
    "responseValueRenderOption": ("ValueRenderOption", ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")),
    "responseDateTimeRenderOption": ("DateTimeRenderOption", ("SERIAL_NUMBER", "FORMATTED_STRING")),
}


def check_options(options: Options) -> None:
    for name, (kind, known) in OPTIONS.items():
        if name in options and options[name] not in known:
            field = "".join("_" + char.lower() if char.isupper() else char for char in name)
            raise bad_payload(
                field,
                f"Invalid value at '{field}' (type.googleapis.com/google.apps.sheets.v4.{kind}), \"{options[name]}\"",
            )


def locate(spreadsheet: Spreadsheet, text: str) -> tuple[Tab, Box]:
    title, box = parse(text, [tab.title for tab in spreadsheet.tabs])
    tab = spreadsheet.tab(title)
    if box.top >= tab.row_count or box.left >= tab.column_count:
        raise _outside(tab, box)
    return tab, box


def _outside(tab: Tab, box: Box) -> Refused:
    shown = written(tab.title, Box(box.top, box.left, box.bottom or tab.row_count, box.right or tab.column_count))
    return invalid(f"Range ({shown}) exceeds grid limits. Max rows: {tab.row_count}, max columns: {tab.column_count}")


def get(spreadsheet: Spreadsheet, text: str, options: Options) -> dict[str, Any]:
    """One range: empty rows and cells at the end are left out, and `values` altogether where there is nothing."""
    tab, box = locate(spreadsheet, text)
    box = box.within(tab.row_count, tab.column_count)
    major = options.get("majorDimension", "ROWS")
    answer: dict[str, Any] = {"range": written(tab.title, box), "majorDimension": major}
    values = _values(tab, box, options, major)
    return {**answer, "values": values} if values else answer


def _values(tab: Tab, box: Box, options: Options, major: str) -> list[list[Value]]:
    how = options.get("valueRenderOption", "FORMATTED_VALUE"), options.get("dateTimeRenderOption", "SERIAL_NUMBER")
    assert box.bottom is not None
    assert box.right is not None
    bottom = min(box.bottom, len(tab.rows))
    rows = [[rendered(cell, *how) for cell in tab.rows[row][box.left : box.right]] for row in range(box.top, bottom)]
    if major == "COLUMNS":
        width = max((len(row) for row in rows), default=0)
        rows = [[row[column] if column < len(row) else None for row in rows] for column in range(width)]
    trimmed: list[list[Value]] = []
    for row in rows:
        while row and row[-1] is None:
            row.pop()
        trimmed.append(["" if value is None else value for value in row])
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    return trimmed


def batch_get(spreadsheet: Spreadsheet, ranges: list[str], options: Options) -> dict[str, Any]:
    answer: dict[str, Any] = {"spreadsheetId": spreadsheet.id}
    return {**answer, "valueRanges": [get(spreadsheet, text, options) for text in ranges]} if ranges else answer


def update(spreadsheet: Spreadsheet, text: str, body: dict[str, Any], options: Options, stamp: Stamp) -> dict[str, Any]:
    """Writes from the range's first cell on. null leaves a cell alone, "" empties it."""
    _need_input_option(options)
    if body.get("range", text) != text:
        raise invalid(f"Requested writing to range [{text}], but the value range's range is [{body['range']}].")
    tab, box = locate(spreadsheet, text)
    rows = _as_rows(body)
    width = max((len(row) for row in rows), default=0)
    if (box.bottom, box.right) == (box.top + 1, box.left + 1):  # a single cell is only where it starts
        box = Box(box.top, box.left)
    closed = Box(box.top, box.left, box.bottom or box.top + len(rows), box.right or box.left + width)
    if len(rows) > closed.height:
        raise invalid(f"Requested writing within range [{text}], but tried writing to row [{(closed.bottom or 0) + 1}]")
    if width > closed.width:
        raise invalid(
            f"Requested writing within range [{text}], but tried writing to column [{letters(closed.right or 0)}]"
        )
    if box.top + len(rows) > tab.row_count or box.left + width > tab.column_count:
        raise _outside(tab, Box(box.top, box.left, box.top + len(rows), box.left + width))
    return {"spreadsheetId": spreadsheet.id, **_write(spreadsheet, tab, box, rows, options, stamp)}


def _need_input_option(options: Options) -> None:
    if "valueInputOption" not in options:
        raise invalid("'valueInputOption' is required but not specified")


def _as_rows(body: dict[str, Any]) -> list[list[Value]]:
    rows: list[list[Value]] = body.get("values", [])
    if body.get("majorDimension") == "COLUMNS":
        height = max((len(column) for column in rows), default=0)
        rows = [[column[row] if row < len(column) else None for column in rows] for row in range(height)]
    return rows


def _write(
    spreadsheet: Spreadsheet, tab: Tab, box: Box, rows: list[list[Value]], options: Options, stamp: Stamp
) -> dict[str, Any]:
    width = max((len(row) for row in rows), default=0)
    area = Box(box.top, box.left, box.top + len(rows), box.left + width)
    if not rows or not width:
        return {"updatedRange": written(tab.title, Box(box.top, box.left, box.top + 1, box.left + 1))}
    spreadsheet.may_edit(tab, area, stamp)
    cells = {
        (row, column): _cell(tab.cell(row, column), value, options["valueInputOption"], stamp.at.date())
        for row, line in enumerate(rows, box.top)
        for column, value in enumerate(line, box.left)
        if value is not None
    }
    for (row, column), cell in cells.items():
        tab.put(row, column, cell, stamp)
    return {
        "updatedRange": written(tab.title, area),
        "updatedRows": len({row for row, _ in cells}),
        "updatedColumns": len({column for _, column in cells}),
        "updatedCells": len(cells),
    }


def _cell(cell: Cell, value: Value, how: str, today: date) -> Cell:
    if isinstance(value, str) and len(value) > writing.CELL_CHARACTERS:
        raise invalid(
            f"Your input contains more than the maximum of {writing.CELL_CHARACTERS} characters in a single cell."
        )
    if isinstance(value, str) and how == "USER_ENTERED":
        return typed(cell, value, today)
    return replace(cell, value=value if value != "" else None, is_formula=False, runs=(), format=_unlinked(cell))


def typed(cell: Cell, text: str, today: date) -> Cell:
    """The cell after somebody typed a text into it."""
    value, is_formula, number_format = entered(text, cell.number_format, today)
    form = _unlinked(cell)
    if number_format and not (cell.number_format and number_format["type"] == cell.number_format["type"]):
        form = {**form, "numberFormat": number_format}
    return replace(cell, value=value, is_formula=is_formula, runs=(), format=form)


def _unlinked(cell: Cell) -> dict[str, Any]:
    """A new value takes the old one's link away."""
    form = dict(cell.format)
    if "link" in form.get("textFormat", {}):
        form["textFormat"] = {name: value for name, value in form["textFormat"].items() if name != "link"}
    return form


def batch_update(spreadsheet: Spreadsheet, body: dict[str, Any], stamp: Stamp) -> dict[str, Any]:
    options = {name: value for name, value in body.items() if isinstance(value, str)}
    check_options(options)
    _need_input_option(options)
    draft = spreadsheet.draft()
    responses = []
    for part in body.get("data", []):
        if "range" not in part:
            raise invalid("Must specify a range for every value range.")
        responses.append(update(draft, part["range"], part, options, stamp))
    spreadsheet.take_over(draft)
    totals = {
        f"totalU{name[1:]}": sum(part.get(name, 0) for part in responses) for name in ("updatedRows", "updatedColumns")
    }
    totals["totalUpdatedCells"] = sum(part.get("updatedCells", 0) for part in responses)
    totals["totalUpdatedSheets"] = len({part["updatedRange"].rpartition("!")[0] for part in responses})
    return {"spreadsheetId": spreadsheet.id, **totals, "responses": responses}


def append(spreadsheet: Spreadsheet, text: str, body: dict[str, Any], options: Options, stamp: Stamp) -> dict[str, Any]:
    """Writes under the last table in the range: https://developers.google.com/sheets/api/guides/values#append_values"""
    _need_input_option(options)
    tab, box = locate(spreadsheet, text)
    rows = _as_rows(body)
    table = _last_table(tab, box.within(tab.row_count, tab.column_count))
    answer: dict[str, Any] = {"spreadsheetId": spreadsheet.id}
    start = Box(box.top, box.left)
    if table is not None:
        answer["tableRange"] = written(tab.title, table)
        start = Box(table.bottom or 0, table.left)
    width = max((len(row) for row in rows), default=0)
    draft = spreadsheet.draft()
    tab = draft.tab(tab.title)
    if options.get("insertDataOption") == "INSERT_ROWS" and table is not None and start.top < tab.row_count:
        draft.insert(tab, "ROWS", start.top, len(rows), start.top - 1)
    tab.grow("ROWS", max(0, start.top + len(rows) - tab.row_count))
    tab.grow("COLUMNS", max(0, start.left + width - tab.column_count))
    draft.check_size()
    updates = _write(draft, tab, start, rows, options, stamp)
    spreadsheet.take_over(draft)
    return {**answer, "updates": {"spreadsheetId": spreadsheet.id, **updates}}


def _last_table(tab: Tab, box: Box) -> Box | None:
    """The island of filled cells that ends last in the range: a gap makes two, which is why appended rows drift."""
    filled = {
        (row, column) for row, line in enumerate(tab.rows) for column, cell in enumerate(line) if not cell.is_empty
    }
    inside = [
        (row, column)
        for row, column in filled
        if box.top <= row < (box.bottom or 0) and box.left <= column < (box.right or 0)
    ]
    if not inside:
        return None
    island, edge = set(), [max(inside)]
    while edge:
        row, column = edge.pop()
        if (row, column) in filled and (row, column) not in island:
            island.add((row, column))
            edge.extend((row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1))
    rows, columns = [row for row, _ in island], [column for _, column in island]
    return Box(min(rows), min(columns), max(rows) + 1, max(columns) + 1)


def clear(spreadsheet: Spreadsheet, text: str, stamp: Stamp) -> str:
    """Empties the range and leaves formats and rules; the range as echoed."""
    tab, box = locate(spreadsheet, text)
    box = box.within(tab.row_count, tab.column_count)
    spreadsheet.may_edit(tab, box, stamp)
    for row, column, cell in list(tab.cells_in(box)):
        if not cell.is_empty:
            tab.put(row, column, replace(cell, value=None, is_formula=False, runs=(), format=_unlinked(cell)), stamp)
    return written(tab.title, box)


def batch_clear(spreadsheet: Spreadsheet, ranges: list[str], stamp: Stamp) -> dict[str, Any]:
    draft = spreadsheet.draft()
    cleared = [clear(draft, text, stamp) for text in ranges]
    spreadsheet.take_over(draft)
    return {"spreadsheetId": spreadsheet.id, "clearedRanges": cleared}
