"""A1 notation: https://developers.google.com/sheets/api/guides/concepts#cell"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.sheets.errors import invalid

_TITLE = re.compile(r"^(?:'(?P<quoted>(?:[^']|'')+)'|(?P<bare>[^'!]+))(?:!(?P<cells>.+))?$", re.DOTALL)
_CELLS = re.compile(r"^\$?([A-Za-z]{0,3})\$?(\d*)(?::\$?([A-Za-z]{0,3})\$?(\d*))?$")
_LOOKS_LIKE_A_CELL = re.compile(r"^[A-Za-z]{1,3}\d+$|^[Rr]\d*[Cc]\d*$")


@dataclass(frozen=True)
class Box:
    """A rectangle of cells, 0-based, ends excluded. None is an open end, closed by `within`."""

    top: int = 0
    left: int = 0
    bottom: int | None = None
    right: int | None = None

    def within(self, rows: int, columns: int) -> Box:
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Box(self.top, self.left, bottom, right)

    @property
    def height(self) -> int:
        assert self.bottom is not None
        return self.bottom - self.top

    @property
    def width(self) -> int:
        assert self.right is not None
        return self.right - self.left

    def meets(self, other: Box) -> bool:
        return (
            (other.bottom is None or self.top < other.bottom)
            and (self.bottom is None or other.top < self.bottom)
            and (other.right is None or self.left < other.right)
            and (self.right is None or other.left < self.right)
        )


def letters(column: int) -> str:
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_of(text: str) -> int:
    number = 0
    for char in text.upper():
        number = number * 26 + ord(char) - 64
    return number - 1


def quoted(title: str) -> str:
    """A tab's title as Google prints it in a range: bare only where it could not be read as a cell."""
    if re.fullmatch(r"[A-Za-z_]\w*", title, re.ASCII) and not _LOOKS_LIKE_A_CELL.match(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def written(title: str, box: Box) -> str:
    """The range as Google echoes it. The box must have no open ends."""
    assert box.bottom is not None
    assert box.right is not None
    start = f"{letters(box.left)}{box.top + 1}"
    if box.height == 1 and box.width == 1:
        return f"{quoted(title)}!{start}"
    return f"{quoted(title)}!{start}:{letters(box.right - 1)}{box.bottom}"


def parse(text: str, titles: list[str]) -> tuple[str, Box]:
    """The tab and the cells that a range names. Without a tab it means the first one."""
    unparsable = invalid(
        f"Unable to parse range: {text}", f"No tab and no cells are called {text!r}. Tabs: {', '.join(titles)}."
    )
    match = _TITLE.match(text)
    if not match:
        raise unparsable
    quoted_title, bare, cells = match["quoted"], match["bare"], match["cells"]
    wanted = quoted_title.replace("''", "'") if quoted_title is not None else bare
    title = next((title for title in titles if title.casefold() == wanted.casefold()), None)
    if cells is None:
        if title is not None and (quoted_title is not None or not _LOOKS_LIKE_A_CELL.match(bare)):
            return title, Box()
        title, cells = (titles[0], bare) if quoted_title is None else (None, "")
    box = _cells(cells)
    if title is None or box is None:
        raise unparsable
    return title, box


def _cells(text: str) -> Box | None:
    match = _CELLS.match(text)
    if not match or not text:
        return None
    first_column, first_row, last_column, last_row = match.groups()
    if last_column is None:  # one cell
        if not (first_column and first_row):
            return None
        last_column, last_row = first_column, first_row
    elif not (first_column or first_row) or not (last_column or last_row):
        return None
    if "0" in (first_row, last_row):
        return None
    rows = sorted(int(row) for row in (first_row, last_row) if row)
    columns = sorted(column_of(column) for column in (first_column, last_column) if column)
    return Box(
        top=rows[0] - 1 if first_row else 0,
        left=columns[0] if first_column else 0,
        bottom=rows[-1] if last_row else None,
        right=columns[-1] + 1 if last_column else None,
    )
