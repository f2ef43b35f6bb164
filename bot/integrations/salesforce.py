"""Salesforce in our words: what changed, who is red, and setting an account's health without overwriting anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from simple_salesforce.format import format_soql

from bot.errors import DryRun, Misconfigured, Permanent, Retryable
from bot.integrations import http
from bot.integrations import salesforce_rows as rows
from bot.integrations.salesforce_client import Client, good
from bot.integrations.salesforce_rows import (
    AccountRecord,
    ApiUsage,
    Conflict,
    HealthEdit,
    HealthField,
    Json,
    Poll,
    SalesforceFields,
    UserRecord,
    Written,
    full_id,
)
from bot.integrations.salesforce_tasks import CHANGED, MARK, TaskRecord, Tasks, task

__all__ = [
    "AccountRecord",
    "ApiUsage",
    "Conflict",
    "HealthEdit",
    "HealthField",
    "Poll",
    "Salesforce",
    "SalesforceFields",
    "TaskRecord",
    "UserRecord",
    "Written",
    "full_id",
]

#: Rows become visible some time after the moment that is stamped on them, so each poll looks back this far again.
OVERLAP = timedelta(minutes=10)
IDS_PER_QUERY = 250  # an address with its headers may have 16,384 bytes
POLL_TIMEOUT = (http.CONNECT_SECONDS, 30.0)
WRITE_TRIES = 3
RED = "Red"

_MAY_BE_ABSENT = ("history", "tasks")  # an org without field history or activities has no such object
_EVER = datetime.fromtimestamp(0, UTC)

# `literal` is for names that SalesforceFields has checked; format_soql quotes everything else.
_ACCOUNTS = "SELECT {columns:literal} FROM Account "
_RED = _ACCOUNTS + "WHERE {health:literal} = {red} ORDER BY Id"
_BY_ID = _ACCOUNTS + "WHERE Id IN {ids} ORDER BY Id"
_CHANGED = (
    "SELECT {columns:literal}, IsDeleted, MasterRecordId FROM Account WHERE SystemModstamp >= {since} ORDER BY Id"
)
_PEOPLE = (
    "SELECT Id, Name, Email, IsActive, ManagerId FROM User "
    "WHERE UserType = 'Standard' AND SystemModstamp >= {since} ORDER BY Id"
)
_EDITOR = "SELECT LastModifiedBy.Name FROM Account WHERE Id = {account_id}"
_EDITS = "SELECT AccountId, OldValue, NewValue, CreatedById, CreatedBy.Name, CreatedDate FROM AccountHistory "
_RECENT_EDITS = _EDITS + "WHERE Field = {health} AND CreatedDate >= {since} ORDER BY CreatedDate, Id"
_NEWEST_EDIT = _EDITS + "WHERE AccountId = {account_id} AND Field = {health} ORDER BY CreatedDate DESC, Id DESC LIMIT 1"
_TRACKED = (
    "SELECT IsFieldHistoryTracked FROM FieldDefinition "
    "WHERE EntityDefinition.QualifiedApiName = 'Account' AND QualifiedApiName = {health}"
)


class Salesforce:
    """One org, seen as the integration user. Safe to share between threads.

    `url` is the base address of a stand-in. With `writes` other than "on", a write raises DryRun after reading.
    """

    def __init__(
        self,
        *,
        domain: str,
        client_id: str,
        client_secret: str | None = None,
        username: str | None = None,
        private_key: str | None = None,
        url: str | None = None,
        fields: SalesforceFields,
        api_version: str = "62.0",
        writes: str = "on",
        reads_tasks: bool = False,
        task_key: str | None = None,
    ) -> None:
        self.fields, self.writes, self.reads_tasks = fields, writes, reads_tasks
        self._client = Client(
            domain,
            client_id=client_id,
            client_secret=client_secret,
            username=username,
            private_key=private_key,
            url=url,
            api_version=api_version,
        )
        self.tasks = Tasks(self._client, key=task_key, is_writing=lambda: self.writes == "on")
        self.instance_url = url.rstrip("/") if url else f"https://{self._client.host}"

    def account_url(self, account_id: str) -> str:
        """Where a person opens the account."""
        return f"{self.instance_url}/lightning/r/Account/{full_id(account_id)}/view"

    # -- reading ----------------------------------------------------------------------------------------------------

    def poll(self, cursor: datetime | None, first: bool = False) -> Poll:
        """What is red now and what changed since `cursor`, the `at` of an earlier poll: one call if nothing is long.

        Without a cursor, or with `first`, all accounts and users are read. Field history needs a cursor.
        """
        since = None if cursor is None else _aware(cursor) - OVERLAP
        start = _EVER if first or since is None else since
        queries = {
            "red": ("query", self._soql(_RED, red=RED)),
            "changed": ("queryAll", self._soql(_CHANGED, since=start)),
            "users": ("query", self._soql(_PEOPLE, since=start)),
        }
        if since is not None:
            queries["history"] = ("query", self._soql(_RECENT_EDITS, since=since))
            if self.reads_tasks:
                queries["tasks"] = ("queryAll", self._soql(CHANGED, since=since, mark=f"{MARK}%"))
        found, at = self._queries(queries)
        deleted = {row["Id"]: row["MasterRecordId"] for row in found["changed"] if row["IsDeleted"]}
        newest = {row["Id"]: row for row in [*found["red"], *found["changed"]]}  # in the order in which they were asked
        accounts = [rows.account(row, self.fields) for key, row in newest.items() if key not in deleted]
        return Poll(
            at=at,
            accounts=accounts,
            red_ids={one.id for one in accounts if (one.health or "").lower() == RED.lower()},
            deleted=deleted,
            history=[rows.health_edit(row) for row in found.get("history", [])],
            users=[rows.user(row) for row in found["users"]],
            api_used=self._client.usage.used,
            api_limit=self._client.usage.limit,
            tasks=[task(row) for row in found.get("tasks", [])],
        )

    def read_accounts(self, ids: Iterable[str]) -> list[AccountRecord]:
        """These accounts as they are now; those that are gone are left out."""
        wanted = [full_id(one) for one in dict.fromkeys(ids)]
        found: list[AccountRecord] = []
        for start in range(0, len(wanted), IDS_PER_QUERY):
            soql = self._soql(_BY_ID, ids=wanted[start : start + IDS_PER_QUERY])
            answer = self._client.call("GET", "query", params={"q": soql})
            found += [rows.account(row, self.fields) for row in self._client.all_pages(answer)]
        return found

    def describe_health(self) -> HealthField:
        """Whether the health field is there, may be written, and has its history kept."""
        fields = {field["name"]: field for field in self._client.call("GET", "sobjects/Account/describe")["fields"]}
        field = fields.get(self.fields.health)
        soql = self._soql(_TRACKED)
        tracked = self._client.call("GET", "query", params={"q": soql})["records"] if field else []
        return HealthField(
            exists=field is not None,
            updateable=bool(field and field["updateable"]),
            calculated=bool(field and field["calculated"]),
            values=_active_values(field) if field else [],
            history_tracked=any(row["IsFieldHistoryTracked"] for row in tracked),
            candidates=[name for name, one in fields.items() if _could_be_health(one)],
        )

    def unknown_fields(self) -> list[str]:
        """The names in our fields that Account does not have, or that the integration user may not see."""
        there = {field["name"].lower() for field in self._client.call("GET", "sobjects/Account/describe")["fields"]}
        named = [*self.fields.columns(), self.fields.health_note, self.fields.newest_update]
        return [name for name in named if name and "." not in name and name.lower() not in there]

    def limits(self) -> ApiUsage:
        """How many of the day's API calls the whole org has used."""
        day = self._client.call("GET", "limits")["DailyApiRequests"]
        return ApiUsage(day["Max"] - day["Remaining"], day["Max"])

    # -- writing ----------------------------------------------------------------------------------------------------

    def set_health(self, account_id: str, seen: str | None, wanted: str, note: str | None = None) -> Written:
        """Set the health to `wanted` if it still is what the person saw; Conflict if somebody else changed it.

        Repeating it does no harm. `note` is written along where the org has a field for it.
        """
        account_id = full_id(account_id)
        change = {self.fields.health: wanted}
        if note and self.fields.health_note:
            change[self.fields.health_note] = note
        with self._client.lock:
            for attempt in range(WRITE_TRIES):
                row, headers, latest = self._read_for_write(account_id)
                current = row[self.fields.health]
                if current == wanted:
                    return Written(False, current, self._client.server_time)
                if current != seen:
                    raise _conflict(row, current, latest)
                if self.writes != "on":
                    raise DryRun(f"would set {row['Name']}'s health from {current or 'empty'} to {wanted}")
                if self._write_if_unchanged(account_id, change, headers, last_try=attempt == WRITE_TRIES - 1):
                    return Written(True, current, self._client.server_time)
        raise Retryable("Something else in Salesforce keeps changing this account.", sent=False)

    def set_text(self, account_id: str, field: str, wanted: str, may_replace: Callable[[str], bool]) -> None:
        """Set a text field of an account; Conflict where it holds what `may_replace` does not know. Repeatable."""
        account_id = full_id(account_id)
        with self._client.lock:
            for attempt in range(WRITE_TRIES):
                sub = self._client.sub(
                    "row", "GET", f"sobjects/Account/{account_id}?fields=Name,LastModifiedDate,{field}"
                )
                answer = self._client.composite([sub])["row"]
                row = good(answer)
                there = str(row[field] or "").strip()
                if there == wanted.strip():
                    return
                if there and not may_replace(there):
                    raise Conflict(there, None, rows.moment(row["LastModifiedDate"]), of_field=False)
                if self.writes != "on":
                    raise DryRun(f"would set {field} of {row['Name']}")
                headers = {name.lower(): value for name, value in answer["httpHeaders"].items()}
                if self._write_if_unchanged(account_id, {field: wanted}, headers, last_try=attempt == WRITE_TRIES - 1):
                    return
        raise Retryable("Something else in Salesforce keeps changing this account.", sent=False)

    def _read_for_write(self, account_id: str) -> tuple[Json, Json, list[Json]]:
        """The account, the headers that identify this state of it, and the newest edit of its health (if kept)."""
        names = f"Id,Name,LastModifiedDate,LastModifiedById,{self.fields.health}"
        subs = [
            self._client.sub("row", "GET", f"sobjects/Account/{account_id}?fields={names}"),
            self._query("editor", "query", self._soql(_EDITOR, account_id=account_id)),
            self._query("history", "query", self._soql(_NEWEST_EDIT, account_id=account_id)),
        ]
        answers = self._client.composite(subs)
        row = {**good(answers["row"]), "LastModifiedBy": None}
        for found in good(answers["editor"])["records"]:
            row["LastModifiedBy"] = found["LastModifiedBy"]
        headers = {name.lower(): value for name, value in answers["row"]["httpHeaders"].items()}
        return row, headers, _history(answers["history"])["records"]

    def _write_if_unchanged(self, account_id: str, change: Json, headers: Json, *, last_try: bool) -> bool:
        """False when the record is not in that state any more.

        The last try goes by the date alone: an ETag that was altered on its way ("-gzip") would never match.
        """
        if "etag" in headers and not last_try:
            condition = {"If-Match": headers["etag"]}
        elif "last-modified" in headers:
            condition = {"If-Unmodified-Since": headers["last-modified"]}
        else:
            raise Misconfigured("Salesforce sent neither ETag nor Last-Modified, so a safe write is not possible.")
        sub = self._client.sub("write", "PATCH", f"sobjects/Account/{account_id}")
        answer = self._client.composite([sub | {"body": change, "httpHeaders": condition}])["write"]
        if answer["httpStatusCode"] == 412:
            return False
        good(answer)
        return True

    def _soql(self, text: str, **values: object) -> str:
        columns = ", ".join(self.fields.columns())
        return str(format_soql(text, columns=columns, health=self.fields.health, **values))

    def _query(self, reference: str, how: str, soql: str) -> Json:
        return self._client.sub(reference, "GET", f"{how}?q={quote(soql)}")

    def _queries(self, queries: dict[str, tuple[str, str]]) -> tuple[dict[str, list[Json]], datetime]:
        """The rows of each query, and Salesforce's time when it answered them."""
        subs = [self._query(name, how, soql) for name, (how, soql) in queries.items()]
        with self._client.lock:
            answers = self._client.composite(subs, timeout=POLL_TIMEOUT)
            at = self._client.server_time
            bodies = {name: _history(one) if name in _MAY_BE_ABSENT else good(one) for name, one in answers.items()}
            return {name: self._client.all_pages(one) for name, one in bodies.items()}, at


def _history(answer: Json) -> Json:
    """An org without the object has none to read."""
    try:
        body: Json = good(answer)
    except Permanent as refused:
        if refused.code != "INVALID_TYPE":
            raise
        return {"records": [], "done": True}
    return body


def _conflict(row: Json, current: str | None, edits: list[Json]) -> Conflict:
    """Who is to be named: the editor of the field, or else of whatever was changed last."""
    newest = rows.health_edit(edits[0]) if edits else None
    if newest is not None and newest.new == current:
        return Conflict(current, newest.by_name, newest.at, of_field=True)
    editor = row["LastModifiedBy"] or {}
    return Conflict(current, editor.get("Name"), rows.moment(row["LastModifiedDate"]), of_field=False)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("format_soql would read a date-time without a time zone as local time")
    return moment


def _active_values(field: Json) -> list[str]:
    return [value["value"] for value in field["picklistValues"] if value["active"]]


def _could_be_health(field: Json) -> bool:
    values = {value.lower() for value in _active_values(field)} if field["type"] == "picklist" else set()
    return "red" in values and "green" in values
