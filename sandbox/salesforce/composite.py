"""Several requests in one call: /composite and /composite/sobjects.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite_post.htm
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.salesforce import rest
from sandbox.salesforce.errors import Refused, bad_json

if TYPE_CHECKING:
    from sandbox.salesforce.state import Salesforce

MOST_REQUESTS, MOST_QUERIES, MOST_RECORDS = 25, 5, 200
_KEYS = {"method", "url", "referenceId", "body", "httpHeaders"}
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_FORBIDDEN = {"accept", "authorization", "content-type"}

Carry = Callable[[rest.Request], rest.Reply]


def composite(org: Salesforce, version: str, body: Any, carry: Carry) -> rest.Reply:
    """Carry out the sub-requests in order; each answer stands in `compositeResponse`, refusals too."""
    requests = _checked(body)
    before = org.snapshot() if body.get("allOrNone") else None
    done: dict[str, rest.Reply] = {}
    for request in requests:
        done[request["referenceId"]] = _one(request, done, carry)
    if before is not None and any(reply.status >= 400 for reply in done.values()):
        org.roll_back(before)
        halted = "The transaction was rolled back since another operation in the same transaction failed."
        done = {ref: reply if reply.status >= 400 else _halted(halted) for ref, reply in done.items()}
    shown = [
        {"body": reply.body, "httpHeaders": reply.headers, "httpStatusCode": reply.status, "referenceId": reference}
        for reference, reply in done.items()
    ]
    return rest.Reply(200, {"compositeResponse": shown})


def _checked(body: Any) -> list[dict[str, Any]]:
    if not isinstance(body, dict) or not isinstance(body.get("compositeRequest"), list):
        raise bad_json("compositeRequest is missing")
    unknown = set(body) - {"compositeRequest", "allOrNone", "collateSubrequests"}
    if unknown:
        raise bad_json(f'Unrecognized field "{min(unknown)}" (class CompositeRequestRepresentation)')
    requests: list[dict[str, Any]] = body["compositeRequest"]
    if not 1 <= len(requests) <= MOST_REQUESTS:
        raise Refused(
            400, "INVALID_INPUT", f"Composite requests are limited to {MOST_REQUESTS} subrequests, got {len(requests)}"
        )
    for request in requests:
        _check_one(request)
    if sum(_counts_as_query(request["url"]) for request in requests) > MOST_QUERIES:
        raise Refused(400, "INVALID_INPUT", f"At most {MOST_QUERIES} subrequests may be queries or collections")
    names = [request["referenceId"] for request in requests]
    if len(set(names)) < len(names):
        raise Refused(400, "INVALID_INPUT", "Duplicate referenceId. Reference IDs must be unique")
    return requests


def _check_one(request: Any) -> None:
    if not isinstance(request, dict) or not {"method", "url", "referenceId"} <= set(request):
        raise bad_json("each subrequest needs method, url and referenceId")
    unknown = set(request) - _KEYS
    if unknown:
        raise bad_json(f'Unrecognized field "{min(unknown)}" (class CompositeSubrequestRepresentation)')
    if not re.fullmatch(r"\w+", str(request["referenceId"]), re.ASCII):
        text = f"Provided referenceId ('{request['referenceId']}') must contain only letters, numbers and underscores"
        raise Refused(400, "INVALID_INPUT", text)
    headers = request.get("httpHeaders", {})
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise bad_json("httpHeaders must map names to strings")
    forbidden = {name for name in headers if name.lower() in _FORBIDDEN}
    if forbidden:
        raise Refused(400, "INVALID_INPUT", f"The header {min(forbidden)} is not allowed in a subrequest")


def _counts_as_query(url: str) -> bool:
    return re.match(r"/services/data/v\d+\.0/(query|queryAll|composite/sobjects)\b", url) is not None


def _one(request: dict[str, Any], done: dict[str, rest.Reply], carry: Carry) -> rest.Reply:
    try:
        filled = _fill({"url": request["url"], "body": request.get("body")}, done)
        if request["method"] == "GET" and request.get("body") is not None:
            raise bad_json("a GET subrequest has no body")
        sub = rest.request_for(request["method"], filled["url"], request.get("httpHeaders", {}), filled["body"])
        if sub.parts[0] == "composite" and sub.parts[1:2] != ["sobjects"]:
            raise Refused(400, "INVALID_INPUT", "a composite cannot hold another one")
        return carry(sub)
    except Refused as refused:
        return rest.Reply(refused.status, refused.body())


def _fill(value: Any, done: dict[str, rest.Reply]) -> Any:
    """Put the results of earlier sub-requests where @{reference.field} stands."""
    if isinstance(value, dict):
        return {key: _fill(inner, done) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, done) for inner in value]
    return _REFERENCE.sub(lambda match: str(_look_up(match, done)), value) if isinstance(value, str) else value


def _look_up(match: re.Match[str], done: dict[str, rest.Reply]) -> Any:
    reply = done.get(match[1])
    found = reply.body if reply is not None and reply.status < 300 else None
    for key in re.findall(r"\w+", match[2]):
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError, ValueError):
            text = f"Invalid reference specified. No value for {match[1]}{match[2]} found in {match[1]}"
            raise Refused(400, "PROCESSING_HALTED", text) from None
    return found


def _halted(text: str) -> rest.Reply:
    return rest.Reply(400, [{"message": text, "errorCode": "PROCESSING_HALTED"}])


# -- collections ------------------------------------------------------------------------------------------------------


def collection(org: Salesforce, request: rest.Request) -> rest.Reply:
    """Create, update or delete up to 200 records; 200 OK even where single records are refused.

    https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
    """
    if request.method == "DELETE":
        records: list[Any] = [{"id": record_id} for record_id in request.params.get("ids", "").split(",")]
        all_or_none = request.params.get("allOrNone") == "true"
    elif request.method in ("POST", "PATCH") and isinstance(request.body, dict) and "records" in request.body:
        records, all_or_none = request.body["records"], bool(request.body.get("allOrNone"))
    else:
        raise bad_json("a collection needs records")
    if not 1 <= len(records) <= MOST_RECORDS:
        raise Refused(
            400,
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {MOST_RECORDS} records into this call",
        )
    before = org.snapshot() if all_or_none else None
    results = [_record(org, request.method, record) for record in records]
    if before is not None and not all(result["success"] for result in results):
        org.roll_back(before)
        text = "Record rolled back because not all records were valid and the request was using AllOrNone header"
        undone = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": text, "fields": []}
        results = [{"success": False, "errors": [undone]} if result["success"] else result for result in results]
    return rest.Reply(200, results)


def _record(org: Salesforce, method: str, record: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in record.items() if name.lower() not in ("id", "attributes")}
    record_id = str(record.get("id") or record.get("Id") or "")
    try:
        if method == "DELETE":
            sobject = next((t.name for t in org.schema.values() if t.prefix == record_id[:3]), "")
            org.delete(sobject, record_id)
            return {"id": record_id, "success": True, "errors": []}
        sobject = record["attributes"]["type"]
        if method == "POST":
            record_id = org.create(sobject, fields)
        else:
            org.update(sobject, record_id, fields)
        return {"id": record_id, "success": True, "errors": []}
    except KeyError:
        raise bad_json("each record needs attributes.type") from None
    except Refused as refused:
        error = {"statusCode": refused.code, "message": refused.message, "fields": refused.fields or []}
        return {"success": False, "errors": [error]}
