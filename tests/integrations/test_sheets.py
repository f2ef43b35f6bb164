"""The bot's sheet adapter against the stand-in, over loopback HTTP with the unmodified gspread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.integrations import sheets_rows
from bot.integrations.sheets import Insert, Link, Sheets, Tab, Update, as_date, as_text
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


def adapter(office: SheetsOffice, **changes: str) -> Sheets:
    wanted = {"sheet_id": ID, **changes}
    return Sheets(service_account=office.account(), url=office.sandbox.url, **wanted)


@pytest.fixture
def sheet(office: SheetsOffice) -> Sheets:
    return adapter(office)


def keys(office: SheetsOffice) -> list[str]:
    return [line[0] if line else "" for line in office.shown()]


def test_a_tab_is_read_in_one_call_after_the_first(office: SheetsOffice, sheet: Sheets) -> None:
    tab = sheet.read()
    sheet.read()
    assert office.calls() == ["spreadsheets.get", "values.get", "values.get"]
    assert tab.header == ["Key", "Account", "Status", "ARR", "Renewal"]
    assert tab.rows[1] == ["RA-2", "Globex", None, 1200.5, 46056]
    assert (tab.sheet_gid, tab.row_count, tab.column_count) == (0, 1000, 26)
    assert as_date(tab.cell(0, "renewal ")) == date(2026, 3, 12)
    assert tab.missing(["Status", "Goal"]) == ["Goal"]
    assert tab.find("Account", "Globex") == 1


def test_cells_right_of_the_header_are_not_rows_of_ours(office: SheetsOffice, sheet: Sheets) -> None:
    office.person("edit", row=2, column=9, text="a note")
    assert sheet.read().rows[1] == ["RA-2", "Globex", None, 1200.5, 46056]


def test_rows_and_cells_are_written_in_one_call(office: SheetsOffice, sheet: Sheets) -> None:
    tab = sheet.read()
    new = {
        "Key": "RA-3",
        "account": Link("=Initech", "https://crm.example/3"),
        "ARR": Decimal(240000),
        "Renewal": date(2026, 3, 1),
        "A column nobody has": "x",
    }
    sheet.write(tab, [Insert(new, 3), Insert({"Key": "RA-4"}, 4)], [Update(0, 2, "closed", "Status")])
    assert office.calls()[2:] == ["batchUpdate"]
    assert office.shown()[1:] == [
        ["RA-3", "=Initech", "", "$240,000", "2026-03-01"],
        ["RA-4"],
        ["RA-1", "Acme", "closed", "240000", "2026-03-12"],
        ["RA-2", "Globex", "", "$1,200.50", "2026-02-03"],
    ]
    assert sheet.links() == {(0, 1): "https://crm.example/3"}
    sheet.write(sheet.read(), updates=[Update(0, 1, "Initech", "Account")])
    assert sheet.links() == {}


@pytest.mark.parametrize(
    "text", ["=IMPORTXML(1)", "+1", "@x", "001500000012E45", "3 Feb", "TRUE", "<!channel>", "🌵", "مرحبا"]
)
def test_a_text_stays_the_text_it_was(office: SheetsOffice, sheet: Sheets, text: str) -> None:
    sheet.write(sheet.read(), [Insert({"Key": "RA-3", "Account": text}, 3)], [Update(0, 1, text, "Account")])
    tab = sheet.read()
    assert [tab.cell(0, "Account"), tab.cell(1, "Account")] == [text, text]
    assert not office.tab.cell(1, 1).is_formula


def test_what_no_cell_can_hold_is_left_out_or_cut(sheet: Sheets) -> None:
    sheet.write(sheet.read(), updates=[Update(0, 1, "a\x00b\ud800c", "Account"), Update(1, 1, "x" * 50_001, "Account")])
    tab = sheet.read()
    assert tab.cell(0, "Account") == "abc"
    assert tab.cell(1, "Account") == "x" * 49_999 + "…"


def test_empty_values_empty_the_cell(office: SheetsOffice, sheet: Sheets) -> None:
    sheet.write(sheet.read(), updates=[Update(0, 1, None, "Account"), Update(0, 2, "", "Status")])
    assert office.shown()[1] == ["RA-1", "", "", "240000", "2026-03-12"]


def test_a_row_whose_answer_was_lost_is_there_once(office: SheetsOffice, sheet: Sheets) -> None:
    tab = sheet.read()
    office.fault("drop_after", "batchUpdate", times=1)
    with pytest.raises(Retryable) as caught:
        sheet.write(tab, [Insert({"Key": "RA-3"}, 3)])
    assert caught.value.sent
    sheet.write(tab, [Insert({"Key": "RA-3"}, 3), Insert({"Key": "RA-4"}, 4)])
    sheet.write(tab, [Insert({"Key": "RA-3"}, 3)])
    assert keys(office) == ["Key", "RA-4", "RA-3", "RA-1", "RA-2"]


def test_the_tab_may_be_nothing_but_its_header(office: SheetsOffice, sheet: Sheets) -> None:
    office.open().sheet1.resize(rows=1)
    sheet.write(sheet.read(), [Insert({"Key": "RA-9"}, 9)])
    assert keys(office) == ["Key", "RA-9"]


def test_a_sort_between_read_and_write_hits_nobody_elses_cell(office: SheetsOffice, sheet: Sheets) -> None:
    office.person("edit", row=2, column=2, text="waiting")
    tab = sheet.read()
    office.person("sort", column=0, descending=True)
    sheet.write(tab, [Insert({"Key": "RA-3"}, 3)], [Update(0, 2, "closed", "Status")])
    assert [line[:3] for line in office.shown()[1:]] == [
        ["RA-3"],
        ["RA-2", "Globex", "waiting"],
        ["RA-1", "Acme", "closed"],
    ]


def test_a_column_inserted_between_read_and_write_is_left_alone(office: SheetsOffice, sheet: Sheets) -> None:
    tab = sheet.read()
    office.person("insert_column", column=1, title="Notes")
    office.person("edit", row=2, column=1, text="call them")
    sheet.write(tab, [Insert({"Key": "RA-3", "Account": "Initech"}, 3)], [Update(1, 2, "closed", "Status")])
    assert [line[:4] for line in office.shown()] == [
        ["Key", "Notes", "Account", "Status"],
        ["RA-3", "", "Initech"],
        ["RA-1", "", "Acme", "open"],
        ["RA-2", "call them", "Globex", "closed"],
    ]


def test_a_row_without_a_key_is_given_one(office: SheetsOffice, sheet: Sheets) -> None:
    office.person("paste", row=1, column=0, rows=[["", "Hooli", "bad"], ["", "Acme"]])
    tab = sheet.read()
    sheet.write(tab, [Insert({"Key": "RA-3"}, 3)], [Update(1, 0, "RA-1", "Key"), Update(1, 2, "closed", "Status")])
    assert [line[:3] for line in office.shown()[1:]] == [["RA-3"], ["", "Hooli", "bad"], ["RA-1", "Acme", "closed"]]
    assert office.calls()[2:] == ["batchUpdate"]


def test_a_row_given_its_key_while_columns_move_is_put_right(office: SheetsOffice, sheet: Sheets) -> None:
    office.person("edit", row=1, column=0, text="")
    tab = sheet.read()
    office.person("insert_column", column=0, title="Notes")
    sheet.write(tab, [], [Update(0, 0, "RA-1", "Key"), Update(0, 2, "closed", "Status")])
    assert office.shown()[1][:4] == ["", "RA-1", "Acme", "closed"]


def test_missing_columns_are_added_once(office: SheetsOffice) -> None:
    sheet = adapter(office, tab="Sheet2")
    tab = sheet.ensure_columns(sheet.read(), ["Key", "Account", "Goal"])
    assert tab.header == ["Key", "Account", "Goal"]
    assert office.spreadsheet.tabs[1].frozen_rows == 1
    assert sheet.ensure_columns(tab, ["goal"]) is tab
    many = [f"Column {number}" for number in range(30)]
    assert sheet.ensure_columns(tab, many).header == ["Key", "Account", "Goal", *many]


def test_a_dropdown_offers_and_does_not_force(office: SheetsOffice, sheet: Sheets) -> None:
    tab = sheet.read()
    assert sheet.dropdowns(tab) == {}
    sheet.set_dropdowns(tab, {2: ["open", "closed"]})
    assert sheet.dropdowns(tab) == {2: ["open", "closed"]}
    grid = office.person("edit", row=1, column=2, text="something else")
    assert (grid["status"], grid["validations"]) == (200, {"2": ["open", "closed"]})


def test_a_dry_run_says_what_it_would_write(office: SheetsOffice) -> None:
    sheet, before = adapter(office, writes="dry"), office.shown()
    tab = sheet.read()
    with pytest.raises(DryRun, match="would add a row for “RA-3”, “Initech”; would set Status of Acme to “closed”"):
        sheet.write(tab, [Insert({"Key": "RA-3", "Account": "Initech"}, 3)], [Update(0, 2, "closed", "Status")])
    with pytest.raises(DryRun, match="would add the columns Goal"):
        sheet.ensure_columns(tab, ["Goal"])
    with pytest.raises(DryRun, match="would offer open in Status"):
        sheet.set_dropdowns(tab, {2: ["open"]})
    assert office.shown() == before


def test_the_quota_and_outages_are_waited_for(office: SheetsOffice, sheet: Sheets) -> None:
    sheet.read()
    for kind, sent, wait in (
        ("429", False, 7.0),
        ("500", True, None),
        ("down", True, None),
        ("drop_before", True, None),
    ):
        office.fault(kind, "batchUpdate", times=1, seconds=7)
        with pytest.raises(Retryable) as caught:
            sheet.write(sheet.read(), updates=[Update(0, 2, "closed", "Status")])
        assert (caught.value.sent, caught.value.retry_after) == (sent, wait)


def test_nobody_there_means_nothing_was_done(office: SheetsOffice) -> None:
    nowhere = "http://127.0.0.1:1"
    account = {**office.account(), "token_uri": f"{nowhere}/google/token"}
    with pytest.raises(Retryable) as caught:
        Sheets(service_account=account, sheet_id=ID, url=nowhere).read()
    assert not caught.value.sent


def test_a_token_is_asked_for_at_google_or_the_stand_in_only(office: SheetsOffice) -> None:
    account = {**office.account(), "token_uri": "https://tokens.example/token"}
    with pytest.raises(Misconfigured, match="not an address that we talk to"):
        Sheets(service_account=account, sheet_id=ID, url=office.sandbox.url).read()


def test_what_an_administrator_must_mend_is_named(office: SheetsOffice, sheet: Sheets) -> None:
    tab = sheet.read()
    office.person("protect", column=2)
    with pytest.raises(Misconfigured, match=r"protected. Add touchpoint@sandbox"):
        sheet.write(tab, updates=[Update(0, 2, "closed", "Status")])
    office.person("unprotect")
    office.person("share", role="reader")
    with pytest.raises(Misconfigured, match="Share the spreadsheet with touchpoint@sandbox"):
        sheet.write(tab, updates=[Update(0, 2, "closed", "Status")])
    office.person("share", role="writer")
    sheet.read()
    office.person("rename_tab", title="Old tracker")
    with pytest.raises(Misconfigured, match="does not have that tab any more"):
        sheet.read()
    with pytest.raises(Misconfigured, match="no tab “Account Tracker”; it has “Old tracker”, “Sheet2”"):
        sheet.read()
    with pytest.raises(Misconfigured, match="There is no spreadsheet other"):
        adapter(office, sheet_id="other").read()
    with pytest.raises(Misconfigured, match="is not an id"):
        adapter(office, sheet_id="https://docs.google.com/spreadsheets/d/x/edit")


def test_a_tab_made_anew_is_found_again(office: SheetsOffice, sheet: Sheets) -> None:
    tab = sheet.read()
    book = office.open()
    book.del_worksheet(book.sheet1)
    book.add_worksheet("Account Tracker", 10, 10).update([["Key", "Status"], ["RA-1", "open"]])
    with pytest.raises(Retryable) as caught:
        sheet.write(tab, updates=[Update(0, 2, "closed", "Status")])
    assert not caught.value.sent
    sheet.write(sheet.read(), updates=[Update(0, 1, "closed", "Status")])
    assert book.worksheet("Account Tracker").acell("B2").value == "closed"


def test_a_refused_key_is_a_matter_of_configuration(office: SheetsOffice) -> None:
    stranger = {**office.account(), "client_email": "stranger@example.com"}
    with pytest.raises(Misconfigured, match="account not found"):
        Sheets(service_account=stranger, sheet_id=ID, url=office.sandbox.url).read()
    with pytest.raises(Misconfigured, match="not a service account's key"):
        Sheets(service_account={"type": "service_account"}, sheet_id=ID)


def test_another_refusal_is_permanent(sheet: Sheets) -> None:
    tab = sheet.read()
    with pytest.raises(Permanent) as caught:
        sheet.write(tab, [Insert({"Key": "RA-3"}, 0)])
    assert (caught.value.code, type(caught.value)) == ("INVALID_ARGUMENT", Permanent)
    with pytest.raises(Misconfigured, match="no header row"):
        sheet.write(Tab([], [], 0, 1000), [Insert({"Key": "RA-3"}, 3)])


def test_the_doctor_names_columns_and_protections(office: SheetsOffice, sheet: Sheets) -> None:
    assert [finding.ok for finding in sheet.doctor(["Status"])] == [True]
    office.person("edit", row=0, column=5, text="status")
    office.person("protect", column=0)
    texts = [finding.text for finding in sheet.doctor(["Goal"]) if not finding.ok]
    assert texts == [
        "Columns that are not there: Goal.",
        "Columns that are there twice: Status, status.",
        "People only is protected.",
    ]
    office.person("share", role=None)
    assert "as an editor" in sheet.doctor()[0].mend


def test_two_thousand_rows_are_a_few_calls(office: SheetsOffice, sheet: Sheets) -> None:
    for start in range(0, 2000, 500):
        new = [
            Insert({"Key": f"RA-{number}", "Account": f"Account {number}"}, number + 1)
            for number in range(start, start + 500)
        ]
        sheet.write(sheet.read(), new)
    assert len(sheet.read().rows) == 2002
    assert len(office.calls()) == 10


def test_cells_are_read_as_what_they_say() -> None:
    assert [as_text(cell) for cell in (None, " x ", 3.0, 1.5, True)] == ["", "x", "3", "1.5", "TRUE"]
    assert [as_date(cell) for cell in (46093, "2026-03-12", "soon", True, None)] == [date(2026, 3, 12)] * 2 + [None] * 3
    with pytest.raises(TypeError):
        sheets_rows.raw(datetime(2026, 1, 1, tzinfo=UTC))


@given(st.dates(date(1900, 1, 1), date(9999, 12, 31)))
def test_a_date_comes_back_as_itself(day: date) -> None:
    assert as_date(sheets_rows.raw(day)) == day


@given(st.text())
def test_any_text_is_made_inert(text: str) -> None:
    sheets_rows.inert(text).encode()
    assert "\x00" not in sheets_rows.inert(text)
