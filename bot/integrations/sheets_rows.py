"""What the Account Tracker tab looks like to the rest of the program, and how our values become cells of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

DAY_ZERO = date(1899, 12, 30)  # a date in a sheet is the number of days since then
CELL_CHARACTERS = 50_000  # https://support.google.com/drive/answer/37603
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # control characters and halves of a character

Cell = str | int | float | bool | None  # as read; a date is its number, an empty cell None


@dataclass(frozen=True)
class Link:
    """A text that can be clicked. It is not a formula, so nothing in it can become one."""

    text: str
    url: str


@dataclass(frozen=True)
class Kept:
    """A cell's own old value, put back as it was read; formats are left alone."""

    cell: Cell


Value = str | int | float | Decimal | bool | date | Link | Kept | None


@dataclass(frozen=True)
class Insert:
    """A new row under the header. `values` maps column names to values; unknown columns are left out.

    `metadata_id` (1 to 2,147,483,647) is ours and the same at every attempt: the sheet takes each one once.
    """

    values: dict[str, Value]
    metadata_id: int


@dataclass(frozen=True)
class Update:
    """One cell of a tab as it was read: `row` is an index of `Tab.rows`, `column` one of `Tab.header`."""

    row: int
    column: int
    value: Value
    header: str


@dataclass
class Tab:
    """The tab as it was at one moment. `rows[0]` is the first row under the header; each is as long as the header."""

    header: list[str]
    rows: list[list[Cell]]
    sheet_gid: int
    row_count: int  # of the grid, empty rows and the header included
    column_count: int = 26

    def column(self, name: str) -> int | None:
        """Where the column of that name is, wherever people moved it; capitals and spaces do not matter."""
        wanted = plain(name)
        return next((at for at, title in enumerate(self.header) if plain(title) == wanted), None)

    def missing(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if self.column(name) is None]

    def cell(self, row: int, name: str) -> Cell:
        at = self.column(name)
        return None if at is None else self.rows[row][at]

    def find(self, name: str, value: Cell) -> int | None:
        """The first row that has this value in that column."""
        at = self.column(name)
        return None if at is None else next((number for number, row in enumerate(self.rows) if row[at] == value), None)


def plain(title: str) -> str:
    """A column's name as it is compared."""
    return " ".join(title.split()).casefold()


def as_text(cell: Cell) -> str:
    """A cell as a person would read it, for a column that holds words."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def as_date(cell: Cell) -> date | None:
    """A cell of a column that holds dates; None where somebody wrote something else there."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 1 <= cell < 2_958_466:
        return DAY_ZERO + timedelta(days=int(cell))
    if isinstance(cell, str):
        try:
            return date.fromisoformat(cell.strip())
        except ValueError:
            return None
    return None


def inert(text: str) -> str:
    """A text that the sheet can hold: without control characters, cut with a mark at the limit of a cell."""
    clean = _UNWANTED.sub("", text)
    return clean if len(clean) <= CELL_CHARACTERS else clean[: CELL_CHARACTERS - 1] + "…"


def raw(value: Value) -> Cell:
    """The value as `Sheets.read` gives it once it is in the sheet."""
    if isinstance(value, Kept):
        return value.cell
    if isinstance(value, Link):
        return inert(value.text) or None
    if isinstance(value, str):
        return inert(value) or None
    if isinstance(value, datetime):
        raise TypeError("A moment has no cell type here: say which date is meant.")
    if isinstance(value, date):
        return (value - DAY_ZERO).days
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def cell_data(value: Value) -> dict[str, Any]:
    """A value as CellData: https://developers.google.com/sheets/api/reference/rest/v4/spreadsheets/cells#CellData

    Typed, so that the sheet guesses nothing: a text that begins with = stays a text, an id stays an id.
    """
    content = raw(value)
    data: dict[str, Any] = {}
    if isinstance(content, bool):
        data["userEnteredValue"] = {"boolValue": content}
    elif isinstance(content, str):
        data["userEnteredValue"] = {"stringValue": content}
    elif content is not None:
        data["userEnteredValue"] = {"numberValue": content}
    if number_format := _number_format(value):
        data["userEnteredFormat"] = {"numberFormat": number_format}
    if isinstance(value, Link) and value.url.startswith(("https://", "http://")):
        data["userEnteredFormat"] = {"textFormat": {"link": {"uri": value.url}}}
    return data


