"""simple-salesforce with what it lacks: allowed hosts, time-outs, an end to logging in, and errors told apart.

Every answer passes `_watch` before simple-salesforce sees it, so a refusal becomes one of our own errors right there.
Measured against 1.12.10: it repeats a call after a new login without the caller's headers (so conditions travel inside
a composite body), it logs in again without end on some paths, and it breaks on errors that are not JSON arrays.
"""

from __future__ import annotations

import html
import re
import threading
import time
from collections import deque
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from jwt import PyJWTError
from simple_salesforce import api as simple_salesforce
from simple_salesforce.exceptions import SalesforceError

from bot.errors import Misconfigured, Permanent, Retryable
from bot.integrations import http
from bot.integrations.salesforce_rows import ApiUsage, Json

LOGINS_PER_MINUTE = 5  # of those that led to nothing
LIMIT_PAUSE_SECONDS = 900.0  # the day's calls are counted over a rolling 24 hours

_NOT_NOW = {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "REQUEST_RUNNING_TOO_LONG", "QUERY_TIMEOUT"}
_LOGIN_NOT_NOW = {"unknown_error", "server_error", "temporarily_unavailable"}
_FOR_ADMINISTRATORS = {
    "INVALID_FIELD",
    "INVALID_TYPE",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
    "API_DISABLED_FOR_ORG",
    "API_CURRENTLY_DISABLED",
    "UNSUPPORTED_API_VERSION",
}

Timeout = tuple[float, float]


class Client:
    """One org. Safe to share between threads: calls wait for each other."""

    def __init__(
        self,
        domain: str,
        *,
        client_id: str,
        client_secret: str | None,
        username: str | None,
        private_key: str | None,
        url: str | None,
        api_version: str,
    ) -> None:
        name = domain.strip().removeprefix("https://").rstrip("/").removesuffix(".salesforce.com")
        if name in ("", "login", "test") or not re.fullmatch(r"[A-Za-z0-9.-]+", name):
            raise Misconfigured("SALESFORCE_DOMAIN must be the org's own domain, such as example.my.salesforce.com.")
        self.host = f"{name}.salesforce.com".lower()
        self.api_version = api_version
        self.usage = ApiUsage(0, 0)
        self.server_time = datetime.fromtimestamp(0, UTC)  # of the newest answer
        self.lock = threading.RLock()
        self._credentials = _credentials(name, client_id, client_secret, username, private_key)
        self._session = http.session([self.host], url=url, on_response=self._watch)
        self._session.headers["Sforce-Call-Options"] = "client=touchpoint"
        self._connected: simple_salesforce.Salesforce | None = None
        self._logins: deque[float] = deque()

    def call(self, method: str, path: str, *, timeout: Timeout | None = None, **kwargs: Any) -> Any:
        """One REST call below /services/data/vNN.0/. Raises Retryable, Permanent or Misconfigured."""
        with self.lock:
            if self._connected is None:
                self._connected = self._connect()
            try:
                return self._connected.restful(path, method=method, timeout=timeout, **kwargs)
            except SalesforceError as error:
                raise Retryable(f"Salesforce ends every session at once ({error}).", sent=False) from error
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise Retryable("Salesforce sent something that is not an answer.") from error
            except requests.RequestException as error:
                raise http.unreachable("Salesforce", error) from error

    def composite(self, subs: list[Json], timeout: Timeout | None = None) -> dict[str, Json]:
        """Several requests in one call, in their order; the answers by referenceId."""
        body = {"compositeRequest": subs, "allOrNone": False, "collateSubrequests": False}
        answer = self.call("POST", "composite", json=body, timeout=timeout)
        return {one["referenceId"]: one for one in answer["compositeResponse"]}

    def sub(self, reference: str, method: str, path: str) -> Json:
        """A sub-request of a composite."""
        return {"method": method, "url": f"/services/data/v{self.api_version}/{path}", "referenceId": reference}

    def all_pages(self, answer: Json) -> list[Json]:
        """The rows of a query, with those that Salesforce kept for further calls."""
        found: list[Json] = list(answer["records"])
        while not answer["done"]:
            answer = self.call("GET", re.sub(r"^/services/data/v[\d.]+/", "", answer["nextRecordsUrl"]))
            found += answer["records"]
        return found

    def _connect(self) -> simple_salesforce.Salesforce:
        self._may_log_in()
        try:
            return simple_salesforce.Salesforce(
                **self._credentials, session=self._session, version=self.api_version, object_pairs_hook=dict
            )
        except requests.RequestException as error:
            raise Retryable(str(http.unreachable("Salesforce", error)), sent=False) from error
        except SalesforceError as error:
            raise Misconfigured(f"Salesforce refuses the login: {error}.", code="LOGIN") from error
        except (PyJWTError, ValueError) as error:
            raise Misconfigured("SALESFORCE_PRIVATE_KEY is no private key in PEM form.", code="LOGIN") from error

    def _watch(self, response: requests.Response) -> None:
        if "Date" in response.headers:
            self.server_time = parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
        used = re.search(r"\bapi-usage=(\d+)/(\d+)", response.headers.get("Sforce-Limit-Info", ""))
        if used:
            self.usage = ApiUsage(int(used[1]), int(used[2]))
        if urlsplit(response.url).path.endswith("/services/oauth2/token"):
            self._watch_login(response)
        elif response.status_code < 300:
            self._logins.clear()
        else:
            error = refusal(response.status_code, _json(response))
            if not (isinstance(error, Permanent) and error.code == "INVALID_SESSION_ID"):
                raise error
            self._may_log_in()  # and simple-salesforce does, then repeats the call

    def _watch_login(self, response: requests.Response) -> None:
        self._logins.append(time.monotonic())
        answer = _json(response)
        body = answer if isinstance(answer, dict) else {}
        code, sentence = body.get("error", ""), body.get("error_description") or body.get("error", "")
        transient = code in _LOGIN_NOT_NOW or "rate exceeded" in sentence
        if response.status_code >= 500 or response.status_code in (408, 420, 429) or transient:
            raise Retryable(f"Salesforce gives no session now ({sentence or response.status_code}).", sent=False)
        if response.status_code != 200 or "access_token" not in body:
            reason = sentence or f"it answered {response.status_code}"
            raise Misconfigured(f"Salesforce refuses the login: {reason}.", code=code or "LOGIN")
        host = urlsplit(body.get("instance_url", "")).hostname
        if host != self.host:
            raise Misconfigured(f"The org answers at {host}; set SALESFORCE_DOMAIN to that.", code="HOST")

    def _may_log_in(self) -> None:
        """A user who is frozen in Salesforce still gets sessions, which end at once: no storm of logins then."""
        minute_ago = time.monotonic() - 60
        while self._logins and self._logins[0] < minute_ago:
            self._logins.popleft()
        if len(self._logins) >= LOGINS_PER_MINUTE:
            wait = self._logins[0] - minute_ago
            raise Retryable("Salesforce ends every session at once; waiting.", retry_after=wait, sent=False)


