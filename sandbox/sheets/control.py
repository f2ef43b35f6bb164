"""/sandbox/sheets/…: the grid for the page and for story tests, and what a person does there.

POST bodies: {"as": who (a Slack user's id, e-mail address or name, or any name), "tab": title (or the first), …}.
Rows and columns count from 0 over the whole tab, so row 0 is the header.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.sheets.errors import Refused
from sandbox.sheets.person import AtTheGrid

if TYPE_CHECKING:
    from sandbox.world import World

Action = Callable[[AtTheGrid, dict[str, Any]], None]

ACTIONS: dict[str, Action] = {
    "edit": lambda person, asked: person.type(asked["row"], asked["column"], asked["text"]),
    "paste": lambda person, asked: person.paste(asked["row"], asked["column"], asked["rows"]),
    "rename_header": lambda person, asked: person.type(0, asked["column"], asked["text"]),
    "insert_row": lambda person, asked: person.insert("ROWS", asked["row"]),
    "insert_column": lambda person, asked: _insert_column(person, asked),
    "delete_row": lambda person, asked: person.delete("ROWS", asked["row"]),
    "delete_column": lambda person, asked: person.delete("COLUMNS", asked["column"]),
    "move_row": lambda person, asked: person.move("ROWS", asked["row"], asked["to"]),
    "move_column": lambda person, asked: person.move("COLUMNS", asked["column"], asked["to"]),
    "sort": lambda person, asked: person.sort(asked["column"], bool(asked.get("descending", False))),
    "rename_tab": lambda person, asked: person.rename_tab(asked["title"]),
    "protect": lambda person, asked: person.protect(asked.get("column")),
    "unprotect": lambda person, asked: person.unprotect(),
    "share": lambda person, asked: person.share(asked["role"]),
}


def _insert_column(person: AtTheGrid, asked: dict[str, Any]) -> None:
    person.insert("COLUMNS", asked["column"])
    if asked.get("title"):
        person.type(0, asked["column"], asked["title"])


def control_routes(world: World) -> list[web.RouteDef]:
    async def grid(request: web.Request) -> web.Response:
        try:
            return web.json_response(AtTheGrid(world.sheets, "", request.query.get("tab")).grid())
        except Refused as refused:
            return web.json_response({"error": refused.message}, status=404)

    async def opened(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"/#/sheet/{request.match_info['id']}")

    posts = [web.post(f"/sandbox/sheets/{name}", _post(world, action)) for name, action in ACTIONS.items()]
    return [web.get("/sandbox/sheets/grid", grid), web.get("/spreadsheets/d/{id}/edit", opened), *posts]


def _post(world: World, action: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            asked = json.loads(await request.text() or "{}")
            person = AtTheGrid(world.sheets, asked.get("as", ""), asked.get("tab"))
            action(person, asked)
        except Refused as refused:
            return web.json_response({"error": refused.message}, status=400)
        except KeyError as missing:
            return web.json_response({"error": f"The request lacks {missing.args[0]!r}."}, status=400)
        except (TypeError, ValueError, AttributeError) as wrong:
            return web.json_response({"error": f"The request does not fit: {wrong}"}, status=400)
        return web.json_response(person.grid())

    return handle
