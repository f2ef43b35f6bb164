"""Looks whether people changed anything in the sheet: one reading, and no writing here.

What differs from what both sides last agreed on is promised to the sheet's own lane, which reads again, merges and
writes. So nothing is ever compared with a tab that is older than our last write to it.
"""

from __future__ import annotations

from typing import Any

from bot.deliveries import sheet_cells
from bot.deliveries.sheet_find import Rows, Whose
from bot.integrations.sheets import Tab
from bot.messages import sheet_rows as messages
from bot.messages.sheet_rows import LISTS, NOTE, SHARED
from bot.models import SheetConflict, Status
from bot.queries import sheet_rows as queries
from bot.queries.sheet_rows import Known
from bot.services import Services
from bot.workflows import sheet_rows

Asked = dict[tuple[int, str], SheetConflict]


def look(services: Services) -> None:
    with services.transaction() as session:
        known, asked = queries.known(session), queries.asked(session)
    if not known:
        return
    tab = services.sheets.read()
    rows = Rows(services.policy, tab, dict)
    if not rows.has_keys:
        _tell(services, messages.no_keys(services.policy), "keys")
        return
    changed = [one.red_account_id for one in known if _is_changed(one, rows, tab, asked)]
    if changed:
        with services.transaction() as session:
            sheet_rows.look_again(session, changed, now=services.now())
    if rows.twice:
        _tell(services, messages.twice(rows.twice), "twice")


def _tell(services: Services, sentence: str, about: str) -> None:
    with services.transaction() as session:
        sheet_rows.trouble(session, sentence, about=about, now=services.now(), policy=services.policy)


def _is_changed(one: Known, rows: Rows, tab: Tab, asked: Asked) -> bool:
    whose = Whose(one.label, one.salesforce_id, one.name, one.status == Status.OPEN, one.synced)
    row = rows.take(whose)
    if row is None:
        return not one.is_missing and not rows.has_key(whose)
    cells = tab.rows[row]
    return one.is_missing or any(_differs(one, column, cells[at], asked) for column, at in rows.columns.items())


def _differs(one: Known, column: str, there: Any, asked: Asked) -> bool:
    """Whether a cell says what it did not say when both sides last agreed, and what nobody has dealt with since."""
    if column == NOTE and one.status != Status.CLOSED:
        return False  # until the end it is theirs alone
    if column not in one.synced:
        if column not in SHARED or there is None:
            return False
    elif there == one.synced[column]:
        return False
    said = sheet_cells.said(column, sheet_cells.read(there))
    before = [one.synced] if column in LISTS else [one.synced, one.left]
    dealt_with = [sheet_cells.said(column, cells[column]) for cells in before if column in cells]
    conflict = asked.get((one.red_account_id, column))
    return said not in dealt_with and not (conflict and conflict.sheet_says == said)
