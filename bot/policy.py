"""policy.toml, validated and read-only: how this team works. Secrets and addresses are in the environment instead."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from bot.policy_parts import (
    Channels,
    Company,
    Designation,
    Links,
    Part,
    Polling,
    Priority,
    Reason,
    RedAccounts,
    Region,
    Reminders,
    Salesforce,
    Sheet,
    Team,
    TeamKey,
    Updates,
    UpdatesAs,
    Writes,
    WriteSwitches,
)

__all__ = ["BadPolicy", "Policy", "Priority", "Reason", "Region", "UpdatesAs", "Writes", "parse", "read"]


class BadPolicy(Exception):
    """What is wrong in policy.toml, all of it at once."""


class Policy(Part):
    company: Company = Company()
    writes: WriteSwitches = WriteSwitches()
    channels: Channels
    polling: Polling = Polling()
    regions: dict[str, Region] = Field(min_length=1)
    default_region: str
    red_accounts: RedAccounts
    reminders: Reminders = Reminders()
    updates: Updates = Updates()
    salesforce: Salesforce = Salesforce()
    designation: Designation = Designation()
    sheet: Sheet = Sheet()
    links: Links = Links()
    teams: dict[TeamKey, Team] = Field(default={}, max_length=100)  # as many as a select holds

    def region(self, name: str | None) -> Region:
        return self.regions.get(name or "", self.regions[self.default_region])

    def priority(self, arr: Decimal | None, renewal_on: date | None, today: date) -> Priority:
        """How much a red account matters: by what they pay or by how soon they renew, whichever weighs more.

        Medium where neither is known.
        """
        rules = self.red_accounts.priority
        days = (renewal_on - today).days if renewal_on else None

        def reaches(least: Decimal, most_days: int) -> bool:
            return (arr is not None and arr >= least) or (days is not None and days <= most_days)

        if reaches(rules.high_arr, rules.high_days_to_renewal):
            return Priority.HIGH
        is_unknown = arr is None and days is None
        if is_unknown or reaches(rules.medium_arr, rules.medium_days_to_renewal):
            return Priority.MEDIUM
        return Priority.LOW

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
