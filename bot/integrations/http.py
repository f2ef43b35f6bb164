"""How we talk to Salesforce and Google: with time-outs, to named hosts only, and in the sandbox to a stand-in.

Neither simple-salesforce nor gspread sets a time-out of its own, and both put strings that people typed into
addresses. So both get a `requests` session from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError
from urllib3.util.retry import Retry

from bot.errors import Misconfigured, Retryable

CONNECT_SECONDS, READ_SECONDS = 3.05, 10.0

S = TypeVar("S", bound=requests.Session)
Timeout = float | tuple[float, float] | tuple[float, None] | None


class Carrier(HTTPAdapter):
    """Carries requests to `hosts` and to nobody else. With `url` they all go there, told apart by X-Forwarded-Host."""

    def __init__(self, hosts: Iterable[str], *, url: str | None = None) -> None:
        self.hosts = set(hosts)
        self.stand_in = urlsplit(url) if url else None
        # A stale kept-alive connection breaks on first use: one more try, for what only reads or never got through.
        super().__init__(max_retries=Retry(total=1, redirect=0, status=0, allowed_methods={"GET"}, backoff_factor=0.2))

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Timeout = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        target = urlsplit(request.url or "")
        to_stand_in = self.stand_in is not None and target.netloc == self.stand_in.netloc
        if not to_stand_in and (target.hostname not in self.hosts or target.scheme != "https"):
            raise Misconfigured(f"{target.scheme}://{target.netloc} is not an address that we talk to.", code="HOST")
        if self.stand_in is not None and not to_stand_in:
            request.headers["X-Forwarded-Host"] = target.netloc
            request.url = urlunsplit((self.stand_in.scheme, self.stand_in.netloc, target.path, target.query, ""))
        return super().send(request, stream, timeout or (CONNECT_SECONDS, READ_SECONDS), verify, cert, proxies)


def session(
    hosts: Iterable[str],
    *,
    url: str | None = None,
    on_response: Callable[[requests.Response], None] | None = None,
) -> requests.Session:
    """A session that reaches only `hosts`. `on_response` sees every answer first and may raise."""
    return prepare(requests.Session(), hosts, url=url, on_response=on_response)


def prepare(
    made: S,
    hosts: Iterable[str],
    *,
    url: str | None = None,
    on_response: Callable[[requests.Response], None] | None = None,
) -> S:
    """The same for a session that a library made, such as google-auth's AuthorizedSession."""
    carrier = Carrier(hosts, url=url)
    made.mount("https://", carrier)
    made.mount("http://", carrier)
    made.trust_env = url is None
    if made.auth is None:
        made.auth = _keep_headers
    if on_response is not None:
        made.hooks["response"].append(lambda response, **_: on_response(response))
    return made


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Without this, a line in somebody's .netrc would replace our bearer token."""
    return request


def unreachable(system: str, error: requests.RequestException) -> Retryable:
    """What a failed exchange means for the promise: done, not done, or nobody knows."""
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return Retryable(f"{system} could not be reached.", sent=False)
    if isinstance(error, requests.Timeout):
        return Retryable(f"{system} did not answer in time.")
    return Retryable(f"The connection to {system} broke.")


def _never_connected(error: requests.RequestException) -> bool:
    cause: Any = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)
