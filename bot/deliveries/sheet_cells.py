"""What a cell of the sheet says, whatever way people typed it: so two cells are compared, and so one is taken over."""

from __future__ import annotations

from bot.integrations import sheets_rows
from bot.integrations.sheets import Link, Value, as_date, as_text
from bot.messages.blocks import plain
from bot.messages.sheet_rows import DATES, LISTS, STATUS, Cell, Linked
from bot.workflows.sheet_merge import lines_of


def said(column: str, cell: sheets_rows.Cell) -> str:
    """A cell as it was read, as text; a day as 2027-02-04. Capitals of a status, bullets and the
    order of lines say nothing.
    """
    if column in DATES and (day := as_date(cell)):
        return day.isoformat()
    text = plain(as_text(cell))
    if column in LISTS:
        return "\n".join(sorted(lines_of(text)))
    return text.casefold() if column == STATUS else text


def ours(column: str, cell: Cell) -> str:
    """What we say there, in the same way."""
    return said(column, sheets_rows.raw(value(cell)))


def value(cell: Cell) -> Value:
    return Link(cell.text, cell.url) if isinstance(cell, Linked) else cell
