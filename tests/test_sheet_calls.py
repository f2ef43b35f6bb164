"""How much the sheet is asked: two thousand changes are a few calls, and a look at nothing new is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from bot import deliveries, jobs, outbox
from bot.models import Account, RedAccount, Source
from bot.services import Services
from bot.workflows import red_accounts
from sandbox import company
from sandbox.salesforce import ids
from sandbox.server import Sandbox
from tests import sheet_world

ALL, MOST_CALLS = 2000, 10  # the small run keeps the ratio
POLL = next(job for job in jobs.JOBS if job.name == "poll sheet")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox().start()
    sheet_world.move_in(sandbox)
    yield sandbox
    sandbox.stop()


def turn_red(services: Services, count: int) -> None:
    now, policy = services.now(), services.policy
    with services.transaction() as session:
        for number in range(count):
            name = f"Account {number}"
            account = Account(
                salesforce_id=ids.make("001", number + 5000), name=name, search_name=name.casefold(),
                health="Red", is_deleted=False, refreshed_at=now,
            )  # fmt: skip
            session.add(account)
            red = red_accounts.begin(session, account, Source.SALESFORCE, now=now, policy=policy)
            outbox.promise(session, red_accounts.SHEET, red.id, lane=red_accounts.SHEET_LANE, now=now)


def change_all(services: Services) -> None:
    with services.transaction() as session:
        for red in session.scalars(select(RedAccount)):
            red.sentence = f"What is happening with {red.label}"
            outbox.promise(session, red_accounts.SHEET, red.id, lane=red_accounts.SHEET_LANE, now=services.now())


@pytest.mark.slow
def test_a_day_on_which_two_thousand_changed_is_at_most_ten_calls(
    sandbox: Sandbox, make_database: Callable[[], str], is_full_size: bool
) -> None:
    count = ALL if is_full_size else ALL // 2
    services = sheet_world.bot(sandbox, make_database(), lambda: company.OPENING)
    turn_red(services, count)
    deliveries.deliver_due(services)
    sandbox.world.calls.clear()
    change_all(services)
    deliveries.deliver_due(services)
    assert 0 < len(sheet_world.calls(sandbox)) <= MOST_CALLS * count / ALL
    tab = services.sheets.read()
    assert tab.cell(tab.find("Key", f"RA-{count}") or 0, "Current state") == f"What is happening with RA-{count}"
    sandbox.world.calls.clear()
    jobs.run(POLL, services)
    deliveries.deliver_due(services)
    assert len(sheet_world.calls(sandbox)) == 1
    services.database.engine.dispose()
