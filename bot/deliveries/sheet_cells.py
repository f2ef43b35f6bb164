"""What a cell of the sheet says, whatever way people typed it: so two cells are compared, and so one is taken over."""

from __future__ import annotations

from bot.integrations import sheets_rows
from bot.integrations.sheets import Link, Value, as_date, as_text
from bot.messages.blocks import plain
from bot.messages.sheet_rows import DATES, LISTS, STATUS, Cell, Linked
from bot.workflows.keys import without_keys
from bot.workflows.sheet_merge import lines_of


def read(cell: sheets_rows.Cell) -> sheets_rows.Cell:
    """A cell as it was read, with every key cut out: in this form alone it is compared, kept and shown."""
    return without_keys(cell) if isinstance(cell, str) else cell


def said(column: str, cell: sheets_rows.Cell) -> str:
    """A cell as it was read, as text; a day as 2027-02-04. Capitals of a status, bullets and the
    order of lines say nothing.
    """
    if column in DATES and (day := as_date(cell)):
        return day.isoformat()
    if column in LISTS:
        return "\n".join(sorted(lines(cell)))
    text = plain(as_text(cell))
    return text.casefold() if column == STATUS else text


def lines(cell: sheets_rows.Cell) -> list[str]:
    """A list, line by line, in the order in which people keep it."""
    return lines_of(plain(as_text(cell)))


def ours(column: str, cell: Cell) -> str:
    """What we say there, in the same way."""
    return said(column, sheets_rows.raw(value(cell)))


def value(cell: Cell) -> Value:
    """What is written: no key that somebody wrote in Slack goes into the sheet."""
    if isinstance(cell, Linked):
        return Link(cell.text, cell.url)
    return without_keys(cell) if isinstance(cell, str) else cell
