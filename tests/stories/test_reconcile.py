"""Once a day Salesforce, the red accounts, the sheet and the cards are compared: mended, or said; else quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, event

from bot.models import Account, History, Post, Promise, RedAccount, SheetRow, System, SystemName
from bot.workflows import polls
from sandbox import company
from sandbox.salesforce import ids
from sandbox.sheets.person import AtTheGrid
from tests.stories.story import Story, text_of
from tests.stories.test_red_accounts import mark

MANY = 2_000 - len(company.RED_ON_DAY_ONE)


def reconcile(story: Story) -> None:
    story.sandbox.call(story.world.clock.move, timedelta(minutes=1))
    story._run("reconcile")


def told(story: Story) -> list[str]:
    return [text_of(message) for message in story.dms("lena") if "did not agree" in text_of(message)]


def acme(story: Story) -> None:
    mark(story, "priya", "acme", actions="usage report")
    story.settle()


def test_where_all_agrees_nobody_hears_of_it(story: Story) -> None:
    acme(story)
    reconcile(story)
    assert told(story) == []
    assert story.failed() == []


def test_a_card_that_is_gone_is_posted_again(story: Story) -> None:
    acme(story)
    card = story.card("Acme")
    channel = story.slack.channels[company.RED_ACCOUNTS]
    for ts in [card["ts"], *(reply["ts"] for reply in story.thread(card))]:
        del channel.messages[ts]  # and no event tells of it
    reconcile(story)
    assert story.card("Acme")["ts"] != card["ts"]
    [said] = told(story)
    assert "Acme (RA-" in said
    assert "had no card: it is posted again." in said
    assert "All mended." in said
    reconcile(story)
    assert len(told(story)) == 1


def test_red_in_salesforce_without_a_red_account_is_opened(story: Story) -> None:
    story.set_health("priya", "Acme", "Red")
    with story.services.transaction() as session:  # as if a poll had seen it and opened nothing
        session.query(Account).where(Account.name == "Acme").one().health = "Red"
    reconcile(story)
    assert "🔴 Acme is red" in text_of(story.card("Acme"))


def test_a_red_account_without_a_row_gets_one(story: Story) -> None:
    acme(story)
    with story.services.transaction() as session:
        red = session.query(RedAccount).join(Account, Account.id == RedAccount.account_id)
        red_id = red.where(Account.name == "Acme").one().id
        session.execute(delete(SheetRow).where(SheetRow.red_account_id == red_id))
    grid = AtTheGrid(story.world.sheets, tab=company.TAB)
    number = next(n for n, row in enumerate(grid.grid()["rows"], 1) if row[0]["v"] == "Acme")
    story.sandbox.call(grid.delete, "ROWS", number)
    reconcile(story)
    assert story.row("Acme")["Key"] == f"RA-{red_id}"
    assert "had no row in the sheet" in told(story)[0]


def test_a_double_row_is_said_and_left_to_people(story: Story) -> None:
    acme(story)
    grid = AtTheGrid(story.world.sheets, tab=company.TAB)
    found = grid.grid()
    key_at = found["header"].index("Key")
    key = story.row("Acme")["Key"]
    story.sandbox.call(grid.type, len(found["rows"]) + 1, key_at, key)
    reconcile(story)
    assert f"{key} (Acme) stands in 2 rows. Delete all but one." in told(story)[0]
    assert "1 thing did not agree" in told(story)[0]


def test_a_task_that_was_never_made_is_made(story: Story) -> None:
    acme(story)
    row: dict[str, Any]
    account = company.account_id(story.world, "Acme")
    [row] = [one for one in story.world.salesforce.rows("Task") if one["WhatId"] == account]
    with story.services.transaction() as session:
        red = session.query(RedAccount).join(Account, Account.id == RedAccount.account_id)
        [item] = red.where(Account.name == "Acme").one().action_items
        item.task_id = item.task_synced = None
    reconcile(story)
    found = [one["Id"] for one in story.world.salesforce.rows("Task") if one["WhatId"] == account]
    assert found == [row["Id"]]  # found again, not doubled
    assert "the Task of “usage report”" in told(story)[0]


def test_an_unchanged_poll_with_2000_open_red_accounts_is_one_call_and_writes_nothing(story: Story) -> None:
    _many_open(story)
    before, writes = _all_rows(story), _writes(story)
    calls = len(story.world.salesforce.call_times)
    story.poll()
    assert len(story.world.salesforce.call_times) == calls + 1
    assert _all_rows(story) == before
    assert {table for table, _ in writes} <= {"systems", "leases"}  # how far it was read, and which replica did


def test_a_long_poll_is_taken_in_short_transactions_and_counts_as_read_with_the_last(story: Story) -> None:
    record = story.services.salesforce.poll(None).accounts[0]
    accounts = [replace(record, id=ids.make("001", 9000 + n)) for n in range(2 * polls.AT_ONCE + 1)]
    master, gone = accounts[-1].id, company.account_id(story.world, "Acme")
    poll = replace(story.services.salesforce.poll(None), accounts=accounts, deleted={gone: master})
    parts = list(polls.parts(poll))
    assert [len(part.accounts) for part, _ in parts] == [polls.AT_ONCE, polls.AT_ONCE, 1]
    assert [is_last for _, is_last in parts] == [False, False, True]
    assert (parts[0][0].accounts[0].id, parts[1][0].deleted) == (master, {})
    before, now = _read_to(story), story.services.now()
    for part, is_last in parts:
        assert _read_to(story) == before
        with story.services.transaction() as session:
            polls.take(session, part, began_at=now, now=now, policy=story.services.policy, is_last=is_last)
    assert _read_to(story) == poll.at
    assert not list(polls.parts(replace(poll, accounts=[])))[1:]


def _read_to(story: Story) -> datetime | None:
    with story.services.transaction() as session:
        return session.get_one(System, SystemName.SALESFORCE).read_to_at


def _many_open(story: Story) -> None:
    """So many accounts, all red in Salesforce and open here."""
    owner = company.user_id(story.world, company.TOM)
    org, now = story.world.salesforce, story.services.now()

    def insert() -> list[str]:
        return [
            org.insert("Account", {"Name": f"Many {n}", "OwnerId": owner, "Customer_Health__c": "Red"})
            for n in range(MANY)
        ]

    ids = story.sandbox.call(insert)
    with story.services.transaction() as session:
        ae = session.query(Account).first().ae  # type: ignore[union-attr]
        for n, salesforce_id in enumerate(ids):
            name = f"Many {n}"
            account = Account(salesforce_id=salesforce_id, name=name, search_name=name.casefold(), health="Red",
                              ae=ae, is_deleted=False, refreshed_at=now)  # fmt: skip
            session.add(account)
        session.flush()
        for account in session.query(Account).where(Account.search_name.startswith("many")):
            session.add(RedAccount(account_id=account.id, status="open", source="existing", has_card=False, red_at=now,
                                   due_from_at=now, fill_in_by_at=now, other_reasons=[]))  # fmt: skip
    for _ in range(2):  # what was set up is not news any more
        story.sandbox.call(story.world.clock.move, timedelta(hours=1))
        story.poll()


def _all_rows(story: Story) -> tuple[int, ...]:
    with story.services.transaction() as session:
        return tuple(session.query(table).count() for table in (Promise, History, Post, RedAccount, Account))


def _writes(story: Story) -> list[tuple[str, str]]:
    """Every INSERT, UPDATE and DELETE from now on: its table, and itself."""
    found: list[tuple[str, str]] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        words = statement.split()
        if words[0] in ("INSERT", "UPDATE", "DELETE"):
            found.append((words[1] if words[0] == "UPDATE" else words[2], statement))

    event.listen(story.services.database.engine, "before_cursor_execute", note)
    return found
