"""The Red Accounts sheet in our words: read the tab, add rows, set cells.

The sheet has no compare-and-set, and people sort it and insert columns at any moment. So rows are found by a key and
columns by name, all of a write is one atomic call, and its answer shows whether anything had moved since the read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.integrations.sheets_google import Google, grid_size, letters, quoted, shown
from bot.integrations.sheets_rows import (
    Cell,
    Insert,
    Kept,
    Link,
    Tab,
    Update,
    Value,
    add_columns,
    add_rows,
    as_date,
    as_text,
    line,
    offer,
    offered,
    plain,
    raw,
    said,
    set_cell,
)

__all__ = ["Cell", "Finding", "Insert", "Link", "Sheets", "Tab", "Update", "Value", "as_date", "as_text"]

METADATA_KEY = "tp"  # short: all metadata of a tab may have 30,000 characters, and each row has its own
ROUNDS = 3


@dataclass(frozen=True)
class Finding:
    """One thing that `touchpoint doctor` looked at; `mend` says what to do about it."""

    ok: bool
    text: str
    mend: str = ""


@dataclass(frozen=True)
class After:
    """The header and the key of every row under it, as they were right after a write. An empty header: not known."""

    header: list[str]
    keys: list[str]


class Sheets:
    """One tab of one spreadsheet. `key` names the column that tells rows apart; rows are found by it, never by number.

    Raises Retryable, Permanent or Misconfigured (a tab, a permission or the key file has to be mended), and DryRun
    instead of a write unless `writes` is "on". `url` is a stand-in's address. Safe to use from several threads.
    """

    def __init__(
        self,
        *,
        service_account: Mapping[str, Any],
        sheet_id: str,
        url: str | None = None,
        tab: str = "Account Tracker",
        key: str = "Key",
        writes: str = "on",
    ) -> None:
        self._google = Google(service_account, sheet_id, url)
        self.sheet_id, self.title, self.key, self.writes = sheet_id, tab, key, writes
        self._gid: int | None = None

    def url(self, row: int | None = None) -> str:
        """Where a person opens the tab, at a row as `Tab.rows` counts. True until somebody sorts."""
        address = f"https://docs.google.com/spreadsheets/d/{self.sheet_id}/edit#gid={self._gid or 0}"
        return address if row is None else f"{address}&range={row + 2}:{row + 2}"

    def read(self) -> Tab:
        """The whole tab in one call (the first time in two): raw values, dates as numbers (`as_date`)."""
        gid = self._find_gid()
        try:
            answer = self._google.values(quoted(self.title))
        except (Misconfigured, Retryable):
            self._gid = None
            raise
        values = answer.get("values", [])
        header = [as_text(cell) for cell in values[0]] if values else []
        rows = [_as_long_as(header, cells) for cells in values[1:]]
        height, width = grid_size(answer["range"])
        return Tab(header, rows, gid, height, width)

    def links(self) -> dict[tuple[int, int], str]:
        """Where cells point to, links and HYPERLINK formulas, by (row, column) as `Tab` counts. One call."""
        answer = self._google.spreadsheet("sheets(data(rowData(values(hyperlink))))", quoted(self.title))
        blocks = answer.get("sheets", [{}])[0].get("data", [{}])
        return {
            (row - 1, column): cell["hyperlink"]
            for row, cells in enumerate(blocks[0].get("rowData", []))
            for column, cell in enumerate(cells.get("values", []))
            if row and cell.get("hyperlink")
        }

    def _find_gid(self) -> int:
        if self._gid is None:
            tabs = self._google.spreadsheet("sheets.properties(sheetId,title)").get("sheets", [])
            numbers = {tab["properties"]["title"]: int(tab["properties"].get("sheetId", 0)) for tab in tabs}
            if self.title not in numbers:
                names = ", ".join(f"“{title}”" for title in numbers)
                raise Misconfigured(f"The spreadsheet has no tab “{self.title}”; it has {names}.", code="TAB")
            self._gid = numbers[self.title]
        return self._gid

    def write(self, tab: Tab, inserts: Sequence[Insert] = (), updates: Sequence[Update] = ()) -> None:
        """All of it in one atomic call: new rows under the header, and cells of the rows as they were read.

        A row whose `metadata_id` is in the sheet already is not added again. If people sorted the tab or moved columns
        since it was read, what landed in the wrong cell is put right.
        """
        if inserts and not tab.header:
            raise Misconfigured(f"“{self.title}” has no header row.", code="HEADER")
        self._unless_dry(
            [_would_add(insert) for insert in inserts] + [self._would_set(tab, update) for update in updates]
        )
        self._write(tab, list(inserts), list(updates), ROUNDS)

    def _write(self, tab: Tab, inserts: list[Insert], updates: list[Update], rounds: int) -> None:
        if not inserts and not updates:
            return
        # Cells first: their addresses are those of the tab as it was read, before new rows push it down.
        requests = [set_cell(tab, update) for update in updates] + add_rows(tab, inserts, METADATA_KEY)
        try:
            after = self._batch(tab, requests)
        except Permanent as error:
            if isinstance(error, Misconfigured) or not inserts:
                raise
            # An earlier attempt may have added rows although its answer was lost: then the whole batch is refused.
            there = self._google.search_metadata([insert.metadata_id for insert in inserts])
            if not there:
                raise
            self._write(tab, [insert for insert in inserts if insert.metadata_id not in there], updates, rounds)
            return
        after = After(after.header, after.keys[len(inserts) :])
        if after.header and (after.header != tab.header or self._rows_moved(tab, updates, after)):
            self._put_right(tab, inserts, updates, after, rounds - 1)

    def _batch(self, tab: Tab, requests: list[dict[str, Any]]) -> After:
        title, at = quoted(self.title), tab.column(self.key)
        body: dict[str, Any] = {
            "requests": requests,
            "includeSpreadsheetInResponse": True,
            "responseIncludeGridData": True,
            "responseRanges": [f"{title}!1:1"] + ([] if at is None else [f"{title}!{letters(at)}:{letters(at)}"]),
        }
        try:
            answer = self._google.batch_update(
                body, "updatedSpreadsheet(sheets(data(rowData(values(formattedValue)))))"
            )
        except (Misconfigured, Retryable):
            self._gid = None  # the tab may be another one now: look it up again
            raise
        blocks = (answer.get("updatedSpreadsheet", {}).get("sheets") or [{}])[0].get("data", [])
        areas = [[shown(cells) for cells in block.get("rowData", [])] for block in blocks]
        header = areas[0][0] if areas and areas[0] else []
        return After(header, [cells[0] if cells else "" for cells in areas[1][1:]] if len(areas) > 1 else [])

    def _keys(self, tab: Tab, updates: Sequence[Update]) -> list[str]:
        """Each update's row's key as it should be after the write. A row that gets its key just now is told by it."""
        at = tab.column(self.key)
        if at is None:
            return ["" for _ in updates]
        given = {update.row: as_text(raw(update.value)) for update in updates if update.column == at}
        return [given.get(update.row, as_text(tab.rows[update.row][at])) for update in updates]

    def _rows_moved(self, tab: Tab, updates: Sequence[Update], after: After) -> bool:
        wanted = zip(updates, self._keys(tab, updates), strict=True)
        return tab.column(self.key) is not None and any(_at(after.keys, update.row) != key for update, key in wanted)

    def _put_right(self, tab: Tab, inserts: list[Insert], updates: list[Update], after: After, rounds: int) -> None:
        """Somebody sorted rows or moved columns between our read and our write: give back what we hit, write again.

        Rows are told by their key; one without a key is not found again. Where columns moved, rows are taken to be
        where they were, because the key column was not in its place either.
        """
        if not rounds:
            raise Retryable("The sheet keeps moving while it is being written.")
        now = self.read()
        rows_before, rows_now = self._rows_by_key(tab), self._rows_by_key(now)
        columns_moved = after.header != tab.header
        fixes: dict[tuple[int, int], Update] = {}

        def fix(row: int | None, name: str, value: Value) -> None:
            column = now.column(name)
            if row is not None and row < len(now.rows) and column is not None and now.rows[row][column] != raw(value):
                fixes[row, column] = Update(row, column, value, name)

        for update in updates:
            name, hit_key = _at(after.header, update.column), _at(after.keys, update.row)
            old = update.row if columns_moved else rows_before.get(hit_key)
            row = update.row + len(inserts) if columns_moved else rows_now.get(hit_key)
            if row is not None and row < len(now.rows) and now.cell(row, name) == raw(update.value):
                fix(row, name, Kept(None if old is None else tab.cell(old, name)))
        if columns_moved:  # the new rows were written by the old order of columns
            for row, insert in enumerate(inserts):
                for name, value in zip(now.header, line(now.header, insert), strict=True):
                    fix(row, name, value)
        for update, key in zip(updates, self._keys(tab, updates), strict=True):
            fix(update.row + len(inserts) if columns_moved else rows_now.get(key), update.header, update.value)
        self._write(now, [], list(fixes.values()), rounds)

    def _rows_by_key(self, tab: Tab) -> dict[str, int]:
        """Key → the first row that has it."""
        at = tab.column(self.key)
        keys = [] if at is None else [as_text(row[at]) for row in tab.rows]
        return {key: row for row, key in reversed(list(enumerate(keys))) if key}

    def ensure_columns(self, tab: Tab, names: Sequence[str]) -> Tab:
        """Adds the columns that the tab does not have, after the last one, and answers the tab with them."""
        missing = tab.missing(names)
        if not missing:
            return tab
        self._unless_dry([f"would add the columns {', '.join(missing)}"])
        self._google.batch_update({"requests": add_columns(tab, missing)})
        return self.read()

    def dropdowns(self, tab: Tab) -> dict[int, list[str]]:
        """Column → what its first cell under the header offers; nothing where another rule stands there. One call."""
        title = f"{quoted(self.title)}!2:2"
        answer = self._google.spreadsheet("sheets(data(rowData(values(dataValidation))))", title)
        blocks = answer.get("sheets", [{}])[0].get("data") or [{}]
        cells = (blocks[0].get("rowData") or [{}])[0].get("values", [])
        return {column: offered(cell) for column, cell in enumerate(cells) if cell.get("dataValidation")}

    def set_dropdowns(self, tab: Tab, offers: Mapping[int, Sequence[str]]) -> None:
        """Offers these values in every cell of these columns under the header. Others may still be typed."""
        self._unless_dry([f"would offer {', '.join(values)} in {tab.header[at]}" for at, values in offers.items()])
        self._google.batch_update({"requests": [offer(tab, at, values) for at, values in offers.items()]})

    def _unless_dry(self, sentences: Sequence[str]) -> None:
        if self.writes != "on" and sentences:
            more = [f"and {len(sentences) - 5} more"] if len(sentences) > 5 else []
            raise DryRun("; ".join([*sentences[:5], *more]))

    def _would_set(self, tab: Tab, update: Update) -> str:
        name = (
            as_text(tab.cell(update.row, "Account"))
            or as_text(tab.cell(update.row, self.key))
            or f"row {update.row + 2}"
        )
        return f"would set {update.header} of {name} to {said(update.value)}"

    def doctor(self, required: Sequence[str] = ()) -> list[Finding]:
        """Looks at what the bot needs of the sheet; writes nothing, so it cannot tell a reader from an editor."""
        self._gid = None
        try:
            tab = self.read()
            sheets = self._google.spreadsheet("sheets(properties(sheetId),protectedRanges)").get("sheets", [])
        except (Permanent, Retryable) as error:
            return [
                Finding(
                    False,
                    str(error),
                    f"Share the spreadsheet with {self._google.email} as an editor; check its id and tab.",
                )
            ]
        findings = [Finding(True, f"“{self.title}” is there, with {len(tab.rows)} rows.")]
        if missing := tab.missing([self.key, *required]):
            mend = "In an empty tab they are added by themselves; in a filled one, add them to the header row."
            findings.append(Finding(False, f"Columns that are not there: {', '.join(missing)}.", mend))
        names = [plain(name) for name in tab.header if name]
        if twice := sorted({name for name in tab.header if name and names.count(plain(name)) > 1}):
            findings.append(
                Finding(False, f"Columns that are there twice: {', '.join(twice)}.", "Rename one; the first counts.")
            )
        for sheet in sheets:
            for item in sheet.get("protectedRanges", []):
                mine = int(sheet["properties"].get("sheetId", 0)) == tab.sheet_gid
                if mine and not item.get("requestingUserCanEdit"):
                    name = item.get("description") or "A part of the tab"
                    findings.append(
                        Finding(False, f"{name} is protected.", f"Add {self._google.email} to its editors.")
                    )
        return findings


def _would_add(insert: Insert) -> str:
    texts = [said(value) for value in insert.values.values() if isinstance(value, str | Link) and value]
    return f"would add a row for {', '.join(texts[:2])}"


def _as_long_as(header: Sequence[str], cells: Sequence[Cell]) -> list[Cell]:
    """A row without the cells right of the header, with None for what is empty."""
    found = [None if cell == "" else cell for cell in cells[: len(header)]]
    return found + [None] * (len(header) - len(found))


def _at(texts: Sequence[str], index: int) -> str:
    return texts[index] if index < len(texts) else ""
