"""The engine, and transaction(): the only commit in the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

#: Slack's listeners (32), the deliverers and the jobs can all be inside a transaction at once.
POOL_SIZE, POOL_OVERFLOW = 10, 40
#: An error must not say what people typed: it goes to the log.
OPTIONS: dict[str, Any] = {"pool_size": POOL_SIZE, "max_overflow": POOL_OVERFLOW, "hide_parameters": True}


def create(url: str) -> Engine:
    """An engine for SQLite (one process) or PostgreSQL (any number)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _create_sqlite(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, pool_pre_ping=True, **OPTIONS)


def _create_sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 15}, **OPTIONS)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # pysqlite begins a transaction only at the first write, so two readers that then write lose updates
        # without an error. We begin ourselves, and at once with the write lock (see `begin` below).
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Database:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._session = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits on the way out and rolls back on an error. Never open across a network call."""
        with self._session() as session:
            yield session
            session.commit()  # not reached after an error: closing the session then rolls back

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"
