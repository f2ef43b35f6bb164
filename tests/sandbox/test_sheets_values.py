"""Values as plain gspread reads and writes them, and what Sheets makes of what is typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import gspread
import pytest
from gspread.exceptions import APIError
from gspread.utils import ValueInputOption, ValueRenderOption

from sandbox.sheets.a1 import Box, parse, written
from sandbox.sheets.cells import entered
from sandbox.sheets.errors import Refused
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
def tracker(office: SheetsOffice) -> gspread.Worksheet:
    return office.open().worksheet("Account Tracker")


def test_the_tabs_are_listed_with_their_sizes(office: SheetsOffice) -> None:
    sheet = office.open()
    assert sheet.title == "Red Accounts"
    assert [(tab.title, tab.index, tab.row_count, tab.col_count) for tab in sheet.worksheets()] == [
        ("Account Tracker", 0, 1000, 26),
        ("Sheet2", 1, 1000, 26),
    ]
    assert sheet.sheet1.id == 0


def test_values_are_shown_or_raw(tracker: gspread.Worksheet) -> None:
    assert tracker.get_all_values()[1:] == [
        ["RA-1", "Acme", "open", "240000", "2026-03-12"],
        ["RA-2", "Globex", "", "$1,200.50", "2026-02-03"],
    ]
    raw = tracker.get("A2:E3", value_render_option=ValueRenderOption.unformatted)
    assert raw == [["RA-1", "Acme", "open", 240000, 46093], ["RA-2", "Globex", "", 1200.5, 46056]]


def test_dates_are_numbers_or_strings(tracker: gspread.Worksheet) -> None:
    wanted = {"value_render_option": "UNFORMATTED_VALUE", "date_time_render_option": "FORMATTED_STRING"}
    assert tracker.get("D2:E2", **wanted) == [[240000, "2026-03-12"]]


def test_empty_ends_are_left_out_and_ranges_are_closed(office: SheetsOffice) -> None:
    sheet = office.open()
    assert sheet.values_get("'Account Tracker'!C3") == {
        "range": "'Account Tracker'!C3",
        "majorDimension": "ROWS",
    }
    assert sheet.values_get("Account Tracker!A:A")["range"] == "'Account Tracker'!A1:A1000"
    assert sheet.values_get("Sheet2!1:1")["range"] == "Sheet2!A1:Z1"
    assert sheet.values_get("Sheet2")["range"] == "Sheet2!A1:Z1000"
    assert sheet.values_get("B2", params={"majorDimension": "COLUMNS"})["values"] == [["Acme"]]
    gap = sheet.values_get("'Account Tracker'!B3:D4")
    assert gap["values"] == [["Globex", "", "$1,200.50"]]


def test_several_ranges_come_in_order(tracker: gspread.Worksheet) -> None:
    first, second = tracker.batch_get(["A2:B2", "A3:C3"])
    assert (list(first), list(second)) == ([["RA-1", "Acme"]], [["RA-2", "Globex"]])


def test_raw_text_is_never_a_formula_or_a_number(office: SheetsOffice, tracker: gspread.Worksheet) -> None:
    texts = ["=IMPORTXML(1)", "00123", "001500000012E45", "3 Feb", "TRUE"]
    tracker.update([texts], "A5")
    assert tracker.get("A5:E5", value_render_option=ValueRenderOption.unformatted) == [texts]
    assert not office.tab.cell(4, 0).is_formula


def test_typed_text_is_parsed(tracker: gspread.Worksheet) -> None:
    tracker.update([["=A1", "00123", "001500000012E45", "12%", "3 Feb 2026", "'=A1", "true"]], "A5", raw=False)
    formula = tracker.get("A5:G5", value_render_option=ValueRenderOption.formula)
    assert formula == [["=A1", 123, 1.500000012e54, 0.12, 46056, "=A1", True]]
    assert tracker.get("D5:E5") == [["12%", "3 Feb 2026"]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", 1234.5),
        ("12,34", "12,34"),
        ("$240,000", 240000),
        ("-3", -3),
        ("2/29/2026", "2/29/2026"),
        ("12/24/2026", 46380),
        ("Mar 12, 2026", 46093),
        ("next week", "next week"),
        (".", "."),
        ("inf", "inf"),
        ("=", "="),
    ],
)
def test_what_becomes_of_a_typed_text(text: str, value: object) -> None:
    assert entered(text, {}, date(2026, 1, 20))[0] == value


def test_a_text_cell_keeps_what_is_typed() -> None:
    assert entered("00123", {"type": "TEXT"}, date(2026, 1, 20)) == ("00123", False, {})


def test_append_goes_under_the_last_table(tracker: gspread.Worksheet) -> None:
    answer = tracker.append_row(["RA-3", "Initech"], value_input_option=ValueInputOption.raw)
    assert answer["tableRange"] == "'Account Tracker'!A1:E3"
    assert answer["updates"]["updatedRange"] == "'Account Tracker'!A4:B4"


def test_append_drifts_right_behind_a_gap(office: SheetsOffice) -> None:
    tab = office.open().worksheet("Sheet2")
    tab.append_row(["a", "", "c"])
    second = tab.append_row(["a", "", "c"])
    assert (second["tableRange"], second["updates"]["updatedRange"]) == ("Sheet2!C1", "Sheet2!C2:E2")


def test_rows_are_inserted_and_the_grid_grows(tracker: gspread.Worksheet) -> None:
    tracker.insert_row(["RA-0", "First"], 2)
    assert tracker.col_values(1) == ["Key", "RA-0", "RA-1", "RA-2"]
    assert tracker.spreadsheet.fetch_sheet_metadata()["sheets"][0]["properties"]["gridProperties"]["rowCount"] == 1001


def test_updates_and_clears_answer_what_they_touched(tracker: gspread.Worksheet) -> None:
    answer = tracker.batch_update([{"range": "A2:B2", "values": [["x", "y"]]}, {"range": "C3", "values": [["z"]]}])
    totals = {name: answer[name] for name in answer if name.startswith("total")}
    assert totals == {
        "totalUpdatedRows": 2,
        "totalUpdatedColumns": 3,
        "totalUpdatedCells": 3,
        "totalUpdatedSheets": 1,
    }
    assert tracker.batch_clear(["A2:B2"])["clearedRanges"] == ["'Account Tracker'!A2:B2"]
    assert tracker.get("A2:C2") == [["", "", "open"]]


def refused(call: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(APIError) as caught:
        call(*args, **kwargs)  # type: ignore[operator]
    assert caught.value.code == 400
    return str(caught.value.error["message"])


def test_bad_ranges_are_refused(office: SheetsOffice, tracker: gspread.Worksheet) -> None:
    sheet = office.open()
    assert refused(sheet.values_get, "Nope!A1") == "Unable to parse range: Nope!A1"
    assert "Account Tracker" in office.last_why()
    limits = "exceeds grid limits. Max rows: 1000, max columns: 26"
    assert refused(sheet.values_get, "Sheet2!A1001") == f"Range (Sheet2!A1001) {limits}"
    assert refused(tracker.update, [["x", "y"]], "Z1") == f"Range ('Account Tracker'!Z1:AA1) {limits}"
    too_wide = refused(tracker.update, [["a", "b", "c"]], "A1:B1")
    assert too_wide == "Requested writing within range ['Account Tracker'!A1:B1], but tried writing to column [C]"
    too_high = refused(tracker.update, [["a"], ["b"]], "A1:B1")
    assert too_high == "Requested writing within range ['Account Tracker'!A1:B1], but tried writing to row [2]"


def test_bad_values_and_options_are_refused(office: SheetsOffice) -> None:
    sheet = office.open()
    unknown = sheet.client.values_get
    assert refused(unknown, ID, "A1", {"valueRenderOption": "PRETTY"}).startswith(
        "Invalid value at 'value_render_option'"
    )
    assert 'Unknown name "values_only"' in refused(unknown, ID, "A1", {"values_only": "1"})
    assert (
        refused(sheet.values_update, "A1", {}, {"values": [["x"]]})
        == "'valueInputOption' is required but not specified"
    )
    listed = refused(sheet.values_update, "A1", {"valueInputOption": "RAW"}, {"values": "X"})
    assert listed == "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""
    long = refused(sheet.values_update, "A1", {"valueInputOption": "RAW"}, {"values": [["x" * 50_001]]})
    assert "maximum of 50000 characters" in long


def test_ranges_are_printed_as_google_does() -> None:
    cell = Box(0, 3, 1, 4)
    assert written("Sheet1", cell) == "Sheet1!D1"
    assert written("D3", cell) == "'D3'!D1"
    assert written("It's", cell) == "'It''s'!D1"
    assert parse("'It''s'!A1:B2", ["Sheet1", "It's"]) == ("It's", Box(0, 0, 2, 2))
    assert parse("D3", ["Sheet1", "D3"]) == ("Sheet1", Box(2, 3, 3, 4))
    assert parse("'D3'", ["Sheet1", "D3"]) == ("D3", Box())
    with pytest.raises(Refused):
        parse("'Sheet1'!A0", ["Sheet1"])
