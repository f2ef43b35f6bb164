"""The stand-in for Google Sheets: token endpoint, the part of the v4 API that the bot uses, a person at the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.world import World


def routes(world: World) -> list[web.RouteDef]:
    from sandbox.sheets import rest
    from sandbox.sheets.control import control_routes

    return [
        web.post("/google/token", rest.token(world)),
        web.route("*", "/v4/spreadsheets/{path:.+}", rest.api(world)),
        *control_routes(world),
    ]
