"""The machine's own Chromium: one for all tests, each with a context of its own. To start one takes a second."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

expect.set_options(timeout=20_000)
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def in_browser(test: Callable[..., Awaitable[None]]) -> Any:
    """Mark a test that uses `browser`: both live in the loop of the session."""
    return pytest.mark.browser(pytest.mark.asyncio(loop_scope="session")(test))


def in_session(fixture: Callable[..., Any]) -> Any:
    """A fixture of such a test."""
    return pytest_asyncio.fixture(loop_scope="session")(fixture)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Running. Where there is none: skip, but fail in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        assert os.environ.get("CI") != "true", "CI has no Chromium"
        pytest.skip("no Chromium on this machine: install the package chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        await browser.close()
