"""A log as an earlier version held it: its tables, and rows written past all our code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import bot.store
from bot.store.database import Database

_SCRIPTS = Path(bot.store.__file__).parent / "migrations"


def tables_of(revision: str) -> Callable[[sa.Connection], None]:
    """Builds the tables as they were then."""

    def upgrade(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    return upgrade


async def insert(database: Database, table: str, rows: list[dict[str, Any]]) -> None:
    """Write rows of the same columns, each value as the database stores it."""
    names = ", ".join(f'"{name}"' for name in rows[0])
    places = ", ".join(f":{name}" for name in rows[0])
    async with database.write() as connection:
        await connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), rows)  # noqa: S608 (ours)


async def count_on(database: Database, *tables: str) -> None:
    """Keys were given by hand: PostgreSQL shall count on above them."""
    if not database.is_sqlite:
        async with database.write() as connection:
            for table in tables:
                await connection.exec_driver_sql(f"SELECT setval('{table}_id_seq', 1000)")
