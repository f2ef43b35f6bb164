"""policy.toml, validated and read-only: how this team works. Secrets and addresses are in the environment instead."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

#: Our names of the sheet's columns; messages/sheet_rows.py says what stands in them.
COLUMNS = frozenset(
    [
        "key",
        "account",
        "status",
        "ce",
        "ae",
        "region",
        "arr",
        "renewal",
        "red_since",
        "reason",
        "state",
        "asks",
        "actions",
        "health",
        "resolved_on",
        "outcome",
        "note",
        "salesforce",
        "thread",
        "account_id",
        "notes",
    ]
)


class BadPolicy(Exception):
    """What is wrong in policy.toml, all of it at once."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'"{name}" is no time zone; write one like "Europe/Berlin"') from None
    return name


def _known_column(name: str) -> str:
    if name not in COLUMNS:
        raise ValueError(f'"{name}" is no column of ours; they are {", ".join(sorted(COLUMNS))}')
    return name


def _address_of_an_account(template: str) -> str:
    """A template that every account can be put into: tried here once, so that no card fails on it later."""
    try:
        named = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
        template.format(account_id="001000000000001AAA", account="Acme")
    except (KeyError, IndexError, AttributeError, ValueError):
        named = {""}
    if not named <= {"account_id", "account"}:
        raise ValueError(f'"{template}" may have {{account_id}} and {{account}} in it and no other braces')
    return template


TimeZone = Annotated[str, AfterValidator(_known_zone)]
Column = Annotated[str, AfterValidator(_known_column)]
AccountAddress = Annotated[str, AfterValidator(_address_of_an_account)]
Email = Annotated[str, AfterValidator(str.lower)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Writes(StrEnum):
    OFF = "off"  # nothing is sent, nothing is lost: it waits
    DRY = "dry"  # nothing is sent; `touchpoint outbox` says what would have been
    ON = "on"


class Company(_Part):
    time_zone: TimeZone = "UTC"
    fiscal_year_starts_in: int = Field(default=2, ge=1, le=12)  # month


class WriteSwitches(_Part):
    slack: Writes = Writes.OFF
    salesforce: Writes = Writes.OFF
    sheets: Writes = Writes.OFF

    def of(self, system: str) -> Writes:
        return Writes(getattr(self, system))


class Channels(_Part):
    red_accounts: str = Field(pattern=r"^[CG][A-Z0-9]{2,}$")  # the channel's id, which a rename leaves alone


class Polling(_Part):
    salesforce_seconds: int = Field(default=60, ge=1)


class Region(_Part):
    lead: Email  # the CE lead's e-mail address
    time_zone: TimeZone
    country: str = "US"  # for public holidays, as the holidays package names them
    subdivision: str | None = None
    weekend: frozenset[Annotated[int, Field(ge=0, le=6)]] = Field(
        default=frozenset({5, 6}), max_length=6
    )  # Monday is 0

    @model_validator(mode="after")
    def its_holidays_are_known(self) -> Self:
        from holidays import country_holidays  # slow to import, and most of this file does without

        try:
            country_holidays(self.country, self.subdivision)
        except NotImplementedError:  # what the holidays package raises for a place that it does not know
            place = f"{self.country}-{self.subdivision}" if self.subdivision else self.country
            raise ValueError(
                f'no public holidays are known for {place}; write country = "US", subdivision = "NY",'
                " as the holidays package names them"
            ) from None
        return self


class Reason(_Part):
    key: str = Field(pattern=r"^[a-z_]{2,60}$")
    label: str = Field(max_length=75)


class RedAccounts(_Part):
    fill_in_business_days: int = Field(default=2, ge=1)
    plan_business_days: int = Field(default=5, ge=1)
    confirm_business_days: int = Field(default=1, ge=1)
    day_ends_at: time = time(17, 30)
    reasons: tuple[Reason, ...] = Field(min_length=1, max_length=100)

    def reason_label(self, key: str | None) -> str | None:
        return next((reason.label for reason in self.reasons if reason.key == key), key)


class Reminders(_Part):
    """Whoever chooses nothing in `/touchpoint settings` is reached in these hours of their own clock."""

    from_time: time = time(9)
    to_time: time = time(17, 30)
    digest_time: time = time(9)
    most_a_day: int = Field(default=5, ge=1)  # messages of their own per person; the rest folds into the digest

    @model_validator(mode="after")
    def its_hours_are_a_day(self) -> Self:
        if self.from_time >= self.to_time:
            raise ValueError("from_time has to be before to_time, on the same day")
        return self


class SalesforceFields(_Part):
    """API names of the org's own Account fields. An empty name: the org has no such field."""

    health: str = "Customer_Health__c"
    ce: str | None = "Customer_Engineer__c"
    region: str | None = "Region__c"
    tier: str | None = "Tier__c"
    arr: str | None = "ARR__c"
    renewal: str | None = "Renewal_Date__c"
    seats: str | None = "Seats__c"
    weekly_users: str | None = "Weekly_Users__c"
    usage_change: str | None = "Usage_Change__c"
    usage_as_of: str | None = "Usage_As_Of__c"
    health_score: str | None = "Health_Score__c"
    last_contact: str | None = "LastActivityDate"


class Salesforce(_Part):
    fields: SalesforceFields = SalesforceFields()


class Sheet(_Part):
    tab: str = "Account Tracker"
    #: our name of a column → the header that people see
    columns: dict[Column, str] = {}


class Links(_Part):
    """Addresses on the card's last line. {account_id} is Salesforce's id of the account, {account} its name."""

    usage: AccountAddress | None = None
    health: AccountAddress | None = None


class Policy(_Part):
    company: Company = Company()
    writes: WriteSwitches = WriteSwitches()
    channels: Channels
    polling: Polling = Polling()
    regions: dict[str, Region] = Field(min_length=1)
    default_region: str
    red_accounts: RedAccounts
    reminders: Reminders = Reminders()
    salesforce: Salesforce = Salesforce()
    sheet: Sheet = Sheet()
    links: Links = Links()

    def region(self, name: str | None) -> Region:
        return self.regions.get(name or "", self.regions[self.default_region])

    @property
    def leads(self) -> frozenset[str]:
        return frozenset(region.lead for region in self.regions.values())


def read(path: Path) -> Policy:
    """Read policy.toml. Raises `BadPolicy` that names every mistake and where it stands."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadPolicy(f"{path} cannot be read ({error.strerror}). POLICY_FILE says where it is.") from None
    except ValueError as error:  # not TOML, or not even UTF-8
        raise BadPolicy(f"{path} is not TOML: {error}") from None
    return parse(found, name=str(path))


def parse(found: Mapping[str, Any], *, name: str = "policy.toml") -> Policy:
    try:
        policy = Policy.model_validate(found)
    except ValidationError as error:
        raise BadPolicy("\n".join(f"{name}: {_problem(found)}" for found in error.errors())) from None
    if policy.default_region not in policy.regions:
        raise BadPolicy(f'{name}: default_region is "{policy.default_region}", which is none of the regions below')
    return policy


def _problem(found: ErrorDetails) -> str:
    """Where it is and what is wrong, without pydantic's own words around ours."""
    place = ".".join(str(part) for part in found["loc"] if part != "[key]") or "the file"
    return f"{place}: {found['msg'].removeprefix('Value error, ')}"
