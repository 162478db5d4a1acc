"""The store on both engines: every test here runs on SQLite, in a real file, and on PostgreSQL."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa

from bot.store import Store
from bot.store.database import Database
from bot.store.schema import metadata

NewUrl = Callable[[], Awaitable[str]]

_store, _database = cache(Store), cache(Database)
"""One for all tests in turn, closed between them: SQLAlchemy compiles a statement once for each engine."""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that the test runs on."""
    return str(request.param)


@pytest.fixture
def new_url(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> NewUrl:
    """Makes databases without tables; each call returns the URL of a fresh one."""
    if engine == "postgresql":
        made: NewUrl = request.getfixturevalue("new_postgresql")
        return made
    numbers = iter(range(100))

    async def new() -> str:
        return f"sqlite+aiosqlite:///{tmp_path}/data{next(numbers)}/bot.db"

    return new


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def log_postgresql(postgresql: sa.URL) -> str:
    """A database with tables, for all tests to use in turn: to make one takes a quarter of a second."""
    server = await asyncpg.connect(postgresql.render_as_string(hide_password=False))
    await server.execute("CREATE DATABASE log")
    await server.close()
    url = postgresql.set(drivername="postgresql+asyncpg", database="log").render_as_string(hide_password=False)
    store = Store(url)
    await store.migrate()
    await store.close()
    return url


@pytest.fixture
def url(request: pytest.FixtureRequest, engine: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database with tables: a fresh copy of the file, or the database that `store` empties first."""
    if engine == "postgresql":
        return str(request.getfixturevalue("log_postgresql"))
    folder = tmp_path_factory.getbasetemp() / "data"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(request.getfixturevalue("log_sqlite"), folder)
    return f"sqlite+aiosqlite:///{folder}/bot.db"


async def _empty(url: str) -> None:
    """Begin as after the migration, whatever the test before left or still holds."""
    log = await asyncpg.connect(url.replace("+asyncpg", ""))
    await log.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'log' AND pid <> pg_backend_pid()"
    )
    for table in reversed(metadata.sorted_tables):  # TRUNCATE takes ten times as long where there is little in it
        await log.execute(f"DELETE FROM {table.name}")  # noqa: S608 (names of ours)
    await log.execute("DELETE FROM words")
    await log.execute("INSERT INTO pace (id, next_at) VALUES (1, 0)")
    await log.close()


@pytest.fixture
async def store(url: str, engine: str) -> AsyncIterator[Store]:
    """A store whose tables are up to date and empty."""
    store = _store(url)
    if engine == "postgresql":
        await _empty(url)
    yield store
    await store.close()


@pytest.fixture
async def other(store: Store, url: str) -> AsyncIterator[Store]:
    """The same database as another process has it open."""
    other = Store(url)
    yield other
    await other.close()


@pytest.fixture
async def database(store: Store, url: str) -> AsyncIterator[Database]:
    """The same database, for statements that no method makes."""
    database = _database(url)
    yield database
    await database.close()
