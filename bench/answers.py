"""How soon an admin is answered while a campaign runs at full speed.

Run: `python -m bench.answers`. The gateway answers at once, so all of the time is the bot's. Telegram is its stand-in,
in another process; an answer is there when the stand-in has taken the bot's message.
"""

import asyncio
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from bench.lists import ADMIN, AT_ONCE, confirm, draft, phone, running, settings
from bench.stand_in import gateway, keep_to_core
from bot.app import App

RECIPIENTS, CONCURRENCY, QUESTIONS = 200_000, 64, 150
TOKEN = "1000000001:demo-token-for-the-sandbox-only"
PAUSE = 0.1
BAR_MS = 250.0


@contextlib.contextmanager
def telegram() -> Iterator[str]:
    """The stand-in; gives its address, and ends it."""
    process = subprocess.Popen([sys.executable, "-m", "bot.sandbox.telegram"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().split()[1]
    finally:
        process.terminate()
        process.wait()


async def ask(person: httpx.AsyncClient, text: str, wanted: str) -> float:
    """Milliseconds from what an admin writes to the bot's message that holds `wanted`."""
    began = time.perf_counter()
    done = (await person.post("send", json={"user": ADMIN, "text": text})).raise_for_status().json()
    version = done["version"]
    while True:
        news = (await person.get(f"chats/{ADMIN}/messages", params={"after": version, "wait": 5})).json()
        if any(message["from_bot"] and wanted in message["content"] for message in news["messages"]):
            return (time.perf_counter() - began) * 1000
        version = news["version"]


async def measure(url: str, telegram_url: str, folder: Path) -> dict[str, list[float]]:
    """The times of both questions, in the middle of a campaign."""
    more: dict[str, Any] = {"telegram_api_url": telegram_url, "bot_token": TOKEN}
    app = App(settings(url, folder, CONCURRENCY, **more), AT_ONCE)
    times: dict[str, list[float]] = {"/balance": [], "/send": []}
    async with running(app, telegram=True), httpx.AsyncClient(base_url=f"{telegram_url}/control/") as person:
        await confirm(app, await draft(app.store, map(phone, range(RECIPIENTS))))
        await asyncio.sleep(2)
        for number in range(QUESTIONS):
            times["/balance"].append(await ask(person, "/balance", "TJS"))
            await asyncio.sleep(PAUSE)
            text = f"{number} a question"
            times["/send"].append(await ask(person, f"/send 92 700 {number:04d} {text}", text))
            await asyncio.sleep(PAUSE)
    return times


def main() -> int:
    """1 if the bar was missed."""
    with gateway() as url, telegram() as telegram_url, tempfile.TemporaryDirectory() as folder:
        keep_to_core(0)
        times = asyncio.run(measure(url, telegram_url, Path(folder)))
    reached = True
    for name, found in times.items():
        cuts = statistics.quantiles(found, n=100)
        reached &= cuts[98] < BAR_MS
        verdict = "reached" if cuts[98] < BAR_MS else "MISSED"
        print(f"{name:<9} answered in {cuts[49]:.0f} ms (median), {cuts[98]:.0f} ms", end=" ")
        print(f"(p99; bar: {BAR_MS:.0f} ms, {verdict})")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
