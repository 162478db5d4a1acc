"""What is asked often is answered from an index, on both engines: the log may grow."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.campaign import Stage
from bot.domain.card import Subject
from bot.domain.draft import Order, Piece, PieceKind, Step
from bot.domain.lookback import STATES, Bounds, Kind, Wanted
from bot.domain.message import Outgoing, State
from bot.store import Store, Transaction
from bot.store.database import Database
from bot.store.schema import TROUBLE, events, messages, micros
from tests.support.log import LEASE, NOW, PHONE, accepted, campaign, campaign_values, fill, new_message, put, queue

Ask = Callable[[Transaction], Awaitable[Any]]


async def _claim(tx: Transaction) -> list[Outgoing]:
    return await tx.claim_messages(NOW, NOW + LEASE, 5)


def _look(wanted: Wanted, number: int = -1, *, newer: bool = False, time: Bounds = (None, None)) -> tuple[Ask, int]:
    """A page of this: without more, its last statement; else the one that looks for its end, or for its time."""
    return lambda tx: tx.look_back(wanted, time, 0 if newer else None, newer=newer, limit=10), number


async def _cancel_and_claim(tx: Transaction) -> None:
    for report in await tx.campaigns_at_work([Stage.RUNNING], NOW):
        assert await tx.move_campaign(report.campaign.id, [Stage.RUNNING], Stage.CLEARING, NOW)
    assert await _claim(tx) == []


BY_NUMBER = "pk_messages|INTEGER PRIMARY KEY"
LOOKS: dict[str, tuple[Wanted, str]] = {
    "all": (Wanted(), BY_NUMBER),
    "by phone": (Wanted(phone=PHONE), "ix_messages_phone"),
    "by phone and trouble": (Wanted(phone=PHONE, kind=Kind.FAILED), "ix_messages_phone"),
    "by actor": (Wanted(actor_id=8), "ix_messages_actor"),
    "by actor and state": (Wanted(actor_id=8, kind=Kind.DELIVERED), "ix_messages_actor"),
    "of a campaign": (Wanted(campaign_id=1), "ix_messages_campaign"),
    "of a campaign, on its way": (Wanted(campaign_id=1, kind=Kind.ON_WAY), "ix_messages_campaign"),
    "on its way": (Wanted(kind=Kind.ON_WAY), BY_NUMBER),
    **{
        f"{kind}{' of a campaign' if owner else ''}": (Wanted(kind=kind, campaign_id=owner), index)
        for kind in Kind
        if set(STATES[kind]) <= set(TROUBLE)
        for owner, index in ((None, "ix_messages_trouble"), (1, "ix_messages_trouble_of"))
    },
}

# What is asked, which of its statements is looked at, the index that must answer it, and whether its order must come
# from the index too.
QUESTIONS: dict[str, tuple[Ask, int, str, bool]] = {
    "claim: single ones, tried": (_claim, 0, "ix_messages_tried", True),
    "claim: single ones, fresh": (_claim, 1, "ix_messages_fresh", True),
    "claim: campaigns": (_claim, 2, "ix_campaigns_at_work", False),
    "claim: of a campaign, tried": (_claim, 3, "ix_messages_tried", True),
    "claim: of a campaign, fresh": (_claim, 4, "ix_messages_fresh", True),
    "due_for_status: single ones": (lambda tx: tx.due_for_status(NOW, 5), 0, "ix_messages_to_ask_single", True),
    "due_for_status: of campaigns": (lambda tx: tx.due_for_status(NOW, 5), 1, "ix_messages_to_ask", True),
    "due_cards": (lambda tx: tx.due_cards(NOW, 5), 0, "ix_cards_due", False),
    "put_off_chat": (lambda tx: tx.put_off_chat(1, NOW, NOW), 0, "ix_cards_due", False),
    "messages_by_txn_id": (lambda tx: tx.messages_by_txn_id("x"), 0, "uq_messages_txn_id", False),
    "message_of_origin": (lambda tx: tx.message_of_origin("x"), 0, "uq_messages_origin", False),
    "messages_by_msg_id": (lambda tx: tx.messages_by_msg_id(1, 5), 0, "ix_messages_msg_id", False),
    "messages_by_phone": (lambda tx: tx.messages_by_phone(PHONE, 5), 0, "ix_messages_phone", True),
    "sent_since": (lambda tx: tx.sent_since(PHONE, "x", NOW), 0, "ix_messages_phone", False),
    "campaign_page": (lambda tx: tx.campaign_page(1, 5, 20), 0, "ix_messages_campaign", True),
    "passing_failures": (
        lambda tx: tx.passing_failures(1, 5, 20),
        0,
        "ix_messages_campaign|ix_messages_trouble_of",
        True,
    ),
    "cancel_some: fresh": (lambda tx: tx.cancel_some(1, NOW, 2), 0, "ix_messages_fresh", False),
    "cancel_some: tried": (lambda tx: tx.cancel_some(1, NOW, 2), 1, "ix_messages_tried", False),
    "campaigns_at_work": (lambda tx: tx.campaigns_at_work(list(Stage), NOW), 0, "ix_campaigns_at_work", False),
    "latest_campaigns: over": (lambda tx: tx.latest_campaigns(5), -1, "campaigns", True),
    "piece": (lambda tx: tx.piece(1, PieceKind.RECIPIENTS, 9), 0, "ix_pieces_list", True),
    "pieces": (lambda tx: tx.pieces(1, PieceKind.RECIPIENTS), 0, "ix_pieces_list", True),
    "forget_list": (lambda tx: tx.forget_list(1), 1, "ix_pieces_list", False),
    "history": (lambda tx: tx.history(1), 0, "ix_events_message_id", False),
    "card_in_chat": (lambda tx: tx.card_in_chat(5, 6), 0, "ix_cards_telegram", False),
    "bump": (lambda tx: tx.bump(Subject.MESSAGE, 1, NOW), 0, "ix_cards_subject", False),
    "campaign_by_txn_id": (lambda tx: tx.campaign_by_txn_id("x"), 0, "uq_bulks_txn_id", False),
    "waiting_draft": (lambda tx: tx.waiting_draft(5, 7), 0, "ix_drafts_open", False),
    "drafts_to_read": (lambda tx: tx.drafts_to_read(), 0, "ix_drafts_open", False),
    **{
        f"look_back: {name}, {'newer' if newer else 'older'}, {what}": (
            *_look(wanted, number, newer=newer),
            index,
            True,
        )
        for name, (wanted, index) in LOOKS.items()
        for newer in (False, True)
        for what, number in (("the page", -1), ("its end", 0))
    },
    "look_back: the beginning of a time": (*_look(Wanted(), 0, time=(NOW, NOW)), "ix_messages_created_at", True),
    "look_back: the end of a time": (*_look(Wanted(), 1, time=(NOW, NOW)), "ix_messages_created_at", True),
    "look_back: of a time": (*_look(Wanted(), time=(NOW, NOW + LEASE)), BY_NUMBER, True),
    "messages_by_phone_end": (lambda tx: tx.messages_by_phone_end("0001", 5), 0, "ix_messages_phone", False),
    "page_of_time": (lambda tx: tx.page_of_time((None, None), 900, 20), 0, BY_NUMBER, True),
    "count_messages": (lambda tx: tx.count_messages((None, None), None, 900, 20), 0, BY_NUMBER, False),
    "count_messages: of a campaign": (
        lambda tx: tx.count_messages((None, None), 1, 900, 20),
        0,
        "ix_messages_campaign",
        False,
    ),
    "unsettled_messages": (lambda tx: tx.unsettled_messages(5), 0, "ix_messages_unsettled", True),
    "count_unsettled": (lambda tx: tx.count_unsettled(), 0, "ix_messages_unsettled", False),
    "withhold": (lambda tx: tx.withhold([PHONE], 7, NOW), 0, "ix_messages_phone", False),
    "readings": (lambda tx: tx.readings(NOW), 0, "ix_balances_at", False),
    "last_reading": (lambda tx: tx.last_reading(), 0, "pk_balances|SCAN balances", True),
    "spent": (lambda tx: tx.spent((NOW, NOW)), 0, "pk_spent|sqlite_autoindex_spent", False),
    "claim: of a cancelled campaign": (
        _cancel_and_claim,
        -1,
        "ix_messages_tried",
        True,
    ),  # the last: none runs any more
}


async def test_each_is_answered_from_its_index(store: Store, database: Database) -> None:
    """The statement names its index in its plan, scans no table, and sorts nothing that comes sorted."""
    await _fill(store, database)
    plans = {}
    for name, (ask, number, _, in_order) in QUESTIONS.items():
        async with store.write() as tx, _statements(tx) as statements:
            await ask(tx)
        plans[name] = await _plan(database, *statements[number], in_order=in_order)
    for name, (_, _, index, in_order) in QUESTIONS.items():
        plan = plans[name]
        # SQLite makes the index of a UNIQUE itself and calls it by a name of its own.
        names = (index, f"sqlite_autoindex_{index.split('_')[1]}") if index.startswith("uq_") else index.split("|")
        assert any(known in plan for known in names), f"{name}: {plan}"
        assert not [line for line in plan.splitlines() if _scans_a_log(line)], f"{name}: {plan}"
        assert not in_order or ("TEMP B-TREE" not in plan and "Sort" not in plan), f"{name}: {plan}"


# As many as a list has, past the log's own way: that takes a second where it would take ten.
_HELD_BACK = """
WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 100000)
INSERT INTO messages (campaign_id, phone, text, sender, channel, confidential, length, encoding, parts, actor_id,
    created_at, txn_id, state, due_at, attempts, retries, may_have_arrived, polls)
