"""The REST resources below /services/data/vNN.0. `answer` carries out one request, from HTTP or inside a composite."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.salesforce import answers, ids, schema, soql
from sandbox.salesforce.errors import Refused, bad_json, not_found
from sandbox.salesforce.values import printed

if TYPE_CHECKING:
    from sandbox.salesforce.state import Row, Salesforce

OLDEST, NEWEST = 31, 68  # API versions: older ones were retired, newer ones do not exist yet
PAGE = 2000
SAYS_CREATED = 46  # from this version on an upsert answers whether it created


@dataclass
class Request:
    method: str
    path: str  # below the version, without slashes at its ends: sobjects/Account/001…
    version: str
    params: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    body: Any = None

    @property
    def parts(self) -> list[str]:
        return [unquote(part) for part in self.path.split("/")]

    @property
    def writes(self) -> bool:
        return self.method in ("POST", "PATCH", "DELETE") and self.parts != ["composite"]

    @property
    def name(self) -> str:
        """What faults and the traffic list call it: "PATCH sobjects/Account"."""
        parts = self.parts
        deep = 2 if parts[0] in ("sobjects", "composite") else 1
        return f"{self.method} {'/'.join(parts[:deep])}"


@dataclass
class Reply:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def request_for(method: str, url: str, headers: dict[str, str], body: Any) -> Request:
    """A request from a path below the host; 404 for what is no REST address of a living version."""
    split = urlsplit(url)
    match = re.fullmatch(r"/services/data/v(\d+)\.0/(.+)", split.path)
    if match is None or int(match[1]) > NEWEST:
        raise not_found(f"{split.path} is no resource")
    if int(match[1]) < OLDEST:
        raise Refused(410, "UNSUPPORTED_API_VERSION", f"API version v{match[1]}.0 has been retired")
    params = dict(parse_qsl(split.query, keep_blank_values=True))
    lower = {name.lower(): value for name, value in headers.items()}
    return Request(method, match[2].strip("/"), f"{match[1]}.0", params, lower, body)


def answer(org: Salesforce, request: Request) -> Reply:
    """Carry out anything but a composite."""
    match request.method, *request.parts:
        case "GET", "query" | "queryAll" as resource:
            return _query(org, request, everything=resource == "queryAll")
        case "GET", "query" | "queryAll", locator:
            return Reply(200, _more(org, locator))
        case "GET", "limits":
            limit = {"Max": org.daily_calls, "Remaining": org.daily_calls - len(org.call_times)}
            return Reply(200, {"DailyApiRequests": limit})
        case "GET", "sobjects":
            tables = [schema.summary(table, request.version) for table in org.schema.values()]
            return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": tables})
        case "GET", "sobjects", sobject:
            return Reply(
                200, {"objectDescribe": schema.summary(org.table(sobject), request.version), "recentItems": []}
            )
        case "POST", "sobjects", sobject:
            record_id = org.create(sobject, _fields(request))
            location = {"Location": f"/services/data/v{request.version}/sobjects/{sobject}/{record_id}"}
            return Reply(201, {"id": record_id, "success": True, "errors": []}, location)
        case "GET", "sobjects", sobject, "describe":
            return Reply(200, schema.describe(org.table(sobject), request.version))
        case "GET", "sobjects", sobject, "updated":
            return _updated(org, request, sobject)
        case "GET" | "PATCH" | "DELETE", "sobjects", sobject, record_id:
            return _row(org, request, sobject, record_id)
        case "GET" | "PATCH" | "DELETE", "sobjects", sobject, name, value:
            return _row_by_key(org, request, sobject, name, value)
        case _, "query" | "queryAll" | "limits", *_:
            raise _not_allowed(request, "GET")
        case _, "sobjects", _:
            raise _not_allowed(request, "GET,POST")
    raise not_found(f"the sandbox's org has no resource {request.path}")


def _not_allowed(request: Request, allowed: str) -> Refused:
    text = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
    return Refused(405, "METHOD_NOT_ALLOWED", text)


def _fields(request: Request) -> Row:
    if not isinstance(request.body, dict):
        raise bad_json("Unexpected character or missing object: the body must be one JSON object")
    if any(name.lower() == "id" for name in request.body):
        text = "The Id field should not be specified in the sobject data."
        raise Refused(400, "INVALID_FIELD", text, fields=["Id"])
    return request.body


# -- one record -------------------------------------------------------------------------------------------------------


def _row(org: Salesforce, request: Request, sobject: str, record_id: str) -> Reply:
    table = org.table(sobject)
    if ids.full(record_id) is None:
        raise _bad_id(record_id)
    row = org.live_row(table.name, record_id)
    if request.method == "DELETE":
        org.delete(table.name, record_id)
        return Reply(204)
    _check_conditions(org, request, table, row)
    if request.method == "PATCH":
        org.update(table.name, record_id, _fields(request))
        return Reply(204)
    return Reply(200, _shown(table, row, request), _validators(org, table, row))


def _row_by_key(org: Salesforce, request: Request, sobject: str, name: str, value: str) -> Reply:
    """https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_upsert.htm"""
    table = org.table(sobject)
    field = table.visible(name)
    if field is None or not field.external_id:
        text = f"Provided external ID field does not exist or is not accessible: {name}"
        raise Refused(404, "NOT_FOUND", text)
    fields = _fields(request) if request.method == "PATCH" else {}
    if any(given.lower() == field.name.lower() for given in fields):
        text = f"The {field.name} field should not be specified in the sobject data."
        raise Refused(400, "INVALID_FIELD", text, fields=[field.name])
    found = org.with_value(table, field, value)
    root = f"/services/data/v{request.version}/sobjects/{table.name}"
    if len(found) > 1:
        return Reply(300, [f"{root}/{row['Id']}" for row in found])
    if request.method != "PATCH":
        if not found:
            raise not_found(f"no {table.name} has {value!r} in {field.name}")
        return _row(org, request, sobject, found[0]["Id"])
    says_created = float(request.version) >= SAYS_CREATED
    record_id = found[0]["Id"] if found else org.create(sobject, {field.name: value, **fields})
    if found:
        _row(org, request, sobject, record_id)
        if not says_created:
            return Reply(204)
    body = {"id": record_id, "success": True, "errors": []} | ({"created": not found} if says_created else {})
    return Reply(200 if found else 201, body, {} if found else {"Location": f"{root}/{record_id}"})


def _bad_id(record_id: str) -> Refused:
    if len(record_id) in (15, 18):
        why = "the last three characters do not fit the first 15"
        return Refused(400, "MALFORMED_ID", f"malformed id {record_id}", why=why)
    return not_found(f"{record_id} is neither an id nor a field")


def _shown(table: schema.SObject, row: Row, request: Request) -> dict[str, Any]:
    asked = request.params.get("fields")
    names = (
        [name.strip() for name in asked.split(",")]
        if asked
        else [f.name for f in table.fields.values() if not f.hidden]
    )
    url = f"/services/data/v{request.version}/sobjects/{table.name}/{row['Id']}"
    shown: dict[str, Any] = {"attributes": {"type": table.name, "url": url}}
    for name in names:
        found = table.visible(name)
        if found is None:
            raise Refused(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {table.name}")
        shown[found.name] = printed(row[found.name])
    return shown | {"Id": row["Id"]}


def _validators(org: Salesforce, table: schema.SObject, row: Row) -> dict[str, str]:
    headers = {}
    if "LastModifiedDate" in row:
        headers["Last-Modified"] = format_datetime(row["LastModifiedDate"], usegmt=True)
    if table.name == "Account":
        headers["ETag"] = org.etag(row["Id"])
    return headers


def _check_conditions(org: Salesforce, request: Request, table: schema.SObject, row: Row) -> None:
    """https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest_conditional_requests.htm"""
    modified: datetime = row["LastModifiedDate" if "LastModifiedDate" in row else "CreatedDate"]
    writing = request.method == "PATCH"
    if table.name == "Account":
        match = _tags(request, "if-match")
        if match is not None and org.etag(row["Id"]) not in match:
            raise Refused(412, "", "", why=f"If-Match: the record has changed, it is {org.etag(row['Id'])} now")
        none = _tags(request, "if-none-match")
        if none is not None and org.etag(row["Id"]) in none:
            raise Refused(412 if writing else 304, "", "", why="If-None-Match: the record has not changed")
    since = _date(request, "if-unmodified-since")
    if since is not None and modified > since:
        raise Refused(412, "", "", why=f"If-Unmodified-Since: the record was changed at {modified.isoformat()}")
    since = None if writing else _date(request, "if-modified-since")
    if since is not None and modified <= since:
        raise Refused(304, "", "", why="If-Modified-Since: the record has not changed")


def _tags(request: Request, name: str) -> list[str] | None:
    header = request.headers.get(name)
    if header is None:
        return None
    tags = re.findall(r'"[^"]*"', header)
    if not tags and request.method == "PATCH":
        raise Refused(
            400, "INVALID_HEADER", f"Invalid value for header {name}: {header}", why=f"{name} is not a quoted ETag"
        )
    return [tag.replace("--gzip", "").replace("-gzip", "") for tag in tags]


def _date(request: Request, name: str) -> datetime | None:
    header = request.headers.get(name)
    if header is None:
        return None
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        if request.method == "PATCH":
            raise Refused(400, "INVALID_HEADER", f"Invalid value for header {name}: {header}") from None
        return None


# -- many records -----------------------------------------------------------------------------------------------------


def _query(org: Salesforce, request: Request, *, everything: bool) -> Reply:
    if "q" not in request.params:
        raise Refused(400, "MALFORMED_QUERY", "SOQL statement cannot be empty")
    query = soql.parse(request.params["q"])
    found = answers.Answer(org, query, request.version, everything=everything)
    if query.count:
        return Reply(200, {"totalSize": len(found.rows()), "done": True, "records": []})
    records = found.records()
    return Reply(200, _page(org, request.version, records, 0, _batch_size(request), ""))


def _batch_size(request: Request) -> int:
    match = re.search(r"batchSize=(\d+)", request.headers.get("sforce-query-options", ""))
    return min(max(int(match[1]), 200), PAGE) if match else PAGE


def _page(org: Salesforce, version: str, records: list[Any], start: int, size: int, locator: str) -> dict[str, Any]:
    end = start + size
    page: dict[str, Any] = {"totalSize": len(records), "done": end >= len(records), "records": records[start:end]}
    if not page["done"]:
        locator = locator or ids.make("0r8", len(org.locators) + 1)
        org.locators[locator] = (version, records, size)
        page["nextRecordsUrl"] = f"/services/data/v{version}/query/{locator}-{end}"
    return page


def _more(org: Salesforce, text: str) -> dict[str, Any]:
    locator, _, start = text.partition("-")
    if locator not in org.locators or not start.isdigit():
        raise Refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    version, records, size = org.locators[locator]
    return _page(org, version, records, int(start), size, locator)


def _updated(org: Salesforce, request: Request, sobject: str) -> Reply:
    """https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_getupdated.htm"""
    table = org.table(sobject)
    try:
        start, end = (datetime.fromisoformat(request.params[name]) for name in ("start", "end"))
        inside = org.now() - timedelta(days=30) <= start < end
    except (KeyError, ValueError, TypeError):
        raise Refused(400, "INVALID_REPLICATION_DATE", "start and end must be dates with a time zone") from None
    if not inside:
        text = "startDate before org replication enabled date, or not before endDate"
        raise Refused(400, "INVALID_REPLICATION_DATE", text)
    rows = [row for row in org.rows(table.name) if start <= row["SystemModstamp"] <= end and not row.get("IsDeleted")]
    covered = min(org.now(), end.astimezone(UTC))
    return Reply(200, {"ids": [row["Id"] for row in rows], "latestDateCovered": printed(covered)})
