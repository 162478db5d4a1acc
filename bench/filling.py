"""Fill a log with what `bench/ten_million.py` says, past the bot's own code, as quickly as it goes.

Indexes come last, journals are off; what the bot keeps by the way (words, tallies, history, what was spent) is kept.
"""

import asyncio
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg

from bench.ten_million import CAMPAIGN_COLUMNS, COLUMNS, MESSAGES, afterwards, campaign_rows, rows
from bot.store import Store
from bot.store.words import bundles

_AT_ONCE = 500_000
_PLACES = [COLUMNS.index(name) for name in ("id", "campaign_id", "text")]
_FAST = "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '1GB'"
_VECTORS = "INSERT INTO words SELECT number, array_to_tsvector(string_to_array(words, ' ')) FROM bundles"

Row = Sequence[Any]
Say = Callable[[str], None]


async def fill(url: str, count: int = MESSAGES) -> float:
    """Make the tables and fill them; return the seconds it took."""
    began = time.perf_counter()

    def say(what: str) -> None:
        print(f"   {what:<28} {time.perf_counter() - began:>6.0f} s", file=sys.stderr, flush=True)

    store = Store(url)
    await store.migrate()
    await store.close()
    now = time.time_ns() // 1000
    if url.startswith("sqlite"):
        await asyncio.to_thread(_fill_sqlite, Path(url.partition("///")[2]), count, now, say)
    else:
        await _fill_postgresql(url, count, now, say)
    return time.perf_counter() - began


def _words(some: Sequence[Row]) -> list[tuple[int, str]]:
    """The bundles of messages, confidential ones apart."""
    known = ([row[place] for place in _PLACES] for row in some)
    return list(bundles((id_, campaign, text) for id_, campaign, text in known if text is not None))


def _parts(new: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(new, _AT_ONCE)):
        yield some


def _fill_sqlite(path: Path, count: int, now: int, say: Say) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-500000"):
        database.execute(f"PRAGMA {pragma}")
    kept = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'messages' AND sql IS NOT NULL AND type = 'index'"
    put_off = database.execute(kept).fetchall()
    for name, _ in put_off:
        database.execute(f"DROP INDEX {name}")
    _insert(database, "campaigns", CAMPAIGN_COLUMNS, list(campaign_rows(count, now)))
    for some in _parts(rows(count, now)):
        _insert(database, "messages", COLUMNS, some)
        _insert(database, "words", ("rowid", "text"), _words(some))
    say("messages and words")
    for statement in [*(sql for _, sql in put_off), *afterwards()]:
        database.execute(statement)
    say("indexes and the rest")
    database.execute("PRAGMA journal_mode=WAL")
    database.close()


def _insert(database: sqlite3.Connection, table: str, columns: tuple[str, ...], some: Sequence[Row]) -> None:
    places = ", ".join("?" * len(columns))
    database.execute("BEGIN")
    database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", some)  # noqa: S608 (words of ours)
    database.execute("COMMIT")


async def _fill_postgresql(url: str, count: int, now: int, say: Say) -> None:
    database = await asyncpg.connect(url.replace("+asyncpg", ""))
    await database.execute(_FAST)
    kept = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('messages', 'words') AND indexname LIKE 'ix_%'"
    )
    put_off = await database.fetch(kept)
    for row in put_off:
        await database.execute(f"DROP INDEX {row['indexname']}")
    await database.execute("CREATE TEMP TABLE bundles (number bigint, words text)")
    await database.copy_records_to_table("campaigns", columns=CAMPAIGN_COLUMNS, records=campaign_rows(count, now))
    for some in _parts(rows(count, now)):
        await database.copy_records_to_table("messages", columns=COLUMNS, records=some)
        await database.copy_records_to_table("bundles", records=_words(some))
    await database.execute(_VECTORS)
    say("messages and words")
    for row in put_off:
        await database.execute(row["indexdef"])
    say("indexes")
    sequences = [f"SELECT setval('{table}_id_seq', max(id)) FROM {table}" for table in ("messages", "campaigns")]  # noqa: S608 (words of ours)
    for statement in [*afterwards(), *sequences, "DROP TABLE bundles", "VACUUM ANALYZE", "CHECKPOINT"]:
        await database.execute(statement)
    say("the rest")
    await database.close()
