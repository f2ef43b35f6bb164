"""What a sweep of the ledger costs: with little and with much planned, and against one scheduler's job per reminder."""

from __future__ import annotations

import gc
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import delete, insert, text

from benchmarks.figure import Figure
from bot import db, migrating, policy
from bot.db import Database
from bot.models import DigestLine, Lane, Person, Place, Post, Promise, Reminder, ReminderState
from bot.reminders.kinds import FILL_IN, PROPOSAL
from bot.workflows import reminders
from sandbox.settings import POLICY

FEW, MANY, SOME, DUE, PEOPLE = 1_000, 1_000_000, 100, 10_000, 2_000
ROUNDS, SWEEPS = 3, 50
NOW = datetime(2027, 1, 25, 14, 0, tzinfo=UTC)  # a Monday, 9:00 in New York
MIDNIGHT = datetime(2027, 1, 25, 5, 0, tzinfo=UTC)
PEER = "APScheduler jobs run and removed"
ZONE = "America/New_York"
RULES = policy.read(POLICY)
#: All rows at once, made by the database itself, in the order of its indexes: a million of them take seconds.
PLAN = text(
    """
    WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count)
    INSERT INTO reminders (kind, step, noun, subject_id, occurrence, recipient_id, place, rule_time, due_at, wall,
                           zone, keeps_wall, is_chosen, state, why, planned_at, messages)
    SELECT 'proposal', 0, 'red_account', n, '0:1', 1 + n * :people / :count, 'a message of its own',
           '2027-02-24T14:00:00Z', datetime('2027-02-24 14:00:00', '+' || (n * 20) || ' seconds') || '.000000',
           '2027-02-24T09:00', 'America/New_York', 0, 0, 'planned',
           '2027-01-20T14:00Z planned for Wed 24 Feb 9:00 (America/New_York)' || char(10),
           '2027-01-20 14:00:00.000000', 0
    FROM numbers
    """
)


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many = _Ledger(folder, FEW), _Ledger(folder, MANY)
        for due in (0, SOME):
            yield Figure(
                f"reminders: a sweep that tells {due}, {MANY:,} planned", _of_a_sweep(many, due), "ms", 1.5,
                _of_a_sweep(few, due), f"{FEW:,} planned", more_is_better=False,
            )  # fmt: skip
        few.close()
        many.close()
        jobs = DUE / _scheduled(folder)
        ledger = _Ledger(folder, 0)
        # What goes into a digest falls due at the start of the day, and the digests at nine.
        night = DUE / _best(lambda: ledger.set_due(DUE, 200, FILL_IN), lambda: ledger.sweep(MIDNIGHT))
        yield Figure(f"reminders: {DUE:,} due, left for 200 digests", night, "a second", 50, jobs, PEER)
        yield Figure(f"reminders: 200 digests of {DUE:,} lines", 1000 * ledger.timed_sweep(NOW), "ms", 3000,
                     more_is_better=False)  # fmt: skip
        own = DUE / _best(lambda: ledger.set_due(DUE, PEOPLE, PROPOSAL), lambda: ledger.sweep(NOW))
        yield Figure(f"reminders: {DUE:,} due, each posted by itself", own, "a second", 3, jobs, PEER)
        ledger.close()


class _Ledger:
    """A database of the bot's with so many reminders planned for the months to come."""

    def __init__(self, folder: Path, planned: int) -> None:
        url = f"sqlite:///{folder / f'{planned}.db'}"
        migrating.upgrade(url)
        self.database = Database(db.create(url))
        people = [
            {"id": n, "slack_id": f"U{n:07}", "name": f"Person {n}", "time_zone": ZONE, "is_member": True}
            for n in range(1, PEOPLE + 1)
        ]
        with self.database.transaction() as session:
            session.execute(insert(Person), people)
            if planned:
                session.execute(PLAN, {"count": planned, "people": PEOPLE})

    def set_due(self, count: int, people: int, kind: str) -> None:
        """So many of a kind fall due for so many people: messages of their own, or lines of a digest."""
        rows = [_due(n, 1 + n % people, kind) for n in range(count)]
        with self.database.transaction() as session:
            for table in (Promise, Post, Lane, DigestLine):
                session.execute(delete(table))
            session.execute(delete(Reminder).where(Reminder.noun == "person"))  # digests
            session.execute(delete(Reminder).where(Reminder.noun == "red_account", Reminder.subject_id >= MANY))
            session.execute(insert(Reminder), rows)

    def sweep(self, now: datetime = NOW) -> None:
        """As the job does."""
        is_more = True
        while is_more:
            with self.database.transaction() as session:
                is_more = reminders.fall_due(session, now=now, policy=RULES)

    def timed_sweep(self, now: datetime) -> float:
        """Seconds."""
        began = time.perf_counter()
        self.sweep(now)
        return time.perf_counter() - began

    def close(self) -> None:
        self.database.engine.dispose()


