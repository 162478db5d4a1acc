"""Migrations build what the schema says, once, whoever runs them and however often."""

import asyncio
import re
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.store import Store
from bot.store.database import Database
from bot.store.schema import metadata

# Told for each index over an expression; these are compared below by their statements.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
]

NewUrl = Callable[[], Awaitable[str]]

_MIGRATE = """
import asyncio, sys
from bot.store import Store
async def main(url):
    store = Store(url)
    print("ready", flush=True)
    sys.stdin.readline()
    await store.migrate()
    await store.close()
asyncio.run(main(sys.argv[1]))
"""


async def test_the_migrated_tables_are_those_of_the_schema(store: Store, database: Database) -> None:
    """Alembic finds nothing to change: no table, column, type, null, key or index."""
    async with database.read() as connection:
        assert await connection.run_sync(_differences) == []


def _differences(connection: sa.Connection) -> list[Any]:
    options = {"compare_type": True, "compare_server_default": True, "include_object": _is_comparable}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


def _is_comparable(_item: object, name: str | None, *_: Any) -> bool:
    """What Alembic has no eye for is compared by its statement, below: the tables of FTS5, indexes over expressions."""
    return not (name or "").startswith("words") and name not in ("ix_messages_phone", "ix_words")


async def test_the_migrated_indexes_are_those_of_the_schema(store: Store, database: Database, new_url: NewUrl) -> None:
    """Also in what Alembic does not compare: which rows an index holds, and in which order."""
    built = Database(await new_url())
    async with built.write() as connection:
        await connection.run_sync(metadata.create_all)
    async with built.read() as connection:
        expected = await _indexes(connection)
    await built.close()
    async with database.read() as connection:
        assert await _indexes(connection) == expected
    indexes = [index for table in metadata.tables.values() for index in table.indexes]
    partial = [index for index in indexes if index.dialect_kwargs.get("sqlite_where") is not None]
    assert sum("WHERE" in definition for definition in expected) >= len(partial) >= 5


async def _indexes(connection: Any) -> set[str]:
    sqlite = "SELECT sql FROM sqlite_master WHERE (type <> 'table' OR name = 'words') AND sql IS NOT NULL"
    postgresql = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    rows = await connection.exec_driver_sql(sqlite if connection.dialect.name == "sqlite" else postgresql)
    return {re.sub(r'["\s()]+', " ", definition).strip() for definition in rows.scalars()}


async def test_migrating_again_changes_nothing(store: Store, database: Database) -> None:
    """Every start migrates; what is there stays."""
    async with store.write() as tx:
        await tx.set_language(7, "tg")
    for _ in range(2):
        await store.migrate()
    async with store.read() as tx:
        assert await tx.language(7) == "tg"
    async with database.read() as connection:
        assert await connection.run_sync(_differences) == []
        assert (await connection.exec_driver_sql("SELECT count(*) FROM pace")).scalar_one() == 1


async def test_processes_that_start_together_migrate_once(new_url: NewUrl) -> None:
    """Whoever comes second waits and finds it done; nobody fails."""
    url = await new_url()
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", _MIGRATE, url, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
    results = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    assert [(process.returncode, errors) for process, (_, errors) in zip(processes, results, strict=True)] == [
        (0, b"")
    ] * 2
    database = Database(url)
    async with database.read() as connection:
        assert await connection.run_sync(_differences) == []
        assert (await connection.exec_driver_sql("SELECT count(*) FROM pace")).scalar_one() == 1
    await database.close()


async def test_a_migration_that_breaks_off_leaves_nothing(new_url: NewUrl) -> None:
    """All migrations are one transaction, tables and all, on both engines."""
    database = Database(await new_url())

    def half(connection: sa.Connection) -> None:
        metadata.create_all(connection)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await database.run_migration(half)
    async with database.read() as connection:
        assert await connection.run_sync(lambda c: sa.inspect(c).get_table_names()) == []
    await database.close()


async def test_a_new_file_that_another_process_is_writing_to_is_waited_for(tmp_path: Path) -> None:
    """SQLite refuses at once to turn such a file to WAL, whatever its time-out; a start does not fail of it."""
    writer = sqlite3.connect(tmp_path / "bot.db", check_same_thread=False)
    writer.execute("CREATE TABLE held (x)")
    writer.execute("BEGIN IMMEDIATE")
    release = Timer(0.2, writer.rollback)
    release.start()
    store = Store(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    await store.migrate()
    async with store.read() as tx:
        assert await tx.latest_messages(1) == []
    await store.close()
    release.join()
    writer.close()
