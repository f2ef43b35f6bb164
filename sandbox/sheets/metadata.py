"""Developer metadata: https://developers.google.com/sheets/api/guides/metadata

Ids are unique in the spreadsheet. Metadata of a row or column goes where the row or column goes when others are
inserted, deleted or moved; a sort moves what cells hold and leaves it where it is.
"""

from __future__ import annotations

import random
from typing import Any

from sandbox.sheets.errors import Refused, invalid
from sandbox.sheets.grid import Metadata, Spreadsheet, Stamp

CHARACTERS = 30_000  # keys and values of one tab, or of the spreadsheet itself


def create(draft: Spreadsheet, request: dict[str, Any], stamp: Stamp) -> dict[str, Any]:
    wanted = request.get("developerMetadata", {})
    if not wanted.get("metadataKey"):
        raise invalid("DeveloperMetadata.metadataKey is required.")
    if "visibility" not in wanted:
        raise invalid("DeveloperMetadata.visibility is required.")
    number = wanted.get("metadataId", random.randrange(1, 2**31))
    if number <= 0:
        raise invalid("DeveloperMetadata.metadataId must be positive.")
    if any(pin.id == number for pin in draft.metadata):
        raise invalid(
            f"Cannot add developer metadata with ID [{number}] because developer metadata with that ID already exists.",
            f"Developer metadata {number} is there already, so the whole batch is refused.",
        )
    sheet_id, dimension, index = _location(draft, wanted.get("location", {}))
    pin = Metadata(
        number, wanted["metadataKey"], wanted.get("metadataValue", ""), wanted["visibility"], sheet_id, dimension, index
    )
    draft.metadata.append(pin)
    used = sum(len(other.key) + len(other.value) for other in draft.metadata if other.sheet_id == sheet_id)
    if used > CHARACTERS:
        raise invalid(f"Developer metadata exceeds the limit of {CHARACTERS} characters.")
    return {"createDeveloperMetadata": {"developerMetadata": as_json(pin)}}


def _location(draft: Spreadsheet, wanted: dict[str, Any]) -> tuple[int | None, str, int]:
    given = [name for name in ("spreadsheet", "sheetId", "dimensionRange") if name in wanted]
    if len(given) != 1:
        raise invalid("DeveloperMetadata.location must name exactly one place.")
    if "spreadsheet" in wanted:
        return None, "", 0
    if "sheetId" in wanted:
        return draft.tab_by_id(wanted["sheetId"]).id, "", 0
    span = wanted["dimensionRange"]
    tab = draft.tab_by_id(span.get("sheetId", 0))
    dimension, start, end = span.get("dimension"), span.get("startIndex", 0), span.get("endIndex", 0)
    if dimension is None or end - start != 1:
        raise invalid("DeveloperMetadata.location.dimensionRange must span exactly one row or column.")
    if not 0 <= start < tab.size(dimension):
        raise invalid(f"DimensionRange.startIndex[{start}] is outside of the grid ({tab.size(dimension)}).")
    return tab.id, dimension, start


def as_json(pin: Metadata) -> dict[str, Any]:
    answer: dict[str, Any] = {"metadataId": pin.id, "metadataKey": pin.key}
    if pin.value:
        answer["metadataValue"] = pin.value
    if pin.dimension:
        span: dict[str, Any] = {"dimension": pin.dimension, "startIndex": pin.index, "endIndex": pin.index + 1}
        if pin.sheet_id:
            span = {"sheetId": pin.sheet_id, **span}
        answer["location"] = {"locationType": pin.dimension[:-1], "dimensionRange": span}
    elif pin.sheet_id is not None:
        answer["location"] = {"locationType": "SHEET", "sheetId": pin.sheet_id}
    else:
        answer["location"] = {"locationType": "SPREADSHEET", "spreadsheet": True}
    return {**answer, "visibility": pin.visibility}


def delete(draft: Spreadsheet, request: dict[str, Any], stamp: Stamp) -> dict[str, Any]:
    found = matching(draft, request.get("dataFilter", {}))
    draft.metadata = [pin for pin in draft.metadata if pin not in found]
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": [as_json(pin) for pin in found]} if found else {}}


def search(spreadsheet: Spreadsheet, filters: list[dict[str, Any]]) -> dict[str, Any]:
    """https://developers.google.com/sheets/api/reference/rest/v4/spreadsheets.developerMetadata/search"""
    if not filters:
        raise invalid("At least one data filter must be specified.")
    hits: dict[int, list[dict[str, Any]]] = {}
    for wanted in filters:
        for pin in matching(spreadsheet, wanted):
            hits.setdefault(pin.id, []).append(wanted)
    answer = [
        {"developerMetadata": as_json(pin), "dataFilters": hits[pin.id]}
        for pin in spreadsheet.metadata
        if pin.id in hits
    ]
    return {"matchedDeveloperMetadata": answer} if answer else {}


def get(spreadsheet: Spreadsheet, number: int) -> dict[str, Any]:
    for pin in spreadsheet.metadata:
        if pin.id == number:
            return as_json(pin)
    raise Refused(404, f"No developer metadata with ID {number}.")


def matching(spreadsheet: Spreadsheet, wanted: dict[str, Any]) -> list[Metadata]:
    lookup = wanted.get("developerMetadataLookup")
    if not lookup:
        raise invalid("The data filter must have a developerMetadataLookup.")
    place = lookup.get("metadataLocation")
    return [pin for pin in spreadsheet.metadata if _fits(pin, lookup) and (place is None or _lies_in(pin, place))]


def _fits(pin: Metadata, lookup: dict[str, Any]) -> bool:
    kind = pin.dimension[:-1] if pin.dimension else "SPREADSHEET" if pin.sheet_id is None else "SHEET"
    facts = {
        "metadataId": pin.id,
        "metadataKey": pin.key,
        "metadataValue": pin.value,
        "visibility": pin.visibility,
        "locationType": kind,
    }
    return all(lookup[name] == fact for name, fact in facts.items() if name in lookup)


def _lies_in(pin: Metadata, place: dict[str, Any]) -> bool:
    if "dimensionRange" in place:
        span = place["dimensionRange"]
        if (pin.sheet_id, pin.dimension) != (span.get("sheetId", 0), span.get("dimension")):
            return False
        return pin.index in range(span.get("startIndex", 0), span.get("endIndex", 2**31))
    return "sheetId" not in place or pin.sheet_id == int(place["sheetId"])
