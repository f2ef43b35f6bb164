"""A running sandbox with the Red Accounts sheet in it, and plain gspread pointed at it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import gspread
import requests
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials
from requests.adapters import HTTPAdapter

from sandbox.faults import Fault
from sandbox.server import Sandbox
from sandbox.sheets.grid import Spreadsheet, Tab

ID = "red-accounts-sheet"
ROWS = [
    ["Key", "Account", "Status", "ARR", "Renewal"],
    ["RA-1", "Acme", "open", 240000, "2026-03-12"],
    ["RA-2", "Globex", "", "$1,200.50", "2026-02-03"],
]


class ToSandbox(HTTPAdapter):
    """Carries what gspread sends to Google to the sandbox instead; gspread itself is unchanged."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.host = urlsplit(base_url).netloc

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        request.url = urlunsplit(("http", self.host, url.path, url.query, ""))
        return super().send(request, *args, **kwargs)


class SheetsOffice:
    def __init__(self) -> None:
        self.sandbox = Sandbox().start()
        self.world = self.sandbox.world

    def fill(self) -> None:
        """Everything as new: one sheet, real time, no faults."""

        def anew() -> None:
            self.world.sheets.reset()
            self.world.faults.switch_off()
            self.world.calls.clear()
            self.world.clock.offset_seconds = 0
            self.world.sheets.add_spreadsheet(ID, "Red Accounts", tabs={"Account Tracker": ROWS, "Sheet2": []})

        self.sandbox.call(anew)

    @property
    def spreadsheet(self) -> Spreadsheet:
        return self.world.sheets.spreadsheet(ID)

    @property
    def tab(self) -> Tab:
        return self.spreadsheet.tabs[0]

    def shown(self) -> list[list[str]]:
        """What a person sees in the first tab, without the empty edge."""
        lines = [[cell.display for cell in line] for line in self.tab.rows]
        for line in lines:
            while line and not line[-1]:
                line.pop()
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def account(self) -> dict[str, Any]:
        return self.world.sheets.service_account_info(self.sandbox.url)

    def gspread(self, **changes: Any) -> gspread.Client:
        scopes = changes.pop("scopes", gspread.auth.DEFAULT_SCOPES)
        account = Credentials.from_service_account_info({**self.account(), **changes}, scopes=scopes)
        tokens = requests.Session()  # google-auth asks other hosts by itself, too; here all of it goes to the sandbox
        session = AuthorizedSession(account, auth_request=Request(tokens))
        for carried in (tokens, session):
            carried.mount("https://", ToSandbox(self.sandbox.url))
        return gspread.Client(auth=account, session=session)

    def open(self) -> gspread.Spreadsheet:
        return self.gspread().open_by_key(ID)

    def fault(self, kind: str, call: str = "*", **details: Any) -> Fault:
        return self.sandbox.call(self.world.faults.switch_on, "sheets", kind, call=call, **details)

    def person(self, action: str, **body: Any) -> dict[str, Any]:
        """What a person does at the grid, through the control API."""
        response = requests.post(f"{self.sandbox.url}/sandbox/sheets/{action}", json=body, timeout=10)
        return {**response.json(), "status": response.status_code}

    def calls(self) -> list[str]:
        return [call.name for call in self.world.calls if call.system == "sheets" and call.name != "token"]

    def last_why(self) -> str:
        return self.world.calls[-1].why
