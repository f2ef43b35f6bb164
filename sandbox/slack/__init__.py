"""A Slack workspace on this machine, as strict as the real one: Web API, Socket Mode, and what people do in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.world import World


def routes(world: World) -> list[web.RouteDef]:
    """What Slack answers, and under /sandbox/slack what the sandbox's page and stories use."""
    from sandbox.slack import api, control, files, methods, response_url

    assert methods, "importing the methods registers them"
    slack = world.slack

    async def call(request: web.Request) -> web.StreamResponse:
        return await api.answer(slack, request)

    async def respond(request: web.Request) -> web.StreamResponse:
        return await response_url.answer(slack, request)

    async def take_file(request: web.Request) -> web.StreamResponse:
        return await files.take(slack, request)

    async def give_file(request: web.Request) -> web.Response:
        return files.give(slack, request)

    return [
        web.post("/upload/v1/{file}/{token}", take_file),
        web.get("/files-pri/{file}/{name}", give_file),
        web.route("*", "/api/{method}", call),
        web.get("/link/", slack.sockets.serve),
        web.post("/response/{token}", respond),
        *control.routes(slack),
    ]
