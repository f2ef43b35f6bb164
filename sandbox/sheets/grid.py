"""A spreadsheet and its tabs: cells that move together with what is pinned to their rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sandbox.sheets.a1 import Box
from sandbox.sheets.cells import Cell
from sandbox.sheets.errors import PROTECTED, invalid

EMPTY = Cell()
OWNER = "owner"  # stands for the people of the company: no cell is protected from them
CELL_LIMIT = 10_000_000  # https://support.google.com/drive/answer/37603


@dataclass(frozen=True)
class Stamp:
    """Who changes cells, and when. `email` is who Google takes them for."""

    by: str
    email: str
    at: datetime


@dataclass(frozen=True)
class Protected:
    """Cells that only `editors` (and the owner of the spreadsheet) may change; with `warning_only` everybody may."""

    id: int
    sheet_id: int
    box: Box
    editors: frozenset[str] = frozenset()
    warning_only: bool = False
    description: str = ""

    def allows(self, email: str) -> bool:
        return self.warning_only or email == OWNER or email in self.editors


@dataclass(frozen=True)
class Metadata:
    """Developer metadata, pinned to the spreadsheet, a tab, a row or a column."""

    id: int
    key: str
    value: str = ""
    visibility: str = "DOCUMENT"
    sheet_id: int | None = None
    dimension: str = ""  # ROWS or COLUMNS, with `index`
    index: int = 0


@dataclass
class Tab:
    id: int
    title: str
    row_count: int = 1000
    column_count: int = 26
    rows: list[list[Cell]] = field(default_factory=list)  # as far as something was ever written
    frozen_rows: int = 0
    frozen_columns: int = 0
    hidden: bool = False
    widths: dict[int, int] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> Cell:
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return EMPTY

    def put(self, row: int, column: int, cell: Cell, stamp: Stamp) -> None:
        """Writes one cell; it counts as changed only when what it holds or points to is different."""
        before = self.cell(row, column)
        if (before.value, before.is_formula, before.hyperlink) != (cell.value, cell.is_formula, cell.hyperlink):
            cell = replace(cell, changed_at=stamp.at, by=stamp.by)
        while len(self.rows) <= row:
            self.rows.append([])
        line = self.rows[row]
        line.extend([EMPTY] * (column + 1 - len(line)))
        line[column] = cell

    def cells_in(self, box: Box) -> Iterator[tuple[int, int, Cell]]:
        closed = box.within(self.row_count, self.column_count)
        for row in range(closed.top, closed.top + max(closed.height, 0)):
            for column in range(closed.left, closed.left + max(closed.width, 0)):
                yield row, column, self.cell(row, column)

    def size(self, dimension: str) -> int:
        return self.row_count if dimension == "ROWS" else self.column_count

    def grow(self, dimension: str, by: int) -> None:
        if dimension == "ROWS":
            self.row_count += by
        else:
            self.column_count += by

    def insert(self, dimension: str, start: int, count: int, like: int | None) -> None:
        """Opens `count` empty rows or columns at `start`, formatted like the row or column `like`."""
        if dimension == "ROWS":
            pattern = self.rows[like] if like is not None and like < len(self.rows) else []
            if start < len(self.rows) or pattern:
                self.rows.extend([] for _ in range(start - len(self.rows)))
                self.rows[start:start] = [[_bare(cell) for cell in pattern] for _ in range(count)]
        else:
            for line in self.rows:
                if start < len(line) or (like is not None and like < len(line)):
                    line.extend([EMPTY] * (start - len(line)))
                    shape = _bare(line[like]) if like is not None and like < len(line) else EMPTY
                    line[start:start] = [shape] * count
        self.grow(dimension, count)

    def delete(self, dimension: str, start: int, end: int) -> None:
        if dimension == "ROWS":
            del self.rows[start:end]
        else:
            for line in self.rows:
                del line[start:end]
        self.grow(dimension, start - end)

    def sort(self, box: Box, specs: list[tuple[int, bool]]) -> None:
        """Orders the rows of the box by what their cells hold; validation rules and everything pinned stay in place."""
        closed = box.within(self.row_count, self.column_count)
        assert closed.right is not None
        bottom = min(closed.top + closed.height, len(self.rows))
        lines = [
            [self.cell(row, column) for column in range(closed.left, closed.right)] for row in range(closed.top, bottom)
        ]
        for column, descending in reversed(specs):
            at = column - closed.left
            filled = [line for line in lines if not line[at].is_empty]
            filled.sort(key=lambda line: _sort_key(line[at]), reverse=descending)
            lines = filled + [line for line in lines if line[at].is_empty]  # empty cells go last either way
        for row, line in enumerate(lines, closed.top):
            for column, cell in enumerate(line, closed.left):
                while len(self.rows[row]) <= column:
                    self.rows[row].append(EMPTY)
                self.rows[row][column] = replace(cell, validation=self.rows[row][column].validation)


def _bare(cell: Cell) -> Cell:
    return Cell(format=cell.format, validation=cell.validation)


def _sort_key(cell: Cell) -> tuple[int, Any]:
    value = cell.effective
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 0, value
    return 1, str(value).casefold()


@dataclass
class Spreadsheet:
    id: str
    title: str
    time_zone: str
    tabs: list[Tab] = field(default_factory=list)
    metadata: list[Metadata] = field(default_factory=list)
    protected: list[Protected] = field(default_factory=list)
    shared_with: dict[str, str] = field(default_factory=dict)  # e-mail address → writer or reader

    def draft(self) -> Spreadsheet:
        """A copy to try a batch on: if any request of it is refused, nothing has happened."""
        tabs = [replace(tab, rows=[list(line) for line in tab.rows], widths=dict(tab.widths)) for tab in self.tabs]
        return replace(self, tabs=tabs, metadata=list(self.metadata), protected=list(self.protected))

    def take_over(self, draft: Spreadsheet) -> None:
        self.title, self.tabs, self.metadata, self.protected = draft.title, draft.tabs, draft.metadata, draft.protected

    def tab(self, title: str) -> Tab:
        return next(tab for tab in self.tabs if tab.title == title)

    def tab_by_id(self, sheet_id: int) -> Tab:
        for tab in self.tabs:
            if tab.id == sheet_id:
                return tab
        raise invalid(f"No grid with id: {sheet_id}")

    def check_size(self) -> None:
        if sum(tab.row_count * tab.column_count for tab in self.tabs) > CELL_LIMIT:
            raise invalid(
                f"This action would increase the number of cells in the workbook above the limit of {CELL_LIMIT} cells."
            )

    def may_edit(self, tab: Tab, box: Box, stamp: Stamp) -> None:
        for protected in self.protected:
            if protected.sheet_id == tab.id and protected.box.meets(box) and not protected.allows(stamp.email):
                raise invalid(
                    PROTECTED, f"{protected.description or 'A protected range'} may not be edited by {stamp.by}."
                )

    def insert(self, tab: Tab, dimension: str, start: int, count: int, like: int | None) -> None:
        tab.insert(dimension, start, count, like)
        self._move_pins(tab, dimension, lambda index: index + count if index >= start else index)
        self.check_size()

    def delete(self, tab: Tab, dimension: str, start: int, end: int) -> None:
        def moved(index: int) -> int | None:
            return index if index < start else None if index < end else index - (end - start)

        tab.delete(dimension, start, end)
        self._move_pins(tab, dimension, moved)

    def move(self, tab: Tab, dimension: str, start: int, end: int, to: int) -> None:
        """Moves rows or columns before the one that is now at `to`; what is pinned to them goes along."""
        order = [index for index in range(tab.size(dimension)) if not start <= index < end]
        at = order.index(to) if to in order else len(order)
        order[at:at] = range(start, end)
        if dimension == "ROWS":
            tab.rows = [tab.rows[index] if index < len(tab.rows) else [] for index in order]
        else:
            tab.rows = [[line[index] if index < len(line) else EMPTY for index in order] for line in tab.rows]
        where = {index: position for position, index in enumerate(order)}
        self._move_pins(tab, dimension, lambda index: where.get(index, index))

    def _move_pins(self, tab: Tab, dimension: str, moved: Callable[[int], int | None]) -> None:
        kept = []
        for pin in self.metadata:
            if pin.sheet_id == tab.id and pin.dimension == dimension:
                index = moved(pin.index)
                if index is None:  # its row or column is gone, and it with it
                    continue
                pin = replace(pin, index=index)
            kept.append(pin)
        self.metadata = kept
        self.protected = [
            p if p.sheet_id != tab.id else replace(p, box=_moved_box(p.box, dimension, moved)) for p in self.protected
        ]


def _moved_box(box: Box, dimension: str, moved: Callable[[int], int | None]) -> Box:
    first, last = (box.top, box.bottom) if dimension == "ROWS" else (box.left, box.right)
    if last is None:
        return box
    inside = [index for index in map(moved, range(first, last)) if index is not None]
    first, last = (min(inside), max(inside) + 1) if inside else (first, first)
    return replace(box, top=first, bottom=last) if dimension == "ROWS" else replace(box, left=first, right=last)
