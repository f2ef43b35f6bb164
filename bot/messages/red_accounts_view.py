"""What a message about a red account is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.messages import blocks
from bot.policy import Policy, Writes
from bot.queries.red_accounts import Facts


@dataclass(frozen=True)
class Links:
    """Addresses that belong to one account; None where there is none."""

    salesforce: str | None
    sheet: str | None
    usage: str | None
    health: str | None

    def line(self) -> str:
        named = (
            ("Salesforce", self.salesforce),
            ("sheet row", self.sheet),
            ("usage", self.usage),
            ("health", self.health),
        )
        return " · ".join(blocks.link(url, label) for label, url in named if url)


@dataclass(frozen=True)
class View:
    """What a message about a red account is drawn from: its facts, the rules, where things are, and today."""

    facts: Facts
    policy: Policy
    links: Links
    now: datetime

    @property
    def zone(self) -> str:
        return self.policy.region(self.facts.account.region).time_zone

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    @property
    def has_sheet(self) -> bool:
        """Whether the sheet follows, so that a message may point there."""
        return self.policy.writes.sheets == Writes.ON

    def day(self, when: date | datetime) -> str:
        return blocks.day(self.local_day(when) if isinstance(when, datetime) else when, self.today)

    def local_day(self, when: datetime) -> date:
        return when.astimezone(ZoneInfo(self.zone)).date()

    def moment(self, when: datetime) -> str:
        return blocks.moment(when, self.zone, self.now)