def mask(values: Iterable[Value]) -> str:
    """Which parts of the cells to write: formats that people chose stay, unless the value brings its own."""
    fields = ["userEnteredValue"]
    chosen = list(values)
    if any(_number_format(value) for value in chosen):
        fields.append("userEnteredFormat.numberFormat")
    if not all(isinstance(value, Kept) for value in chosen):
        fields.append("userEnteredFormat.textFormat.link")  # a new text must not keep the old one's link
    return ",".join(fields)


def _number_format(value: Value) -> dict[str, str] | None:
    if isinstance(value, Decimal):
        return {"type": "CURRENCY", "pattern": '"$"#,##0'}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"type": "NUMBER", "pattern": "#,##0"}
    if isinstance(value, date):
        return {"type": "DATE", "pattern": "yyyy-mm-dd"}
    return None


def set_cell(tab: Tab, update: Update) -> dict[str, Any]:
    """The request that writes one cell."""
    start = {"sheetId": tab.sheet_gid, "rowIndex": update.row + 1, "columnIndex": update.column}
    rows = [{"values": [cell_data(update.value)]}]
    return {"updateCells": {"start": start, "rows": rows, "fields": mask([update.value])}}


def add_rows(tab: Tab, inserts: Sequence[Insert], metadata_key: str) -> list[dict[str, Any]]:
    """The requests that add rows under the header, each marked with its metadata id so that it is added only once."""
    if not inserts:
        return []
    rows = {"sheetId": tab.sheet_gid, "dimension": "ROWS", "startIndex": 1, "endIndex": 1 + len(inserts)}
    cells = [line(tab.header, insert) for insert in inserts]
    requests: list[dict[str, Any]] = [
        # Below a header that is the only row of the grid there is nothing else to inherit from.
        {"insertDimension": {"range": rows, "inheritFromBefore": tab.row_count <= 1}},
        {
            "updateCells": {
                "start": {"sheetId": tab.sheet_gid, "rowIndex": 1, "columnIndex": 0},
                "rows": [{"values": [cell_data(value) for value in values]} for values in cells],
                "fields": mask([value for values in cells for value in values]),
            }
        },
    ]
    for number, insert in enumerate(inserts, 1):
        metadata = {
            "metadataId": insert.metadata_id,
            "metadataKey": metadata_key,
            "visibility": "DOCUMENT",
            "location": {"dimensionRange": {**rows, "startIndex": number, "endIndex": number + 1}},
        }
        requests.append({"createDeveloperMetadata": {"developerMetadata": metadata}})
    return requests


def line(header: Sequence[str], insert: Insert) -> list[Value]:
    """A new row's values in the order of the columns."""
    values = {plain(name): value for name, value in insert.values.items()}
    return [values.get(plain(name)) for name in header]


def add_columns(tab: Tab, names: Sequence[str]) -> list[dict[str, Any]]:
    """The requests that write more column titles after the last one, and keep the header in view on an empty tab."""
    start, requests = len(tab.header), []
    if start + len(names) > tab.column_count:
        extra = start + len(names) - tab.column_count
        requests.append({"appendDimension": {"sheetId": tab.sheet_gid, "dimension": "COLUMNS", "length": extra}})
    bold = {"textFormat": {"bold": True}}
    cells = [{"userEnteredValue": {"stringValue": inert(name)}, "userEnteredFormat": bold} for name in names]
    titles: dict[str, Any] = {
        "start": {"sheetId": tab.sheet_gid, "rowIndex": 0, "columnIndex": start},
        "rows": [{"values": cells}],
        "fields": "userEnteredValue,userEnteredFormat.textFormat.bold",
    }
    requests.append({"updateCells": titles})
    if not tab.header and tab.row_count > 1:
        frozen = {"sheetId": tab.sheet_gid, "gridProperties": {"frozenRowCount": 1}}
        requests.append({"updateSheetProperties": {"properties": frozen, "fields": "gridProperties.frozenRowCount"}})
    return requests


def offer(tab: Tab, column: int, values: Sequence[str]) -> dict[str, Any]:
    """The request that gives a column a drop-down."""
    area = {"sheetId": tab.sheet_gid, "startRowIndex": 1, "startColumnIndex": column, "endColumnIndex": column + 1}
    condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": value} for value in values]}
    rule = {"condition": condition, "showCustomUi": True, "strict": False}
    return {"setDataValidation": {"range": area, "rule": rule}}


def offered(cell: Mapping[str, Any]) -> list[str]:
    """What a cell's drop-down offers; nothing where it has another rule."""
    values = cell["dataValidation"].get("condition", {}).get("values", [])
    return [str(value.get("userEnteredValue", "")) for value in values]


def said(value: Value) -> str:
    """A value in a sentence."""
    if value is None:
        return "nothing"
    return f"“{value.text if isinstance(value, Link) else value}”"
