"""The database: engines for SQLite and PostgreSQL, and transactions on them.

SQLite takes one writer at a time. So all writing goes through one connection (a queue of our own instead of «database
is locked»), every writer begins with BEGIN IMMEDIATE (a lock is had at the start or not at all), and a commit is on the
disk when it returns (synchronous=FULL): what was logged before sending survives a power cut.
"""

import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_WRITER_PRAGMAS = (
    "busy_timeout=10000",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",  # an erased text is overwritten, not only unlinked
)
_PATIENCE, _MOMENT = 40, 0.05
# A reader has no transaction to end. A writer is rolled back when it is given back: whoever is cut off while it begins
# would else leave it open for good.
_READER_OPTIONS: dict[str, Any] = {
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    "pool_reset_on_return": None,
}
_READER_PRAGMAS = (
    "busy_timeout=1000",  # a reader never waits but to fold the journal, and that holds up the writers
    "query_only=ON",
)


class Database:
    """Connections to the database at `url` (SQLAlchemy's form; `sqlite+aiosqlite` or `postgresql+asyncpg`)."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        if self.is_sqlite:
            self._writer = self._sqlite(_WRITER_PRAGMAS, pool_size=1, max_overflow=0, pool_timeout=None)
            self._reader = self._sqlite(_READER_PRAGMAS, **_READER_OPTIONS)
            sa.event.listen(self._writer.sync_engine, "begin", _begin_immediate)
        else:
            self._writer = self._reader = create_async_engine(self.url, hide_parameters=True, pool_pre_ping=True)
        # At the first commit too: the process before may have ended between an erasing commit and its wipe.
        self._erasing = self.is_sqlite

    def _sqlite(self, pragmas: Sequence[str], **options: Any) -> AsyncEngine:
        engine = create_async_engine(self.url, hide_parameters=True, **options)
        sa.event.listen(engine.sync_engine, "connect", partial(_set_up_sqlite, pragmas))
        return engine

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One writing transaction: committed at the end, rolled back by any exception."""
        async with self._writer.begin() as connection:
            yield connection
        if self._erasing:
            await self._wipe()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read from."""
        async with self._reader.connect() as connection:
            yield connection

    def erase_after_commit(self) -> None:
        """Say that the transaction at hand erases a confidential text: no copy of it may stay in the journal."""
        self._erasing = self.is_sqlite

    async def _wipe(self) -> None:
        """Fold the journal into the file and cut it to nothing; busy with a reader, again at the next commit."""
        self._erasing = False  # before, not after: another writer may erase meanwhile
        async with self._reader.connect() as connection:
            result = await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            if result.scalar_one():
                self._erasing = True

    async def run_migration(self, upgrade: Any) -> None:
        """Run `upgrade(connection)`, which is synchronous, in a writing transaction."""
        async with self._writer.begin() as connection:
            if not self.is_sqlite:  # two processes that start together: the second waits here and finds it done
                await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4902201)")
            await connection.run_sync(upgrade)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._writer.dispose()
        await self._reader.dispose()


def _set_up_sqlite(pragmas: Sequence[str], connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver shall not begin transactions of its own
    cursor = connection.cursor()
    for pragma in pragmas:
        _execute_patiently(cursor, f"PRAGMA {pragma}")
    cursor.close()


def _execute_patiently(cursor: Any, statement: str) -> None:
    """Two processes that turn a new file to WAL at once are in each other's way, and SQLite does not wait there."""
    for _ in range(_PATIENCE):
        with suppress(sqlite3.OperationalError):
            cursor.execute(statement)
            return
        time.sleep(_MOMENT)
    cursor.execute(statement)


def _begin_immediate(connection: sa.Connection) -> None:
    adapted: Any = connection.connection.dbapi_connection
    adapted.run_async(
        lambda driver: driver.execute_fetchall("BEGIN IMMEDIATE")
    )  # one step of its thread in place of three
