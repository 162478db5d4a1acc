"""The store on both engines: every test here runs on SQLite, in a real file, and on PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.store import Store
from bot.store.database import Database

NewUrl = Callable[[], Awaitable[str]]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Makes empty databases; each call returns the URL of a fresh one."""
    if request.param == "postgresql":
        made: NewUrl = request.getfixturevalue("new_postgresql")
        return made
    numbers = iter(range(100))

    async def new() -> str:
        return f"sqlite+aiosqlite:///{tmp_path}/data{next(numbers)}/bot.db"

    return new


@pytest.fixture
async def url(new_url: NewUrl) -> str:
    """The URL of an empty database."""
    return await new_url()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """A store whose tables are up to date."""
    store = Store(url)
    await store.migrate()
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
    database = Database(url)
    yield database
    await database.close()
