"""What we read from Salesforce, in our words: accounts, people, edits of the health field. No network."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot.errors import Misconfigured, Permanent

if TYPE_CHECKING:
    from bot.integrations.salesforce_tasks import TaskRecord

_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
ACCOUNT, USER = "001", "005"

Json = dict[str, Any]
_ONLY_WRITTEN = ("health_note", "newest_update")


@dataclass(frozen=True)
class SalesforceFields:
    """The API names of an org's Account fields. None: the org has no such field, so it is not asked for."""

    health: str = "Customer_Health__c"
    health_note: str | None = None  # a text field that takes the reason together with the colour
    ce: str | None = None  # a lookup to User
    region: str | None = None
    tier: str | None = None
    arr: str | None = None
    renewal: str | None = None
    seats: str | None = None
    weekly_users: str | None = None
    usage_change: str | None = None
    usage_as_of: str | None = None
    health_score: str | None = None
    instance_url: str | None = None
    last_contact: str | None = "LastActivityDate"
    signed: str | None = None
    deployed: str | None = None
    newest_update: str | None = None  # a text field that takes the newest update of a red account

    def __post_init__(self) -> None:
        wrong = [name for name in asdict(self).values() if name is not None and not re.fullmatch(r"[A-Za-z]\w*", name)]
        if wrong:
            raise Misconfigured(f"{wrong[0]!r} is not the API name of a Salesforce field.")

    def columns(self) -> list[str]:
        """What every query for accounts selects."""
        always = ["Id", "Name", "OwnerId", "LastModifiedDate", "LastModifiedById", "LastModifiedBy.Name"]
        named = [getattr(self, one.name) for one in fields(self) if one.name not in _ONLY_WRITTEN]
        return list(dict.fromkeys([*always, *(name for name in named if name)]))


@dataclass(frozen=True)
class AccountRecord:
    id: str
    name: str
    health: str | None
    owner_id: str
    ce_id: str | None
    region: str | None
    tier: str | None
    arr: Decimal | None
    renewal_on: date | None
    seats: int | None
    weekly_users: int | None
    usage_change: Decimal | None  # percent: -20 is a fifth fewer
    usage_as_of: date | None
    health_score: Decimal | None
    instance_url: str | None
    last_contact_on: date | None
    signed_on: date | None
    deployed_on: date | None
    modified_at: datetime
    modified_by_id: str
    modified_by: str | None


@dataclass(frozen=True)
class UserRecord:
    id: str
    name: str
    email: str
    is_active: bool
    manager_id: str | None


@dataclass(frozen=True)
class HealthEdit:
    """One change of the health field, as Salesforce's field history keeps it (whole seconds)."""

    account_id: str
    old: str | None
    new: str | None
    by_id: str
    by_name: str | None
    at: datetime


@dataclass(frozen=True)
class Poll:
    at: datetime  # Salesforce's clock
    accounts: list[AccountRecord]
    red_ids: set[str]
    deleted: dict[str, str | None]  # account -> the account that it was merged into
    history: list[HealthEdit]  # oldest first; empty where the org does not track the field
    users: list[UserRecord]
    api_used: int
    api_limit: int
    tasks: list[TaskRecord] = field(default_factory=list)  # ours that changed, deleted ones too


@dataclass(frozen=True)
class Written:
    """The field has the wanted value. `changed` is False where it had it already."""

    changed: bool
    was: str | None
    at: datetime


@dataclass(frozen=True)
class HealthField:
    """What `touchpoint doctor` says about the health field."""

    exists: bool
    updateable: bool
    calculated: bool
    values: list[str]
    history_tracked: bool
    candidates: list[str]  # picklists of Account that could be meant: they hold something like Red, Yellow and Green


@dataclass(frozen=True)
class ApiUsage:
    used: int
    limit: int


class Conflict(Exception):
    """The health field is not what the person saw. `of_field` is False where only the record's last editor is known."""

    def __init__(self, current: str | None, by_name: str | None, at: datetime, *, of_field: bool) -> None:
        super().__init__(f"health is {current or 'empty'} now")
        self.current, self.by_name, self.at, self.of_field = current, by_name, at, of_field


def full_id(value: str, prefix: str = ACCOUNT) -> str:
    """The 18-character form of a Salesforce id; Permanent when it is none of that type.

    An unchecked id is an address that somebody else chose. The last three characters are a checksum of the capitals.
    """
    if not re.fullmatch(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?", value) or not value.startswith(prefix):
        raise Permanent(f"{value[:40]!r} is not the id of a record of that type.", code="MALFORMED_ID")
    chunks = (value[0:5], value[5:10], value[10:15])
    check = "".join(_CHECK[sum(1 << i for i, char in enumerate(chunk) if "A" <= char <= "Z")] for chunk in chunks)
    if len(value) == 18 and value[15:].upper() != check:
        raise Permanent(f"{value!r} has a typing error: its last three characters do not fit.", code="MALFORMED_ID")
    return value[:15] + check


def account(row: Json, names: SalesforceFields) -> AccountRecord:
    def of(name: str | None) -> Any:
        return row.get(name) if name else None

    ce_id = of(names.ce)
    return AccountRecord(
        id=row["Id"],
        name=row["Name"],
        health=of(names.health),
        owner_id=row["OwnerId"],
        ce_id=ce_id if isinstance(ce_id, str) and ce_id.startswith(USER) else None,
        region=_text(of(names.region)),
        tier=_text(of(names.tier)),
        arr=_decimal(of(names.arr)),
        renewal_on=_day(of(names.renewal)),
        seats=_whole(of(names.seats)),
        weekly_users=_whole(of(names.weekly_users)),
        usage_change=_decimal(of(names.usage_change)),
        usage_as_of=_day(of(names.usage_as_of)),
        health_score=_decimal(of(names.health_score)),
        instance_url=_text(of(names.instance_url)),
        last_contact_on=_day(of(names.last_contact)),
        signed_on=_day(of(names.signed)),
        deployed_on=_day(of(names.deployed)),
        modified_at=moment(row["LastModifiedDate"]),
        modified_by_id=row["LastModifiedById"],
        modified_by=_name(row.get("LastModifiedBy")),
    )


def user(row: Json) -> UserRecord:
    return UserRecord(row["Id"], row["Name"], row["Email"], row["IsActive"], row["ManagerId"])


def health_edit(row: Json) -> HealthEdit:
    by = _name(row.get("CreatedBy"))
    return HealthEdit(
        row["AccountId"], row["OldValue"], row["NewValue"], row["CreatedById"], by, moment(row["CreatedDate"])
    )


def moment(text: str) -> datetime:
    """2026-01-02T03:04:05.000+0000 → aware UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _name(parent: Json | None) -> str | None:
    return parent.get("Name") if parent else None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _whole(value: Any) -> int | None:
    return None if value is None else round(Decimal(str(value)))


def _day(value: str | None) -> date | None:
    """A date or the day of a date-time: an org may keep its last contact as either."""
    return None if value is None else date.fromisoformat(value[:10])
