"""The page at /: a calm, Slack-like place to try the bot in. Plain HTML, CSS and ES modules, nothing to build."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.page.pushes import pushes

if TYPE_CHECKING:
    from sandbox.world import World

STATIC = Path(__file__).parent / "static"

#: Only this origin, so that nothing drawn from a message can load or send anything elsewhere.
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

#: Said here because a machine's own list of types may lack them, and a browser runs no script of another type.
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def file(path: Path) -> web.FileResponse:
    return web.FileResponse(path, headers=HEADERS | {"Content-Type": f"{TYPES[path.suffix]}; charset=utf-8"})


async def index(request: web.Request) -> web.FileResponse:
    return file(STATIC / "index.html")


async def static(request: web.Request) -> web.FileResponse:
    path = (STATIC / request.match_info["path"]).resolve()
    if not path.is_relative_to(STATIC) or path.suffix not in TYPES or not path.is_file():
        raise web.HTTPNotFound
    return file(path)


async def permalink(request: web.Request) -> web.Response:
    """Slack's own form of a message's address, /archives/C…/p1234567890123456, shown on the page."""
    digits = re.fullmatch(r"p(\d{10})(\d{6})", request.match_info["ts"])
    if not digits:
        raise web.HTTPNotFound
    ts, thread = f"{digits[1]}.{digits[2]}", request.query.get("thread_ts", "")
    tail = f"{thread}/{ts}" if re.fullmatch(r"\d{10}\.\d{6}", thread) and thread != ts else f"-/{ts}"
    raise web.HTTPFound(f"/#/{request.match_info['channel']}/{tail}")


def routes(world: World) -> list[web.RouteDef]:
    """The page's own routes."""

    async def newest(request: web.Request) -> web.Response:
        after = request.query.get("after")
        if after is not None and not re.fullmatch(r"\d+(\.\d+)?", after):
            return web.json_response({"error": "after is a message's ts."}, status=400)
        return web.json_response(pushes(world, request.query.get("as", ""), after))

    return [
        web.get("/sandbox/pushes", newest),
        web.get("/", index),
        web.get("/static/{path:.+}", static),
        web.get(r"/archives/{channel:[A-Z0-9]+}/{ts}", permalink),
    ]
