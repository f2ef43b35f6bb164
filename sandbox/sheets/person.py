"""What a person does at the grid by hand: types, pastes, sorts, inserts, deletes, renames, protects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.sheets import auth
from sandbox.sheets.a1 import Box, letters
from sandbox.sheets.batch import apply
from sandbox.sheets.errors import Refused, invalid
from sandbox.sheets.grid import OWNER, Protected, Spreadsheet, Stamp, Tab
from sandbox.sheets.values import typed

if TYPE_CHECKING:
    from sandbox.sheets.state import Sheets

SPARE_ROWS, SPARE_COLUMNS = 3, 1  # empty ones that the page shows beyond what is filled


class AtTheGrid:
    """One person at one tab. Rows and columns count from 0; row 0 is the header. People own the sheet: no cell is
    protected from them, and a strict list of values holds."""

    def __init__(self, sheets: Sheets, who: str = "", tab: str | None = None) -> None:
        self.sheets = sheets
        self.spreadsheet: Spreadsheet = sheets.spreadsheet()
        titles = [other.title for other in self.spreadsheet.tabs]
        if tab is not None and tab not in titles:
            raise invalid(f"There is no tab {tab!r}; there are {', '.join(titles)}.")
        self.tab: Tab = self.spreadsheet.tab(tab if tab is not None else titles[0])
        self.who = self._name_of(who)

    def _name_of(self, who: str) -> str:
        users = getattr(self.sheets.world.slack, "users", {})
        for user in users.values():
            if who and who in (user.id, user.email, user.name):
                return str(user.real_name)
        return who

    def _stamp(self) -> Stamp:
        return self.sheets.stamp(self.who or "somebody", OWNER)

    def type(self, row: int, column: int, text: str) -> None:
        self.paste(row, column, [[text]])

    def paste(self, row: int, column: int, rows: list[list[str]]) -> None:
        if row < 0 or column < 0:
            raise invalid("Rows and columns count from 0.")
        stamp, today = self._stamp(), self._stamp().at.date()
        self.tab.grow("ROWS", max(0, row + len(rows) - self.tab.row_count))
        self.tab.grow("COLUMNS", max(0, column + max((len(line) for line in rows), default=0) - self.tab.column_count))
        for down, line in enumerate(rows):
            for across, text in enumerate(line):
                cell = typed(self.tab.cell(row + down, column + across), str(text), today)
                self._obey_the_list(cell.validation, cell.display, row + down, column + across)
                self.tab.put(row + down, column + across, cell, stamp)
        self._changed()

    @staticmethod
    def _obey_the_list(rule: Any, text: str, row: int, column: int) -> None:
        values = allowed(rule)
        if values and rule.get("strict") and text and text not in values:
            where = f"{letters(column)}{row + 1}"
            raise invalid(
                f"The data you entered in cell {where} violates the data validation rules: {', '.join(values)}."
            )

    def insert(self, dimension: str, at: int) -> None:
        self._do(
            "insertDimension", {"range": self._span(dimension, at), "inheritFromBefore": at >= self.tab.size(dimension)}
        )

    def delete(self, dimension: str, at: int) -> None:
        self._do("deleteDimension", {"range": self._span(dimension, at)})

    def move(self, dimension: str, at: int, to: int) -> None:
        self._do("moveDimension", {"source": self._span(dimension, at), "destinationIndex": to})

    def sort(self, column: int, descending: bool = False) -> None:
        """All rows but the header, as *Sort sheet* does."""
        area = {"sheetId": self.tab.id, "startRowIndex": max(1, self.tab.frozen_rows)}
        order = "DESCENDING" if descending else "ASCENDING"
        self._do("sortRange", {"range": area, "sortSpecs": [{"dimensionIndex": column, "sortOrder": order}]})

    def rename_tab(self, title: str) -> None:
        self._do("updateSheetProperties", {"properties": {"sheetId": self.tab.id, "title": title}, "fields": "title"})

    def protect(self, column: int | None = None) -> None:
        """A column, or the whole tab, that from now on only people may edit."""
        number = 1 + max((item.id for item in self.spreadsheet.protected), default=0)
        box = Box() if column is None else Box(left=column, right=column + 1)
        self.spreadsheet.protected.append(Protected(number, self.tab.id, box, description="People only"))
        self._changed()

    def unprotect(self) -> None:
        self.spreadsheet.protected = [item for item in self.spreadsheet.protected if item.sheet_id != self.tab.id]
        self._changed()

    def share(self, role: str | None) -> None:
        """With the bot's service account: writer, reader, or no longer (None)."""
        if role not in ("writer", "reader", None):
            raise invalid("The role is writer, reader or null.")
        self.sheets.share(self.spreadsheet.id, role, auth.EMAIL)
        self._changed()

    def _span(self, dimension: str, at: int) -> dict[str, Any]:
        return {"sheetId": self.tab.id, "dimension": dimension, "startIndex": at, "endIndex": at + 1}

    def _do(self, kind: str, request: dict[str, Any]) -> None:
        try:
            apply(self.spreadsheet, [{kind: request}], self._stamp())
        except Refused as refused:
            raise invalid(refused.message.partition(f"{kind}: ")[2] or refused.message) from None
        self.tab = self.spreadsheet.tab_by_id(self.tab.id)
        self._changed()

    def _changed(self) -> None:
        self.sheets.world.changed("sheets")

    def grid(self) -> dict[str, Any]:
        """The tab as the page draws it: the header, the rows under it, what changed when and by whom."""
        tab = self.tab
        filled = [(row, column) for row, column, cell in tab.cells_in(Box(bottom=len(tab.rows))) if not cell.is_empty]
        height = min(tab.row_count, max((row for row, _ in filled), default=0) + 1 + SPARE_ROWS)
        width = min(tab.column_count, max((column for _, column in filled), default=0) + 1 + SPARE_COLUMNS)
        rules: dict[str, list[str]] = {}
        for column in range(width):
            values = allowed(tab.cell(1, column).validation)
            if values:
                rules[str(column)] = values
        return {
            "spreadsheet": {
                "id": self.spreadsheet.id,
                "title": self.spreadsheet.title,
                "url": f"https://docs.google.com/spreadsheets/d/{self.spreadsheet.id}/edit",
                "tabs": [
                    {"id": other.id, "title": other.title, "rows": other.row_count, "columns": other.column_count}
                    for other in self.spreadsheet.tabs
                ],
            },
            "tab": tab.title,
            "header": [tab.cell(0, column).display for column in range(width)],
            "rows": [[self._cell_json(row, column) for column in range(width)] for row in range(1, height)],
            "first_row": 1,
            "validations": rules,
            "polls": {"last_at": self.sheets.last_call_at},
        }

    def _cell_json(self, row: int, column: int) -> dict[str, Any]:
        cell = self.tab.cell(row, column)
        answer: dict[str, Any] = {
            "v": cell.display,
            "f": cell.number_format.get("type"),
            "changed_at": cell.changed_at.isoformat() if cell.changed_at else None,
            "by": cell.by,
        }
        if cell.hyperlink:
            answer["link"] = cell.hyperlink
        if cell.is_formula:
            answer["formula"] = cell.value
        return answer


def allowed(rule: Any) -> list[str]:
    """The values of a drop-down."""
    condition = (rule or {}).get("condition", {})
    if condition.get("type") != "ONE_OF_LIST":
        return []
    return [value.get("userEnteredValue", "") for value in condition.get("values", [])]