SELECT {campaign}, '992900000001', 'x', 'Demo', 'sms', false, 1, 'GSM-7', 1, 7,
    0, 'held-' || number, 'queued', {due} + number, {attempts}, 0, false, 0 FROM numbers
"""


async def _hold_back(database: Database, campaign: int | None, due: int, attempts: str) -> None:
    async with database.write() as connection:
        statement = _HELD_BACK.format(campaign="NULL" if campaign is None else campaign, due=due, attempts=attempts)
        await connection.exec_driver_sql(statement)
        if not database.is_sqlite:
            await connection.exec_driver_sql("ANALYZE messages")


async def test_a_claim_does_not_look_at_what_is_held_back(store: Store, database: Database) -> None:
    """100,000 messages of a paused campaign cost a claim nothing; of as many of one that runs it sees a few.

    As the engine chooses by itself, with all that it knows of the tables.
    """
    paused, running = await campaign(store, stage=Stage.PAUSED), await campaign(store)
    single, *mine = await queue(store, new_message(), *(new_message(campaign_id=running) for _ in range(3)))
    await _hold_back(database, paused, 0, "number % 3")
    await _claim_and_check(store, database, [single.id, *(row.id for row in mine)])
    async with store.write() as tx:
        assert await tx.move_campaign(paused, [Stage.PAUSED], Stage.RUNNING, NOW)
    await _claim_and_check(store, database, None)


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.CLEARING])
async def test_a_claim_does_not_look_at_what_waits_for_its_next_try(
    store: Store, database: Database, single: bool, stage: Stage
) -> None:
    """100,000 messages of the very campaign that runs (or single ones) are due later: what can go now goes past."""
    running = await campaign(store)
    owner = None if single else running
    await _hold_back(database, owner, micros(NOW + LEASE) or 0, "1 + number % 3")
    rows = await queue(store, *(new_message(campaign_id=owner) for _ in range(6)))
    tried, fresh = [row.id for row in rows[:3]], [row.id for row in rows[3:]]
    for id_ in tried:
        await put(database, id_, attempts=1, may_have_arrived=True)
    async with store.write() as tx:
        assert await tx.move_campaign(running, [Stage.RUNNING], stage, NOW)
    await _claim_and_check(store, database, tried + fresh * (single or stage is Stage.RUNNING))


async def _claim_and_check(store: Store, database: Database, ids: list[int] | None) -> None:
    """Claim (these), and go over a few rows for each that is taken, not over all there are."""
    async with store.write() as tx:
        ticks = await _count_steps(tx) if database.is_sqlite else []
        async with _statements(tx) as statements:
            claimed = await tx.claim_messages(NOW, NOW + LEASE, 500)
        assert [row.id for row in claimed] == ids if ids else 250 <= len(claimed) <= 500
        assert len(ticks) < 10 * (9 + len(claimed)), "thousands of steps for each"
        if not database.is_sqlite:
            for statement, parameters in statements:
                if statement.startswith("UPDATE messages"):
                    plan = await _analysed(tx, statement, parameters)
                    removed = sum(map(int, re.findall(r"Rows Removed by \w+: (\d+)", plan)))
                    assert removed <= 9 + 2 * len(claimed), plan


async def _count_steps(tx: Transaction) -> list[None]:
    """Grows by one for every hundred steps of SQLite's machine: to pass over a row takes some ten."""
    ticks: list[None] = []
    driver: Any = (await tx._connection.get_raw_connection()).driver_connection
    await driver.set_progress_handler(lambda: ticks.append(None), 100)
    return ticks


