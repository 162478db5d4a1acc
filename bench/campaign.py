"""A tracked campaign from confirmation to its last acceptance, against a bare loop and a naive bot.

Run: `python -m bench.campaign`. The gateway answers at once, in another process; each way runs in a process of its own,
all on the same core, turn by turn. SQLite writes with synchronous=FULL in all of them.
"""

import asyncio
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

import httpx

from bench.lists import AT_ONCE, TEXT, confirm, draft, look, phone, running, settings
from bench.stand_in import gateway, keep_to_core
from bot.app import App
from bot.domain.gateway import Sms
from bot.domain.message import State, new_txn_id
from bot.osonsms import Credentials, OsonSMS

RUNS = 5
RECIPIENTS, NAIVE_RECIPIENTS = 20_000, 2_000
CONCURRENCY = 64
BAR_BARE, BAR_NAIVE = 0.9, 4.0

Way = Callable[[str, Path, int], Coroutine[None, None, float]]


async def bare(url: str, _folder: Path, count: int) -> float:
    """Our client, and nothing else."""
    client = OsonSMS(Credentials("bench", "token"), api_url=url, cabinet_url=url, concurrency=CONCURRENCY)
    numbers = iter(range(count))

    async def sender() -> None:
        for number in numbers:
            await client.send(Sms(new_txn_id(), phone(number), TEXT, "BENCH"))

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(CONCURRENCY)))
    seconds = time.perf_counter() - began
    await client.aclose()
    return seconds


async def naive(url: str, folder: Path, count: int) -> float:
    """What one writes first: httpx as it comes, and a commit for each step of each message."""
    database = sqlite3.connect(folder / "naive.db")
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    database.execute("CREATE TABLE messages (txn_id TEXT PRIMARY KEY, phone TEXT, state TEXT, msg_id INTEGER)")
    numbers = iter(range(count))

    def write(statement: str, *values: object) -> None:
        with database:
            database.execute(statement, values)

    async def sender(client: httpx.AsyncClient) -> None:
        for number in numbers:
            txn_id = new_txn_id()
            write("INSERT INTO messages VALUES (?, ?, 'queued', NULL)", txn_id, phone(number))
            write("UPDATE messages SET state = 'sending' WHERE txn_id = ?", txn_id)
            values = {"from": "BENCH", "phone_number": phone(number), "msg": TEXT, "login": "bench", "txn_id": txn_id}
            reply = await client.get(f"{url}/sendsms_v1.php", params=values)
            msg_id = reply.json()["msg_id"]
            write("UPDATE messages SET state = 'accepted', msg_id = ? WHERE txn_id = ?", msg_id, txn_id)

    began = time.perf_counter()
    async with httpx.AsyncClient(timeout=20, headers={"Authorization": "Bearer token"}) as client:
        await asyncio.gather(*(sender(client) for _ in range(CONCURRENCY)))
    return time.perf_counter() - began


async def ours(url: str, folder: Path, count: int) -> float:
    """The whole bot but for Telegram: from the confirmation of a list to the acceptance of its last message."""
    app = App(settings(url, folder, CONCURRENCY), AT_ONCE)
    async with running(app):
        draft_id = await draft(app.store, map(phone, range(count)))
        began = time.perf_counter()
        campaign_id = await confirm(app, draft_id)
        while (await look(app, campaign_id)).states.get(State.ACCEPTED, 0) < count:
            await asyncio.sleep(0.1)
        return time.perf_counter() - began


WAYS: dict[str, tuple[Way, int]] = {
    "bare client loop": (bare, RECIPIENTS),
    "ours": (ours, RECIPIENTS),
    "naive bot": (naive, NAIVE_RECIPIENTS),
}


def once(name: str, url: str) -> None:
    """In a process of its own: run one way, print its messages a second."""
    keep_to_core(0)
    way, count = WAYS[name]
    with tempfile.TemporaryDirectory() as folder:
        print(count / asyncio.run(way(url, Path(folder), count)))


def main() -> int:
    """Run the ways turn by turn; 1 if a bar was missed."""
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    with gateway() as url:
        for _ in range(RUNS):
            for name in WAYS:
                command = [sys.executable, "-m", "bench.campaign", name, url]
                rates[name].append(float(subprocess.check_output(command).split()[-1]))
    for name, found in rates.items():
        spread = f"({min(found):,.0f} to {max(found):,.0f})"
        print(f"{name:<18} {statistics.median(found):>7,.0f} messages a second {spread}")
    reached = True
    for name, bar in (("bare client loop", BAR_BARE), ("naive bot", BAR_NAIVE)):
        ratio = statistics.median(ours / other for ours, other in zip(rates["ours"], rates[name], strict=True))
        reached &= ratio >= bar
        print(f"ours to the {name}: {ratio:.2f} (bar: {bar}, {'reached' if ratio >= bar else 'MISSED'})")
    return 0 if reached else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        once(*sys.argv[1:])
    else:
        sys.exit(main())
