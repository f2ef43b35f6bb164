"""The migrations build the very tables of bot/models, and can be taken back and done again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, Table, func, insert, inspect, select, text

from bot import db, migrating
from bot.config import BadSettings
from bot.models import Base


def tables(url: str) -> set[str]:
    engine = db.create(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_an_upgrade_from_nothing_builds_every_table(database_url: str) -> None:
    assert tables(database_url) == set(Base.metadata.tables) | {"alembic_version"}
    assert migrating.behind(database_url) is None


def test_the_tables_are_those_of_the_models(database_url: str) -> None:
    """What `alembic check` does: a model that was changed without a migration is named."""
    command.check(migrating.alembic_config(database_url))


def test_down_to_nothing_and_up_again(database_url: str) -> None:
    command.downgrade(migrating.alembic_config(database_url), "base")
    assert tables(database_url) == {"alembic_version"}
    assert migrating.behind(database_url) is not None
    migrating.upgrade(database_url)
    assert migrating.behind(database_url) is None
    command.check(migrating.alembic_config(database_url))


def test_what_an_older_version_kept_is_all_there_after_an_upgrade(tmp_path: Path) -> None:
    """A row in every table, then the upgrade: on SQLite a table that is made anew would lose what points to it."""
    url = f"sqlite:///{tmp_path}/older.db"
    migrating.upgrade(url, "0002")
    engine = db.create(url)
    older = MetaData()
    older.reflect(engine)
    with engine.begin() as connection:
        for table in older.sorted_tables:
            if table.name != "alembic_version":
                connection.execute(insert(table).values(_row(table)))
    migrating.upgrade(url)
    with engine.connect() as connection:
        for name in older.tables:
            assert connection.scalar(
                select(func.count()).select_from(Base.metadata.tables.get(name, older.tables[name]))
            )
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        item = connection.execute(select(Base.metadata.tables["action_items"])).one()
        ask = connection.execute(select(Base.metadata.tables["asks"])).one()
    assert (item.state, item.owner_id, item.since_at) == ("open", item.by_id, item.created_at)
    assert (ask.state, ask.owner_id, ask.since_at) == ("asked", None, ask.created_at)
    engine.dispose()


def test_a_question_whether_they_agree_is_both_ces_and_aes_after_an_upgrade(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/older.db"
    migrating.upgrade(url, "0003")
    engine = db.create(url)
    older = MetaData()
    older.reflect(engine, only=["people", "accounts", "red_accounts", "action_items"])
    with engine.begin() as connection:
        for table in older.sorted_tables:
            connection.execute(insert(table).values(_row(table)))
    migrating.upgrade(url)
    with engine.connect() as connection:
        red = connection.execute(select(Base.metadata.tables["red_accounts"])).one()
        item = connection.execute(select(Base.metadata.tables["action_items"])).one()
    assert red.ce_asked_at == red.ae_asked_at == datetime(2027, 2, 1, 9, tzinfo=UTC)
    assert item.marks == {}
    command.downgrade(migrating.alembic_config(url), "0003")
    with engine.connect() as connection:
        assert connection.scalar(select(older.tables["red_accounts"].c.agreement_asked_at)) is not None
    engine.dispose()


def _row(table: Table) -> dict[str, object]:
    """Something for each column; what points to a row points to the only one."""
    values: dict[type, object] = {
        datetime: datetime(2027, 2, 1, 9, tzinfo=UTC), date: date(2027, 2, 1), time: time(9), str: "x", dict: {},
    }  # fmt: skip
    texts = {column.name for column in table.columns if column.type.python_type is str}
    keys = {column.name for column in table.columns if column.foreign_keys or column.primary_key} - texts
    return {
        column.name: 1 if column.name in keys else values.get(column.type.python_type, 1) for column in table.columns
    }


def test_an_upgrade_is_repeated_without_harm(database_url: str) -> None:
    migrating.upgrade(database_url)
    assert migrating.behind(database_url) is None


def test_an_older_version_is_named(database_url: str) -> None:
    engine = db.create(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    engine.dispose()
    assert str(migrating.behind(database_url)).startswith("it is at 0000, the program needs ")


def test_an_empty_database_has_no_tables_yet(tmp_path: Path) -> None:
    assert migrating.behind(f"sqlite:///{tmp_path}/deep/down/new.db") == "it has no tables yet"


@pytest.mark.parametrize("ask", [migrating.behind, migrating.upgrade])
def test_a_database_that_is_not_there_is_a_sentence(ask: Callable[[str], object], tmp_path: Path) -> None:
    for url in ("postgresql://bot:hunter2@127.0.0.1:1/touchpoint", f"sqlite:///{tmp_path}"):
        with pytest.raises(BadSettings, match=r"^DATABASE_URL: the database cannot be reached \(") as error:
            ask(url)
        assert "hunter2" not in str(error.value)


def test_a_password_with_a_percent_sign_survives() -> None:
    url = "postgresql://bot:50%25off@host/touchpoint"
    assert migrating.alembic_config(url).get_main_option("sqlalchemy.url") == url
