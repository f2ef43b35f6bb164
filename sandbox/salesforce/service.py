"""HTTP in front of the org: sessions, the day's calls, faults, headers, and what the page's traffic list says."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.salesforce import composite, oauth, rest
from sandbox.salesforce.errors import Refused, bad_json
from sandbox.salesforce.state import HOST

if TYPE_CHECKING:
    from sandbox.faults import Fault
    from sandbox.world import World

#: The faults that strike any call, a call for data, and a part of a composite. A rule refuses only what writes.
_ALWAYS = ("500", "down", "slow", "drop_before", "drop_after")
_DATA = (*_ALWAYS, "expired", "limit")
_PART = (*_ALWAYS, "limit")


class Cut(Exception):
    """The connection ends here without an answer."""


@dataclass
class Exchange:
    """One HTTP request and what faults have decided about its end."""

    wait_seconds: float = 0.0
    cut_after: bool = False


class Service:
    def __init__(self, world: World) -> None:
        self.world = world

    # -- token ------------------------------------------------------------------------------------------------------

    async def token(self, request: web.Request) -> web.StreamResponse:
        name, exchange = "POST oauth2/token", Exchange()
        form = {key: str(value) for key, value in (await request.post()).items()}
        host = request.headers.get("X-Forwarded-Host", HOST)
        try:
            self._strike(name, exchange, _ALWAYS)
            body = oauth.token(self.world.salesforce, form, request.headers.get("Authorization", ""), host)
            status, error = 200, ""
        except Cut:
            return self._cut(request, name)
        except Refused as refused:
            body, status, error = (
                {"error": refused.code.lower(), "error_description": refused.message},
                refused.status,
                refused.code,
            )
        except oauth.NoToken as refused:
            body, status, error = {"error": refused.error, "error_description": refused.description}, 400, refused.error
        await asyncio.sleep(exchange.wait_seconds)
        self.world.called("salesforce", name, status, error, body.get("error_description", ""))
        return self._cut(request, name) if exchange.cut_after else self._response(request, rest.Reply(status, body))

    # -- data -------------------------------------------------------------------------------------------------------

    async def data(self, request: web.Request) -> web.StreamResponse:
        exchange, name = Exchange(), f"{request.method} {request.path}"
        error = why = ""
        raw = await request.read()
        try:
            asked = rest.request_for(request.method, request.raw_path, dict(request.headers), None)
            name = asked.name
            self._let_in(request)
            self._strike(name, exchange, (*_DATA, "refuse") if asked.writes else _DATA)
            self.world.salesforce.count_call()
            asked.body = _json(request, raw)
            reply = self._carry_out(asked, exchange)
        except Cut:
            return self._cut(request, name)
        except Refused as refused:
            reply, error, why = rest.Reply(refused.status, refused.body()), refused.label, refused.why
        await asyncio.sleep(exchange.wait_seconds)
        self.world.called("salesforce", name, reply.status, error, why)
        if exchange.cut_after:
            return self._cut(request, name)
        return self._response(request, reply)

    def _carry_out(self, asked: rest.Request, exchange: Exchange) -> rest.Reply:
        org = self.world.salesforce
        if asked.parts[0] in ("composite", "query", "queryAll") and asked.parts[1:] != ["sobjects"]:
            org.last_read_at = self.world.clock.now()
            self.world.changed("salesforce")
        if asked.method == "POST" and asked.parts == ["composite"]:
            return composite.composite(org, asked.version, asked.body, lambda sub: self._sub_request(sub, exchange))
        return self._single(asked)

    def _single(self, asked: rest.Request) -> rest.Reply:
        if self.world.salesforce.before_call is not None:
            self.world.salesforce.before_call(asked.name)
        if asked.parts == ["composite", "sobjects"]:
            return composite.collection(self.world.salesforce, asked)
        return rest.answer(self.world.salesforce, asked)

    def _sub_request(self, sub: rest.Request, exchange: Exchange) -> rest.Reply:
        """A part of a composite: faults aimed at it by name strike it too, and its refusal gets a line of its own."""
        try:
            self._strike(sub.name, exchange, (*_PART, "refuse") if sub.writes else _PART)
            reply = self._single(sub)
        except Refused as refused:
            self.world.called("salesforce", sub.name, refused.status, refused.label, refused.why)
            raise
        if sub.writes:
            self.world.called("salesforce", sub.name, reply.status)
        return reply

    # -- who may, and what goes wrong -------------------------------------------------------------------------------

    def _let_in(self, request: web.Request) -> None:
        host = request.headers.get("X-Forwarded-Host", HOST)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").removeprefix("OAuth ")
        why = f"a token for {HOST} was sent to {host}" if host != HOST else "no such session, or it has ended"
        if host != HOST or self.world.salesforce.sessions.get(token, 0) < time.time():
            raise Refused(401, "INVALID_SESSION_ID", "Session expired or invalid", why=why)

    def _strike(self, name: str, exchange: Exchange, kinds: tuple[str, ...]) -> None:
        fault = self.world.faults.take("salesforce", name, *kinds)
        if fault is None:
            return
        if fault.kind == "slow":
            exchange.wait_seconds += fault.seconds
        elif fault.kind == "drop_before":
            raise Cut
        elif fault.kind == "drop_after":
            exchange.cut_after = True
        else:
            raise self._refusal(fault)

    def _refusal(self, fault: Fault) -> Refused:
        switched = "a fault switch of the sandbox is on"
        if fault.kind == "500":
            text = "An unexpected error occurred. Please include this ErrorId if you contact support: 0"
            return Refused(500, "UNKNOWN_EXCEPTION", text, why=switched)
        if fault.kind == "down":
            return Refused(503, "SERVER_UNAVAILABLE", "Server Unavailable", why=switched)
        if fault.kind == "limit":
            return Refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", why=switched)
        if fault.kind == "expired":
            self.world.salesforce.expire_sessions()
            return Refused(401, "INVALID_SESSION_ID", "Session expired or invalid", why=switched)
        text = fault.message or "This change is not allowed."
        return Refused(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", text, fields=[], why=switched)

    # -- answers ----------------------------------------------------------------------------------------------------

    def _cut(self, request: web.Request, name: str) -> web.StreamResponse:
        self.world.called("salesforce", name, 0, "cut", "a fault switch cut the connection")
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _response(self, request: web.Request, reply: rest.Reply) -> web.Response:
        org = self.world.salesforce
        headers = dict(reply.headers)
        headers["Date"] = format_datetime(self.world.clock.now(), usegmt=True)
        headers["Sforce-Limit-Info"] = f"api-usage={len(org.call_times)}/{org.daily_calls}"
        if reply.body is None:
            return web.Response(status=reply.status, headers=headers)
        pretty = request.headers.get("X-PrettyPrint") == "1"
        text = json.dumps(reply.body, indent=2, separators=(",", " : ")) if pretty else json.dumps(reply.body)
        return web.Response(status=reply.status, headers=headers, text=text, content_type="application/json")


def _json(request: web.Request, raw: bytes) -> Any:
    if not raw:
        return None
    if request.content_type not in ("application/json", "application/octet-stream"):
        text = f"Content-Type header: {request.content_type} is not supported"
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", text)
    try:
        return json.loads(raw)
    except ValueError as error:
        raise bad_json(f"{error}") from None
