"""Which row of the tab is whose, and which of its cells may be written. Changes nothing: it only makes the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain

from bot.errors import Permanent
from bot.integrations import sheets_rows
from bot.integrations.salesforce import full_id
from bot.integrations.sheets import Insert, Link, Tab, Update, Value, as_date, as_text
from bot.messages import sheet_rows as messages
from bot.messages.sheet_rows import ACCOUNT, ACCOUNT_ID, KEY, RED_SINCE, RESOLVED_ON, SHARED, STATUS, Cell, Linked
from bot.models import RedAccount, Status
from bot.policy import Policy

Cells = dict[str, sheets_rows.Cell]  # column → what stands there, as the sheet gives it


@dataclass(frozen=True)
class Wanted:
    """What one red account's row should hold, and what Touchpoint wrote there."""

    red: RedAccount
    cells: dict[str, Cell]
    synced: Cells = field(default_factory=dict)  # empty: it has no row yet, as far as we know
    writing: Cells = field(default_factory=dict)  # what an attempt whose answer was lost may have written


@dataclass(frozen=True)
class Row:
    """The cells of one red account's row that are ours: as they were read, and as they will be. Others are people's."""

    before: Cells
    after: Cells
    red_since: date | None = None  # as people wrote it into a row of before Touchpoint


class Rows:
    """Finds the row of a red account on a tab. Each row is given away once."""

    def __init__(self, policy: Policy, tab: Tab, links: Callable[[], Mapping[tuple[int, int], str]]) -> None:
        self._tab, self._links, self._taken = tab, links, set[int]()
        keys, ids, names, status = (self._texts(policy, column) for column in (KEY, ACCOUNT_ID, ACCOUNT, STATUS))
        resolved = self._texts(policy, RESOLVED_ON)
        self._keys, self._ids, self._names = keys, ids, names
        self._by_key, self._by_id = _index(keys), _index(_known_id(text) for text in ids)
        #: Rows that people made, that have no key yet and are not over.
        self._nobodys = {
            row for row, key in enumerate(keys) if not (key or resolved[row] or status[row].casefold() == Status.CLOSED)
        }

    def take(self, red: RedAccount, *, is_known: bool) -> int | None:
        """The red account's own row; or, for one that has none yet, the row that people made for it."""
        row = self._own(red, is_known=is_known)
        if row is None and not is_known and red.status == Status.OPEN and not self.has_key(red):
            row = self._of_before(red)
        if row is not None:
            self._taken.add(row)
        return row

    def has_key(self, red: RedAccount) -> bool:
        return red.label in self._by_key

    def key(self, row: int) -> str:
        return self._keys[row]

    def _own(self, red: RedAccount, *, is_known: bool) -> int | None:
        """The row with its key and its account id. It may lack one of them, but not have another account's.

        Whoever sorts only some of the columns puts keys into the rows of other accounts.
        """
        with_key = [row for row in self._by_key.get(red.label, []) if row not in self._taken]
        with_id = [row for row in self._by_id.get(red.account.salesforce_id, []) if row not in self._taken]
        found = [row for row in with_id if row in with_key]
        if is_known or red.status == Status.OPEN:
            found += [row for row in with_id if row in self._nobodys]
        if not with_id:  # otherwise a row with the key and no id may be anybody's
            found += [row for row in with_key if not self._ids[row]]
        return found[0] if found else None

    def _of_before(self, red: RedAccount) -> int | None:
        """The row that people made for this account, without a key or an id: by its link, or by its exact name."""
        free = [row for row in sorted(self._nobodys - self._taken) if not self._ids[row]]
        linked = (row for row in free if red.account.salesforce_id[:15] in self._urls.get(row, ""))
        name = red.account.name.casefold().strip()
        named = (row for row in free if self._names[row].casefold() == name)
        return next(chain(linked, named), None)

    @cached_property
    def _urls(self) -> dict[int, str]:
        """Row → all addresses in it, those that people typed and those behind other words."""
        found: dict[int, str] = {}
        for row in self._nobodys:
            found[row] = " ".join(str(cell) for cell in self._tab.rows[row] if "://" in as_text(cell))
        for (row, _column), url in self._links().items() if self._nobodys else ():
            found[row] = f"{found.get(row, '')} {url}"
        return found

    def _texts(self, policy: Policy, column: str) -> list[str]:
        at = self._tab.column(messages.header(policy, column))
        return ["" if at is None else as_text(row[at]) for row in self._tab.rows]


