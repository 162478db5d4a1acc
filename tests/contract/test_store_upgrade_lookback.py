"""From campaigns in stages to looking back, with a log in use: it is looked back into, and nothing else changes."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.lookback import Wanted
from bot.domain.message import FINAL, State
from bot.domain.notices import Wishes
from bot.store import Store
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.store.schema import micros
from tests.contract.conftest import NewUrl
from tests.support.log import LEASE, NOW, SECOND, claim, new_message, queue, record, sent
from tests.support.old_log import count_on, insert, tables_of

QUARTER = timedelta(minutes=15)
TAKEN = FINAL - {State.FAILED, State.CANCELLED} | {State.ACCEPTED}
LISTED, BULK = 1, 2
# (state, confidential, text, campaign, quarters since it was ordered, parts, parts that the gateway said)
MESSAGES: list[tuple[State, bool, str | None, int | None, int, int, int | None]] = [
    *((state, False, f"заказ {state.value}", None, place % 3, 2, None) for place, state in enumerate(State)),
    *((state, False, f"заказ {state.value}", LISTED, place % 4, 1, 3) for place, state in enumerate(State)),
    (State.QUEUED, True, "geheim", None, 0, 1, None),
    (State.SENDING, True, "geheim", LISTED, 0, 1, None),
    (State.ACCEPTED, True, None, None, 0, 4, 5),
]
BULKS = {1: State.ACCEPTED, 2: State.ACCEPTED, 3: State.UNCERTAIN}


def _row(id_: int, message: tuple[State, bool, str | None, int | None, int, int, int | None]) -> dict[str, Any]:
    state, confidential, text, owner, quarters, parts, said = message
    tried = state is not State.QUEUED
    return {
        "id": id_,
        "campaign_id": owner,
        "phone": f"99290000{id_:04}",
        "text": text,
        "sender": "Demo",
        "channel": "sms",
        "confidential": confidential,
        "length": 5,
        "encoding": "Unicode",
        "parts": parts,
        "actor_id": 7,
        "created_at": micros(NOW),
        "txn_id": f"txn-{id_}",
        "state": state.value,
        "due_at": micros(NOW) if state in (State.QUEUED, State.SENDING, State.ACCEPTED) else None,
        "attempts": int(tried),
        "retries": 0,
        "may_have_arrived": tried,
        "accepted_at": micros(NOW + quarters * QUARTER) if state in TAKEN else None,
        "gateway_parts": said,
        "polls": 0,
        "final_at": micros(NOW + LEASE) if state in FINAL else None,
    }


async def _fill(database: Database) -> None:
    """A log as the second tables held it."""
    common = {"sender": "Demo", "confidential": False, "file_name": "a.csv", "actor_id": 7, "created_at": micros(NOW)}
    sizes = {"recipients": 10, "parts": 25, "stage": "running", "starts_at": micros(NOW), "text": "заказ"}
    ways = {LISTED: "tracked", BULK: "bulk"}
    await insert(database, "campaigns", [{"id": id_, "way": way, **common, **sizes} for id_, way in ways.items()])
    tallies = {state.value: 1 for state in State} | {"sending": 2}
    none = dict.fromkeys(tallies, 0)
    await insert(database, "tallies", [{"campaign_id": LISTED, **tallies}, {"campaign_id": BULK, **none}])
    await insert(database, "messages", [_row(id_, message) for id_, message in enumerate(MESSAGES, 1)])
    calls = {"campaign_id": BULK, "file": b"", "send_at": micros(NOW), "with_params": False, "attempts": 1}
    times = {"retries": 0, "may_have_arrived": True}
    rows = [
        {"id": id_, "txn_id": f"bulk-{id_}", "state": state.value, **calls, **times}
        | {"accepted_at": micros(NOW + 5 * QUARTER) if state is State.ACCEPTED else None}
        for id_, state in BULKS.items()
    ]
    await insert(database, "bulks", rows)
    line = {"at": micros(NOW), "from_state": "sending", "to_state": "failed", "why": "TimedOut"}
    await insert(database, "events", [{"message_id": 1, **line}])
    await insert(database, "people", [{"user_id": 7, "language": "tg", "told_at": None, "test_phone": "992900000001"}])
    shown = {"telegram_id": 77, "wanted": 1, "shown": 1, "tries": 0, "chat_id": 5, "actor_id": 7}
    await insert(database, "cards", [{"subject": "message", "subject_id": 1, **shown}])
    await count_on(database, "campaigns", "messages", "bulks")


async def _rows(database: Database, columns: dict[str, list[str]] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table there is, or of these columns."""
    async with database.read() as connection:
        reflected = sa.MetaData()
        await connection.run_sync(lambda sync: reflected.reflect(sync, only=list(columns) if columns else None))
        kept = {}
        for name, table in reflected.tables.items():
            chosen = [table.c[column] for column in columns[name]] if columns else list(table.c)
            result = await connection.execute(sa.select(*chosen).order_by(*table.primary_key.columns))
            kept[name] = [dict(row._mapping) for row in result]
    kept.pop("alembic_version", None)
    return kept