async def _analysed(tx: Transaction, statement: str, parameters: Any) -> str:
    point = await tx._connection.begin_nested()
    rows = await tx._connection.exec_driver_sql(f"EXPLAIN ANALYZE {statement}", parameters)
    plan = "\n".join(rows.scalars())
    await point.rollback()
    return plan


def _scans_a_log(line: str) -> bool:
    whole = line.startswith("SCAN ") and "INDEX" not in line
    return "Seq Scan on messages" in line or (whole and line.startswith(("SCAN messages", "SCAN cards", "SCAN events")))


async def _fill(store: Store, database: Database) -> None:
    """As a log grows: many rows, campaign after campaign. PostgreSQL counts them by itself in time."""
    await accepted(store)

    def stage(id_: int) -> Stage:
        return Stage.RUNNING if id_ % 5 == 1 else Stage.FINISHED

    async with store.write() as tx:
        ids = [await tx.add_campaign(campaign_values(id=id_, stage=stage(id_))) for id_ in range(1, 51)]
        kinds = [(f"99290000{number:04d}", f"o{number}", ids[number // 40]) for number in range(2000)]
        await tx.add_messages([new_message(phone=p, origin=o, campaign_id=c) for p, o, c in kinds], NOW)
        await tx.add_messages([new_message(phone=p) for p, _, _ in kinds[:500]], NOW + LEASE)
        for number in range(100):
            await tx.add_card(number, 7, Subject.MESSAGE, number, NOW)
            id_ = await tx.add_draft(f"o{number}", number, 7, Step.TEXT, Order(), NOW)
            assert id_
            await tx.add_pieces(id_, [Piece(PieceKind.RECIPIENTS, first, 9, b"x") for first in range(0, 90, 9)])
        ids = [row.id for row in await tx.latest_messages(500)]
    over = [state for state in State if state not in (State.QUEUED, State.SENDING)]
    rows = [
        {"phone": phone, "campaign_id": number // 40 + 1, "actor_id": number % 40, "state": over[number % len(over)]}
        for number, (phone, _, _) in enumerate(kinds)
    ]
    await fill(database, rows)
    lines = [{"message_id": id_, "at": NOW, "to_state": State.FAILED, "why": "x"} for id_ in ids]
    async with database.write() as connection:
        await connection.execute(sa.insert(events), lines)
        await connection.execute(sa.update(messages).where(messages.c.campaign_id.is_(None)).values(attempts=1))
        if not database.is_sqlite:
            # The tests before left gaps in the table and its indexes, and they weigh in what a way costs.
            await connection.exec_driver_sql("CLUSTER messages USING pk_messages")
            await connection.exec_driver_sql("ANALYZE")


@asynccontextmanager
async def _statements(tx: Transaction) -> AsyncIterator[list[tuple[str, Any]]]:
    """Keeps what is executed while it is open: (statement, parameters; None if they stand in it)."""
    kept: list[tuple[str, Any]] = []
    driver: Any = (await tx._connection.get_raw_connection()).driver_connection

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "set_config" not in statement:
            kept.append((statement, parameters))

    if tx._connection.dialect.name == "sqlite":  # some statements go past SQLAlchemy
        await driver.set_trace_callback(lambda statement: kept.append((statement, None)))
        yield kept
        await driver.set_trace_callback(None)
    else:
        sa.event.listen(sa.Engine, "before_cursor_execute", keep)
        yield kept
        sa.event.remove(sa.Engine, "before_cursor_execute", keep)


async def _plan(database: Database, statement: str, parameters: Any, *, in_order: bool) -> str:
    async with database.read() as connection:
        if database.is_sqlite:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return "\n".join(row.detail for row in rows)
        # These remain where there is no other way, and only there.
        for way in ("seqscan", "bitmapscan", "sort") if in_order else ("seqscan",):
            await connection.exec_driver_sql(f"SET enable_{way} = off")
        rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return "\n".join(rows.scalars())


FEW, OLD = 3, 4
SOUGHT = [
    *(Wanted(actor_id=id_, kind=kind) for id_ in (FEW, OLD) for kind in (None, Kind.DELIVERED)),
    *(Wanted(campaign_id=id_, kind=kind) for id_ in (FEW, OLD) for kind in (None, Kind.DELIVERED, Kind.FAILED)),
    Wanted(kind=Kind.FAILED),
    Wanted(kind=Kind.CANCELLED),
]


@pytest.mark.parametrize("newer", [False, True])
async def test_a_look_goes_where_the_rows_are(
    store: Store, database: Database, newer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 3,000 messages one admin and campaign have three, and another two have the oldest, among them all failures.

    Whatever the engine thinks of their number and place, and however often it was asked, it reads little else.
    """
    monkeypatch.setattr("bot.store.lookback._REACH", 20)
    for id_ in (1, 2, FEW, OLD):
        assert await campaign(store, id=id_) == id_
    owners = [FEW if number % 1000 == 900 else OLD if number < 600 else 1 + number % 2 for number in range(3000)]
    states = [State.FAILED if id_ == OLD and number % 2 else State.DELIVERED for number, id_ in enumerate(owners)]
    pairs = zip(owners, states, strict=True)
    await fill(database, [{"actor_id": id_, "campaign_id": id_, "state": state} for id_, state in pairs])
    async with database.write() as connection:
        await connection.exec_driver_sql("ANALYZE messages")
    for wanted in SOUGHT * 7:
        async with store.write() as tx:
            ticks = await _count_steps(tx) if database.is_sqlite else []
            before = 0 if database.is_sqlite else await _rows_read(tx)
            glance = await tx.look_back(wanted, (None, None), 0 if newer else None, newer=newer, limit=10)
            read = len(ticks) if database.is_sqlite else await _rows_read(tx) - before
        rare = wanted.kind is Kind.CANCELLED or (FEW in (wanted.actor_id, wanted.campaign_id))
        assert len(glance.messages) == 10 or rare
        assert read < 100, wanted


async def _rows_read(tx: Transaction) -> int:
    """By this connection of PostgreSQL's, since it last told the others of it."""
    query = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'messages'"
    return int((await tx._connection.exec_driver_sql(query)).scalar_one())


@pytest.mark.parametrize("words", [("салом", "b"), ("b",)])
async def test_words_are_found_by_their_index(store: Store, database: Database, words: tuple[str, ...]) -> None:
    """The latest messages are looked at one by one; what is not found there comes from the index of words."""
    await _fill(store, database)
    async with store.write() as tx, _statements(tx) as statements:
        assert (await tx.messages_by_words(words, 5)).messages == ()
    recent = await _plan(database, *statements[0], in_order=True)
    assert "pk_messages" in recent or "SEARCH messages USING INTEGER PRIMARY KEY" in recent
    ours = [each for each in statements[1:] if each[0].startswith("SELECT")]  # FTS5 tells of its own as comments
    plans = [await _plan(database, *each, in_order=False) for each in ours]
    assert "ix_words" in plans[0] or "SCAN words VIRTUAL TABLE INDEX" in plans[0]
    assert not [line for plan in plans for line in plan.splitlines() if _scans_a_log(line)]
