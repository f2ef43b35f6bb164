"""SQLite serves one process: a second `touchpoint run` on the same file refuses with a sentence."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url


class SecondRun(Exception):
    """Its message is shown."""


@contextmanager
def only_one(database_url: str) -> Iterator[None]:
    """Hold the file's lock. The system frees it however the process ends, also after kill -9."""
    database = make_url(database_url).database or "touchpoint.db"
    path = Path(database).with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SecondRun(
                f"Touchpoint is running on {database} already. SQLite serves one process; use PostgreSQL for more."
            ) from None
        yield
