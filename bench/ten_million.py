"""A log of ten million messages, as years of use would leave it, on either engine.

Written past the bot's own code, as quickly as it goes; `BENCH_MESSAGES` makes it smaller. Two thousand campaigns of 700
to a million recipients, one after the other; every fiftieth message is a single one. A million of the newest are open.
"""

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
import sqlalchemy as sa

from bench.lists import phone
from bot.domain.message import State
from bot.store import Store
from bot.store.database import Database
from bot.store.words import keep_words

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "10_000_000"))
CAMPAIGNS, PEOPLE, SINGLE = 2_000, 1_500_000, 50
YEARS_MICROS = 2 * 365 * 24 * 3600 * 1_000_000
BIG = CAMPAIGNS // 5
"""The place of the largest campaign: an old one."""
ACTORS = (101, 102, 103, 104, 105)
RARE_ACTOR = ACTORS[-1]
"""One message in ten thousand, all of them long ago."""
_EXPONENT = 0.95
_OPEN_WINDOW, _OPEN_SHARE = 0.118, 85
_AT_ONCE = 500_000
_TEXTS_AT_ONCE = 16_000
_TEXTS = sa.text(
    "SELECT id, campaign_id, text FROM messages WHERE id > :after AND NOT confidential ORDER BY id LIMIT :some"
)
_PAUSE, _HOUR = 10_000, 3600 * 1_000_000
_HASH = 2_654_435_761

OPENINGS = (
    ("Салом, ", "! "),
    ("Ассалому алайкум, ", "! Хабари хуш: "),
    ("Мухтарам ", ", огоҳ мекунем: "),
    ("Здравствуйте, ", "! "),
    ("Уважаемый клиент ", ", сообщаем: "),
    ("Добрый день, ", "! Напоминаем: "),
    ("Hello ", ", dear customer: "),
    ("Дӯсти азиз ", ", лутфан бихонед: "),
    ("", ", барои шумо хабар: "),
    ("Внимание, ", ". Новость: "),
)
BODIES = (
    "фармоиши шумо омода аст, то соати 18 биёед",
    "ваш заказ собран и ждёт вас в магазине на улице Рудаки",
    "скидка 20 процентов на все товары до конца недели",
    "қарзи шумо то охири моҳ бояд пардохт шавад",
    "платёж получен, спасибо за покупку",
    "рӯзи шанбе дар бозори марказӣ тахфифи калон мешавад",
    "приём врача перенесён на понедельник, подтвердите запись",
    "your parcel has arrived, please bring your passport",
    "дарсҳои нав аз душанбе сар мешаванд, ҷойҳо маҳдуданд",
    "счёт за интернет выставлен, оплатите вовремя",
)
"""Ten openings and ten bodies make a hundred templates."""
NAMES = ("Фирдавс", "Мадина", "Ҷамшед", "Ғайрат", "Нигора", "Рустам", "Зарина", "Далер", "Шаҳноза", "Комрон")
_SYLLABLES = (
    "ба",
    "хор",
    "нав",
    "руз",
    "са",
    "дил",
    "ша",
    "мех",
    "зар",
    "гул",
    "пар",
    "кӯҳ",
    "дар",
    "ёр",
    "меҳ",
    "соз",
)


def name(number: int) -> str:
    """The name of this number, of two thousand: some of them are those of every tenth, most are rare."""
    return NAMES[number] if number < len(NAMES) else _syllables(number).capitalize() + "шоҳ"


def own_word(campaign: int) -> str:
    """A word that stands in the texts of this campaign alone."""
    return _syllables(campaign) + "она"


def code(number: int) -> str:
    """A word that one message alone has."""
    return f"R{number:08d}"


def _syllables(number: int) -> str:
    return "".join(_SYLLABLES[number >> shift & 15] for shift in (0, 4, 8))


def txn_id(number: int) -> str:
    """The txn_id of the message of this number."""
    return f"BENCH{number:021d}"


def msg_id(number: int) -> int:
    """What the gateway called it, if it took it."""
    return 160_000_000 + number


