"""What a poll of Salesforce costs that brings nothing new, with many red accounts open."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from benchmarks.figure import ROUNDS, Figure
from bot import db, migrating, policy
from bot.db import Database
from bot.integrations.salesforce_rows import AccountRecord, Poll
from bot.models import Account, RedAccount
from bot.workflows import polls
from sandbox.salesforce import ids
from sandbox.settings import POLICY

OPEN = 2_000
MOST_MS = 3_000  # twenty such polls fit into the minute that lies between two
NOW = datetime(2027, 1, 25, 14, 0, tzinfo=UTC)
RULES = policy.read(POLICY)


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrating.upgrade(url)
        engine = db.create(url)
        milliseconds = _unchanged(Database(engine))
        engine.dispose()
    yield Figure(f"poll: nothing new, {OPEN:,} red accounts open", milliseconds, "ms", MOST_MS, more_is_better=False)


def _unchanged(database: Database) -> float:
    with database.transaction() as session:
        accounts = [
            {"salesforce_id": ids.make("001", n + 1), "name": f"Many {n}", "search_name": f"many {n}", "health": "Red",
             "is_left_red": False, "is_deleted": False, "refreshed_at": NOW}
            for n in range(OPEN)
        ]  # fmt: skip
        found = session.scalars(insert(Account).returning(Account.id), accounts).all()
        times = dict.fromkeys(("red_at", "due_from_at", "fill_in_by_at"), NOW)
        reds = [
            {"account_id": account_id, "status": "open", "source": "existing", "has_card": False, "other_reasons": [],
             "relapses": 0, **times}
            for account_id in found
        ]  # fmt: skip
        session.execute(insert(RedAccount), reds)
    records = [_record(str(account["salesforce_id"]), str(account["name"])) for account in accounts]
    best = float("inf")
    for number in range(ROUNDS + 1):  # the first one compiles the statements
        at = NOW + timedelta(minutes=number)
        poll = Poll(at, records, {record.id for record in records}, {}, [], [], 1, 15_000)
        gc.collect()
        began = time.perf_counter()
        with database.transaction() as session:
            polls.missing(session, poll)
        with database.transaction() as session:
            polls.take(session, poll, began_at=at, now=at, policy=RULES)
        best = min(best, (time.perf_counter() - began) * 1000)
    return best


def _record(account_id: str, name: str) -> AccountRecord:
    """As Salesforce tells it: red, and nothing else is known."""
    known = {"id": account_id, "name": name, "health": "Red", "owner_id": "", "modified_at": NOW, "modified_by_id": ""}
    return AccountRecord(**dict.fromkeys(AccountRecord.__dataclass_fields__) | known)  # type: ignore[arg-type]
