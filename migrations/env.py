"""Alembic's entry: the tables of bot.models, on SQLite or PostgreSQL."""

from alembic import context

from bot import db
from bot.models import Base

config = context.config


def run() -> None:
    engine = db.create(config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            user_module_prefix="bot.models.base.",
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()  # the last connection of an SQLite file brings its log into the file


run()
