"""The sheet's merge: cell by cell, line by line, and driven at random against the real delivery and its stand-in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from bot import deliveries, jobs
from bot.models import ActionItem, Ask, ConflictState, History, Person, RedAccount, SheetConflict, SheetEdit, SheetRow
from bot.models.base import Base
from bot.models.red_accounts import Words
from bot.workflows import red_accounts, sheet_edits, sheet_rows
from bot.workflows.sheet_merge import Item, Owner, Verdict, judge, lines_of, merge_lines
from sandbox import company
from sandbox.server import Sandbox
from sandbox.sheets.grid import Tab
from sandbox.sheets.person import AtTheGrid
from tests import sheet_world

POLL = next(job for job in jobs.JOBS if job.name == "poll sheet")
TEXTS = st.sampled_from(["", "a", "b", "c"])

# One cell


@pytest.mark.parametrize(
    ("owner", "base", "theirs", "ours", "verdict"),
    [
        (Owner.BOTH, "a", "a", "a", Verdict.SAME),
        (Owner.BOTH, "a", "a", "b", Verdict.WRITE),
        (Owner.BOTH, "a", "b", "a", Verdict.TAKE),
        (Owner.BOTH, "a", "b", "b", Verdict.SAME),
        (Owner.BOTH, "a", "b", "c", Verdict.CONFLICT),
        (Owner.BOTH, "a", "", "a", Verdict.PUT_BACK),
        (Owner.BOTH, None, "", "a", Verdict.WRITE),
        (Owner.LISTED, "a", "", "a", Verdict.TAKE),
        (Owner.BOT, "a", "", "b", Verdict.WRITE),
        (Owner.BOTH, None, "b", "", Verdict.TAKE),
        (Owner.BOTH, None, "b", "c", Verdict.CONFLICT),
        (Owner.LISTED, "a", "b", "c", Verdict.TAKE),
        (Owner.BOT, "a", "b", "c", Verdict.PUT_BACK),
        (Owner.BOT, None, "b", "c", Verdict.LEAVE),
        (Owner.BOT, "a", "b", "", Verdict.LEAVE),
    ],
)
def test_what_becomes_of_a_cell(owner: Owner, base: str | None, theirs: str, ours: str, verdict: Verdict) -> None:
    assert judge(owner, theirs, ours, base) == verdict


@given(st.sampled_from(Owner), TEXTS, TEXTS, st.none() | TEXTS, st.sets(TEXTS, max_size=1))
def test_nothing_that_people_typed_is_written_over_unnoticed(
    owner: Owner, theirs: str, ours: str, base: str | None, wrote: set[str]
) -> None:
    if judge(owner, theirs, ours, base, wrote) == Verdict.WRITE:
        assert not theirs or theirs in {base, *wrote}


# A list


ITEMS = [Item(1, "SSO fix", "SSO fix, Identity, by Thu 4 Feb"), Item(2, "An index node", "An index node")]
LINES = [item.line for item in ITEMS]


def test_a_new_line_is_a_new_item() -> None:
    assert merge_lines(LINES, [*LINES, "Call their CFO"], ITEMS).new == ("Call their CFO",)


def test_a_reworded_line_stays_the_same_item() -> None:
    lines = merge_lines(LINES, ["SSO fix for 40 people, Identity, by Thu 4 Feb", LINES[1]], ITEMS)
    assert (lines.reworded, lines.new, lines.removed) == (((1, "SSO fix for 40 people"),), (), ())


def test_a_line_that_is_gone_is_no_new_item() -> None:
    lines = merge_lines(LINES, [LINES[1]], ITEMS)
    assert (lines.removed, lines.new, lines.reworded) == ((1,), (), ())


def test_who_and_when_are_not_read_out_of_a_line() -> None:
    lines = merge_lines(LINES, ["SSO fix, Identity, by Fri 5 Feb", LINES[1]], ITEMS)
    assert lines.unclear == ("SSO fix, Identity, by Fri 5 Feb",)


def test_a_line_that_names_nobody_and_no_day_is_reworded_as_it_stands() -> None:
    lines = merge_lines(["Call them, Priya"], ["Call them today"], [Item(1, "Call them", "Call them, Priya")])
    assert (lines.reworded, lines.unclear) == (((1, "Call them today"),), ())


def test_a_line_that_could_not_be_taken_waits_as_long_as_it_stands_there() -> None:
    left = ["A very long line", "Another one"]
    lines = merge_lines([*LINES, *left], [*LINES, left[0]], ITEMS, left)
    assert (lines.waiting, lines.new, lines.removed) == ((left[0],), (), ())


def test_a_line_of_before_is_nothing_new() -> None:
    """An item moved in Slack while somebody added a line in the sheet."""
    moved = [replace(ITEMS[0], line="SSO fix, Identity, by Mon 8 Feb"), ITEMS[1]]
    assert merge_lines(LINES, [*LINES, "Call their CFO"], moved).new == ("Call their CFO",)


@given(st.lists(st.text("ab ,", max_size=6), max_size=4), st.lists(st.text("ab ,", max_size=6), max_size=4))
def test_a_list_that_is_taken_twice_is_taken_once(base: list[str], theirs: list[str]) -> None:
    first = merge_lines(lines_of("\n".join(base)), lines_of("\n".join(theirs)), [])
    items = [Item(number, what, what) for number, what in enumerate(first.new)]
    assert merge_lines(lines_of("\n".join(base)), lines_of("\n".join(theirs)), items).new == ()


# At random


WRITTEN = ("Current state", "Goal", "Reason", "Needs", "Action plan", "CE", "Notes", "What helped")
LISTS = ("Needs", "Action plan")
NAMES = ("Acme", "Globex", "Hillcrest Freight")
WORD = re.compile(r"typed\d+")


class Office:
    """A bot that has just gone live, made once: every example begins with a copy of its database and of the sheet."""

    def __init__(self, sandbox: Sandbox, database_url: str) -> None:
        self.sandbox, self.world, self.now = sandbox, sandbox.world, company.OPENING
        sheet_world.move_in(sandbox)
        self.services = sheet_world.bot(sandbox, database_url, lambda: self.now)
        self._go_live()
        self._is_now, self._sheet = self.now, self.world.sheets.spreadsheet().draft()
        self._tables = [table for table in Base.metadata.sorted_tables if table.name != "alembic_version"]
        with self.services.transaction() as session:
            found = {table: session.execute(table.select().order_by(*table.primary_key)) for table in self._tables}
            self._rows = {table: [dict(row) for row in rows.mappings()] for table, rows in found.items()}

    def _go_live(self) -> None:
        for name in ("read members", "poll Salesforce"):
            jobs.run(next(job for job in jobs.JOBS if job.name == name), self.services)
        person = AtTheGrid(self.world.sheets, "U0TOM00000", company.TAB)
        for name in ("Reason", "Goal", "What helped"):
            at = len([title for title in person.grid()["header"] if title])
            self.sandbox.call(person.type, 0, at, name)
        for name in NAMES[:2]:
            record = company.account_id(self.world, name)
            self.sandbox.call(self.world.salesforce.update, "Account", record, {"Customer_Health__c": "Red"}, None)
        jobs.run(next(job for job in jobs.JOBS if job.name == "poll Salesforce"), self.services)
        self.now += timedelta(minutes=6)
        deliveries.deliver_due(self.services)

    def begin(self) -> None:
        self.now = self._is_now
        self.world.faults.switch_off()
        self.sandbox.call(self._put_back)
        with self.services.transaction() as session:
            for table in reversed(self._tables):
                session.execute(table.delete())
            for table, rows in self._rows.items():
                if rows:
                    session.execute(table.insert(), rows)

    def _put_back(self) -> None:
        sheets = self.world.sheets
        name = self._sheet.id
        sheets.reset()
        sheets.spreadsheets[name] = self._sheet.draft()

    def stop(self) -> None:
        self.services.database.engine.dispose()


class TheSheet(RuleBasedStateMachine):
    """People at the sheet, people in Slack, and a bot whose calls get lost."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office, self.sandbox, self.world, self.services = office, office.sandbox, office.world, office.services
        self.count = 0
        self.theirs: set[str] = set()  # every word that people typed and did not take back themselves
        office.begin()

    @property
    def now(self) -> datetime:
        return self.office.now

    # the bot

    @rule()
    def deliver(self) -> None:
        self.office.now += timedelta(minutes=6)
        deliveries.deliver_due(self.services)

    @rule()
    def look(self) -> None:
        self.office.now += timedelta(minutes=1)
        jobs.run(POLL, self.services)

    @rule(kind=st.sampled_from(["drop_after", "drop_before", "500"]))
    def the_next_answer_is_lost(self, kind: str) -> None:
        self.world.faults.switch_on("sheets", kind, call="batchUpdate", times=1)

    # people in Slack

    @rule(number=st.integers(0, 2), column=st.sampled_from(["sentence", "goal", "asks", "actions", "reasons"]))
    def somebody_writes_in_slack(self, number: int, column: str) -> None:
        self._write_in_slack(number, column)

    def _write_in_slack(self, number: int, *columns: str) -> None:
        self.count += 1
        text = f"said{self.count} in Slack"
        with self.services.transaction() as session:
            red = red_accounts.lock(session, self._red(session, number).id)
            others = [one.key for one in self.services.policy.red_accounts.reasons if one.key != red.reason]
            said = {"sentence": text, "goal": text, "asks": (text,), "actions": (text,),
                    "reasons": (others[self.count % len(others)],)}  # fmt: skip
            words = Words(**{name: said[name] for name in columns})  # type: ignore[arg-type]
            by = session.scalars(select(Person).where(Person.slack_id == company.PRIYA.slack_id)).one()
            red_accounts.write_down(session, red, words, by=by, now=self.now)
            red_accounts.changed(session, red, by=by, now=self.now, policy=self.services.policy)

    @rule(keep_sheet=st.booleans())
    def somebody_answers(self, keep_sheet: bool) -> None:
        with self.services.transaction() as session:
            asked = session.scalars(select(SheetConflict.id).where(SheetConflict.state == ConflictState.ASKED)).first()
            if asked:
                sheet_edits.answer(
                    session, asked, keep_sheet=keep_sheet, by=None, now=self.now, policy=self.services.policy
                )

    @rule()
    def somebody_wants_the_row_back(self) -> None:
        with self.services.transaction() as session:
            row = session.scalars(select(SheetRow).where(SheetRow.is_missing)).first()
            if row:
                lead = session.scalars(select(Person).where(Person.slack_id == company.LENA.slack_id)).one()
                sheet_rows.add_again(session, row.red_account_id, by=lead, now=self.now, policy=self.services.policy)

    # people at the sheet

    @rule(row=st.integers(1, 8), column=st.sampled_from(WRITTEN), adds=st.booleans())
    def somebody_types(self, row: int, column: str, adds: bool) -> None:
        at = self._at(column)
        if at is None:
            return
        self.count += 1
        text = f"typed{self.count}"
        before = self._cell(row, at)
        if adds and before and column in LISTS:
            text = f"{before}\n{text}"
        self._type(row, at, text)

    @rule(number=st.integers(0, 2), names=st.sampled_from([("Current state", "sentence"), ("Goal", "goal")]))
    def both_write_the_same(self, number: int, names: tuple[str, str]) -> None:
        with self.services.transaction() as session:
            key = self._red(session, number).label
        at, keys = self._at(names[0]), self._texts("Key")
        if at is not None and key in keys:
            self.count += 1
            self._type(keys.index(key) + 1, at, f"typed{self.count}")
            self.somebody_writes_in_slack(number, names[1])
            self.deliver()

    @rule(number=st.integers(0, 2), what=st.sampled_from(["no reason", "another day", "a long line"]))
    def somebody_types_what_cannot_be_taken(self, number: int, what: str) -> None:
        with self.services.transaction() as session:
            key = self._red(session, number).label
        at, keys = self._at("Reason" if what == "no reason" else "Action plan"), self._texts("Key")
        if at is None or key not in keys:
            return
        self.count += 1
        row, text = keys.index(key) + 1, f"typed{self.count}"
        lines = self._cell(row, at).splitlines()
        if what == "another day" and lines:
            at_line = next((number for number, line in enumerate(lines) if "," in line), 0)
            lines[at_line] += f", by {text}"
            text = "\n".join(lines)
        elif what == "a long line":
            text = "\n".join([*lines, f"{text} {'and on ' * 80}"])
        self._type(row, at, text)

    @rule(row=st.integers(1, 8), column=st.sampled_from(WRITTEN))
    def somebody_empties_a_cell(self, row: int, column: str) -> None:
        at = self._at(column)
        if at is not None:
            self._type(row, at, "")

    @rule(column=st.integers(0, 8), descending=st.booleans())
    def somebody_sorts(self, column: int, descending: bool) -> None:
        self.sandbox.call(self._grid().sort, column, descending)

    @rule(dimension=st.sampled_from(["ROWS", "COLUMNS"]), at=st.integers(1, 6))
    def somebody_inserts(self, dimension: str, at: int) -> None:
        self.sandbox.call(self._grid().insert, dimension, at)

    @rule(at=st.integers(2, 5))
    def somebody_moves_a_column(self, at: int) -> None:
        self.sandbox.call(self._grid().move, "COLUMNS", at, 0)

    @rule(row=st.integers(1, 8))
    def somebody_deletes_a_row(self, row: int) -> None:
        for at in range(len(self._header())):
            self._forget(self._cell(row, at))
        self.sandbox.call(self._grid().delete, "ROWS", row)

    @rule(column=st.sampled_from(["Current state", "Goal"]))
    def somebody_renames_a_column(self, column: str) -> None:
        """And renames it back another time."""
        at, other = self._at(column), self._at(f"Our {column}")
        if at is not None:
            self.sandbox.call(self._grid().type, 0, at, f"Our {column}")
        elif other is not None:
            self.sandbox.call(self._grid().type, 0, other, column)

    # what holds

    @invariant()
    def no_row_is_doubled(self) -> None:
        keys = [key for key in self._texts("Key") if key]
        assert len(keys) == len(set(keys)), keys

    @invariant()
    def nothing_that_people_typed_is_lost(self) -> None:
        kept = {word for row in self._tab().rows[1:] for cell in row for word in WORD.findall(cell.display)}
        lost = self.theirs - kept
        if lost:
            lost -= set(WORD.findall(self._written()))
        assert not lost, lost

    def teardown(self) -> None:
        self.world.faults.switch_off()
        for number in range(len(NAMES)):
            self._write_in_slack(number, "actions")
        self._settle(1)
        for number in range(len(NAMES)):
            self.somebody_types_what_cannot_be_taken(number, "another day")
        self._settle(1)
        for number in range(len(NAMES)):
            self._write_in_slack(number, "actions", "asks", "reasons")
        self._settle(2)
        self.nothing_that_people_typed_is_lost()
        self.no_row_is_doubled()
        self._what_changed_in_slack_followed()
        self._both_agree()

    def _settle(self, rounds: int) -> None:
        for _ in range(rounds):
            self.look()
            self.deliver()

    def _what_changed_in_slack_followed(self) -> None:
        """Or it is asked about, whatever stands in its cell by now."""
        policy = self.services.policy.red_accounts
        rows = {name: dict(zip(self._texts("Key"), self._texts(name), strict=False)) for name in ("Reason", *LISTS)}
        with self.services.transaction() as session:
            asked = {(one.red_account_id, one.column) for one in session.scalars(select(SheetConflict))
                     if one.state == "asked"}  # fmt: skip
            for red in session.scalars(select(RedAccount)):
                if red.label not in rows["Action plan"]:
                    continue
                for name, items in (("Needs", red.asks), ("Action plan", red.action_items)):
                    missing = [item.what for item in items if item.what not in rows[name][red.label]]
                    assert not missing, (name, missing)
                said = rows["Reason"][red.label]
                is_ours = red.account.name not in NAMES or said == policy.reason_label(red.reason)
                assert is_ours or (red.id, "reason") in asked, said

    def _both_agree(self) -> None:
        self.world.calls.clear()
        self.look()
        self.deliver()
        assert len(sheet_world.calls(self.sandbox)) == 1
        by_key = dict(zip(self._texts("Key"), self._texts("Current state"), strict=False))
        with self.services.transaction() as session:
            asked = {one.red_account_id for one in session.scalars(select(SheetConflict)) if one.state == "asked"}
            for red in session.scalars(select(RedAccount)):
                if red.label in by_key and red.id not in asked:
                    assert by_key[red.label] == (red.sentence or "")

    def _written(self) -> str:
        """All that the database holds of what people wrote."""
        with self.services.transaction() as session:
            found: list[Any] = [
                *session.scalars(select(RedAccount.sentence)), *session.scalars(select(RedAccount.goal)),
                *session.scalars(select(RedAccount.note)), *session.scalars(select(Ask.what)),
                *session.scalars(select(ActionItem.what)), *session.scalars(select(History.why)),
                *session.scalars(select(SheetConflict.sheet_says)), *session.scalars(select(SheetEdit.became)),
            ]  # fmt: skip
        return " ".join(str(one) for one in found)

    def _red(self, session: Any, number: int) -> RedAccount:
        reds = session.scalars(select(RedAccount).order_by(RedAccount.id)).all()
        return next(red for red in reds if red.account.name == NAMES[number])  # type: ignore[no-any-return]

    def _grid(self) -> AtTheGrid:
        return AtTheGrid(self.world.sheets, "U0TOM00000", company.TAB)

    def _tab(self) -> Tab:
        return self.world.sheets.spreadsheet().tab(company.TAB)

    def _header(self) -> list[str]:
        return [cell.display for cell in self._tab().rows[0]]

    def _at(self, column: str) -> int | None:
        header = self._header()
        return header.index(column) if column in header else None

    def _texts(self, column: str) -> list[str]:
        at, tab = self._at(column), self._tab()
        return [] if at is None else [tab.cell(row, at).display for row in range(1, len(tab.rows))]

    def _cell(self, row: int, at: int) -> str:
        return str(self._tab().cell(row, at).display)

    def _type(self, row: int, at: int, text: str) -> None:
        self._forget(self._cell(row, at))
        self.sandbox.call(self._grid().type, row, at, text)
        self.theirs |= set(WORD.findall(text))

    def _forget(self, text: str) -> None:
        """They took it back themselves, before or after Touchpoint saw it."""
        self.theirs -= set(WORD.findall(text))


@pytest.fixture(scope="module")
def office(make_database: Callable[[], str]) -> Iterator[Office]:
    sandbox = Sandbox().start()
    office = Office(sandbox, make_database())
    yield office
    office.stop()
    sandbox.stop()


def test_whatever_people_and_the_bot_do_no_cell_is_lost_and_no_row_doubled(office: Office, is_full_size: bool) -> None:
    size = settings(
        max_examples=200 if is_full_size else 6,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: TheSheet(office), settings=size)  # type: ignore[no-untyped-call]
