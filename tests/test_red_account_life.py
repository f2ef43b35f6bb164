"""The life of a red account: people, polls and Salesforce's answers in any order, late, repeated and refused.

After every step each account has at most one under way, and its history says the same as its state. What left while it
was red is remembered here apart from the bot: nothing opens on it before the field was seen at another value, and
after that it does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, lazyload

from bot import db
from bot.db import Database
from bot.errors import UserError
from bot.integrations.salesforce import Poll
from bot.integrations.salesforce_rows import AccountRecord
from bot.models import (
    Account,
    Base,
    ChangeState,
    Health,
    HealthChange,
    History,
    Outcome,
    Person,
    RedAccount,
    Reminder,
    Resolution,
    ResolutionState,
    Status,
    System,
    SystemName,
)
from bot.models.red_accounts import Words
from bot.models.reminders import WAITING
from bot.policy import Policy, parse
from bot.reminders.kinds import RETRO, WATCHES
from bot.workflows import health_answers, polls, red_accounts, resolutions
from bot.workflows import red_accounts_proposals as proposals

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CE, AE, LEAD, OTHER = 1, 2, 3, 4
PEOPLE = st.sampled_from([CE, CE, CE, AE, LEAD, OTHER])
ACCOUNTS = st.sampled_from([1, 1, 1, 2])  # the second one has no CE
HEALTHS = st.sampled_from([*Health, None])
ENDS = [Outcome.GREEN, Outcome.YELLOW, Outcome.CHURNED, Outcome.CHURNED_PARTLY, Outcome.ERROR]
OUTCOMES = st.sampled_from([*ENDS, Outcome.CHURNED])
NUMBER = st.integers(0, 999)
PICK = st.sampled_from([0, 0, 0, 0, 1, 2])  # of what is there, counted from the newest
#: What a history entry of a red account says that it became; of a closing, its outcome.
BECAME = {
    "proposed": Status.PROPOSED, "opened": Status.OPEN, "reopened": Status.OPEN, "closed": Status.CLOSED,
    "declined": Status.DECLINED, "withdrawn": Status.WITHDRAWN,
}  # fmt: skip
BARE = lazyload("*")  # after every step all is read, and nobody asks who it was
Call = Callable[[Session], object]


def policy() -> Policy:
    region = {"lead": "lead@x.example", "time_zone": "America/New_York"}
    return parse(
        {"channels": {"red_accounts": "C0RED"}, "regions": {"east": region}, "default_region": "east",
         "red_accounts": {"reasons": [{"key": "other", "label": "Other"}]}}
    )  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """What Salesforce said when it was asked, which may reach us late and twice."""

    poll: Poll
    asked_at: datetime


def mark(session: Session, account_id: int, **given: Any) -> object:
    return proposals.mark(session, account_id, Words("other", "Their sponsor left."), **given)


def resolve(session: Session, red_account_id: int, outcome: Outcome, **given: Any) -> object:
    return resolutions.resolve(
        session, red_account_id, outcome, "Well.", evidence="https://x.example", health_before="Yellow", **given
    )


def newest(session: Session, table: type[RedAccount] | type[Resolution], pick: int) -> int:
    ids = session.scalars(select(table.id).order_by(table.id.desc())).all()
    return ids[pick % len(ids)]


def decline(session: Session, red_account_id: int, **given: Any) -> object:
    return proposals.decline(session, red_account_id, "No.", **given)


def fill_in(session: Session, red_account_id: int, **given: Any) -> object:
    words = Words(None, f"So it is at {given['now']}.", ("An ask",), ("An action",))
    return red_accounts.fill_in(session, red_account_id, words, **given)


def not_yet(session: Session, resolution_id: int, **given: Any) -> None:
    resolutions.decline(session, resolution_id, "Not yet.", **given)


class Life(RuleBasedStateMachine):
    def __init__(self, database: Database, rules: Policy) -> None:
        super().__init__()
        self.database, self.rules, self.now = database, rules, START
        self.field: dict[int, str | None] = {1: "Green", 2: "Yellow"}  # in Salesforce
        self.is_deleted: set[int] = set()
        self.answered: list[Answered] = []
        self.last: Call | None = None
        self.there: set[object] = set()  # states that something is in
        self.was: dict[int, Status] = {}  # of each red account, before this step
        self.left: set[int] = set()  # accounts that churned while the field said Red, which it does still
        self.read: set[int] = set()  # accounts that a poll has just read, and that nobody has changed here meanwhile

    @initialize(health=st.sampled_from(["Red", "Green"]))
    def move_in(self, health: str) -> None:
        self.field[1] = health
        with self.database.transaction() as session:
            for table in reversed(Base.metadata.sorted_tables):
                if table.name not in ("systems", "alembic_version"):
                    session.execute(delete(table))
            salesforce = session.get_one(System, SystemName.SALESFORCE)
            salesforce.read_to_at, salesforce.cursor = START, None
            for number, name in ((CE, "Priya"), (AE, "Tom"), (LEAD, "Lena"), (OTHER, "Dev")):
                email = "lead@x.example" if number == LEAD else f"{name}@x.example"
                session.add(Person(id=number, slack_id=f"U{number}", salesforce_id=f"005{number}", name=name,
                                   email=email, time_zone="America/New_York", is_member=True))  # fmt: skip
            session.flush()
            for number, ce in ((1, CE), (2, None)):
                session.add(Account(id=number, salesforce_id=f"001{number}", name=f"A{number}",
                                    search_name=f"a{number}", region="east", health=self.field[number], ce_id=ce,
                                    ae_id=AE, arr=Decimal(200_000), refreshed_at=START))  # fmt: skip

    # What happens. One rule, for Hypothesis leaves out some of several at random, and a life needs them all.

    @rule(what=st.sampled_from(["people"] * 5 + ["salesforce"] * 4 + ["again", "time"]), n=NUMBER, account=ACCOUNTS,
          pick=PICK, who=PEOPLE, outcome=OUTCOMES, health=HEALTHS)  # fmt: skip
    def something_happens(
        self, what: str, n: int, account: int, pick: int, who: int, outcome: Outcome, health: str | None
    ) -> None:
        self.now += timedelta(seconds=n % 9)
        self.read = set()
        if what == "people":
            self._somebody_acts(n, account, pick, who, outcome)
        elif what == "salesforce":
            self._salesforce(account, health, n, pick)
        elif what == "time":
            self.now += timedelta(hours=(0.01, 1, 30, 24 * 31)[n % 4])
        elif self.last:  # a double click, or Slack delivering a press twice
            self._do(self.last)

    def _somebody_acts(self, n: int, account: int, pick: int, who: int, outcome: Outcome) -> None:
        acts: list[Callable[..., object]] = [mark]
        if Status.PROPOSED in self.there:
            acts += [proposals.confirm, proposals.confirm, proposals.withdraw, proposals.nudge, decline]
        if Status.OPEN in self.there:
            acts += [resolve, resolve, resolve, resolve, fill_in, resolutions.still_red]
        if ResolutionState.ASKED in self.there:
            acts += [resolutions.agree, resolutions.agree, resolutions.withdraw, not_yet]
        act = acts[n % len(acts)]

        def call(session: Session) -> None:
            given = {"by": session.get_one(Person, who), "now": self.now, "policy": self.rules}
            if act is mark:
                mark(session, account, **given)
            elif act in (resolutions.agree, resolutions.withdraw, not_yet):
                act(session, newest(session, Resolution, pick), **given)
            elif act is resolve:
                resolve(session, newest(session, RedAccount, pick), outcome, **given)
            else:
                act(session, newest(session, RedAccount, pick), **given)

        self._do(call)

    def _salesforce(self, account: int, health: str | None, n: int, pick: int) -> None:
        match n % 10:
            case 0 if self.left:  # what is most likely to open what has left
                self._ask_salesforce(1)
                self._poll_arrives(0)
                self.read = {1}
            case 0 | 1:  # somebody sets the field there
                self.field[account] = health
            case 2 | 3 | 4:
                self._ask_salesforce(account)
                self._poll_arrives(0)
                self.read = {account} - self.is_deleted
            case 5:  # its answer is late
                self._ask_salesforce(account)
            case 6:  # an older answer comes now, or the same one again
                self._poll_arrives(pick)
            case 7 if account == 2:
                self.is_deleted.add(account)
            case _:
                self._do(lambda session: self._answer(session, account, refuses=n % 3 == 0))

    def _answer(self, session: Session, account: int, *, refuses: bool) -> None:
        """To the oldest change that Salesforce does not have; a value that changed meanwhile is not overwritten."""
        change = session.scalars(
            select(HealthChange)
            .where(HealthChange.account_id == account, HealthChange.state == ChangeState.PENDING)
            .order_by(HealthChange.id)
        ).first()
        if change is None:
            return
        given: dict[str, Any] = {"now": self.now, "policy": self.rules}
        if refuses:
            health_answers.refused(session, change.id, "No.", **given)
        elif self.field[account] != change.seen:
            health_answers.refused(session, change.id, "Changed.", current=self.field[account], **given)
        else:
            self.field[account] = change.wanted
            health_answers.written(session, change.id, **given)

    def _ask_salesforce(self, account: int) -> None:
        """What it says now about one account that somebody touched, or about both."""
        asked = [account] if account == 1 else [1, 2]
        records = [self._record(one) for one in asked if one not in self.is_deleted]
        red = {f"001{one}" for one, health in self.field.items() if health == Health.RED}
        gone: dict[str, str | None] = {f"001{one}": None for one in self.is_deleted}
        self.answered.append(Answered(Poll(self.now, records, red, gone, [], [], 1, 1000), self.now))

    def _poll_arrives(self, pick: int) -> None:
        if self.answered:
            one = self.answered[-1 - pick % len(self.answered)]
            self._do(
                lambda session: polls.take(session, one.poll, began_at=one.asked_at, now=self.now, policy=self.rules)
            )

    # what always holds

    @invariant()
    def it_all_agrees(self) -> None:
        with self.database.transaction() as session:
            reds = {red.id: red for red in session.scalars(select(RedAccount).options(BARE))}
            told: dict[int, list[History]] = {red_account_id: [] for red_account_id in reds}
            for entry in session.scalars(select(History).where(History.noun == "red_account").order_by(History.id)):
                told[entry.subject_id].append(entry)
            asked = session.scalars(
                select(Resolution).where(Resolution.state == ResolutionState.ASKED).options(BARE)
            ).all()
            waiting = session.scalars(
                select(Reminder).where(Reminder.noun == "red_account", Reminder.state.in_(WAITING)).options(BARE)
            ).all()
            accounts = session.scalars(select(Account).options(BARE)).all()
            changes = session.scalars(select(HealthChange).options(BARE)).all()
        self.there = {red.status for red in reds.values()} | {wish.state for wish in asked}
        at_most_one_is_under_way(list(reds.values()))
        for red in reds.values():
            history_says_the_same_as_the_state(red, told[red.id])
            what_is_over_says_how_and_when(red)
        assert all(reds[wish.red_account_id].status == Status.OPEN for wish in asked), "asked to end what is over"
        for row in waiting:
            only_what_is_over_is_looked_back_at(reds[row.subject_id], row)
        self._nothing_opens_on_what_has_left(list(reds.values()))
        for account in accounts:
            self._what_the_field_says_counts(account, [one for one in changes if one.account_id == account.id])
        self.was = {red.id: red.status for red in reds.values()}

    def _nothing_opens_on_what_has_left(self, reds: list[RedAccount]) -> None:
        for red in reds:
            is_new = red.is_under_way and self.was.get(red.id) not in (Status.PROPOSED, Status.OPEN)
            assert not (is_new and red.account_id in self.left), f"{red.label} opens, and the account has left"
            if red.outcome == Outcome.CHURNED and self.was.get(red.id) != Status.CLOSED:
                self.left.add(red.account_id)

    def _what_the_field_says_counts(self, account: Account, changes: list[HealthChange]) -> None:
        """Once it was seen at another value than Red, the next Red counts again."""
        if any(one.state == ChangeState.PENDING for one in changes):
            return
        if account.health != Health.RED:
            self.left.discard(account.id)
        just_now = self.now - polls.CLOCKS_DIFFER
        is_sure = account.id in self.read and not any(one.ended_at and one.ended_at >= just_now for one in changes)
        if is_sure and account.health == Health.RED and account.id not in self.left:
            assert Status.OPEN in self._states_of(account.id), f"{account.name} is Red, and nothing is open"

    def _states_of(self, account_id: int) -> set[Status]:
        with self.database.transaction() as session:
            return set(session.scalars(select(RedAccount.status).where(RedAccount.account_id == account_id)))

    # the means

    def _do(self, call: Call) -> None:
        """One transaction; whoever may not or comes too late is told so, and nothing is changed."""
        self.last = call
        with contextlib.suppress(UserError), self.database.transaction() as session:
            call(session)

    def _record(self, account: int) -> AccountRecord:
        fields: dict[str, Any] = dict.fromkeys(AccountRecord.__dataclass_fields__)
        fields |= {"id": f"001{account}", "name": f"A{account}", "health": self.field[account], "owner_id": f"005{AE}",
                   "ce_id": f"005{CE}" if account == 1 else None, "region": "east", "arr": Decimal(200_000),
                   "modified_at": self.now, "modified_by_id": "005", "modified_by": "Somebody"}  # fmt: skip
        return AccountRecord(**fields)


def at_most_one_is_under_way(reds: list[RedAccount]) -> None:
    under_way = [red.account_id for red in reds if red.is_under_way]
    assert len(under_way) == len(set(under_way))


def history_says_the_same_as_the_state(red: RedAccount, entries: list[History]) -> None:
    states = [entry for entry in entries if entry.what in BECAME]
    assert states, f"{red.label} is {red.status} and nobody knows why"
    assert BECAME[states[-1].what] == red.status
    ends = [entry.became for entry in entries if entry.what in ("closed", "outcome")]
    assert red.status != Status.CLOSED or ends[-1] == red.outcome


def what_is_over_says_how_and_when(red: RedAccount) -> None:
    assert (red.outcome is not None) == (red.status == Status.CLOSED)
    assert (red.ended_at is None) == red.is_under_way


def only_what_is_over_is_looked_back_at(red: RedAccount, row: Reminder) -> None:
    assert (row.kind == RETRO or row.kind in WATCHES) == (red.status == Status.CLOSED), f"{row.kind}: {row.why}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(db.create(database_url))
    yield made
    made.engine.dispose()


def test_at_most_one_is_open_and_history_equals_state(database: Database, is_full_size: bool) -> None:
    rules = policy()
    run_state_machine_as_test(
        lambda: Life(database, rules),
        settings=settings(
            max_examples=400 if is_full_size else 20,
            stateful_step_count=40,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_who_left_while_red_is_red_again_only_after_the_field_was_at_another_value(database: Database) -> None:
    """The order of things that chance comes upon too seldom; `it_all_agrees` looks after each of them."""
    life = Life(database, policy())
    life.move_in("Green")

    def says(health: str) -> set[Status]:
        life.now += timedelta(minutes=1)
        life.field[1] = health
        life._ask_salesforce(1)
        life._poll_arrives(0)
        life.read = {1}
        life.it_all_agrees()
        return life._states_of(1)

    def churned(session: Session) -> None:
        given = {"by": session.get_one(Person, CE), "now": life.now, "policy": life.rules}
        resolve(session, newest(session, RedAccount, 0), Outcome.CHURNED, **given)

    assert says("Red") == {Status.OPEN}
    life.read = set()
    life._do(churned)
    life.it_all_agrees()
    assert says("Red") == {Status.CLOSED}
    life.read = set()
    life._do(lambda session: mark(session, 1, by=session.get_one(Person, CE), now=life.now, policy=life.rules))
    life.it_all_agrees()
    assert says("Yellow") == {Status.CLOSED}
    assert says("Red") == {Status.CLOSED, Status.OPEN}
