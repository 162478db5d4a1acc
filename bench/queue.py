"""A million queued messages: what a claim costs, and how soon after a start the first message leaves.

Run: `python -m bench.queue`.
"""

import asyncio
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.lists import AT_ONCE, confirm, draft, phone, running, settings
from bench.stand_in import gateway, keep_to_core
from bot.app import App
from bot.store import Store

QUEUED, BATCH, CLAIMS = 1_000_000, 500, 20
BAR_CLAIM_MS, BAR_START_SECONDS = 20.0, 2.0

_MANY = """
INSERT INTO messages (txn_id, state, due_at, attempts, retries, may_have_arrived, campaign_id, phone, text, sender,
    channel, confidential, length, encoding, parts, actor_id, created_at, polls)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
SELECT printf('BENCH%021d', n), state, due_at, 0, 0, false, campaign_id, printf('99290%07d', n), text, sender,
    channel, confidential, length, encoding, parts, actor_id, created_at, 0
FROM numbers, (SELECT * FROM messages LIMIT 1)
"""


async def fill(folder: Path, queued: int) -> None:
    """A log with a campaign at work that has so many queued messages."""
    app = App(settings("http://127.0.0.1:1", folder, 1), AT_ONCE)
    await app.store.migrate()
    await confirm(app, await draft(app.store, [phone(0)]))
    async with running(app):
        await asyncio.sleep(1)  # its one message is in the log now; nobody takes it
    await app.store.close()
    database = sqlite3.connect(folder / "bot.db")
    with database:
        database.execute(
            "UPDATE messages SET state = 'queued', due_at = created_at, attempts = 0, may_have_arrived = 0"
        )
        database.execute("UPDATE campaigns SET stage = 'running', recipients = ?", (queued + 1,))
        database.execute("UPDATE tallies SET queued = 1, sending = 0")
        if queued:
            database.execute(_MANY, (queued,))
            database.execute("UPDATE tallies SET queued = queued + ?", (queued,))
    database.close()


async def claim_ms(folder: Path) -> float:
    """Milliseconds of a claim, the median."""
    store = Store(f"sqlite+aiosqlite:///{folder}/bot.db")
    times = []
    for _ in range(CLAIMS):
        now = datetime.now(UTC)
        began = time.perf_counter()
        async with store.write() as log:
            assert len(await log.claim_messages(now, now + timedelta(seconds=45), BATCH)) == BATCH
        times.append((time.perf_counter() - began) * 1000)
    await store.close()
    return statistics.median(times)


async def first_send(url: str, folder: Path) -> None:
    """Run until something is accepted."""
    app = App(settings(url, folder, 64), AT_ONCE)
    task = asyncio.create_task(app.run(telegram=False))
    accepted = 0
    while not accepted:
        await asyncio.sleep(0.005)
        accepted = _accepted(folder)
    app.stop.set()
    await task


def _accepted(folder: Path) -> int:
    with sqlite3.connect(folder / "bot.db") as database:
        return int(database.execute("SELECT sum(accepted) FROM tallies").fetchone()[0])


def start_seconds(url: str, folder: Path) -> float:
    """From the start of a process to its first acceptance."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bench.queue", url, folder], check=True)
    return time.perf_counter() - began


def main() -> int:
    """1 if a bar was missed."""
    with gateway() as url, tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as full:
        asyncio.run(fill(Path(empty), 0))
        asyncio.run(fill(Path(full), QUEUED))
        claim = asyncio.run(claim_ms(Path(full)))
        before, after = start_seconds(url, Path(empty)), start_seconds(url, Path(full))
    good = claim < BAR_CLAIM_MS, after - before < BAR_START_SECONDS
    words = ["reached" if one else "MISSED" for one in good]
    print(f"{QUEUED:,} queued: a claim of {BATCH} takes {claim:.1f} ms (bar: {BAR_CLAIM_MS:.0f} ms, {words[0]})")
    print(f"first acceptance {after:.1f} s after a start, {before:.1f} s with an empty log", end=" ")
    print(f"(bar: {BAR_START_SECONDS:.0f} s more, {words[1]})")
    return 0 if all(good) else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        keep_to_core(0)
        asyncio.run(first_send(sys.argv[1], Path(sys.argv[2])))
    else:
        sys.exit(main())