def _credentials(
    name: str, client_id: str, secret: str | None, username: str | None, key: str | None
) -> dict[str, Any]:
    """JWT when there is a private key: its audience is Salesforce's login server, its token comes from the org."""
    if username and key:
        audience = "test" if ".sandbox." in f".{name}." else "login"
        return {
            "username": username,
            "privatekey": key,
            "consumer_key": client_id,
            "domain": audience,
            "instance_url": name,
        }
    if secret:
        return {"consumer_key": client_id, "consumer_secret": secret, "domain": name}
    raise Misconfigured("Salesforce needs SALESFORCE_CLIENT_SECRET, or SALESFORCE_USERNAME and SALESFORCE_PRIVATE_KEY.")


def good(answer: Json) -> Any:
    """The body of a composite's sub-answer, or its refusal raised."""
    if answer["httpStatusCode"] < 300:
        return answer["body"]
    raise refusal(answer["httpStatusCode"], answer["body"])


def refusal(status: int, body: Any) -> Retryable | Permanent:
    """Salesforce's no in our terms, with its own sentence.

    https://developer.salesforce.com/docs/platform/api-rest/guide/errorcodes.html
    """
    first = body[0] if isinstance(body, list) and body and isinstance(body[0], dict) else {}
    code, sentence = str(first.get("errorCode", "")), html.unescape(str(first.get("message", ""))).strip()
    if "ERROR at Row" in sentence:  # the whole query stands above what is wrong with it
        sentence = sentence.splitlines()[-1]
    sentence = sentence or f"Salesforce answered {status}."
    if code == "REQUEST_LIMIT_EXCEEDED":
        return Retryable("The org's API calls for today are used up.", retry_after=LIMIT_PAUSE_SECONDS, sent=False)
    if code in _NOT_NOW or status in (406, 408, 420, 429, 503):
        return Retryable(sentence, sent=False)
    if status >= 500:
        return Retryable(sentence)
    if code in _FOR_ADMINISTRATORS or status in (401, 403, 410):
        return Misconfigured(sentence, code=code)
    return Permanent(sentence, code=code)


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