class Plan:
    """What one atomic call writes for all of a claim's red accounts."""

    def __init__(self, policy: Policy, tab: Tab, links: Callable[[], Mapping[tuple[int, int], str]]) -> None:
        self.tab = tab
        self.inserts: list[Insert] = []
        self.updates: list[Update] = []
        self.rows: dict[int, Row] = {}
        self.deleted: list[int] = []  # red accounts whose row somebody deleted
        self.mixed_up: list[RedAccount] = []  # whose key stands in the row of another account
        self._find = Rows(policy, tab, links)
        names = {column: messages.header(policy, column) for column in messages.HEADERS}
        #: our name → the column's own, and where it is; without what the tab does not have
        self._columns = {column: (name, at) for column, name in names.items() if (at := tab.column(name)) is not None}

    def add(self, one: Wanted) -> None:
        row = self._find.take(one.red, is_known=bool(one.synced))
        if row is not None:
            self._update(one, row)
        elif self._find.has_key(one.red):
            self.mixed_up.append(one.red)
        elif one.synced:
            self.deleted.append(one.red.id)
        else:
            self._insert(one)

    def _insert(self, one: Wanted) -> None:
        values = {column: _value(cell) for column, cell in one.cells.items() if column in self._columns}
        named = {self._columns[column][0]: value for column, value in values.items()}
        self.inserts.append(Insert(values=named, metadata_id=one.red.id))
        self.rows[one.red.id] = Row({}, {column: sheets_rows.raw(value) for column, value in values.items()})

    def _update(self, one: Wanted, row: int) -> None:
        before, after = dict(one.synced), dict(one.synced)
        for column, cell in one.cells.items():
            if column not in self._columns:
                continue
            name, at = self._columns[column]
            there, value = self.tab.rows[row][at], _value(cell)
            if _says(column, there, cell):
                before[column] = after[column] = there
            elif _is_ours(one, column, there, sheets_rows.raw(value)):
                before[column], after[column] = there, sheets_rows.raw(value)
                self.updates.append(Update(row=row, column=at, value=value, header=name))
        if not one.synced and not self._find.key(row):
            before = {}  # it is about to be adopted: as long as `synced` is empty, it may still be looked for by name
        self.rows[one.red.id] = Row(before, after, None if one.synced else self._red_since(row))

    def _red_since(self, row: int) -> date | None:
        _name, at = self._columns.get(RED_SINCE, ("", None))
        return None if at is None else as_date(self.tab.rows[row][at])


def _index(texts: Iterable[str]) -> dict[str, list[int]]:
    """Text → the rows that have it."""
    found: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        found.setdefault(text, []).append(row)
    return found


def _known_id(text: str) -> str:
    try:
        return full_id(text)
    except Permanent:
        return ""


def _is_ours(one: Wanted, column: str, there: sheets_rows.Cell, wanted: sheets_rows.Cell) -> bool:
    """Whether a cell may be written: it is empty, holds what Touchpoint put there, or is in a column of its own.

    In a row that people made, a cell that they had filled is theirs in every column: it is not in `synced`.
    """
    if there is None or column in (KEY, ACCOUNT_ID):
        return True
    if column in one.synced and column not in SHARED and wanted is not None:
        return True
    return any(column in wrote and as_text(wrote[column]) == as_text(there) for wrote in (one.synced, one.writing))


def _says(column: str, there: sheets_rows.Cell, cell: Cell) -> bool:
    """Whether a cell says what it should, also where people typed it in their own way."""
    if isinstance(cell, date):
        return as_date(there) == cell
    if column == STATUS:
        return as_text(there).casefold() == str(cell).casefold()
    return there == sheets_rows.raw(_value(cell))


def _value(cell: Cell) -> Value:
    return Link(cell.text, cell.url) if isinstance(cell, Linked) else cell
