"""The merge of one cell of the sheet: what it said when both sides last agreed, what it says now, and what we say.

Pure: texts in, a verdict out. A text is "" where the cell is empty.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

ALIKE = 0.6  # from here on a line is taken for another one in other words
BULLETS = "-•*·☐☑ \t"


class Owner(StrEnum):
    BOT = "Touchpoint"
    BOTH = "both"
    LISTED = "both, line by line"


class Verdict(StrEnum):
    SAME = "both say the same"
    WRITE = "ours goes into the sheet"
    PUT_BACK = "ours goes into the sheet, over what somebody typed"
    TAKE = "theirs comes to us"
    CONFLICT = "it was changed on both sides"
    LEAVE = "it is theirs"


def judge(owner: Owner, theirs: str, ours: str, base: str | None, wrote: Collection[str] = ()) -> Verdict:
    """What becomes of a cell. `base` is what both sides last agreed on, None where they never have; `wrote` is what
    else Touchpoint may have put there.

    An empty cell says nothing, so it is filled, and where people emptied one that is theirs too, they are told; what
    they typed into such a cell is never overwritten.
    """
    if theirs == ours:
        return Verdict.SAME
    if theirs == (base or "") or theirs in wrote:
        return Verdict.WRITE
    if owner == Owner.BOT:
        return _in_a_cell_of_ours(theirs, ours, base, wrote)
    if owner == Owner.LISTED:
        return Verdict.TAKE
    if not theirs:
        return Verdict.PUT_BACK
    return Verdict.TAKE if ours in ("", base) else Verdict.CONFLICT


def _in_a_cell_of_ours(theirs: str, ours: str, base: str | None, wrote: Collection[str]) -> Verdict:
    if not theirs:
        return Verdict.WRITE
    return Verdict.PUT_BACK if ours and (base is not None or wrote) else Verdict.LEAVE


@dataclass(frozen=True)
class Item:
    """An ask or an action, and its line in the cell: what it is, and then what else is known of it."""

    id: int
    what: str
    line: str


@dataclass(frozen=True)
class Lines:
    """What people changed in a list."""

    new: tuple[str, ...] = ()
    reworded: tuple[tuple[int, str], ...] = ()  # an item's id and what it is now
    removed: tuple[int, ...] = ()  # items that nobody lists any more
    unclear: tuple[str, ...] = ()  # lines of which more changed than what they are
    waiting: tuple[str, ...] = ()  # lines that could not be taken before, and that still stand there


def lines_of(cell: str) -> list[str]:
    """One item for each line, without the dashes and bullets that people put before them."""
    lines = (line.strip().lstrip(BULLETS).strip() for line in cell.splitlines())
    return [line for line in lines if line]


def merge_lines(base: Sequence[str], theirs: Sequence[str], items: Sequence[Item], left: Sequence[str] = ()) -> Lines:
    """A line that nobody knows is new, unless it stands for one that is gone and reads nearly like it."""
    known = {text for item in items for text in (item.line, item.what)}
    unknown = list(dict.fromkeys(line for line in theirs if line not in {*known, *base, *left}))
    waiting = tuple(line for line in dict.fromkeys(left) if line in theirs and line not in known)
    gone = [(line, item) for line in base if line not in theirs and (item := _item_of(line, items, theirs))]
    reworded, unclear, new = [], [], []
    for line in unknown:
        was, item = max(gone, key=lambda one: _likeness(one[0], line), default=(None, None))
        if was is None or item is None or _likeness(was, line) < ALIKE:
            new.append(line)
            continue
        gone.remove((was, item))
        rest = was[len(item.what) :] if was.startswith(item.what) else ""
        what = line[: len(line) - len(rest)].strip() if line.endswith(rest) else ""
        if "," not in line:
            what = line  # who and by when are left out, and nobody said anything else of them
        if what:
            reworded.append((item.id, what))
        else:
            unclear.append(line)
    return Lines(tuple(new), tuple(reworded), tuple(item.id for _, item in gone), tuple(unclear), waiting)


def _item_of(line: str, items: Sequence[Item], theirs: Sequence[str]) -> Item | None:
    """Which item a line of before was; none if it stands there in other words by now."""
    found = [item for item in items if item.line == line or item.what == line]
    found += sorted((item for item in items if line.startswith(f"{item.what},")), key=lambda item: -len(item.what))
    item = found[0] if found else None
    return None if item is None or item.line in theirs or item.what in theirs else item


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()
