"""Bring a database up to date: Alembic, run from inside the package on a connection of ours."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bot.store.database import Database

_SCRIPTS = Path(__file__).parent / "migrations"


async def migrate(database: Database) -> None:
    """Apply every migration that the database has not seen, all in one transaction.

    Raises:
        sqlalchemy.exc.DBAPIError: the database cannot be reached or written to.
    """
    await database.run_migration(_upgrade)


def _upgrade(connection: sa.Connection) -> None:
    config = Config()
    # Alembic reads % as its own sign.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
