"""batchUpdate: all or nothing, strict about every field, and what moves with rows and columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError

from tests.sandbox.sheets_office import ID, SheetsOffice


@pytest.fixture(scope="module")
def running() -> Iterator[SheetsOffice]:
    office = SheetsOffice()
    yield office
    office.sandbox.stop()


@pytest.fixture
def office(running: SheetsOffice) -> SheetsOffice:
    running.fill()
    return running


@pytest.fixture
def sheet(office: SheetsOffice) -> gspread.Spreadsheet:
    return office.open()


def send(sheet: gspread.Spreadsheet, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    replies: list[dict[str, Any]] = sheet.batch_update({"requests": list(requests)})["replies"]
    return replies


def refused(sheet: gspread.Spreadsheet, *requests: dict[str, Any]) -> str:
    with pytest.raises(APIError) as caught:
        send(sheet, *requests)
    assert (caught.value.code, caught.value.error["status"]) == (400, "INVALID_ARGUMENT")
    return str(caught.value.error["message"])


def rows(start: int, end: int, sheet_id: int = 0) -> dict[str, Any]:
    return {"sheetId": sheet_id, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def insert(start: int, end: int) -> dict[str, Any]:
    return {"insertDimension": {"range": rows(start, end), "inheritFromBefore": False}}


def put(row: int, column: int, value: dict[str, Any], fields: str = "userEnteredValue") -> dict[str, Any]:
    start = {"sheetId": 0, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [{"values": [value]}], "fields": fields}}


def pin(number: int, row: int, **more: Any) -> dict[str, Any]:
    location = {"dimensionRange": rows(row, row + 1)}
    metadata = {"metadataId": number, "metadataKey": "tp", "visibility": "DOCUMENT", "location": location, **more}
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}


def where(office: SheetsOffice, number: int) -> int | None:
    return next((found.index for found in office.spreadsheet.metadata if found.id == number), None)


def test_a_row_its_cells_and_its_mark_are_one_batch(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    replies = send(sheet, insert(1, 2), put(1, 0, {"userEnteredValue": {"stringValue": "=RA-3"}}), pin(42, 1))
    assert replies[:2] == [{}, {}]
    made = replies[2]["createDeveloperMetadata"]["developerMetadata"]
    # proto3 leaves a sheetId of 0 out
    location = {"locationType": "ROW", "dimensionRange": {"dimension": "ROWS", "startIndex": 1, "endIndex": 2}}
    assert made == {"metadataId": 42, "metadataKey": "tp", "location": location, "visibility": "DOCUMENT"}
    assert [line[0] for line in office.shown()] == ["Key", "=RA-3", "RA-1", "RA-2"]


def test_one_bad_request_undoes_the_batch(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    before = office.shown()
    assert refused(sheet, insert(1, 2), pin(42, 1), put(5000, 0, {})).startswith("Invalid requests[2].updateCells: ")
    assert (office.shown(), office.spreadsheet.metadata, office.tab.row_count) == (before, [], 1000)


def test_a_metadata_id_is_taken_once(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    send(sheet, insert(1, 2), pin(42, 1))
    message = refused(sheet, insert(1, 2), pin(42, 1))
    assert message.startswith("Invalid requests[1].createDeveloperMetadata: ")
    assert message.endswith("because developer metadata with that ID already exists.")
    assert office.tab.row_count == 1001


def test_marks_follow_inserts_moves_and_deletes_but_not_a_sort(
    office: SheetsOffice, sheet: gspread.Spreadsheet
) -> None:
    send(sheet, pin(1, 1), pin(2, 2))
    send(sheet, insert(1, 3))
    assert (where(office, 1), where(office, 2)) == (3, 4)
    send(sheet, {"deleteDimension": {"range": rows(1, 3)}})
    assert (where(office, 1), where(office, 2)) == (1, 2)
    send(sheet, {"moveDimension": {"source": rows(1, 2), "destinationIndex": 3}})
    assert (where(office, 1), where(office, 2)) == (2, 1)
    sheet.sheet1.sort((1, "asc"), range="A2:E3")
    assert [line[0] for line in office.shown()] == ["Key", "RA-1", "RA-2"]
    assert (where(office, 1), where(office, 2)) == (2, 1)
    send(sheet, {"deleteDimension": {"range": rows(2, 3)}})
    assert (where(office, 1), where(office, 2)) == (None, 1)


def test_marks_are_found_by_id_key_and_place(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    send(sheet, pin(1, 1), pin(2, 2, metadataKey="other", metadataValue="v"))
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{ID}/developerMetadata:search"

    def search(**lookup: Any) -> list[int]:
        body = {"dataFilters": [{"developerMetadataLookup": lookup}]}
        found = sheet.client.request("post", url, json=body).json()
        return [match["developerMetadata"]["metadataId"] for match in found.get("matchedDeveloperMetadata", [])]

    assert search(metadataId=2) == [2]
    assert search(metadataId=3) == []
    assert search(metadataKey="other", metadataValue="v") == [2]
    assert search(locationType="ROW") == [1, 2]
    assert search(metadataLocation={"dimensionRange": rows(1, 2)}) == [1]
    send(sheet, {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": 1}}}})
    assert search(locationType="ROW") == [2]


def test_unknown_fields_and_types_are_refused(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    wrong = {"insertDimension": {"range": rows(1, 2), "inherit": True}}
    message = (
        "Invalid JSON payload received. Unknown name \"inherit\" at 'requests[0].insert_dimension': Cannot find field."
    )
    assert refused(sheet, wrong) == message
    assert "Unknown name \"makeCoffee\" at 'requests[0]'" in refused(sheet, {"makeCoffee": {}})
    number = {"deleteSheet": {"sheetId": "first"}}
    assert refused(sheet, number) == "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), \"first\""
    axis = {"insertDimension": {"range": {**rows(1, 2), "dimension": "ROW"}}}
    assert "google.apps.sheets.v4.Dimension" in refused(sheet, axis)
    assert "(TYPE_DOUBLE)" in refused(sheet, put(1, 1, {"userEnteredValue": {"numberValue": "12"}}))
    assert refused(sheet) == "Must specify at least one request."
    assert refused(sheet, {}) == "Invalid requests[0]: No request set."


def test_a_write_names_its_fields(sheet: gspread.Spreadsheet) -> None:
    message = refused(sheet, put(1, 1, {"userEnteredValue": {"stringValue": "x"}}, fields=""))
    assert message.startswith("Invalid requests[0].updateCells: At least one field must be listed in 'fields'.")
    assert "Invalid field: value" in refused(sheet, put(1, 1, {}, fields="value"))


def test_only_the_named_fields_are_written(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    send(sheet, put(1, 4, {"userEnteredValue": {"numberValue": 46094}}))
    assert office.tab.cell(1, 4).display == "2026-03-13"
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    send(sheet, put(1, 4, bold, fields="userEnteredFormat.textFormat.bold"))
    assert office.tab.cell(1, 4).display == "2026-03-13"
    assert office.tab.cell(1, 4).format["textFormat"] == {"bold": True}
    send(sheet, put(1, 4, {}))
    assert office.tab.cell(1, 4).is_empty
    assert office.tab.cell(1, 4).number_format["type"] == "DATE"


def test_a_cell_link_is_a_hyperlink_and_goes_with_a_new_value(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    link = {
        "userEnteredValue": {"stringValue": "Acme"},
        "userEnteredFormat": {"textFormat": {"link": {"uri": "https://crm.example/1"}}},
    }
    send(sheet, put(1, 1, link, fields="userEnteredValue,userEnteredFormat.textFormat.link"))
    sheet.sheet1.update([['=HYPERLINK("https://crm.example/2", "Globex")']], "B3", raw=False)
    assert sheet.sheet1.get("B2:B3") == [["Acme"], ["Globex"]]
    params = {"ranges": "'Account Tracker'!B2:B3", "fields": "sheets(data(rowData(values(hyperlink))))"}
    data = sheet.client.spreadsheets_get(ID, params)["sheets"][0]["data"][0]
    assert [row["values"][0]["hyperlink"] for row in data["rowData"]] == [
        "https://crm.example/1",
        "https://crm.example/2",
    ]
    office.person("edit", row=1, column=1, text="Acme Inc")
    assert office.tab.cell(1, 1).hyperlink == ""


def test_a_bad_field_mask_is_refused_where_google_says_why(sheet: gspread.Spreadsheet) -> None:
    with pytest.raises(APIError) as caught:
        sheet.client.spreadsheets_get(ID, {"fields": "sheets.sheetProperties"})
    assert caught.value.error["message"] == "Request contains an invalid argument."
    violation = caught.value.error["details"][0]["fieldViolations"][0]
    assert "path 'sheets.sheetProperties'" in violation["description"]


def test_the_answer_can_show_cells_after_the_batch(sheet: gspread.Spreadsheet) -> None:
    body = {
        "requests": [put(1, 2, {"userEnteredValue": {"stringValue": "closed"}})],
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["'Account Tracker'!C1:C2"],
    }
    params = {"fields": "updatedSpreadsheet(sheets(data(rowData(values(formattedValue)))))"}
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{ID}:batchUpdate"
    answer = sheet.client.request("post", url, params=params, json={**body, "responseIncludeGridData": True}).json()
    rows_shown = answer["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"]
    assert [row["values"][0]["formattedValue"] for row in rows_shown] == ["Status", "closed"]


def test_the_edges_of_the_grid_hold(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    assert "No grid with id: 7" in refused(sheet, {"deleteSheet": {"sheetId": 7}})
    assert "must be less than the grid size if inheritFromBefore is false" in refused(sheet, insert(1000, 1001))
    assert "GridCoordinate.rowIndex[1000] is after last row in grid[999]" in refused(sheet, put(1000, 0, {}))
    assert "You can't delete all the rows on the sheet." in refused(
        sheet, {"deleteDimension": {"range": rows(0, 1000)}}
    )
    missing = refused(sheet, {"deleteDimension": {"range": rows(1000, 1001)}})
    assert missing.endswith("Tried to delete row index 1000 but there are only 1000 rows.")
    huge = {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 400_000}}
    assert "above the limit of 10000000 cells" in refused(sheet, huge)


def test_tabs_are_added_renamed_frozen_and_removed(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    tab = sheet.add_worksheet("Plans", rows=5, cols=3)
    tab.freeze(rows=1)
    tab.update_title("Plans 2026")
    assert [other.title for other in sheet.worksheets()] == ["Account Tracker", "Sheet2", "Plans 2026"]
    assert (tab.row_count, tab.frozen_row_count) == (5, 1)
    taken = {"addSheet": {"properties": {"title": "sheet2"}}}
    assert refused(sheet, taken).endswith('A sheet with the name "sheet2" already exists. Please enter another name.')
    sheet.del_worksheet(tab)
    with pytest.raises(APIError, match="You can't hide all the sheets"):
        for other in sheet.worksheets():
            other.hide()


def test_a_list_of_values_is_set_and_does_not_bind_the_api(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    sheet.sheet1.add_validation(
        "C2:C1000", gspread.utils.ValidationConditionType.one_of_list, ["open", "closed"], strict=True
    )
    sheet.sheet1.update([["maybe"]], "C2")
    assert office.shown()[1][2] == "maybe"
    assert office.person("edit", row=1, column=2, text="perhaps")["status"] == 400
    assert office.person("edit", row=1, column=2, text="closed")["validations"] == {"2": ["open", "closed"]}


def test_protected_cells_are_for_their_editors(office: SheetsOffice, sheet: gspread.Spreadsheet) -> None:
    office.person("protect", column=2)
    assert "You are trying to edit a protected cell or object." in refused(sheet, put(1, 2, {}))
    assert "protected cell" in refused(sheet, insert(1, 2))
    send(sheet, put(1, 1, {"userEnteredValue": {"stringValue": "Acme Inc"}}))
    with pytest.raises(APIError, match="protected cell"):
        sheet.sheet1.update([["x"]], "C2")
    assert office.person("edit", row=1, column=2, text="closed")["status"] == 200
    office.person("unprotect")
    send(sheet, put(1, 2, {}))
