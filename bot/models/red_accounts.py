"""Red accounts: one row from the first alarm to its end. The database holds at most one under way per account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Numeric, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.errors import InvalidTransition
from bot.models.accounts import Account, Health
from bot.models.action_items import ActionItem
from bot.models.agreements import Agreement, Role
from bot.models.asks import Ask
from bot.models.base import Base
from bot.models.people import Person


class Status(StrEnum):
    PROPOSED = "proposed"  # somebody thinks it is red; the CE is asked
    OPEN = "open"
    CLOSED = "closed"
    DECLINED = "declined"  # the CE said that it is not red
    WITHDRAWN = "withdrawn"  # whoever proposed it took it back


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PROPOSED: frozenset({Status.OPEN, Status.DECLINED, Status.WITHDRAWN}),
    Status.OPEN: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset({Status.OPEN}),  # only where Salesforce refused the closing
    Status.DECLINED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}


class Source(StrEnum):
    SALESFORCE = "salesforce"  # a poll saw the field
    PERSON = "person"  # /red-account
    EXISTING = "existing"  # red already when Touchpoint went live


class Outcome(StrEnum):
    GREEN = "green"  # promoted
    YELLOW = "yellow"  # promoted
    CHURNED = "churned"  # they leave
    CHURNED_PARTLY = "part churned"  # they stay with fewer seats or a smaller plan
    ERROR = "by mistake"  # it never was red; Salesforce gets the earlier value back
    NOT_SET = "not set"  # Salesforce refused to mark it red
    LEFT = "left"  # the account is not in Salesforce any more


@dataclass(frozen=True)
class Words:
    """What a person wrote about a red account. None: the form did not ask for it; empty: they emptied it."""

    reason: str | None = None
    sentence: str | None = None
    asks: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    goal: str | None = None
    how_we_know: str | None = None
    reasons: tuple[str, ...] = ()  # all of them, the main one first
    impact: str | None = None
    sponsor: str | None = None  # a Slack id


NO_RETRO = "None: "  # before the reason why there is no retro


class RedAccount(Base):
    __tablename__ = "red_accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    status: Mapped[Status] = mapped_column(String(12))
    source: Mapped[Source] = mapped_column(String(12))
    has_card: Mapped[bool] = mapped_column(default=True)  # False for what was red on day one, until someone asks for it
    reason: Mapped[str | None] = mapped_column(String(60))  # a key of policy's list
    sentence: Mapped[str | None] = mapped_column(Text)  # what is happening
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # who marked it, where it is known
    by_name: Mapped[str | None] = mapped_column(String(200))  # as Salesforce names them, if they are nobody we know
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # who agreed with a proposal
    red_at: Mapped[datetime]  # when it turned red or was proposed
    due_from_at: Mapped[datetime]  # its promises count from here: red_at, or the go-live
    fill_in_by_at: Mapped[datetime]
    lead_from_at: Mapped[datetime | None]  # from then on the lead may confirm a proposal
    nudged_at: Mapped[datetime | None]
    filled_in_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(String(12))
    note: Mapped[str | None] = mapped_column(Text)  # what helped, or why it was declined
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("red_accounts.id"))
    relapses: Mapped[int] = mapped_column(default=0)  # how often it was red before
    other_reasons: Mapped[list[str]] = mapped_column(default=list)  # keys of policy's list, besides `reason`
    impact: Mapped[str | None] = mapped_column(String(60))  # a key of policy's list
    goal: Mapped[str | None] = mapped_column(Text)  # with a number
    how_we_know: Mapped[str | None] = mapped_column(Text)
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))  # the executive who stands behind it
    plan_in_place_at: Mapped[datetime | None]  # the first time that nothing of the plan was missing
    plan_lacks_since_at: Mapped[datetime | None]  # after that: since when something is to be written again
    ce_since_at: Mapped[datetime | None]  # when somebody else became its CE while it was red
    ae_since_at: Mapped[datetime | None]  # and its AE
    ce_asked_at: Mapped[datetime | None]  # when its CE was last asked to agree to the plan
    ae_asked_at: Mapped[datetime | None]  # and its AE
    updated_at: Mapped[datetime | None]  # the newest update
    still_red_at: Mapped[datetime | None]  # when somebody last decided to go on after thirty days
    escalated_at: Mapped[datetime | None]  # since when the lead and the sponsor are asked for that decision
    escalated_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    thread_seen: Mapped[str | None] = mapped_column(String(40))  # how far its thread was read, as Slack counts
    off_red_at: Mapped[datetime | None]  # since when the field says something else, set outside Touchpoint
    health_before: Mapped[str | None] = mapped_column(String(255))  # what the field said before it turned red
    score_at_open: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))  # 0 to 10
    evidence: Mapped[str | None] = mapped_column(Text)  # a link or a sentence that shows that it is over
    retro: Mapped[str | None] = mapped_column(Text)  # where the retro is written down, or why there is none
    arr_at_end: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))  # the account's when it was closed

    account: Mapped[Account] = relationship(lazy="joined")
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id], lazy="joined")
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by_id], lazy="joined")
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id], lazy="joined")
    asks: Mapped[list[Ask]] = relationship(order_by=Ask.id, lazy="selectin")
    action_items: Mapped[list[ActionItem]] = relationship(order_by=ActionItem.id, lazy="selectin")
    agreements: Mapped[list[Agreement]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    sponsor: Mapped[Person | None] = relationship(foreign_keys=[sponsor_id], lazy="joined")

    __table_args__ = (
        Index(
            "uq_red_accounts_one_under_way",
            "account_id",
            unique=True,
            sqlite_where=text("status IN ('proposed', 'open')"),
            postgresql_where=text("status IN ('proposed', 'open')"),
        ),
    )

    @property
    def label(self) -> str:
        """What people call it: RA-12."""
        return f"RA-{self.id}"

    @property
    def is_under_way(self) -> bool:
        return self.status in (Status.PROPOSED, Status.OPEN)

    @property
    def earlier_health(self) -> str | None:
        """What the field gets back if it never was red; None where nobody knows."""
        return self.health_before if self.health_before != Health.RED else None

    @property
    def marked_by(self) -> Person | None:
        """Whoever made it red, as far as it is known."""
        return self.confirmed_by or self.by

    def is_with_lead(self, now: datetime) -> bool:
        """Whether a proposal waits for the lead by now: the CE had a working day, or there is none."""
        return self.lead_from_at is not None and self.lead_from_at <= now

    @property
    def reasons(self) -> list[str]:
        """Keys of policy's list, the main one first."""
        return [key for key in (self.reason, *self.other_reasons) if key]

    def has_role(self, role: Role) -> Person | None:
        """Its CE or its AE, if there is one."""
        return self.account.ce if role == Role.CE else self.account.ae

    def since_at(self, role: Role) -> datetime | None:
        """When that role went to somebody else, if it did while it was red."""
        return self.ce_since_at if role == Role.CE else self.ae_since_at

    def hand_over(self, role: Role, at: datetime) -> None:
        if role == Role.CE:
            self.ce_since_at = at
        else:
            self.ae_since_at = at

    @property
    def owes_plan(self) -> bool:
        """Whether its plan was never in place, or lacks something that is to be written again."""
        return self.plan_in_place_at is None or self.plan_lacks_since_at is not None

    def asked_at(self, role: Role) -> datetime | None:
        """When that role was last asked to agree to the plan."""
        return self.ce_asked_at if role == Role.CE else self.ae_asked_at

    def ask(self, role: Role, at: datetime) -> None:
        if role == Role.CE:
            self.ce_asked_at = at
        else:
            self.ae_asked_at = at

    def agreed(self, role: Role) -> Agreement | None:
        return next((agreement for agreement in self.agreements if agreement.role == role), None)

    def become(self, status: Status) -> None:
        if status not in TRANSITIONS[self.status]:
            raise InvalidTransition(f"{self.account.name} is {self.status} by now. Nothing changed.")
        self.status = status
