"""spreadsheets.batchUpdate: every request of the batch, or none of them.

https://developers.google.com/sheets/api/reference/rest/v4/spreadsheets/batchUpdate
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from sandbox.sheets import metadata, writing
from sandbox.sheets.a1 import Box
from sandbox.sheets.errors import PROTECTED, Refused, bad_payload, invalid
from sandbox.sheets.grid import Protected, Spreadsheet, Stamp, Tab

Request = dict[str, Any]
Reply = dict[str, Any]


def apply(spreadsheet: Spreadsheet, requests: list[Request], stamp: Stamp) -> list[Reply]:
    """Applies a checked batch and returns one reply per request; when one is refused, nothing has happened."""
    if not requests:
        raise invalid("Must specify at least one request.")
    draft = spreadsheet.draft()
    replies = []
    for number, request in enumerate(requests):
        if not request:
            raise invalid(f"Invalid requests[{number}]: No request set.")
        if len(request) > 1:
            raise bad_payload(
                f"requests[{number}]",
                f"Invalid value at 'requests[{number}]' (oneof), oneof field 'kind' is already set.",
            )
        kind, details = next(iter(request.items()))
        try:
            replies.append(_HANDLERS[kind](draft, details, stamp))
        except Refused as refused:
            raise refused.inside(f"Invalid requests[{number}].{kind}: ") from None
    spreadsheet.take_over(draft)
    return replies


def _span(draft: Spreadsheet, wanted: dict[str, Any], stamp: Stamp) -> tuple[Tab, str, int, int]:
    """The tab, dimension, first and end of a DimensionRange, which must lie on the grid."""
    tab = draft.tab_by_id(wanted.get("sheetId", 0))
    dimension = wanted.get("dimension")
    if dimension is None:
        raise invalid("No dimension specified.")
    start, end = wanted.get("startIndex", 0), wanted.get("endIndex", tab.size(dimension))
    if start < 0 or end <= start:
        raise invalid(f"range.endIndex[{end}] must be greater than range.startIndex[{start}]")
    return tab, dimension, start, end


def _strip(dimension: str, start: int, end: int) -> Box:
    return Box(top=start, bottom=end) if dimension == "ROWS" else Box(left=start, right=end)


def _insert_dimension(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    tab, dimension, start, end = _span(draft, request.get("range", {}), stamp)
    from_before = request.get("inheritFromBefore", False)
    if from_before and start == 0:
        raise invalid("inheritFromBefore cannot be true if inserting at index 0.")
    if start > tab.size(dimension):
        raise invalid(f"range.startIndex is larger than current grid size ({tab.size(dimension)})")
    if start == tab.size(dimension) and not from_before:
        raise invalid("range.startIndex must be less than the grid size if inheritFromBefore is false.")
    for protected in draft.protected:
        box = protected.box
        first, last = (box.top, box.bottom) if dimension == "ROWS" else (box.left, box.right)
        torn = protected.sheet_id == tab.id and first < start and (last is None or start < last)
        if torn and not protected.allows(stamp.email):
            raise invalid(PROTECTED, f"This would tear {protected.description or 'a protected range'} apart.")
    draft.insert(tab, dimension, start, end - start, start - 1 if from_before else start)
    return {}


def _delete_dimension(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    tab, dimension, start, end = _span(draft, request.get("range", {}), stamp)
    size, noun = tab.size(dimension), "row" if dimension == "ROWS" else "column"
    if start >= size or end > size:
        missing = start if start >= size else end - 1
        raise invalid(
            f"Cannot delete a {noun} that doesn't exist. "
            f"Tried to delete {noun} index {missing} but there are only {size} {noun}s."
        )
    if end - start >= size:
        raise invalid(f"You can't delete all the {noun}s on the sheet.")
    frozen = tab.frozen_rows if dimension == "ROWS" else tab.frozen_columns
    if frozen and start <= frozen and end == size:
        raise invalid(f"Sorry, it is not possible to delete all non-frozen {noun}s.")
    draft.may_edit(tab, _strip(dimension, start, end), stamp)
    draft.delete(tab, dimension, start, end)
    return {}


def _append_dimension(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    tab = draft.tab_by_id(request.get("sheetId", 0))
    if "dimension" not in request:
        raise invalid("No dimension specified.")
    if request.get("length", 0) <= 0:
        raise invalid("length must be greater than 0.")
    tab.grow(request["dimension"], request["length"])
    draft.check_size()
    return {}


def _move_dimension(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    tab, dimension, start, end = _span(draft, request.get("source", {}), stamp)
    to, size = request.get("destinationIndex", 0), tab.size(dimension)
    if end > size or not 0 <= to <= size:
        raise invalid(f"destinationIndex[{to}] is outside of the grid ({size}).")
    if start < to < end:
        raise invalid("destinationIndex must not lie within the source.")
    draft.may_edit(tab, _strip(dimension, min(start, to), max(end, to)), stamp)
    draft.move(tab, dimension, start, end, to)
    return {}


def _update_dimension(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    tab, dimension, start, end = _span(draft, request.get("range", {}), stamp)
    writing.mask_of(request, ("pixelSize", "hiddenByUser"))
    size = request.get("properties", {}).get("pixelSize")
    if dimension == "COLUMNS" and size is not None:
        tab.widths.update(dict.fromkeys(range(start, end), size))
    return {}


def _sort_range(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    tab, box = writing.grid_range(draft, request.get("range", {}))
    specs = [
        (spec.get("dimensionIndex", 0), spec.get("sortOrder") == "DESCENDING") for spec in request.get("sortSpecs", [])
    ]
    if not specs:
        raise invalid("No sort specs provided.")
    for column, _ in specs:
        if not box.left <= column < (box.right or tab.column_count):
            raise invalid(f"sortSpecs.dimensionIndex[{column}] is outside of the range.")
    draft.may_edit(tab, box, stamp)
    tab.sort(box, specs)
    return {}


def _add_sheet(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    wanted = request.get("properties", {})
    number = wanted.get("sheetId", random.randrange(1, 2**31))
    if any(tab.id == number for tab in draft.tabs):
        raise invalid(f"A sheet with the ID {number} already exists. Please enter another ID.")
    title = wanted.get("title") or f"Sheet{len(draft.tabs) + 1}"
    _check_title(draft, title, None)
    size = wanted.get("gridProperties", {})
    tab = Tab(number, title, size.get("rowCount", 1000), size.get("columnCount", 26))
    tab.frozen_rows, tab.frozen_columns = size.get("frozenRowCount", 0), size.get("frozenColumnCount", 0)
    draft.tabs.insert(wanted.get("index", len(draft.tabs)), tab)
    draft.check_size()
    return {"addSheet": {"properties": writing.sheet_properties(draft, tab)}}


def _delete_sheet(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    tab = draft.tab_by_id(request.get("sheetId", 0))
    if len(draft.tabs) == 1:
        raise invalid("You can't remove all the sheets in a document.")
    draft.tabs.remove(tab)
    draft.metadata = [pin for pin in draft.metadata if pin.sheet_id != tab.id]
    draft.protected = [protected for protected in draft.protected if protected.sheet_id != tab.id]
    return {}


def _check_title(draft: Spreadsheet, title: str, own: Tab | None) -> None:
    if any(tab is not own and tab.title.casefold() == title.casefold() for tab in draft.tabs):
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _update_sheet(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    wanted = request.get("properties", {})
    tab = draft.tab_by_id(wanted.get("sheetId", 0))
    mask = writing.mask_of(request, ("title", "index", "hidden", "gridProperties"))
    if "title" in mask:
        _check_title(draft, wanted.get("title", ""), tab)
        tab.title = wanted["title"]
    if "index" in mask:
        draft.tabs.remove(tab)
        draft.tabs.insert(wanted.get("index", 0), tab)
    if "hidden" in mask:
        tab.hidden = wanted.get("hidden", False)
        if all(other.hidden for other in draft.tabs):
            raise invalid("You can't hide all the sheets in a document.")
    if "gridProperties" in mask:
        _resize(draft, tab, wanted.get("gridProperties", {}), mask["gridProperties"])
    return {}


def _resize(draft: Spreadsheet, tab: Tab, wanted: dict[str, int], mask: dict[str, Any]) -> None:
    for name in mask or wanted:
        if name not in ("rowCount", "columnCount", "frozenRowCount", "frozenColumnCount"):
            raise invalid(f"Invalid field: properties.grid_properties.{name}")
        number = wanted.get(name, 0)
        if name in ("rowCount", "columnCount"):
            dimension = "ROWS" if name == "rowCount" else "COLUMNS"
            if number < 1:
                raise invalid(f"gridProperties.{name} must be at least 1.")
            if number < tab.size(dimension):
                draft.delete(tab, dimension, number, tab.size(dimension))
            tab.grow(dimension, number - tab.size(dimension))
        elif name == "frozenRowCount":
            tab.frozen_rows = number
        else:
            tab.frozen_columns = number
    if tab.frozen_rows >= tab.row_count or tab.frozen_columns >= tab.column_count:
        raise invalid("You can't freeze all visible rows or columns on the sheet.")
    draft.check_size()


def _add_protected(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    wanted = request.get("protectedRange", {})
    tab, box = writing.grid_range(draft, wanted.get("range", {}))
    number = wanted.get("protectedRangeId", random.randrange(1, 2**31))
    editors = frozenset(wanted.get("editors", {}).get("users", [])) | {stamp.email}
    protected = Protected(number, tab.id, box, editors, wanted.get("warningOnly", False), wanted.get("description", ""))
    draft.protected.append(protected)
    return {"addProtectedRange": {"protectedRange": writing.protected_json(protected, stamp.email)}}


def _delete_protected(draft: Spreadsheet, request: Request, stamp: Stamp) -> Reply:
    number = request.get("protectedRangeId", 0)
    found = [protected for protected in draft.protected if protected.id == number]
    if not found:
        raise invalid(f"No protected range with ID: {number}")
    if not found[0].allows(stamp.email):
        raise invalid(PROTECTED)
    draft.protected.remove(found[0])
    return {}


_HANDLERS: dict[str, Callable[[Spreadsheet, Request, Stamp], Reply]] = {
    "insertDimension": _insert_dimension,
    "deleteDimension": _delete_dimension,
    "appendDimension": _append_dimension,
    "moveDimension": _move_dimension,
    "updateDimensionProperties": _update_dimension,
    "updateCells": writing.update_cells,
    "repeatCell": writing.repeat_cell,
    "setDataValidation": writing.set_data_validation,
    "sortRange": _sort_range,
    "addSheet": _add_sheet,
    "deleteSheet": _delete_sheet,
    "updateSheetProperties": _update_sheet,
    "addProtectedRange": _add_protected,
    "deleteProtectedRange": _delete_protected,
    "createDeveloperMetadata": metadata.create,
    "deleteDeveloperMetadata": metadata.delete,
}
