"""What policy.toml is made of, section by section, each with its defaults."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from enum import StrEnum
from string import Formatter
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

#: Our names of the sheet's columns → the header that people see, unless policy.toml gives another one; in the order of
#: a new tab. messages/sheet_rows.py says what stands in them.
COLUMNS = {
    "key": "Key",
    "account": "Account",
    "status": "Status",
    "priority": "Priority",
    "ce": "CE",
    "ae": "AE",
    "region": "Region",
    "arr": "ARR",
    "renewal": "Renewal",
    "red_since": "Red since",
    "reason": "Reason",
    "impact": "Impact",
    "state": "Current state",
    "goal": "Goal",
    "how_we_know": "How we will know",
    "asks": "Needs",
    "open_asks": "Open asks",
    "actions": "Action plan",
    "next_step": "Next step",
    "next_on": "Next step by",
    "sponsor": "Exec sponsor",
    "last_update": "Last update",
    "next_update": "Next update by",
    "health": "Health now",
    "resolved_on": "Resolved",
    "outcome": "Outcome",
    "note": "What helped",
    "salesforce": "Salesforce",
    "thread": "Slack thread",
    "account_id": "Account ID",
    "notes": "Notes",
}


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
TeamKey = Annotated[str, Field(pattern=r"^[a-z_]{2,60}$")]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Writes(StrEnum):
    OFF = "off"  # nothing is sent, nothing is lost: it waits
    DRY = "dry"  # nothing is sent; `touchpoint outbox` says what would have been
    ON = "on"


class Company(Part):
    time_zone: TimeZone = "UTC"
    fiscal_year_starts_in: int = Field(default=2, ge=1, le=12)  # month


class WriteSwitches(Part):
    slack: Writes = Writes.OFF
    salesforce: Writes = Writes.OFF
    sheets: Writes = Writes.OFF

    def of(self, system: str) -> Writes:
        return Writes(getattr(self, system))


class Channels(Part):
    red_accounts: str = Field(pattern=r"^[CG][A-Z0-9]{2,}$")  # the channel's id, which a rename leaves alone


class Polling(Part):
    salesforce_seconds: int = Field(default=60, ge=1)
    sheet_seconds: int = Field(default=60, ge=1)
    reminders_seconds: float = Field(default=2, ge=0.2)  # how often the ledger is looked at; it costs next to nothing


class Region(Part):
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


class Reason(Part):
    key: str = Field(pattern=r"^[a-z_]{2,60}$")
    label: str = Field(max_length=75)


class Priority(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class PriorityRules(Part):
    """From so much ARR, or so many days before the renewal, a red account is of that priority."""

    high_arr: Decimal = Field(default=Decimal(200_000), ge=0)  # US dollars a year
    high_days_to_renewal: int = Field(default=60, ge=0)
    medium_arr: Decimal = Field(default=Decimal(50_000), ge=0)
    medium_days_to_renewal: int = Field(default=180, ge=0)

    @model_validator(mode="after")
    def its_steps_go_down(self) -> Self:
        if self.medium_arr > self.high_arr or self.medium_days_to_renewal < self.high_days_to_renewal:
            raise ValueError("medium has to begin at less ARR and at more days before the renewal than high")
        return self


IMPACTS = (
    Reason(key="full_churn", label="They may leave"),
    Reason(key="seats", label="Fewer seats"),
    Reason(key="downgrade", label="A smaller plan"),
    Reason(key="no_expansion", label="No expansion"),
    Reason(key="sentiment", label="Their goodwill"),
)


class RedAccounts(Part):
    fill_in_business_days: int = Field(default=2, ge=1)
    plan_business_days: int = Field(default=5, ge=1)
    confirm_business_days: int = Field(default=1, ge=1)
    agree_business_days: int = Field(default=2, ge=1)
    off_red_closes_after_days: int = Field(default=7, ge=1)
    day_ends_at: time = time(17, 30)
    retro_above_arr: int = Field(default=150_000, ge=0)  # US dollars a year
    reasons: tuple[Reason, ...] = Field(min_length=1, max_length=100)
    impacts: tuple[Reason, ...] = Field(default=IMPACTS, max_length=100)  # what is at stake
    priority: PriorityRules = PriorityRules()

    def reason_label(self, key: str | None) -> str | None:
        return next((reason.label for reason in self.reasons if reason.key == key), key)

    def impact_label(self, key: str | None) -> str | None:
        return next((impact.label for impact in self.impacts if impact.key == key), key)

    def in_words(self, what: str, keys: str) -> str:
        """What the history notes of a field: reasons and impacts with their labels, anything else as it is."""
        labels = {"reason": self.reason_label, "impact": self.impact_label}
        return ", ".join(labels[what](key) or key for key in keys.split(", ")) if what in labels else keys


class Team(Part):
    """Another team that can be asked for something."""

    name: str = Field(min_length=1, max_length=75)
    channel: str | None = Field(default=None, pattern=r"^[CG][A-Z0-9]{2,}$")  # where asks without an owner go
    lead: Email | None = None


class Reminders(Part):
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


class Updates(Part):
    """How often a red account is told of, in days. Fiscal quarters begin in company.fiscal_year_starts_in."""

    often_days: int = Field(default=7, ge=1)  # it renews in this or the next fiscal quarter, or its priority is high
    usual_days: int = Field(default=14, ge=1)
    still_red_days: int = Field(default=30, ge=1)  # then, and so long after each decision, it is asked how to go on


class SalesforceFields(Part):
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
    signed: str | None = None  # when the contract was signed
    deployed: str | None = None  # when production went live
    health_note: str | None = None  # who set the health, and from where
    newest_update: str | None = None  # the newest update of a red account, where `updates` is "field"


class UpdatesAs(StrEnum):
    TASK = "task"  # each is a logged activity of the account
    FIELD = "field"  # the newest stands in a field of the account
    OFF = "off"


class TaskStatuses(Part):
    """What the org calls the states of a Task. Done and dropped have to be closed ones."""

    open: str = "Not Started"
    blocked: str = "Waiting on someone else"
    done: str = "Completed"
    dropped: str = "Completed"


class Salesforce(Part):
    fields: SalesforceFields = SalesforceFields()
    tasks: bool = False  # action items as Tasks of the account
    task_statuses: TaskStatuses = TaskStatuses()
    task_key: str | None = None  # a unique external id field of Task: then Salesforce itself keeps doubles out
    updates: UpdatesAs = UpdatesAs.OFF

    @model_validator(mode="after")
    def an_update_has_its_field(self) -> Self:
        if self.updates == UpdatesAs.FIELD and not self.fields.newest_update:
            raise ValueError('updates = "field" needs newest_update under [salesforce.fields]')
        return self


class Designation(Part):
    """Figures that make Touchpoint ask the CE whether an account is red. They set nothing by themselves."""

    suggest: bool = True
    score_at_most: Decimal = Decimal(5)
    days_without_contact: int = Field(default=40, ge=1)
    days_undeployed: int = Field(default=60, ge=1)  # after the contract was signed
    decline_percent: Decimal = Field(default=Decimal(5), gt=0)  # fewer weekly users at the end of a month than before
    months: int = Field(default=2, ge=1, le=12)  # in so many months in a row
    ask_again_days: int = Field(default=14, ge=1)


class Sheet(Part):
    tab: str = "Account Tracker"
    #: our name of a column → the header that people see
    columns: dict[Column, str] = {}
    answer_days: int = Field(default=2, ge=1)  # for a cell that both sides changed; then the sheet's is kept

    def header(self, column: str) -> str:
        """What people call one of our columns."""
        return self.columns.get(column, COLUMNS[column])


class Links(Part):
    """Addresses on the card's last line. {account_id} is Salesforce's id of the account, {account} its name."""

    usage: AccountAddress | None = None
    health: AccountAddress | None = None
