"""The Web API's front door: arguments, tokens, scopes, limits, faults; then the method itself.

https://docs.slack.dev/apis/web-api
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.slack.limits import RateLimited
from sandbox.slack.people import APP_TOKEN, BOT_TOKEN
from sandbox.slack.refusals import Refused

if TYPE_CHECKING:
    from sandbox.slack.state import Slack

FAULTS = ("429", "500", "down", "slow", "drop_before", "drop_after")


@dataclass(frozen=True)
class Method:
    run: Callable[[Slack, Arguments], Any]
    scopes: tuple[str, ...]
    per_minute: int | None
    token: str  # "bot", "app" or "" for none


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, per_minute: int | None = None, token: str = "bot") -> Callable[[Any], Any]:
    """Register a function (slack, arguments) -> answer as a Web API method."""

    def register(run: Callable[[Slack, Arguments], Any]) -> Callable[[Slack, Arguments], Any]:
        METHODS[name] = Method(run, scopes, per_minute, token)
        return run

    return register


class Arguments:
    """What the app sent, from query, form or JSON; objects may come as JSON inside a string."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, (dict, list)):
            raise self.wrong(f"{name} must be a string")
        return str(value)

    def need(self, name: str) -> str:
        if name not in self:
            raise self.wrong(f"missing required field: {name}")
        return self.text(name)

    def flag(self, name: str) -> bool:
        return self.values.get(name) in (True, "true", "True", "1", 1)

    def number(self, name: str, default: int, most: int) -> int:
        if name not in self:
            return default
        try:
            number = int(self.text(name))
        except ValueError:
            number = 0
        if not 1 <= number <= most:
            raise Refused("invalid_limit", f"{name} must be from 1 to {most}.")
        return number

    def decoded(self, name: str, error: str) -> Any:
        """An object or array, also if it came as a JSON string; None if it was not given."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise Refused(error, f"{name} is not JSON.") from None

    @staticmethod
    def wrong(message: str) -> Refused:
        return Refused("invalid_arguments", message, response_metadata={"messages": [f"[ERROR] {message}"]})


async def answer(slack: Slack, request: web.Request) -> web.StreamResponse:
    """One Web API call."""
    name = request.match_info["method"]
    fault = slack.world.faults.take("slack", name, *FAULTS)
    if fault:
        failed = await act_out(slack, request, name, fault.kind, fault.seconds)
        if failed is not None:
            return failed
    try:
        arguments, token = await _arguments(request)
        found = METHODS.get(name)
        if found is None:
            raise Refused("unknown_method", f"The stand-in has no {name}.", req_method=name)
        _check_token(slack, found, token, request)
        if found.per_minute:
            slack.limits.count(name, found.per_minute)
        result = found.run(slack, arguments)
        body = {"ok": True} | ((await result if inspect.isawaitable(result) else result) or {})
        slack.world.called("slack", name, 200)
    except RateLimited as limited:
        slack.world.called("slack", name, 429, "ratelimited", limited.why)
        return _too_many(limited.retry_after)
    except Refused as refusal:
        slack.world.called("slack", name, 200, refusal.code, refusal.why)
        body = {"ok": False, "error": refusal.code, **refusal.extra}
    if fault and fault.kind == "drop_after":
        return drop(request)
    return web.json_response(body, headers={"X-OAuth-Scopes": ",".join(sorted(slack.manifest.scopes))})


async def act_out(
    slack: Slack, request: web.Request, name: str, kind: str, seconds: float
) -> web.StreamResponse | None:
    """Answer as the fault says, or None to go on."""
    if kind == "slow":
        await asyncio.sleep(seconds)
    if kind in ("slow", "drop_after"):
        return None
    status = {"429": 429, "500": 500, "down": 503}.get(kind, 0)
    slack.world.called("slack", name, status, kind, "A fault switch is on.")
    if kind == "429":
        return _too_many(int(seconds))
    if kind == "drop_before":
        return drop(request)
    return web.Response(status=status, text="<html><body>Server Error</body></html>", content_type="text/html")


def _too_many(seconds: int) -> web.Response:
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(seconds)})


def drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _arguments(request: web.Request) -> tuple[Arguments, str]:
    """The arguments, and the token from the header or from them."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            sent = json.loads(await request.text() or "{}")
        except ValueError:
            raise Refused("invalid_json", "The body is not JSON.") from None
        if not isinstance(sent, dict):
            raise Refused("json_not_object", "The body is JSON, but no object.")
        values |= sent
    elif request.can_read_body:
        values |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else str(values.get("token", ""))
    return Arguments(values), token


def _check_token(slack: Slack, found: Method, token: str, request: web.Request) -> None:
    if not found.token:
        return
    if not token:
        raise Refused("not_authed", "The call carries no token.")
    if token not in (BOT_TOKEN, APP_TOKEN):
        raise Refused("invalid_auth", "The token is not one of this workspace.")
    if token != {"bot": BOT_TOKEN, "app": APP_TOKEN}[found.token]:
        raise Refused("not_allowed_token_type", f"This method needs the {found.token} token.")
    if found.token == "app" and not request.headers.get("Authorization"):
        raise Refused("not_authed", "The app token belongs in the Authorization header.")
    for scope in found.scopes:
        need_scope(slack, scope)


def need_scope(slack: Slack, scope: str) -> None:
    """Refused unless the manifest asks for this scope."""
    granted = slack.manifest.scopes
    if scope not in granted:
        provided = ",".join(sorted(granted))
        raise Refused("missing_scope", f"app.manifest.yml lacks {scope}.", needed=scope, provided=provided)