def _due(number: int, recipient_id: int, kind: str) -> dict[str, Any]:
    due_at = (MIDNIGHT if kind == FILL_IN else NOW) - timedelta(minutes=1)
    return {
        "kind": kind, "step": 0, "noun": "red_account", "subject_id": MANY + number, "occurrence": f"0:{recipient_id}",
        "recipient_id": recipient_id, "place": Place.DM if kind == PROPOSAL else Place.DIGEST,
        "rule_time": "2027-01-25T13:59:00Z", "due_at": due_at,
        "wall": "2027-01-25T08:59",
        "zone": ZONE, "keeps_wall": False, "is_chosen": False, "state": ReminderState.PLANNED,
        "why": "2027-01-20T14:00Z planned for Mon 25 Jan 8:59 (America/New_York)\n",
        "planned_at": NOW - timedelta(days=5), "messages": 0,
    }  # fmt: skip


def _of_a_sweep(ledger: _Ledger, due: int) -> float:
    """Milliseconds."""
    if due:
        return 1000 * _best(lambda: ledger.set_due(due, due, PROPOSAL), ledger.sweep)
    return 1000 / SWEEPS * _best(lambda: None, lambda: [ledger.sweep() for _ in range(SWEEPS)])


def _best(before: Callable[[], object], work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds: other work on the machine only ever slows things down."""
    found = []
    for _ in range(rounds):
        before()
        gc.collect()
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


class _Nothing(BaseExecutor):
    """An executor whose jobs cost nothing, so that the scheduler alone is measured."""

    def _do_submit_job(self, job: Any, run_times: Any) -> None:
        self._run_job_success(job.id, [])


class _Scheduler(BaseScheduler):
    """Looks for due jobs when it is told to, and not by itself."""

    def wakeup(self) -> None:
        pass

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)


def _scheduled(folder: Path) -> float:
    """Seconds for as many of APScheduler's jobs in its own store, opened as it opens it, when all are due."""
    store = SQLAlchemyJobStore(f"sqlite:///{folder / 'jobs.db'}")
    scheduler = _Scheduler(timezone="UTC", jobstores={"default": store}, executors={"default": _Nothing()})
    scheduler.start()
    due_at = datetime.now(UTC) - timedelta(minutes=1)

    def add() -> None:
        """What add_job writes, all at once: adding is not what is measured."""
        made = [_job(scheduler, number, due_at) for number in range(DUE)]
        rows = [
            {"id": job.id, "next_run_time": due_at.timestamp(), "job_state": pickle.dumps(job.__getstate__())}
            for job in made
        ]
        with store.engine.begin() as connection:
            connection.execute(store.jobs_t.insert(), rows)

    found = _best(add, scheduler._process_jobs, rounds=1)  # it takes long enough to be sure
    assert not store.get_all_jobs()
    scheduler.shutdown()
    return found


def _job(scheduler: BaseScheduler, number: int, due_at: datetime) -> Job:
    return Job(
        scheduler, id=str(number), func="builtins:print", args=(number,), kwargs={}, name="reminder",
        executor="default", trigger=DateTrigger(due_at, "UTC"), next_run_time=due_at,
        misfire_grace_time=None, coalesce=True, max_instances=1,
    )  # fmt: skip
