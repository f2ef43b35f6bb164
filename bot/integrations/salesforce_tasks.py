"""Tasks of an account in Salesforce: found by the mark in their subject, never created blindly, never overwritten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from simple_salesforce.format import format_soql

from bot.errors import DryRun, Misconfigured, Retryable
from bot.integrations.salesforce_client import Client, good
from bot.integrations.salesforce_rows import Json, full_id, moment

TASK = "00T"  # what the ids of Tasks begin with
MARK = "[RA-"  # what our subjects begin with: "[RA-12/A-34] Admin training"
SUBJECT_LENGTH, DESCRIPTION_LENGTH = 255, 32_000
LOOK_AGAIN_SECONDS = 60.0  # after a create whose answer was lost: by then it is to be found, if it was carried out

_COLUMNS = (
    "Id, Subject, Status, IsClosed, ActivityDate, OwnerId, Description, IsDeleted, CreatedDate, LastModifiedDate, "
    "LastModifiedById"
)
_SELECT = f"SELECT {_COLUMNS}, LastModifiedBy.Name FROM Task WHERE "
CHANGED = _SELECT + "Subject LIKE {mark} AND SystemModstamp >= {since} ORDER BY Id"
_MARKED = _SELECT + "Subject LIKE {mark} AND WhatId = {account_id} ORDER BY Id LIMIT 1"
_KEYED = _SELECT + "{field:literal} = {key} ORDER BY Id LIMIT 1"


@dataclass(frozen=True)
class TaskRecord:
    id: str
    subject: str
    status: str | None
    is_closed: bool
    due_on: date | None
    owner_id: str
    description: str
    is_deleted: bool
    created_at: datetime
    modified_at: datetime
    modified_by_id: str
    modified_by: str | None = None


def task(row: Json) -> TaskRecord:
    by = row.get("LastModifiedBy")
    return TaskRecord(
        id=row["Id"],
        subject=row["Subject"] or "",
        status=row["Status"],
        is_closed=bool(row["IsClosed"]),
        due_on=date.fromisoformat(row["ActivityDate"][:10]) if row["ActivityDate"] else None,
        owner_id=row["OwnerId"],
        description=row["Description"] or "",
        is_deleted=bool(row.get("IsDeleted")),
        created_at=moment(row["CreatedDate"]),
        modified_at=moment(row["LastModifiedDate"]),
        modified_by_id=row["LastModifiedById"],
        modified_by=by.get("Name") if by else None,
    )


class Tasks:
    """Tasks of one org. `key` names a text field of Task that is a unique external id, where the org has one."""

    def __init__(self, client: Client, *, key: str | None = None, is_writing: Callable[[], bool]) -> None:
        self._client, self._key, self._is_writing = client, key, is_writing
        self._has_key: bool | None = None

    @property
    def server_time(self) -> datetime:
        """Salesforce's clock at its newest answer."""
        return self._client.server_time

    def has_key(self) -> bool:
        """Whether the field that policy names is there and tells Tasks apart. Asked once."""
        if self._has_key is None:
            fields = self._client.call("GET", "sobjects/Task/describe")["fields"] if self._key else []
            self._has_key = any(one["name"] == self._key and one["externalId"] and one["unique"] for one in fields)
        return self._has_key

    def find(self, account_id: str, key: str) -> TaskRecord | None:
        """The Task with this key, or else the account's with it at the end of its brackets. Deleted or not."""
        if self.has_key():
            soql = str(format_soql(_KEYED, field=self._key, key=key))
        else:
            soql = str(format_soql(_MARKED, account_id=full_id(account_id), mark=f"{MARK}%/{key}]%"))
        found = self._client.call("GET", "queryAll", params={"q": soql})["records"]
        return task(found[0]) if found else None

    def create(self, fields: Json, *, key: str) -> str:
        """Create it and answer its id. Where the org has a field for our key, it cannot become two."""
        self._unless_dry(f"would create the Task {fields['Subject']!r}")
        path, method = "sobjects/Task", "POST"
        if self.has_key():
            path, method = f"sobjects/Task/{self._key}/{key}", "PATCH"
        try:
            made = self._client.call(method, path, json=fields)
        except Retryable as lost:
            if lost.sent:
                raise Retryable(str(lost), retry_after=LOOK_AGAIN_SECONDS) from lost
            raise
        if made is None:  # it was there already, and older versions of the API do not say which it is
            raise Retryable("Salesforce has the Task already.", sent=True)
        return full_id(made["id"], TASK)

    def read(self, task_id: str) -> tuple[TaskRecord, Json]:
        """The Task as it is now, and the headers that identify this state of it."""
        names = _COLUMNS.replace("Id, ", "", 1).replace(" ", "")
        path = f"sobjects/Task/{full_id(task_id, TASK)}?fields={names}"
        answer = self._client.composite([self._client.sub("task", "GET", path)])["task"]
        headers = {name.lower(): value for name, value in answer["httpHeaders"].items()}
        return task(good(answer)), headers

    def change(self, task_id: str, fields: Json, headers: Json) -> bool:
        """Write these fields if the Task still is as it was read. False if somebody was faster."""
        if "last-modified" not in headers:
            raise Misconfigured("Salesforce sent no Last-Modified, so a safe write is not possible.")
        self._unless_dry(f"would change {', '.join(sorted(fields))} of the Task {task_id}")
        sub: dict[str, Any] = self._client.sub("write", "PATCH", f"sobjects/Task/{full_id(task_id, TASK)}")
        condition = {"If-Unmodified-Since": headers["last-modified"]}
        answer = self._client.composite([sub | {"body": fields, "httpHeaders": condition}])["write"]
        if answer["httpStatusCode"] == 412:
            return False
        good(answer)
        return True

    def _unless_dry(self, would: str) -> None:
        if not self._is_writing():
            raise DryRun(would)
