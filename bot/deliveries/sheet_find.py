"""Which row of the tab is whose, wherever people sorted them to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from bot.errors import Permanent
from bot.integrations.salesforce import full_id
from bot.integrations.sheets import Cell, Tab, as_text
from bot.messages import sheet_rows as messages
from bot.messages.sheet_rows import ACCOUNT, ACCOUNT_ID, KEY, RESOLVED_ON, STATUS
from bot.models import RedAccount, Status
from bot.policy import Policy
from bot.policy_parts import COLUMNS

Cells = dict[str, Cell]  # column → what stands there, as the sheet gives it
A_KEY = re.compile(r"RA-\d+")


@dataclass(frozen=True)
class Whose:
    """A red account, as far as it takes to find its row."""

    label: str
    salesforce_id: str
    name: str
    is_open: bool
    synced: Cells  # empty: it has no row yet, as far as we know

    @property
    def is_known(self) -> bool:
        return bool(self.synced)

    @classmethod
    def of(cls, red: RedAccount, synced: Cells) -> Whose:
        return cls(red.label, red.account.salesforce_id, red.account.name, red.status == Status.OPEN, synced)


class Rows:
    """Finds the row of a red account on a tab. Each row is given away once."""

    def __init__(self, policy: Policy, tab: Tab, links: Callable[[], Mapping[tuple[int, int], str]]) -> None:
        self._tab, self._links, self._taken = tab, links, set[int]()
        names = {column: messages.header(policy, column) for column in COLUMNS}
        #: our name → where that column is; without what the tab does not have
        self.columns = {column: at for column, name in names.items() if (at := tab.column(name)) is not None}
        keys, ids, accounts, status = (self._texts(column) for column in (KEY, ACCOUNT_ID, ACCOUNT, STATUS))
        resolved = self._texts(RESOLVED_ON)
        self._keys, self._ids, self._names = keys, ids, accounts
        self._by_key, self._by_id = _index(keys), _index(_known_id(text) for text in ids)
        #: Rows that people made, that have no key yet and are not over.
        self._nobodys = {
            row for row, key in enumerate(keys) if not (key or resolved[row] or status[row].casefold() == Status.CLOSED)
        }
        self.twice: list[str] = []  # labels of red accounts whose row somebody copied

    @property
    def has_keys(self) -> bool:
        return KEY in self.columns or ACCOUNT_ID in self.columns

    def take(self, one: Whose) -> int | None:
        """The red account's own row; or, for one that has none yet, the row that people made for it."""
        row = self._own(one)
        if row is None and not one.is_known and one.is_open and not self.has_key(one):
            row = self._of_before(one)
        if row is not None:
            self._taken.add(row)
        return row

    def has_key(self, one: Whose) -> bool:
        return one.label in self._by_key

    def key(self, row: int) -> str:
        return self._keys[row]

    def _own(self, one: Whose) -> int | None:
        """The row with its key and its account id. It may lack one of them, but not have another account's.

        Whoever sorts only some of the columns puts keys into the rows of other accounts.
        """
        with_key = [row for row in self._by_key.get(one.label, []) if row not in self._taken]
        with_id = [row for row in self._by_id.get(one.salesforce_id, []) if row not in self._taken]
        found = [row for row in with_id if row in with_key]
        if len(found) > 1:
            self.twice.append(one.label)
            return max(found, key=lambda row: self._likeness(row, one.synced))  # the first of those most like it
        if one.is_known or one.is_open:
            found += [row for row in with_id if row in self._nobodys]
        if not with_id:  # otherwise a row with the key and no id may be anybody's
            was = str(one.synced.get(ACCOUNT_ID) or "")  # its account may have been merged into another one
            found += [row for row in with_key if self._ids[row] in ("", was)]
        if one.is_known and not with_key:  # somebody typed over its key
            found += [row for row in with_id if self._keys[row] and not A_KEY.fullmatch(self._keys[row])]
        return found[0] if found else None

    def _likeness(self, row: int, synced: Cells) -> int:
        """Whoever copies a row and goes on with the copy leaves the one that we wrote as it was."""
        return sum(
            column in self.columns and self._tab.rows[row][self.columns[column]] == cell
            for column, cell in synced.items()
        )

    def _of_before(self, one: Whose) -> int | None:
        """The row that people made for this account, without a key or an id: by its link, or by its exact name."""
        free = [row for row in sorted(self._nobodys - self._taken) if not self._ids[row]]
        linked = (row for row in free if one.salesforce_id[:15] in self._urls.get(row, ""))
        name = one.name.casefold().strip()
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

    def _texts(self, column: str) -> list[str]:
        at = self.columns.get(column)
        return ["" if at is None else as_text(row[at]) for row in self._tab.rows]


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
