"""The log of a time, read page by page from a real log, and what that costs."""

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.gateway import Channel
from bot.domain.lookback import Bounds
from bot.domain.message import State
from bot.services.export import COLUMNS, Progress, export_pages, is_empty
from bot.services.sheets import Form, Limits, Reader, Row, in_parts
from bot.store import Store
from bot.store.schema import micros
from tests.support.log import NOW, SECOND, new_message

READER = Reader({name: name for name in (*State, *Channel)}, ZoneInfo("UTC"))
HOUR = timedelta(hours=1)
MANY = 100_000
STATM = Path("/proc/self/statm")


async def texts(store: Store, bounds: Bounds, progress: Progress) -> AsyncIterator[list[object]]:
    """The texts of each page."""
    async for page in export_pages(store, bounds, READER, progress):
        yield [row[COLUMNS.index("text")] for row in page]


async def add(store: Store, at: datetime, *words: str, confidential: bool = False) -> None:
    """Order messages with these texts at this time."""
    async with store.write() as tx:
        await tx.add_messages([new_message(text=text, confidential=confidential) for text in words], at)


@pytest.mark.parametrize(
    ("since", "until", "wanted"),
    [
        (None, None, ["a", "b", None, "d"]),
        (NOW, None, ["b", None, "d"]),
        (NOW + SECOND, NOW + 2 * HOUR, [None]),
        (NOW - HOUR, NOW + HOUR, ["a", "b"]),
        (None, NOW, ["a"]),
        (NOW + SECOND, NOW + HOUR, []),
        (NOW + 3 * HOUR, None, []),
        (None, NOW - HOUR, []),
    ],
)
async def test_the_messages_of_a_time_stand_in_it_in_their_order(
    store: Store, since: datetime | None, until: datetime | None, wanted: list[str | None]
) -> None:
    """From its first moment on, and before its last; a confidential text, queued still, is none of them."""
    for text, at in (("a", NOW - HOUR), ("b", NOW), ("c", NOW + HOUR), ("d", NOW + 2 * HOUR)):
        await add(store, at, text, confidential=text == "c")
    found = [text async for page in texts(store, (since, until), Progress()) for text in page]
    assert found == wanted
    assert await is_empty(store, (since, until)) == (wanted == [])


async def test_pages_follow_each_other_without_a_gap(store: Store) -> None:
    """Three pages; the share that is read grows up to all; what comes meanwhile is of a later time, and stays out."""
    words = [f"text {number}" for number in range(2_300)]
    await add(store, NOW, *words)
    progress, shares, found = Progress(), [], []
    async for page in texts(store, (NOW, NOW + SECOND), progress):
        found += page
        shares.append(progress.done)
        await add(store, NOW + SECOND, "later")
    assert found == words
    assert 0 < shares[0] < shares[1] < shares[2] == 1.0


async def test_the_span_of_a_time_holds_its_messages_and_ends_with_the_newest(store: Store) -> None:
    """The numbers of all of them, and none that is not given yet; of a time to come it is empty."""
    for text, at in (("a", NOW - HOUR), ("b", NOW), ("c", NOW + HOUR)):
        await add(store, at, text)
    async with store.read() as tx:
        numbers = [message.id for message in await tx.page_of_time((None, None), 0, 9)]
        first, end = await tx.span_of_time((NOW, NOW + SECOND))
        whole = await tx.span_of_time((None, None))
        later, never = await tx.span_of_time((NOW + 2 * HOUR, None))
    assert first <= numbers[1] < end <= numbers[2] + 1
    assert whole[0] <= numbers[0]
    assert whole[1] == never == numbers[2] + 1
    assert later == never


@pytest.mark.skipif(not STATM.exists(), reason="what a process takes is read as Linux tells it")
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_long_log_takes_no_more_memory_and_never_holds_up_the_loop(
    store: Store, url: str, tmp_path: Path
) -> None:
    """100,000 messages: the process grows by less than a fifth of them, the loop computes less than 50 ms on end."""
    await asyncio.to_thread(fill, url.partition("///")[2])
    tenth = MANY // 10
    for form, since, count in ((Form.CSV, None, MANY), (Form.XLSX, NOW - tenth * SECOND, tenth)):
        memory, loop = Memory(), Loop()
        pages = memory.watched(export_pages(store, (since, NOW), READER, Progress()))
        watch = asyncio.create_task(loop.watched())
        parts = in_parts(pages, tmp_path, "log", form, COLUMNS, Limits(full=2_000_000, book_rows=5_000))
        assert sum([part.rows async for part in parts]) == count
        watch.cancel()
        assert memory.grown < 20_000_000
        assert 0 < loop.longest < 0.05


def fill(path: str) -> None:
    """A second between each message and the next, up to NOW. Past our code, and without indexes that nobody asks."""
    log = sqlite3.connect(path)
    needless = "SELECT type, name FROM sqlite_master WHERE tbl_name = 'messages' AND sql NOT NULL AND type <> 'table'"
    for kind, name in log.execute(needless).fetchall():
        if name != "ix_messages_created_at":
            log.execute(f"DROP {kind} {name}")
    log.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO messages (txn_id, phone, text, sender, channel, confidential, length, encoding, parts, actor_id,"
        " created_at, state, attempts, retries, may_have_arrived, polls, accepted_at, final_at, msg_id, status) "
        "SELECT printf('%026d', i), '992900000001', 'Салом, ' || hex(randomblob(40)), 'Demo', 'sms', 0, 90, 'Unicode',"
        " 2, 7, ? - (? - i + 1) * 1000000, 'delivered', 1, 0, 0, 1, ?, ?, i, 'DELIVERED' FROM n",
        (MANY, micros(NOW), MANY, micros(NOW), micros(NOW)),
    )
    log.commit()
    log.close()


class Memory:
    """How much the process has grown since the first pages went by."""

    _FIRST = 10

    def __init__(self) -> None:
        self.grown = 0

    async def watched(self, pages: AsyncIterator[Iterable[Row]]) -> AsyncIterator[Iterable[Row]]:
        """The pages as they come."""
        number, before = 0, 0
        async for page in pages:
            number += 1
            if number == self._FIRST:
                before = self._taken()
            self.grown = max(self.grown, self._taken() - before) if before else 0
            yield page

    @staticmethod
    def _taken() -> int:
        return int(STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Loop:
    """The longest that the loop has computed before it came round to a task that is always due.

    The time is its thread's own: what others take of the machine is not its doing.
    """

    def __init__(self) -> None:
        self.longest = 0.0

    async def watched(self) -> None:
        """Watch it until cancelled."""
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.002)
            self.longest = max(self.longest, time.thread_time() - before)
