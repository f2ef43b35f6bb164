"""How fast promises are claimed and finished, against queues that keep one job per thing to do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import Engine, delete, text

from benchmarks.figure import Figure, per_second
from bot import db, migrating, outbox
from bot.db import Database
from bot.models import Lane, Promise
from bot.outbox import Outcomes

COUNT, COUNT_OF_SLOW = 2000, 200
ENOUGH = 20  # a post a second into twenty channels: https://docs.slack.dev/apis/web-api/rate-limits
NOW = datetime(2027, 1, 18, 14, 0, tzinfo=UTC)
NEXT = "DELETE FROM queue WHERE id = (SELECT id FROM queue ORDER BY id LIMIT 1) RETURNING subject_id"


def run() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrating.upgrade(url)
        engine = db.create(url)
        plain, scheduled = _plain_queue(engine), _job_store(engine)
        rows = _ours(Database(engine), COUNT, single=False)
        posts = _ours(Database(engine), COUNT_OF_SLOW, single=True)
        engine.dispose()
    yield Figure("outbox: sheet rows, claimed together", rows, "a second", 1, plain, "DELETE … RETURNING")
    yield Figure("outbox: sheet rows, claimed together", rows, "a second", 1, scheduled, "APScheduler's job store")
    yield Figure("outbox: posts, one by one", posts, "a second", ENOUGH)


def _ours(database: Database, count: int, *, single: bool) -> float:
    def fill() -> None:
        with database.transaction() as session:
            session.execute(delete(Promise))
            session.execute(delete(Lane))
            for subject_id in range(count):
                outbox.promise(session, "sheets.red_account", subject_id, lane="sheets", now=NOW)

    def work() -> None:
        now = NOW
        while True:
            with database.transaction() as session:
                kinds = ("sheets.red_account",) if single else ()
                claim = outbox.claim(session, now=now, real_now=NOW, owner="bench", single=kinds)
            if claim is None:
                return
            with database.transaction() as session:
                outbox.finish(session, claim, Outcomes(), now=now, jitter=lambda: 0.5)
            now += timedelta(seconds=1)

    return per_second(count, work, before=fill)


def _plain_queue(engine: Engine) -> float:
    """The least that a durable queue can do: one statement in one transaction for each job."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE queue (id INTEGER PRIMARY KEY, subject_id INTEGER)"))

    def fill() -> None:
        with engine.begin() as connection:
            rows = [{"subject": number} for number in range(COUNT)]
            connection.execute(text("INSERT INTO queue (subject_id) VALUES (:subject)"), rows)

    def work() -> None:
        while True:
            with engine.begin() as connection:
                if connection.execute(text(NEXT)).first() is None:
                    return

    return per_second(COUNT, work, before=fill)


def _job_store(engine: Engine) -> float:
    """A job for each promise, as schedulers are often used: taken when due, removed when done."""
    store = SQLAlchemyJobStore(engine=engine, tablename="jobs")
    scheduler = BackgroundScheduler(timezone="UTC", jobstores={"default": store})
    scheduler.start(paused=True)

    def fill() -> None:
        for number in range(COUNT_OF_SLOW):
            made = Job(
                scheduler,
                id=str(number),
                func="builtins:print",
                args=(number,),
                kwargs={},
                name="row",
                executor="default",
                trigger=DateTrigger(NOW, "UTC"),
                next_run_time=NOW,
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )
            store.add_job(made)

    def work() -> None:
        for job in store.get_due_jobs(NOW):
            store.remove_job(job.id)

    found = per_second(COUNT_OF_SLOW, work, before=fill)
    scheduler.shutdown()
    return found
