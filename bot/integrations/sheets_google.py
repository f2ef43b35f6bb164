"""One exchange with the Google Sheets API: through gspread, with time-outs, its failures in our words.

gspread sets no time-out, and its own BackOffHTTPClient repeats posts that were carried out; so neither is used here.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import gspread
import requests
from google.auth import exceptions as google_errors
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials

from bot.errors import Misconfigured, Permanent, Retryable
from bot.integrations import http

HOST, TOKEN_HOST = "sheets.googleapis.com", "oauth2.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/spreadsheets"
QUOTA_SECONDS = 20.0  # quotas refill every minute, and Google does not say when

T = TypeVar("T")
Body = dict[str, Any]


class Google:
    """One spreadsheet as the service account sees it. One call at a time: a requests session is for one thread."""

    def __init__(self, service_account: Mapping[str, Any], sheet_id: str, url: str | None) -> None:
        try:
            credentials = Credentials.from_service_account_info(service_account, scopes=[SCOPE])  # type: ignore[no-untyped-call]
        except (ValueError, KeyError, google_errors.GoogleAuthError) as error:
            raise Misconfigured(
                f"GOOGLE_SERVICE_ACCOUNT_JSON is not a service account's key: {error}", code="KEY"
            ) from error
        if not re.fullmatch(r"[A-Za-z0-9_-]+", sheet_id):
            sentence = "RED_ACCOUNTS_SHEET_ID is not an id: take the part of the sheet's address between /d/ and /edit."
            raise Misconfigured(sentence, code="ID")
        self.email = str(service_account.get("client_email", "the service account"))
        self.sheet_id = sheet_id
        # google-auth looks up "regional access boundaries" at a further host in a thread of its own. It lives without
        # them: our session refuses that host, and google-auth asks again hours later.
        tokens = Request(http.session([TOKEN_HOST], url=url))
        authorized = AuthorizedSession(credentials, auth_request=tokens)  # type: ignore[no-untyped-call]
        session = http.prepare(authorized, [HOST], url=url)
        self._client = gspread.Client(auth=credentials, session=session).http_client
        self._client.set_timeout((http.CONNECT_SECONDS, http.READ_SECONDS))
        self._lock = threading.Lock()

    def values(self, a1: str) -> Body:
        options: Body = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"}
        return self._ask(lambda: self._client.values_get(self.sheet_id, a1, options))

    def spreadsheet(self, fields: str, a1: str | None = None) -> Body:
        """The chosen parts of the spreadsheet: https://developers.google.com/sheets/api/guides/field-masks"""
        options: Body = {"fields": fields} if a1 is None else {"fields": fields, "ranges": a1}
        return self._ask(lambda: self._client.spreadsheets_get(self.sheet_id, options))

    def batch_update(self, body: Body, fields: str | None = None) -> Body:
        return self._post("batchUpdate", body, fields)

    def search_metadata(self, ids: list[int]) -> set[int]:
        """Which of these developer metadata ids are in the spreadsheet."""
        filters = [{"developerMetadataLookup": {"metadataId": number}} for number in ids]
        found = self._post("developerMetadata:search", {"dataFilters": filters}, None, joint="/")
        return {int(match["developerMetadata"]["metadataId"]) for match in found.get("matchedDeveloperMetadata", [])}

    def _post(self, method: str, body: Body, fields: str | None, joint: str = ":") -> Body:
        address = f"https://{HOST}/v4/spreadsheets/{self.sheet_id}{joint}{method}"
        options: Body | None = None if fields is None else {"fields": fields}
        return self._ask(lambda: self._client.request("post", address, params=options, json=body).json())

    def _ask(self, call: Callable[[], T]) -> T:
        with self._lock:
            try:
                return call()
            except gspread.exceptions.APIError as error:
                raise self._refusal(error) from error
            except google_errors.RefreshError as error:
                if error.retryable:
                    raise Retryable("Google did not give out a token.", sent=False) from error
                raise Misconfigured(f"Google refuses the service account: {error.args[0]}", code="TOKEN") from error
            except google_errors.TransportError as error:
                raise Retryable("Google's token server could not be reached.", sent=False) from error
            except requests.JSONDecodeError as error:
                raise Retryable("Google Sheets answered something else than JSON.") from error
            except requests.RequestException as error:
                raise http.unreachable("Google Sheets", error) from error

    def _refusal(self, error: gspread.exceptions.APIError) -> Exception:
        # Google's own words are in the body, the status only on the response: gspread's `code` is -1 for an HTML page.
        status, message = error.response.status_code, str(error.error.get("message", ""))
        code = str(error.error.get("status", ""))
        if status == 429:
            waits = error.response.headers.get("Retry-After", "")
            seconds = float(waits) if waits.isdigit() else QUOTA_SECONDS
            return Retryable("Google Sheets has had enough requests for this minute.", retry_after=seconds, sent=False)
        if status >= 500:
            return Retryable(f"Google Sheets answered {status}.")
        if status in (401, 403):
            return Misconfigured(
                f"Google Sheets: {message}. Share the spreadsheet with {self.email} as an editor.", code=code
            )
        if status == 404:
            return Misconfigured(
                f"There is no spreadsheet {self.sheet_id}, or it is not shared with {self.email}.", code=code
            )
        if "Unable to parse range" in message:
            return Misconfigured("The spreadsheet does not have that tab any more.", code="TAB")
        if "No grid with id" in message:
            return Retryable("The tab was deleted or made anew meanwhile.", sent=False)
        if "protected cell" in message:
            return Misconfigured(f"A part of the tab is protected. Add {self.email} to its editors.", code="PROTECTED")
        return Permanent(f"Google Sheets: {message}", code=code)


def quoted(title: str) -> str:
    """A tab's title as a range begins with it."""
    return "'" + title.replace("'", "''") + "'"


def letters(column: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    first, last = divmod(column, 26)
    return (letters(first - 1) if first else "") + chr(65 + last)


def grid_size(a1: str) -> tuple[int, int]:
    """Rows and columns of the tab, from the range that Google closed for us: 'Account Tracker'!A1:Z1000."""
    end = re.search(r"([A-Z]+)(\d+)$", a1)
    if end is None:
        return 1, 1
    width = 0
    for char in end[1]:
        width = width * 26 + ord(char) - 64
    return int(end[2]), width


def shown(cells: Mapping[str, Any]) -> list[str]:
    """A RowData's cells as a person sees them."""
    return [str(cell.get("formattedValue", "")) for cell in cells.get("values", [])]
