"""The stand-in for one Salesforce org: OAuth, REST, SOQL, and the control API behind the page's Salesforce tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.world import World


def routes(world: World) -> list[web.RouteDef]:
    from sandbox.salesforce.control import control_routes
    from sandbox.salesforce.service import Service

    api = Service(world)
    return [
        web.post("/services/oauth2/token", api.token),
        web.route("*", "/services/data/{rest:.*}", api.data),
        *control_routes(world),
    ]
