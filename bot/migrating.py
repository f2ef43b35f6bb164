"""Alembic, driven from the program: bring the tables up to date, and say whether they are."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from bot import db
from bot.config import BadSettings

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def upgrade(database_url: str, revision: str = "head") -> None:
    from alembic import command

    behind(database_url)  # a database that cannot be reached is a sentence, not Alembic's traceback
    command.upgrade(alembic_config(database_url), revision)


def behind(database_url: str) -> str | None:
    """What is wrong with the tables' version, or None. Reads file names, so that a start need not load Alembic.

    Raises `BadSettings` where there is no database to ask.
    """
    newest = max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    try:
        engine = db.create(database_url)
        connection = engine.connect()
    except (OSError, OperationalError) as error:
        reason = str(error.orig if isinstance(error, OperationalError) else error).strip().splitlines()[0]
        raise BadSettings(f"DATABASE_URL: the database cannot be reached ({reason})") from None
    try:
        with connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (OperationalError, ProgrammingError):
        return "it has no tables yet"
    finally:
        engine.dispose()
    return None if found == newest else f"it is at {found}, the program needs {newest}"


def alembic_config(database_url: str):  # type: ignore[no-untyped-def]
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return made
