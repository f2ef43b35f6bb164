"""sheets.red_account: each red account has its row on the Account Tracker tab, and only one.

Rows are found by the Key column, wherever people sorted them to. A row that people made before Touchpoint came is
adopted: by account id, by its Salesforce link, or by the account's exact name. What people wrote is never overwritten.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bot.deliveries.drawing import red_view
from bot.deliveries.links import permalink
from bot.errors import Permanent
from bot.integrations.salesforce import full_id
from bot.integrations.sheets import Insert, Link, Tab, Update, Value, as_text
from bot.messages import sheet_rows as messages
from bot.messages.sheet_rows import ACCOUNT, ACCOUNT_ID, KEY, REQUIRED, SHARED, STATUS, Cell, Linked
from bot.models import RedAccount, SheetRow, Status
from bot.outbox import Claim, Outcomes
from bot.policy import Policy
from bot.services import Services

log = logging.getLogger(__name__)


@dataclass
class Wanted:
    """What one red account's row should hold, and what Touchpoint last wrote there."""

    red: RedAccount
    cells: dict[str, Cell]
    synced: dict[str, Any] | None  # None: it has no row yet, as far as we know


def deliver(services: Services, claim: Claim) -> Outcomes:
    wanted = [_wanted(services, subject_id) for subject_id in claim.subject_ids]
    tab = services.sheets.read()
    tab = services.sheets.ensure_columns(tab, _columns_to_have(tab, services.policy))
    plan = Plan(services, tab)
    for one in wanted:
        plan.add(one)
    services.sheets.write(tab, plan.inserts, plan.updates)
    _record(services, plan)
    return Outcomes()


class Plan:
    """One atomic call for all of a claim's rows."""

    def __init__(self, services: Services, tab: Tab) -> None:
        self.services, self.tab, self.policy = services, tab, services.policy
        self.inserts: list[Insert] = []
        self.updates: list[Update] = []
        self.synced: dict[int, dict[str, Any]] = {}
        self.missing: list[int] = []
        self.adopted: set[int] = set()
        self._links: dict[tuple[int, int], str] | None = None

    def add(self, one: Wanted) -> None:
        row = self.tab.find(self.header(KEY), one.red.label)
        adopted = False
        if row is None and one.synced is not None:
            # Somebody deleted it. It is theirs to delete; the red account itself goes on.
            self.missing.append(one.red.id)
            return
        if row is None:
            row, adopted = self.row_of_before(one), True
        if row is None:
            self._insert(one)
        else:
            self._update(one, row, adopted)

    def header(self, column: str) -> str:
        return messages.header(self.policy, column)

    def row_of_before(self, one: Wanted) -> int | None:
        """The row that people made for this account before it had a key, if there is one that is not closed."""
        if one.red.status != Status.OPEN:
            return None
        account = one.red.account
        name = account.name.casefold().strip()
        free = [row for row in range(len(self.tab.rows)) if row not in self.adopted and self._is_free(row)]
        ways: tuple[Callable[[int], bool], ...] = (
            lambda row: _same_id(as_text(self.tab.cell(row, self.header(ACCOUNT_ID))), account.salesforce_id),
            lambda row: any(account.salesforce_id[:15] in url for url in self._urls(row)),
            lambda row: as_text(self.tab.cell(row, self.header(ACCOUNT))).casefold() == name,
        )
        for matches in ways:
            found = next((row for row in free if matches(row)), None)
            if found is not None:
                self.adopted.add(found)
                return found
        return None

    def _is_free(self, row: int) -> bool:
        has_key = as_text(self.tab.cell(row, self.header(KEY)))
        is_over = self.tab.cell(row, self.header("resolved_on")) is not None
        return not has_key and not is_over and as_text(self.tab.cell(row, self.header(STATUS))).casefold() != "closed"

    def _urls(self, row: int) -> list[str]:
        if self._links is None:
            self._links = self.services.sheets.links()
        typed = [as_text(cell) for cell in self.tab.rows[row] if isinstance(cell, str) and "://" in cell]
        return typed + [url for (at, _column), url in self._links.items() if at == row]

    def _insert(self, one: Wanted) -> None:
        values = {self.header(column): _value(cell) for column, cell in one.cells.items()}
        self.inserts.append(Insert(values=values, metadata_id=messages.subject(one.red)))
        self.synced[one.red.id] = {column: _plain(cell) for column, cell in one.cells.items()}

    def _update(self, one: Wanted, row: int, adopted: bool) -> None:
        synced = dict(one.synced or {})
        for column, cell in one.cells.items():
            name = self.header(column)
            at = self.tab.column(name)
            if at is None:
                continue
            there, value = self.tab.rows[row][at], _value(cell)
            if column in SHARED and not self._is_ours(there, synced.get(column), cell):
                continue
            if _differs(there, value):
                self.updates.append(Update(row=row, column=at, value=value, header=name))
            synced[column] = _plain(cell)
        self.synced[one.red.id] = synced

    @staticmethod
    def _is_ours(there: Any, before: Any, cell: Cell) -> bool:
        """A shared cell may be written while it is empty or holds what Touchpoint last put there."""
        return there in (None, "") or (before is not None and as_text(there) == str(before)) or cell == there


def _wanted(services: Services, red_account_id: int) -> Wanted:
    with services.transaction() as session:
        view = red_view(services, session, red_account_id)
        row = session.get(SheetRow, red_account_id)
        thread_url = permalink(services, view.facts.card)
        return Wanted(view.facts.red, messages.cells(view, thread_url=thread_url), dict(row.synced) if row else None)


def _record(services: Services, plan: Plan) -> None:
    now = services.now()
    with services.transaction() as session:
        for red_account_id, synced in plan.synced.items():
            row = session.get(SheetRow, red_account_id) or SheetRow(red_account_id=red_account_id, is_missing=False)
            row.synced, row.synced_at = synced, now
            session.add(row)
        for red_account_id in plan.missing:
            session.get_one(SheetRow, red_account_id).is_missing = True


def _columns_to_have(tab: Tab, policy: Policy) -> list[str]:
    """All of ours on an empty tab; on one that people made, only what rows are found by."""
    columns = REQUIRED if any(tab.header) else tuple(messages.HEADERS)
    return [messages.header(policy, column) for column in columns]


def _value(cell: Cell) -> Value:
    return Link(cell.text, cell.url) if isinstance(cell, Linked) else cell


def _plain(cell: Cell) -> Any:
    """What is kept as "last written": JSON, and as the sheet reads it back."""
    if isinstance(cell, Linked):
        return cell.text
    if isinstance(cell, Decimal | date):
        return str(cell)
    return cell


def _differs(there: Any, value: Value) -> bool:
    from bot.integrations.sheets_rows import raw

    return there != raw(value) and not (there in (None, "") and raw(value) is None)


def _same_id(text: str, salesforce_id: str) -> bool:
    try:
        return full_id(text) == salesforce_id
    except Permanent:
        return False