@pytest.fixture
async def upgraded(new_url: NewUrl) -> AsyncIterator[Database]:
    """A log in use, brought up to date."""
    database = Database(await new_url())
    await database.run_migration(tables_of("0002"))
    await _fill(database)
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
async def store(upgraded: Database) -> AsyncIterator[Store]:
    """The same as the services use it."""
    store = Store(upgraded.url.render_as_string(hide_password=False))
    yield store
    await store.close()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
async def test_nothing_that_was_there_changes(new_url: NewUrl) -> None:
    """Each row of each table has the values that it had; what is new of it stands for what was."""
    database = Database(await new_url())
    await database.run_migration(tables_of("0002"))
    await _fill(database)
    before = await _rows(database)
    assert {name: len(rows) for name, rows in before.items() if rows} == {
        "campaigns": 2,
        "tallies": 2,
        "messages": len(MESSAGES),
        "bulks": 3,
        "events": 1,
        "people": 1,
        "cards": 1,
        "pace": 1,
    }
    await migrate(database)
    columns = {name: list(rows[0]) for name, rows in before.items() if rows}
    assert await _rows(database, columns) == {name: rows for name, rows in before.items() if rows}
    await database.close()


async def test_what_was_taken_is_spent(store: Store) -> None:
    """By the quarter of an hour in which the gateway took it; what it billed, where that is known; lists by shares."""
    expected: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for state, _, _, _, quarters, parts, said in MESSAGES:
        if state in TAKEN:
            expected[quarters][0] += 1
            expected[quarters][1] += said or parts
    expected[5] = [3 + 3, 8 + 8]  # two of three files, of 10 messages and 25 parts
    begin = NOW - (NOW - NOW.replace(minute=0, second=0, microsecond=0)) % QUARTER
    async with store.read() as tx:
        for place in range(7):
            time = (begin + place * QUARTER, begin + (place + 1) * QUARTER)
            assert await tx.spent(time) == tuple(expected[place]), place
        assert await tx.spent((None, None)) == tuple(map(sum, zip(*expected.values(), strict=True)))
    await record(store, *map(sent, await claim(store)))
    async with store.read() as tx:
        assert (await tx.spent((begin, begin + QUARTER)))[0] > expected[0][0], "and so it goes on"


async def test_words_find_old_texts_but_no_confidential_one(store: Store) -> None:
    """Those that still wait for their sending too; and what comes is found with them."""
    [new] = await queue(store, new_message(text="Заказ готов"))
    open_ = [id_ for id_, (_, confidential, *_) in enumerate(MESSAGES, 1) if not confidential]
    async with store.read() as tx:
        assert [row.id for row in (await tx.messages_by_words(["заказ"], 99)).messages] == [new.id, *reversed(open_)]
        assert len((await tx.messages_by_words(["заказ", "deliv"], 99)).messages) == 2
        assert (await tx.messages_by_words(["geheim"], 99)).messages == ()


async def test_the_log_is_looked_back_into(store: Store) -> None:
    """By phone, by campaign, by state; newest first."""
    async with store.read() as tx:
        assert [row.id for row in await tx.messages_by_phone_end("0003", 9)] == [3]
        assert [row.id for row in await tx.messages_by_phone("992900000003", 9)] == [3]
        glance = await tx.look_back(Wanted(campaign_id=LISTED), (None, None), None, newer=False, limit=99)
        assert [row.campaign_id for row in glance.messages] == [LISTED] * (len(State) + 1)
        figures, _ = await tx.count_messages((None, None), None, 0, 99)
        assert [figures.of([state]) for state in (State.FAILED, State.QUEUED, State.ACCEPTED)] == [2, 3, 3]
        assert [line.actor_id for line in await tx.history(1)] == [None, None]


async def test_what_was_uncertain_waits_for_a_decision(store: Store) -> None:
    """Nobody asks for it by itself any more, so somebody is to decide; the list that is uncertain, too."""
    uncertain = [id_ for id_, (state, *_) in enumerate(MESSAGES, 1) if state is State.UNCERTAIN]
    async with store.write() as tx:
        assert [row.id for row in await tx.unsettled_messages(9)] == uncertain[::-1]
        assert [bulk.id for bulk in await tx.unsettled_bulks()] == [3]
        asked = {row.state for row in await tx.due_for_status(NOW + SECOND, 99)}
    assert asked == {State.ACCEPTED}


async def test_admins_hear_what_is_usual(store: Store) -> None:
    """Until they choose; what was known of them is known."""
    async with store.write() as tx:
        assert await tx.wishes(7) == Wishes()
        assert (await tx.language(7), await tx.test_phone(7)) == ("tg", "992900000001")
        assert await tx.take_digest(7, 1)
        assert await tx.blocked(["992900000001"]) == frozenset()
        assert (await tx.last_reading(), await tx.current_low()) == (None, None)
