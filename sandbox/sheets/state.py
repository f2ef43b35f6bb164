"""The stand-in's spreadsheets, who may see them, and how many requests a minute Google allows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.sheets import auth
from sandbox.sheets.cells import Value
from sandbox.sheets.errors import no_such_spreadsheet, not_shared, too_many
from sandbox.sheets.grid import Spreadsheet, Stamp, Tab
from sandbox.sheets.values import typed

if TYPE_CHECKING:
    from sandbox.world import World

PER_MINUTE = 60  # for each user, reads and writes apart: https://developers.google.com/sheets/api/limits
BOT = "Touchpoint"


class Sheets:
    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens = auth.Tokens()
        self.reset()

    def reset(self) -> None:
        """Forget every spreadsheet and what was used of the quotas. Tokens stay good."""
        self.spreadsheets: dict[str, Spreadsheet] = {}
        self._used: dict[tuple[str, str, int], int] = {}
        self.last_call_at: str | None = None

    @staticmethod
    def service_account_info(base_url: str) -> dict[str, Any]:
        return auth.service_account_info(base_url)

    def add_spreadsheet(
        self,
        id: str,
        title: str,
        tz: str = "America/New_York",
        tabs: dict[str, Sequence[Sequence[Value]]] | None = None,
    ) -> Spreadsheet:
        """A spreadsheet shared with the service account. Texts in `tabs` count as typed in ("2026-03-12" is a date)."""
        spreadsheet = Spreadsheet(id, title, tz, shared_with={auth.EMAIL: "writer"})
        numbers = random.Random(id)  # the same tab ids in every run
        for name, rows in (tabs or {"Sheet1": []}).items():
            tab = Tab(numbers.randrange(1, 2**31) if spreadsheet.tabs else 0, name)
            width = max((len(row) for row in rows), default=0)
            tab.row_count, tab.column_count = max(1000, len(rows)), max(26, width)
            spreadsheet.tabs.append(tab)
            for row, line in enumerate(rows):
                for column, value in enumerate(line):
                    self._fill(tab, row, column, value)
        self.spreadsheets[id] = spreadsheet
        self.world.changed("sheets")
        return spreadsheet

    def _fill(self, tab: Tab, row: int, column: int, value: Value) -> None:
        stamp = self.stamp("")
        cell = tab.cell(row, column)
        filled = typed(cell, value, stamp.at.date()) if isinstance(value, str) else replace(cell, value=value)
        tab.put(row, column, filled, stamp)
        tab.rows[row][column] = replace(tab.rows[row][column], changed_at=None)  # it was always there

    def stamp(self, by: str, email: str = "") -> Stamp:
        return Stamp(by, email or by, self.world.clock.now())

    def spreadsheet(self, id: str | None = None) -> Spreadsheet:
        """By id, or the first one: in the sandbox there is only one."""
        if id is None and self.spreadsheets:
            return next(iter(self.spreadsheets.values()))
        if id not in self.spreadsheets:
            raise no_such_spreadsheet()
        return self.spreadsheets[id]

    def for_user(self, id: str, email: str, *, writes: bool) -> Spreadsheet:
        spreadsheet = self.spreadsheet(id)
        role = spreadsheet.shared_with.get(email)
        if role is None or (writes and role != "writer"):
            raise not_shared(email)
        return spreadsheet

    def share(self, id: str, role: str | None, email: str = auth.EMAIL) -> None:
        """As its owner shares it: "writer", "reader", or None for no longer."""
        shared = self.spreadsheet(id).shared_with
        shared.pop(email, None)
        if role is not None:
            shared[email] = role

    def count(self, email: str, kind: str) -> None:
        """One more read or write request in this minute; refused when there were too many."""
        minute = int(self.world.clock.seconds() // 60)
        self._used = {key: used for key, used in self._used.items() if key[2] == minute}
        key = (email, kind, minute)
        self._used[key] = self._used.get(key, 0) + 1
        if self._used[key] > PER_MINUTE:
            raise too_many(kind, PER_MINUTE)
