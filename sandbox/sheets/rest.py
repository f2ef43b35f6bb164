"""The Sheets v4 REST API on the wire: who asks, what for, and the answer as Google prints it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sandbox.faults import Fault
from sandbox.sheets import batch, metadata, resource, schema, values
from sandbox.sheets.auth import NoToken
from sandbox.sheets.errors import Refused, bad_payload, too_many
from sandbox.sheets.grid import Spreadsheet, Stamp
from sandbox.sheets.state import BOT, PER_MINUTE
from sandbox.world import World

HEADERS = {
    "Vary": "Origin, X-Origin, Referer",
    "Cache-Control": "private",
    "Server": "ESF",
    "X-Content-Type-Options": "nosniff",
}
UNKNOWN_PARAMETER = (
    'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
    "Field '{name}' could not be found in request message."
)
PARAMETERS = {"alt", "fields", "prettyPrint", "quotaUser", "key", "access_token", "oauth_token", "callback", "$.xgafv"}


@dataclass
class Ask:
    """One request, taken apart."""

    spreadsheet: Spreadsheet
    argument: str  # the range, or the metadata's id
    query: Any
    body: Any
    stamp: Stamp

    @property
    def options(self) -> dict[str, str]:
        return {name: self.query[name] for name in values.OPTIONS if name in self.query}


Answer = Callable[[Ask], dict[str, Any]]


@dataclass(frozen=True)
class Method:
    name: str
    kind: str  # read or write: which quota it uses
    http: str
    path: str
    answer: Answer
    message: str = ""  # of the body
    parameters: frozenset[str] = frozenset()


def _get(ask: Ask) -> dict[str, Any]:
    return resource.get(ask.spreadsheet, ask.query, ask.stamp.email)


def _batch_update(ask: Ask) -> dict[str, Any]:
    replies = batch.apply(ask.spreadsheet, ask.body.get("requests", []), ask.stamp)
    answer: dict[str, Any] = {"spreadsheetId": ask.spreadsheet.id, "replies": replies}
    if ask.body.get("includeSpreadsheetInResponse"):
        ranges, cells = ask.body.get("responseRanges", []), ask.body.get("responseIncludeGridData", False)
        answer["updatedSpreadsheet"] = resource.build(ask.spreadsheet, ranges, cells, ask.stamp.email)
    return resource.masked(answer, ask.query.get("fields"), resource.BATCH_ANSWER)


def _values_get(ask: Ask) -> dict[str, Any]:
    return values.get(ask.spreadsheet, ask.argument, ask.options)


def _values_update(ask: Ask) -> dict[str, Any]:
    return values.update(ask.spreadsheet, ask.argument, ask.body, ask.options, ask.stamp)


def _values_append(ask: Ask) -> dict[str, Any]:
    return values.append(ask.spreadsheet, ask.argument, ask.body, ask.options, ask.stamp)


def _values_clear(ask: Ask) -> dict[str, Any]:
    return {"spreadsheetId": ask.spreadsheet.id, "clearedRange": values.clear(ask.spreadsheet, ask.argument, ask.stamp)}


def _values_batch_get(ask: Ask) -> dict[str, Any]:
    return values.batch_get(ask.spreadsheet, ask.query.getall("ranges", []), ask.options)


def _values_batch_update(ask: Ask) -> dict[str, Any]:
    return values.batch_update(ask.spreadsheet, ask.body, ask.stamp)


def _values_batch_clear(ask: Ask) -> dict[str, Any]:
    return values.batch_clear(ask.spreadsheet, ask.body.get("ranges", []), ask.stamp)


def _metadata_search(ask: Ask) -> dict[str, Any]:
    return metadata.search(ask.spreadsheet, ask.body.get("dataFilters", []))


def _metadata_get(ask: Ask) -> dict[str, Any]:
    return metadata.get(ask.spreadsheet, int(ask.argument) if ask.argument.isdigit() else 0)


_ID, _ARG = r"(?P<id>[^/:]+)", r"(?P<argument>[^/]+)"
_READ = frozenset({"majorDimension", "valueRenderOption", "dateTimeRenderOption"})
_WRITE = frozenset(
    {"valueInputOption", "includeValuesInResponse", "responseValueRenderOption", "responseDateTimeRenderOption"}
)
METHODS = (  # the first that fits is meant
    Method("spreadsheets.get", "read", "GET", _ID, _get, "", frozenset({"includeGridData", "ranges"})),
    Method("batchUpdate", "write", "POST", f"{_ID}:batchUpdate", _batch_update, "BatchUpdateSpreadsheetRequest"),
    Method("values.batchGet", "read", "GET", f"{_ID}/values:batchGet", _values_batch_get, "", _READ | {"ranges"}),
    Method(
        "values.batchUpdate", "write", "POST", f"{_ID}/values:batchUpdate", _values_batch_update,
        "BatchUpdateValuesRequest",
    ),
    Method(
        "values.batchClear", "write", "POST", f"{_ID}/values:batchClear", _values_batch_clear,
        "BatchClearValuesRequest",
    ),
    Method(
        "values.append", "write", "POST", f"{_ID}/values/{_ARG}:append", _values_append, "ValueRange",
        _WRITE | {"insertDataOption"},
    ),
    Method("values.clear", "write", "POST", f"{_ID}/values/{_ARG}:clear", _values_clear),
    Method("values.get", "read", "GET", f"{_ID}/values/{_ARG}", _values_get, "", _READ),
    Method("values.update", "write", "PUT", f"{_ID}/values/{_ARG}", _values_update, "ValueRange", _WRITE),
    Method(
        "developerMetadata.search", "read", "POST", f"{_ID}/developerMetadata:search", _metadata_search,
        "SearchDeveloperMetadataRequest",
    ),
    Method("developerMetadata.get", "read", "GET", f"{_ID}/developerMetadata/{_ARG}", _metadata_get),
)  # fmt: skip


def api(world: World) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0].removeprefix("/v4/spreadsheets/")
        found = next(
            (
                (method, match)
                for method in METHODS
                if method.http == request.method and (match := re.fullmatch(method.path, path))
            ),
            None,
        )
        if found is None:
            world.called(
                "sheets",
                f"{request.method} {path[:60]}",
                404,
                "NOT_FOUND",
                "The Sheets API has no such address (here).",
            )
            return web.Response(
                status=404, text="<!DOCTYPE html>\n<title>Error 404 (Not Found)!!1</title>\n", content_type="text/html"
            )
        method, match = found
        fault = world.faults.take("sheets", method.name, "429", "500", "down", "slow", "drop_before", "drop_after")
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "drop_before":
            return _drop(world, request, method.name, "nothing done")
        try:
            _act_out(fault, method.kind)
            answer = _answer(world, request, method, match, await request.read())
        except Refused as refused:
            world.called("sheets", method.name, refused.status, refused.code, refused.why)
            return _json(refused.body(), refused.status, refused.headers)
        if method.kind == "write":
            world.changed("sheets")
        if fault is not None and fault.kind == "drop_after":
            return _drop(world, request, method.name, "but it was done")
        world.called("sheets", method.name, 200)
        return _json(answer)

    return handle


def _act_out(fault: Fault | None, kind: str) -> None:
    if fault is None:
        return
    if fault.kind == "429":
        raise too_many(kind, PER_MINUTE, fault.seconds)
    if fault.kind == "500":
        raise Refused(500, "Internal error encountered.", why="A fault that was switched on here.")
    if fault.kind == "down":
        raise Refused(503, "The service is currently unavailable.", why="A fault that was switched on here.")


def _answer(world: World, request: web.Request, method: Method, match: re.Match[str], raw: bytes) -> dict[str, Any]:
    sheets = world.sheets
    email = sheets.tokens.holder(request.headers.get("Authorization", ""), writes=method.kind == "write")
    sheets.count(email, method.kind)
    for name in request.query:
        if name not in method.parameters | PARAMETERS:
            raise bad_payload("", UNKNOWN_PARAMETER.format(name=name))
    values.check_options(dict(request.query))
    body = _body(raw, method.message) if method.message else {}
    spreadsheet = sheets.for_user(unquote(match["id"]), email, writes=method.kind == "write")
    argument = unquote(match["argument"]) if "argument" in match.re.groupindex else ""
    answer = method.answer(Ask(spreadsheet, argument, request.query, body, sheets.stamp(BOT, email)))
    sheets.last_call_at = world.clock.now().isoformat()
    return answer


def _body(raw: bytes, message: str) -> dict[str, Any]:
    try:
        return schema.check(json.loads(raw or b"{}"), message)
    except ValueError:
        raise bad_payload("", "Invalid JSON payload received. Unexpected token.", "The body is not JSON.") from None


def _drop(world: World, request: web.Request, name: str, what: str) -> web.Response:
    world.called("sheets", name, 0, "dropped", f"The connection was cut, {what}: a fault that was switched on here.")
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _json(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    text = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    return web.Response(
        body=text.encode(),
        status=status,
        headers={"Content-Type": "application/json; charset=UTF-8", **HEADERS, **(headers or {})},
    )


def token(world: World) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.StreamResponse:
        fault = world.faults.take("sheets", "token", "429", "500", "down", "slow", "drop_before")
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "drop_before":
            return _drop(world, request, "token", "nothing done")
        try:
            _act_out(fault, "read")
            form = {name: str(value) for name, value in (await request.post()).items()}
            answer = world.sheets.tokens.grant(form, f"http://{request.host}/google/token")
        except NoToken as refused:
            world.called("sheets", "token", 400, refused.error, refused.description)
            return _json({"error": refused.error, "error_description": refused.description}, 400)
        except Refused as refused:
            world.called("sheets", "token", refused.status, refused.code, refused.why)
            return _json(refused.body(), refused.status, refused.headers)
        world.called("sheets", "token", 200)
        return _json(answer)

    return handle
