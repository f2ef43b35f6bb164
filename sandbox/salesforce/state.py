"""The org's rows and who changed them. Whatever writes, by API or by hand, goes through here and is checked alike."""

from __future__ import annotations

import copy
import itertools
import time
import zlib
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.salesforce import ids, schema, values
from sandbox.salesforce.errors import Refused, not_found

if TYPE_CHECKING:
    from sandbox.world import World

Row = dict[str, Any]

HOST = "touchpoint-sandbox.my.salesforce.com"
ORG_ID = "00D5g00000SandboxEAA"
CONSUMER_KEY, CONSUMER_SECRET = "sandbox-key", "sandbox-secret"
INTEGRATION_USERNAME = "touchpoint@sandbox.example"
SESSION_SECONDS = 2 * 3600
DAILY_CALLS = 15_000


class Salesforce:
    """One org. `before_call` is for tests: it is told each call's name before the call is carried out."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.trusted_key: str | None = None
        self.reset()

    def reset(self) -> None:
        self.schema = schema.org()
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in self.schema}
        self.versions: dict[str, int] = {}
        self.sessions: dict[str, float] = {}  # token -> real time of its end
        self.locators: dict[str, Any] = {}  # query locator -> the rest of an answer
        self.call_times: deque[float] = deque()  # of the last 24 hours, the sandbox's time
        self.daily_calls = DAILY_CALLS
        self.instance_host = HOST  # where new sessions are sent
        self.last_read_at: datetime | None = None
        self.before_call: Callable[[str], None] | None = None
        self._numbers = itertools.count(1)
        self.integration_user = ""
        self.integration_user = self.insert(
            "User",
            {"Name": "Touchpoint Integration", "Email": INTEGRATION_USERNAME, "Username": INTEGRATION_USERNAME},
        )

    # -- rows ------------------------------------------------------------------------------------------------------

    def insert(self, sobject: str, fields: Row, by: str | None = None) -> str:
        """Add a record as an administrator would, system fields included, and answer its 18-character id."""
        return self._insert(self.table(sobject), values.coerce(self, self.table(sobject), fields, system=True), by)

    def create(self, sobject: str, fields: Row, by: str | None = None) -> str:
        """Add a record through the API: only what the integration user may write."""
        table = self.table(sobject)
        clean = values.coerce(self, table, fields)
        missing = [f.name for f in table.fields.values() if f.required and clean.get(f.name) is None]
        if missing:
            text = f"Required fields are missing: [{', '.join(missing)}]"
            raise Refused(400, "REQUIRED_FIELD_MISSING", text, fields=missing)
        return self._insert(table, clean, by)

    def _insert(self, table: schema.SObject, clean: Row, by: str | None) -> str:
        self._must_be_unique(table, clean, None)
        record_id = ids.make(table.prefix, next(self._numbers))
        who = by or self.integration_user or record_id
        now = self.now()
        stamps = {
            "CreatedById": who,
            "CreatedDate": now,
            "LastModifiedById": who,
            "LastModifiedDate": now,
            "SystemModstamp": now,
        }
        defaults = {"IsDeleted": False, "IsActive": True, "UserType": "Standard", "OwnerId": who, "IsClosed": False}
        row = dict.fromkeys(table.fields) | {k: v for k, v in (stamps | defaults).items() if k in table.fields}
        row |= clean | {"Id": record_id}
        self.tables[table.name][record_id] = row
        self._derive(table, row)
        self._changed(record_id)
        if any(f.tracked for f in table.fields.values()):
            self._history(record_id, "created", None, None, who)
        return record_id

    def update(self, sobject: str, record_id: str, fields: Row, by: str | None = None) -> None:
        """Change a record as a person in Salesforce would; `by` is a User's id."""
        table = self.table(sobject)
        row = self.live_row(table.name, record_id)
        clean = values.coerce(self, table, fields)
        self._must_be_unique(table, clean, row["Id"])
        who, now = by or self.integration_user, self.now()
        for name, value in clean.items():
            if table.fields[name].tracked and row[name] != value:
                self._history(row["Id"], name, row[name], value, who)
        row |= clean | {"LastModifiedById": who, "LastModifiedDate": now, "SystemModstamp": now}
        self._derive(table, row)
        self._changed(row["Id"])

    def delete(self, sobject: str, record_id: str, by: str | None = None) -> None:
        """Into the recycle bin: queryAll still sees it."""
        row = self.live_row(sobject, record_id)
        if "IsDeleted" not in row:
            raise Refused(400, "INSUFFICIENT_ACCESS_OR_READONLY", f"{sobject} cannot be deleted", fields=[])
        row |= {"IsDeleted": True, "SystemModstamp": self.now(), "LastModifiedById": by or self.integration_user}
        self._changed(row["Id"])

    def merge(self, sobject: str, record_id: str, into: str, by: str | None = None) -> None:
        """Delete a record as a duplicate of another one; its tasks move over."""
        master = self.live_row(sobject, into)["Id"]
        loser = self.live_row(sobject, record_id)
        self.delete(sobject, record_id, by)
        loser["MasterRecordId"] = master
        for task in self.tables["Task"].values():
            if task["WhatId"] == loser["Id"]:
                task |= {"WhatId": master, "AccountId": master}

    def get(self, sobject: str, record_id: str) -> Row:
        """A copy of a record, deleted or not."""
        return dict(self.row(sobject, record_id))

    def rows(self, sobject: str) -> list[Row]:
        """All records of a type, deleted ones too, as the very objects that the org holds."""
        if sobject in schema.METADATA:
            return schema.metadata_rows(self.schema, sobject)
        return list(self.tables[sobject].values())

    def with_value(self, table: schema.SObject, field: schema.Field, value: Any) -> list[Row]:
        """The living records that have this value in a field, in any case of its letters."""
        wanted = str(value).lower()
        return [
            row
            for row in self.tables[table.name].values()
            if not row.get("IsDeleted") and str(row[field.name] or "").lower() == wanted
        ]

    def row(self, sobject: str, record_id: str) -> Row:
        found = self.tables[self.table(sobject).name].get(ids.full(record_id) or "")
        if found is None:
            raise not_found(f"there is no {sobject} {record_id}")
        return found

    def live_row(self, sobject: str, record_id: str) -> Row:
        found = self.row(sobject, record_id)
        if found.get("IsDeleted"):
            raise Refused(404, "ENTITY_IS_DELETED", "entity is deleted", fields=[])
        return found

    def table(self, sobject: str) -> schema.SObject:
        wanted = sobject.lower()
        found = next((table for name, table in self.schema.items() if name.lower() == wanted), None)
        if found is None:
            raise not_found(f"this org has no object {sobject}")
        return found

    def etag(self, record_id: str) -> str:
        """Changes with every change, even two in one second."""
        return f'"{zlib.crc32(f"{record_id}/{self.versions[record_id]}".encode()):08x}"'

    def _must_be_unique(self, table: schema.SObject, clean: Row, record_id: str | None) -> None:
        for name, value in clean.items():
            field = table.fields[name]
            other = next((row["Id"] for row in self.with_value(table, field, value)), None) if field.unique else None
            if value and other and other != record_id:
                text = f"duplicate value found: {name} duplicates value on record with id: {other[:15]}"
                raise Refused(400, "DUPLICATE_VALUE", text, fields=[])

    def _derive(self, table: schema.SObject, row: Row) -> None:
        if table.name == "Task":
            row["IsClosed"] = row["Status"] == "Completed"
            row["AccountId"] = row["WhatId"]

    def _changed(self, record_id: str) -> None:
        self.versions[record_id] = self.versions.get(record_id, 0) + 1
        self.world.changed("salesforce")

    def _history(self, account_id: str, name: str, old: Any, new: Any, by: str) -> None:
        record_id = ids.make("017", next(self._numbers))
        row = {
            "Id": record_id,
            "IsDeleted": False,
            "AccountId": account_id,
            "Field": name,
            "OldValue": old,
            "NewValue": new,
        }
        self.tables["AccountHistory"][record_id] = row | {"CreatedById": by, "CreatedDate": self.now()}

    # -- one request ----------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Salesforce keeps whole seconds."""
        return self.world.clock.now().replace(microsecond=0)

    def snapshot(self) -> Any:
        return copy.deepcopy((self.tables, self.versions))

    def roll_back(self, snapshot: Any) -> None:
        self.tables, self.versions = snapshot
        self.world.changed("salesforce")

    def trust(self, public_key_pem: str) -> None:
        """Accept JWT assertions signed with the matching private key."""
        self.trusted_key = public_key_pem

    def open_session(self) -> str:
        token = f"{ORG_ID[:15]}!AQ{zlib.crc32(str(next(self._numbers)).encode()):08x}.sandbox"
        self.sessions[token] = time.time() + SESSION_SECONDS
        return token

    def expire_sessions(self) -> None:
        self.sessions.clear()

    def count_call(self) -> None:
        now = self.world.clock.seconds()
        while self.call_times and self.call_times[0] < now - 24 * 3600:
            self.call_times.popleft()
        if len(self.call_times) >= self.daily_calls:
            raise Refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self.call_times.append(now)
