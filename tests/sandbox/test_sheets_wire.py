"""Tokens, sharing, quotas, faults and the control endpoints: what is around a call to the stand-in for Sheets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import gspread
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth.exceptions import RefreshError
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


def ask(office: SheetsOffice, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{office.sandbox.url}/v4/spreadsheets/{path}", headers=headers, timeout=10)


def test_a_foreign_key_gets_no_token(office: SheetsOffice) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(RefreshError, match="Invalid JWT Signature"):
        office.gspread(private_key=pem.decode()).open_by_key(ID)
    with pytest.raises(RefreshError, match="account not found"):
        office.gspread(client_email="stranger@example.com").open_by_key(ID)
    assert office.last_why() == "Invalid grant: account not found"


def test_a_call_needs_a_token_with_the_right_scope(office: SheetsOffice) -> None:
    assert ask(office, ID).json()["error"]["status"] == "PERMISSION_DENIED"
    stale = ask(office, ID, Authorization="Bearer ya29.old")
    assert (stale.status_code, stale.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    reader = office.gspread(scopes=gspread.auth.READONLY_SCOPES).open_by_key(ID)
    with pytest.raises(APIError, match="insufficient authentication scopes"):
        reader.sheet1.update([["x"]], "A1")


def test_an_expired_token_is_renewed_by_the_client(office: SheetsOffice) -> None:
    sheet = office.open()
    office.sandbox.call(office.world.sheets.tokens.expire_all)
    assert sheet.sheet1.acell("B2").value == "Acme"


def test_a_spreadsheet_must_exist_and_be_shared(office: SheetsOffice) -> None:
    client = office.gspread()
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open_by_key("no-such-sheet")
    office.person("share", role="reader")
    sheet = client.open_by_key(ID)
    with pytest.raises(APIError, match="The caller does not have permission"):
        sheet.sheet1.update([["x"]], "A1")
    office.person("share", role=None)
    with pytest.raises(PermissionError):
        client.open_by_key(ID)


def test_answers_look_like_googles(office: SheetsOffice) -> None:
    client = office.gspread()
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{ID}"
    answer = client.http_client.request("get", url, params={"fields": "spreadsheetId"})
    assert answer.text == f'{{\n  "spreadsheetId": "{ID}"\n}}\n'
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert ask(office, f"{ID}/charts").status_code == 404


def test_sixty_reads_a_minute_and_no_more(office: SheetsOffice) -> None:
    sheet = office.open()
    tab = sheet.sheet1
    # Start a minute of the sandbox's time, so that the real minute cannot end during the test.
    office.sandbox.call(office.world.clock.move, timedelta(seconds=60 - office.world.clock.seconds() % 60 + 0.5))
    for _ in range(60):
        sheet.values_get("A1")
    with pytest.raises(APIError) as caught:
        sheet.values_get("A1")
    error = caught.value.error
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["message"].startswith(
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'"
    )
    assert error["details"][0]["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
    tab.update([["x"]], "F1")  # writes have a quota of their own
    office.sandbox.call(office.world.clock.move, timedelta(minutes=1))
    assert sheet.values_get("A1")["values"] == [["Key"]]


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500), ("down", 503)])
def test_a_fault_is_answered_and_nothing_done(office: SheetsOffice, kind: str, status: int) -> None:
    tab = office.open().sheet1
    before = office.shown()
    office.fault(kind, "values.update", times=1, seconds=7)
    with pytest.raises(APIError) as caught:
        tab.update([["x"]], "A1")
    assert caught.value.response.status_code == status
    assert caught.value.response.headers.get("Retry-After") == ("7" if kind == "429" else None)
    assert office.shown() == before
    tab.update([["x"]], "A1")


def test_a_cut_connection_did_it_or_did_not(office: SheetsOffice) -> None:
    tab = office.open().sheet1
    office.fault("drop_before", "values.update", times=1)
    with pytest.raises(requests.ConnectionError):
        tab.update([["x"]], "F1")
    assert office.shown()[0] == ["Key", "Account", "Status", "ARR", "Renewal"]
    office.fault("drop_after", "values.update", times=1)
    with pytest.raises(requests.ConnectionError):
        tab.update([["x"]], "F1")
    assert office.shown()[0][-1] == "x"
    assert "but it was done" in office.last_why()


def test_a_slow_answer_comes(office: SheetsOffice) -> None:
    office.fault("slow", "spreadsheets.get", times=1, seconds=0.05)
    assert office.open().title == "Red Accounts"


def test_the_grid_shows_who_changed_what(office: SheetsOffice) -> None:
    office.open().sheet1.update([["closed"]], "C2")
    grid = office.person("edit", row=2, column=2, text="12 Mar", **{"as": "Priya"})
    assert grid["header"][:5] == ["Key", "Account", "Status", "ARR", "Renewal"]
    assert (grid["rows"][0][2]["v"], grid["rows"][0][2]["by"]) == ("closed", "Touchpoint")
    assert (grid["rows"][1][2]["by"], grid["rows"][1][2]["f"]) == ("Priya", "DATE")
    assert grid["rows"][0][0]["changed_at"] is None
    assert grid["spreadsheet"]["tabs"][0] == {"id": 0, "title": "Account Tracker", "rows": 1000, "columns": 26}
    same = requests.get(f"{office.sandbox.url}/sandbox/sheets/grid?tab=Account%20Tracker", timeout=10).json()
    assert same["rows"] == grid["rows"]


def test_a_person_sorts_inserts_pastes_and_deletes(office: SheetsOffice) -> None:
    office.person("sort", column=0, descending=True)
    assert [line[0] for line in office.shown()] == ["Key", "RA-2", "RA-1"]
    office.person("insert_column", column=1, title="Team")
    assert office.shown()[0][:3] == ["Key", "Team", "Account"]
    office.person("insert_row", row=1)
    office.person("paste", row=1, column=0, rows=[["RA-9", "East"], ["", "West"]])
    assert [line[:2] for line in office.shown()] == [["Key", "Team"], ["RA-9", "East"], ["", "West"], ["RA-1", ""]]
    office.person("delete_row", row=1)
    office.person("rename_header", column=1, text="Region")
    assert office.shown()[0][1] == "Region"
    office.person("move_column", column=1, to=3)
    assert office.shown()[0][:3] == ["Key", "Account", "Region"]


def test_a_wrong_request_of_a_person_is_answered_in_words(office: SheetsOffice) -> None:
    assert office.person("edit", row=1, column=1) == {"error": "The request lacks 'text'.", "status": 400}
    assert "There is no tab 'Nope'" in office.person("edit", tab="Nope", row=1, column=1, text="x")["error"]
    assert office.person("delete_row", row=5000)["status"] == 400


def test_every_call_is_listed(office: SheetsOffice) -> None:
    sheet = office.open()
    sheet.sheet1.append_row(["x"])
    assert office.calls() == ["spreadsheets.get", "spreadsheets.get", "values.append"]
