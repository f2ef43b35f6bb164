"""What a person does in Salesforce by hand, for the page and for story tests: /sandbox/salesforce/…"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.salesforce import ids
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.values import printed

if TYPE_CHECKING:
    from sandbox.salesforce.state import Row, Salesforce
    from sandbox.world import World

Handler = Callable[[web.Request], Awaitable[web.Response]]
Action = Callable[["Salesforce", dict[str, Any]], None]

#: Names of the account view → fields of Account.
_SHOWN = {
    "id": "Id",
    "name": "Name",
    "health": "Customer_Health__c",
    "owner_id": "OwnerId",
    "ce_id": "Customer_Engineer__c",
    "region": "Region__c",
    "tier": "Tier__c",
    "arr": "ARR__c",
    "renewal_on": "Renewal_Date__c",
    "weekly_users": "Weekly_Users__c",
    "seats": "Seats__c",
    "usage_change": "Usage_Change__c",
    "health_reason": "Customer_Health_Reason__c",
    "health_score": "Health_Score__c",
    "last_activity_on": "LastActivityDate",
}


def control_routes(world: World) -> list[web.RouteDef]:
    """GET accounts, and one POST for each thing that a person can do."""

    async def accounts(_request: web.Request) -> web.Response:
        return web.json_response(overview(world.salesforce))

    async def record(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"/#/salesforce/{request.match_info['id']}")

    actions: dict[str, Action] = {
        "set_health": _set_health,
        "update": _update,
        "update_task": _update_task,
        "delete": _delete,
        "merge": _merge,
    }
    posts = [web.post(f"/sandbox/salesforce/{name}", _post(world, action)) for name, action in actions.items()]
    links = web.get("/lightning/r/Account/{id}/view", record)
    return [web.get("/sandbox/salesforce/accounts", accounts), links, *posts]


def overview(org: Salesforce) -> dict[str, Any]:
    """All accounts and users, and when the app last asked."""
    names = {row["Id"]: row["Name"] for row in org.rows("User")}
    history: dict[str, list[Row]] = {}
    for row in org.rows("AccountHistory"):
        if row["Field"] == "Customer_Health__c":
            history.setdefault(row["AccountId"], []).append(row)
    tasks: dict[str, list[Row]] = {}
    for row in org.rows("Task"):
        if not row["IsDeleted"]:
            tasks.setdefault(row["WhatId"], []).append(row)
    live = sorted((row for row in org.rows("Account") if not row["IsDeleted"]), key=lambda row: row["Name"].lower())
    return {
        "accounts": [_account(row, names, history.get(row["Id"], []), tasks.get(row["Id"], [])) for row in live],
        "users": [_user(row, org) for row in org.rows("User")],
        "polls": {"last_at": _iso(org.last_read_at), "calls_today": len(org.call_times)},
    }


def _account(row: Row, names: dict[str, str], history: list[Row], tasks: list[Row]) -> dict[str, Any]:
    shown = {key: printed(row[name]) for key, name in _SHOWN.items()}
    shown |= {"owner": names.get(row["OwnerId"], ""), "ce": names.get(row["Customer_Engineer__c"], "")}
    shown |= {"modified_by": names.get(row["LastModifiedById"], ""), "modified_at": _iso(row["LastModifiedDate"])}
    shown["tasks"] = [_task(task, names) for task in tasks]
    shown["history"] = [
        {
            "at": _iso(edit["CreatedDate"]),
            "by": names.get(edit["CreatedById"], ""),
            "from": edit["OldValue"],
            "to": edit["NewValue"],
        }
        for edit in reversed(history)
    ]
    return shown


def _task(row: Row, names: dict[str, str]) -> dict[str, Any]:
    keys = {"id": "Id", "subject": "Subject", "status": "Status", "is_closed": "IsClosed", "due_on": "ActivityDate"}
    shown = {key: printed(row[name]) for key, name in keys.items()}
    return shown | {"owner": names.get(row["OwnerId"], ""), "description": row["Description"] or ""}


def _user(row: Row, org: Salesforce) -> dict[str, Any]:
    keys = {"id": "Id", "name": "Name", "email": "Email", "title": "Title", "is_active": "IsActive"}
    return {key: row[name] for key, name in keys.items()} | {"is_integration": row["Id"] == org.integration_user}


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _post(world: World, action: Action) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = await request.json()
            action(world.salesforce, body)
        except KeyError as missing:
            return web.json_response({"error": f"{missing.args[0]} is missing."}, status=400)
        except Refused as refused:
            sentence = refused.message or refused.why
            return web.json_response({"error": sentence, "code": refused.code}, status=refused.status)
        except ValueError as problem:
            return web.json_response({"error": str(problem)}, status=400)
        return web.json_response({"ok": True})

    return handle


def _set_health(org: Salesforce, body: dict[str, Any]) -> None:
    org.update("Account", body["id"], {"Customer_Health__c": body["health"]}, by=acting_user(org, body["as"]))


def _update(org: Salesforce, body: dict[str, Any]) -> None:
    org.update("Account", body["id"], body["fields"], by=acting_user(org, body["as"]))


def _update_task(org: Salesforce, body: dict[str, Any]) -> None:
    org.update("Task", body["id"], body["fields"], by=acting_user(org, body["as"]))


def _delete(org: Salesforce, body: dict[str, Any]) -> None:
    org.delete("Account", body["id"])


def _merge(org: Salesforce, body: dict[str, Any]) -> None:
    org.merge("Account", body["id"], body["into"])


def acting_user(org: Salesforce, who: str) -> str:
    """The User with this id or e-mail address."""
    wanted = ids.full(who)
    for row in org.rows("User"):
        if row["Id"] == wanted or row["Email"].lower() == who.lower():
            return str(row["Id"])
    raise ValueError(f"Nobody in Salesforce is {who}.")
