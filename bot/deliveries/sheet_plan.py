"""Which cells of the tab may be written, and which say something that we do not. Changes nothing: it only plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.deliveries import sheet_cells
from bot.deliveries.sheet_find import Cells, Rows, Whose
from bot.integrations import sheets_rows
from bot.integrations.sheets import Insert, Tab, Update, as_date
from bot.messages import sheet_rows as messages
from bot.messages.sheet_rows import ACCOUNT_ID, KEY, LISTS, RED_SINCE, SHARED, Cell
from bot.models import RedAccount
from bot.policy import Policy
from bot.workflows.sheet_columns import Edit
from bot.workflows.sheet_merge import Item, Lines, Owner, Verdict, judge, merge_lines

ADDED_AGAIN = 100_000_000  # between the metadata ids of a red account's first row and of its next


@dataclass(frozen=True)
class Wanted:
    """What one red account's row should hold, and what Touchpoint wrote there."""

    red: RedAccount
    cells: dict[str, Cell]
    synced: Cells = field(default_factory=dict)  # empty: it has no row yet, as far as we know
    writing: Cells = field(default_factory=dict)  # what else Touchpoint may have written, or may write over
    left: Cells = field(default_factory=dict)  # cells of theirs that could not be read; of a list, lines
    items: Mapping[str, list[Item]] = field(default_factory=dict)  # of the columns that are lists
    seen: int = 0  # the newest entry of its history
    times_added: int = 0
    asked: frozenset[str] = frozenset()  # columns with a conflict that waits for an answer

    @property
    def whose(self) -> Whose:
        return Whose.of(self.red, self.synced)


@dataclass(frozen=True)
class Row:
    """The cells of one red account's row that are ours: as they were read, and as they will be. Others are people's."""

    before: Cells
    after: Cells
    left: Cells = field(default_factory=dict)
    red_since: date | None = None  # as people wrote it into a row of before Touchpoint
    asked: frozenset[str] = frozenset()  # columns with a conflict that waited for an answer


class Plan:
    """What one atomic call writes for all of a claim's red accounts."""

    def __init__(self, policy: Policy, tab: Tab, links: Callable[[], Mapping[tuple[int, int], str]]) -> None:
        self.tab = tab
        self.inserts: list[Insert] = []
        self.updates: list[Update] = []
        self.rows: dict[int, Row] = {}
        self.deleted: list[int] = []  # red accounts whose row somebody deleted
        self.mixed_up: list[RedAccount] = []  # whose key stands in the row of another account
        self.found = Rows(policy, tab, links)
        self._names = {column: messages.header(policy, column) for column in self.found.columns}

    def edits(self, one: Wanted, row: int) -> list[Edit]:
        """What people typed into the row and what has to be brought to us, asked about, or put back."""
        found = []
        for column, at in self.found.columns.items():
            verdict = self._judge(one, column, row)
            if verdict in (Verdict.TAKE, Verdict.CONFLICT, Verdict.PUT_BACK):
                there = self._cell(row, at)
                theirs, ours = sheet_cells.said(column, there), sheet_cells.ours(column, one.cells[column])
                lines = None
                if column in LISTS:
                    typed = sheet_cells.lines(there)
                    theirs, lines = "\n".join(typed), _lines(one, column, typed)
                found.append(Edit(column, self._names[column], verdict, theirs, there, ours, lines))
        return found

    def is_adoption(self, one: Wanted, row: int) -> bool:
        """Whether people made this row, and Touchpoint has not written to it yet."""
        return not one.synced and not self.found.key(row)

    def add(self, one: Wanted, row: int | None) -> None:
        if row is not None:
            self._update(one, row)
        elif self.found.has_key(one.whose):
            self.mixed_up.append(one.red)
        elif one.synced:
            self.deleted.append(one.red.id)
        else:
            self._insert(one)

    def _insert(self, one: Wanted) -> None:
        values = {column: sheet_cells.value(cell) for column, cell in one.cells.items() if column in self.found.columns}
        named = {self._names[column]: value for column, value in values.items()}
        number = one.red.id + one.times_added * ADDED_AGAIN
        self.inserts.append(Insert(values=named, metadata_id=number))
        self.rows[one.red.id] = Row({}, {column: sheets_rows.raw(value) for column, value in values.items()})

    def _update(self, one: Wanted, row: int) -> None:
        before, after = dict(one.synced), dict(one.synced)
        left = {
            column: cell for column, cell in one.left.items() if column in LISTS or column not in self.found.columns
        }
        for column, at in self.found.columns.items():
            there, verdict = self._cell(row, at), self._judge(one, column, row)
            if verdict == Verdict.SAME:
                before[column] = after[column] = there
            elif verdict == Verdict.WRITE:
                value = sheet_cells.value(one.cells[column])
                before[column], after[column] = there, sheets_rows.raw(value)
                self.updates.append(Update(row=row, column=at, value=value, header=self._names[column]))
            elif verdict == Verdict.LEAVE and (column in one.left or (column in one.synced and column in one.cells)):
                left[column] = there
        if self.is_adoption(one, row):
            before = {}  # as long as `synced` is empty, it may still be looked for by name
        red_since = None if one.synced else self._red_since(row)
        self.rows[one.red.id] = Row(before, after, left, red_since, one.asked)

    def _judge(self, one: Wanted, column: str, row: int) -> Verdict:
        if column not in one.cells:
            return Verdict.LEAVE  # people's own
        there = self._cell(row, self.found.columns[column])
        said, ours = sheet_cells.said(column, there), sheet_cells.ours(column, one.cells[column])
        base = sheet_cells.said(column, one.synced[column]) if column in one.synced else None
        wrote = {sheet_cells.said(column, one.writing[column])} if column in one.writing else set()
        if column in (KEY, ACCOUNT_ID) and base is None:
            base = ""  # no row is without them
        verdict = judge(_owner(column), said, ours, base, wrote)
        is_left = column in one.left and column not in LISTS and said == sheet_cells.said(column, one.left[column])
        return Verdict.LEAVE if is_left and verdict == Verdict.TAKE else verdict

    def _cell(self, row: int, at: int) -> sheets_rows.Cell:
        return sheet_cells.read(self.tab.rows[row][at])

    def _red_since(self, row: int) -> date | None:
        at = self.found.columns.get(RED_SINCE)
        return None if at is None else as_date(self.tab.rows[row][at])


def _owner(column: str) -> Owner:
    if column not in SHARED:
        return Owner.BOT
    return Owner.LISTED if column in LISTS else Owner.BOTH


def _lines(one: Wanted, column: str, typed: list[str]) -> Lines:
    base, left = (sheet_cells.lines(cells.get(column)) for cells in (one.synced, one.left))
    return merge_lines(base, typed, one.items[column], left)