def sizes(count: int) -> list[int]:
    """How many recipients each campaign has, in their order: the largest long ago, the three next to it of late."""
    weights = [(rank + 1) ** -_EXPONENT for rank in range(CAMPAIGNS)]
    share = count * (1 - 1 / SINGLE) / sum(weights)
    ranks = sorted(range(4, CAMPAIGNS), key=lambda rank: rank * 1237 % 2003)
    ranks.insert(BIG - 1, 0)
    ranks[-1:-1] = (1, 2, 3)
    return [int(share * weights[rank]) + 1 for rank in ranks]


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the messages of a campaign share; single ones have no campaign."""

    campaign: int | None
    head: str
    tail: str
    actor: int


def _campaign(number: int) -> Ordered:
    opening, body = OPENINGS[number % 10], BODIES[number // 10 % 10]
    share = number * 61 % 100
    actor = ACTORS[0 if share < 60 else 1 if share < 90 else 2 if share < 99 else 3]
    return Ordered(number, opening[0], f"{opening[1]}{body}. Аксия {own_word(number)}", actor)


def _single(number: int, count: int) -> Ordered:
    opening, body = OPENINGS[number // 50 % 10], BODIES[number // 500 % 10]
    is_rare = number < count // 4 and number // SINGLE % 50 == 0
    return Ordered(None, opening[0], f"{opening[1]}{body}", RARE_ACTOR if is_rare else ACTORS[number // SINGLE % 3])


def rows(count: int, now: int) -> Iterator[tuple[Any, ...]]:
    """The messages, oldest first; `now` in microseconds."""
    place = in_campaign = 0
    planned = sizes(count)
    ordered = _campaign(1)
    for number in range(1, count + 1):
        created = now - YEARS_MICROS * (CAMPAIGNS - place) // CAMPAIGNS + in_campaign * _PAUSE
        if number % SINGLE == 0:
            yield _row(number, count, now, created, _single(number, count))
            continue
        yield _row(number, count, now, created, ordered)
        in_campaign += 1
        if in_campaign == planned[place] and place < CAMPAIGNS - 1:
            place, in_campaign = place + 1, 0
            ordered = _campaign(place + 1)


COLUMNS = (
    *("id", "txn_id", "campaign_id", "phone", "text", "sender", "channel", "confidential", "length", "encoding"),
    *("parts", "actor_id", "created_at", "state", "due_at", "attempts", "retries", "may_have_arrived", "reason"),
    *("accepted_at", "msg_id", "gateway_parts", "status", "status_at", "polls", "final_at"),
)


def _row(number: int, count: int, now: int, created: int, ordered: Ordered) -> tuple[Any, ...]:
    chance = number * _HASH % 2**32
    text = f"{ordered.head}{name(int(2000 * (chance / 2**32) ** 3))}{ordered.tail}"
    if number % 10 == 7:
        text = f"{text}. Рамз {code(number)}"
    secret = number % 5000 == 0
    state = _state(chance, is_new=number > count * (1 - _OPEN_WINDOW))
    accepted = None if state in _NEVER_TAKEN else created + 2_000_000
    status = None if state in _NO_STATUS else "ENROUTE" if state == "accepted" else state.upper()
    is_open = state == "accepted"
    due_at = now + (chance >> 8) % 7200 * 1_000_000 - _HOUR if is_open else None
    final_at = None if is_open or (state == "uncertain" and chance % 50 == 0) else created + (chance >> 6) % 90_000_000
    return (
        *(number, txn_id(number), ordered.campaign, _phone(number, chance), None if secret else text, "BENCH", "sms"),
        *(secret, len(text), "Unicode", 2, ordered.actor, created, state, due_at, 1, 0, False, state),
        *(accepted, accepted and msg_id(number), accepted and 2, status, accepted, 2, final_at),
    )


_STATES = (
    *((9300, "delivered"), (9550, "undeliverable"), (9700, "expired"), (9760, "rejected"), (9780, "deleted")),
    *((9800, "unknown"), (9900, "failed"), (9905, "uncertain"), (10_000, "cancelled")),
)
_NEVER_TAKEN = ("failed", "uncertain", "cancelled")
_NO_STATUS = (*_NEVER_TAKEN, "unknown")


def _state(chance: int, *, is_new: bool) -> str:
    if is_new and chance // 10_000 % 100 < _OPEN_SHARE:
        return "accepted"
    share = chance % 10_000
    return next(state for limit, state in _STATES if share < limit)


def _phone(number: int, chance: int) -> str:
    """Made up: campaigns go through one book of phones; some single ones go to the same phone again and again."""
    if number % SINGLE == 0 and chance % 100 == 0:
        return phone(0)
    return phone(number * 7 % PEOPLE)


_HISTORY = (
    "INSERT INTO events (message_id, at, from_state, to_state, why) "
    "SELECT id, coalesce(final_at, created_at), 'accepted', state, coalesce(status, reason) FROM messages "
    "WHERE state NOT IN ('accepted', 'failed', 'uncertain', 'cancelled')"
)
_TALLIES = (
    "INSERT INTO tallies (campaign_id, {names}) SELECT campaign_id, {sums} FROM messages "
    "WHERE campaign_id IS NOT NULL GROUP BY campaign_id"
)
_SPENT = (
    "INSERT INTO spent (quarter, messages, parts) SELECT accepted_at - accepted_at % 900000000, count(*), "
    "sum(gateway_parts) FROM messages WHERE accepted_at IS NOT NULL GROUP BY 1"
)
AFTERWARDS = (_HISTORY, _TALLIES, _SPENT)
"""What the bot would have kept by the way. Most messages have one line of history: that they were delivered."""


def afterwards() -> list[str]:
    """Those statements, spelled out."""
    names = ", ".join(state.value for state in State)
    sums = ", ".join(f"sum(CASE WHEN state = '{state.value}' THEN 1 ELSE 0 END)" for state in State)
    return [statement.format(names=names, sums=sums) for statement in AFTERWARDS]


_CAMPAIGN_COLUMNS = (
    *("id", "way", "text", "sender", "confidential", "recipients", "parts", "actor_id", "created_at", "stage"),
    *("starts_at", "rows", "taken"),
)


def campaign_rows(count: int, now: int) -> Iterator[tuple[Any, ...]]:
    """The campaigns, all of them over."""
    for number, size in enumerate(sizes(count), 1):
        ordered, began = _campaign(number), now - YEARS_MICROS * (CAMPAIGNS + 1 - number) // CAMPAIGNS
        text = f"{ordered.head}{{name}}{ordered.tail}"
        yield (
            number,
            "tracked",
            text,
            "BENCH",
            False,
            size,
            2 * size,
            ordered.actor,
            began,
            "finished",
            began,
            size,
            size,
        )


def fill_sqlite(path: Path, count: int, now: int, say: Callable[[str], None]) -> None:
    """Fill a file that has its tables."""
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-500000"):
        database.execute(f"PRAGMA {pragma}")
    kept = (
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'messages' AND sql IS NOT NULL AND type <> 'table'"
    )
    put_off = database.execute(kept).fetchall()
    for kind, called, _ in put_off:
        database.execute(f"DROP {kind} {called}")
    _insert(database, "campaigns", _CAMPAIGN_COLUMNS, campaign_rows(count, now))
    _insert(database, "messages", COLUMNS, rows(count, now))
    say("messages")
    for statement in [*(sql for _, _, sql in put_off), *afterwards(), "ANALYZE"]:
        database.execute(statement)
    say("indexes")
    database.execute("PRAGMA journal_mode=WAL")
    database.close()


def _insert(database: sqlite3.Connection, table: str, columns: tuple[str, ...], new: Iterator[tuple[Any, ...]]) -> None:
    places = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 (words of ours)
    while some := list(islice(new, _AT_ONCE)):
        database.execute("BEGIN")
        database.executemany(statement, some)
        database.execute("COMMIT")


async def fill_postgresql(url: str, count: int, now: int, say: Callable[[str], None]) -> None:
    """Fill a database that has its tables."""
    database = await asyncpg.connect(url.replace("+asyncpg", ""))
    await database.execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
    kept = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'messages' AND indexname LIKE 'ix_%'"
    put_off = await database.fetch(kept)
    for row in put_off:
        await database.execute(f"DROP INDEX {row['indexname']}")
    await _copy(database, "campaigns", _CAMPAIGN_COLUMNS, campaign_rows(count, now))
    await _copy(database, "messages", COLUMNS, rows(count, now))
    say("messages")
    for row in put_off:
        await database.execute(row["indexdef"])
        say(row["indexname"])
    sequences = [f"SELECT setval('{table}_id_seq', max(id)) FROM {table}" for table in ("messages", "campaigns")]  # noqa: S608 (words of ours)
    for statement in [*afterwards(), *sequences, "VACUUM ANALYZE", "CHECKPOINT"]:
        await database.execute(statement)
    say("the rest")
    await database.close()


async def fill_words(url: str) -> None:
    """Have the index of words know the texts, as the bot does when it queues them."""
    database, after = Database(url), 0
    while True:
        async with database.write() as connection:
            rows = (await connection.execute(_TEXTS, {"after": after, "some": _TEXTS_AT_ONCE})).all()
            await keep_words(connection, ((row.id, row.campaign_id, row.text) for row in rows))
        if not rows:
            break
        after = rows[-1].id
    await database.close()


async def _copy(database: Any, table: str, columns: tuple[str, ...], new: Iterator[tuple[Any, ...]]) -> None:
    while some := list(islice(new, _AT_ONCE)):
        await database.copy_records_to_table(table, columns=columns, records=some)


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
        await asyncio.to_thread(fill_sqlite, Path(url.partition("///")[2]), count, now, say)
    else:
        await fill_postgresql(url, count, now, say)
    await fill_words(url)
    say("words")
    return time.perf_counter() - began
