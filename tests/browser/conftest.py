"""A real Chromium on the demo, started as the README says."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page

from tests.support.chromium import in_session

ROOT = Path(__file__).parents[2]
_START = 60


@pytest.fixture(scope="package")
def demo() -> Iterator[str]:
    """The demo in a process of its own; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bot", "demo", "--port", str(port)], cwd=ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        _until_it_listens(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _until_it_listens(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until the bot asks for updates: what is written before that waits for it, but slows the tests."""
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        assert process.poll() is None, "the demo ended by itself"
        try:
            calls = httpx.get(f"{address}/telegram/control/calls").json()["calls"]
        except httpx.TransportError:
            calls = []
        if any(call["method"] == "setMyCommands" for call in calls):
            return
        time.sleep(0.2)
    raise AssertionError(f"the demo did not start within {_START} s")


@in_session
async def page(browser: Browser, demo: str) -> AsyncIterator[Page]:
    """A fresh page in a fresh world."""
    async with httpx.AsyncClient() as client:
        for stand_in in ("gateway", "telegram"):
            (await client.post(f"{demo}/{stand_in}/control/reset", json={})).raise_for_status()
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(20_000)
    await page.goto(demo)
    yield page
    await page.context.close()
