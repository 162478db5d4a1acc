"""Money: each message that the gateway took counts once, whatever way it turned out; balances as they were seen."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import groupby

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.campaign import Bulk, Way
from bot.domain.lookback import Bounds
from bot.domain.message import LAWFUL, Message, Settlement, State
from bot.domain.money import Low, Reading
from bot.store import Store, Transaction
from bot.store.database import Database
from bot.store.schema import balances
from tests.support.log import LEASE, NOW, SECOND, campaign_values, claim, get, heard, new_message, queue, record, sent

QUARTER = timedelta(minutes=15)
ALL: Bounds = (None, None)


async def _spent(store: Store, time: Bounds = ALL) -> tuple[int, int]:
    async with store.read() as tx:
        return await tx.spent(time)


async def _accept(store: Store, parts: int | None) -> None:
    """The gateway's 201."""
    await record(store, *(sent(row, parts=parts) for row in await claim(store)))


async def _accept_repeat(store: Store) -> None:
    """A lease that ran out, and a 409 for the repeat: it brings neither msg_id nor parts."""
    await claim(store)
    await record(store, *(sent(row, msg_id=None) for row in await claim(store, NOW + LEASE)))


async def _lose(store: Store, parts: int | None = None) -> Message:
    """An attempt whose end nobody knows."""
    [row] = await claim(store)
    await record(store, sent(row, State.UNCERTAIN, parts=parts))
    async with store.read() as tx:
        return await get(tx, row.id)


async def _find(store: Store, state: State, parts: int | None = None) -> None:
    """The gateway turns out to know it."""
    message = await _lose(store, parts)
    async with store.write() as tx:
        await tx.record_heard([heard(message, state), heard(message, state)], NOW)


async def _settle(store: Store, how: Settlement, parts: int | None = None) -> None:
    """Somebody decides."""
    message = await _lose(store, parts)
    async with store.write() as tx:
        assert await tx.settle(message.id, how, 7, NOW)


async def _record(store: Store, state: State) -> None:
    await record(store, *(sent(row, state) for row in await claim(store)))


# How a message of two parts came to its end, and the parts that it cost.
WAYS: dict[str, tuple[Callable[[Store], Awaitable[object]], int]] = {
    "201": (partial(_accept, parts=None), 2),
    "201 with more parts": (partial(_accept, parts=3), 3),
    "409": (_accept_repeat, 2),
    "marked sent": (partial(_settle, how=Settlement.MARKED_SENT), 2),
    "marked sent, parts known": (partial(_settle, how=Settlement.MARKED_SENT, parts=3), 3),
    "found, parts known": (partial(_find, state=State.DELIVERED, parts=3), 3),
    **{f"found {state}": (partial(_find, state=state), 2) for state in sorted(LAWFUL[State.UNCERTAIN])},
}
FREE: dict[str, Callable[[Store], Awaitable[object]]] = {
    "sending": claim,
    "uncertain": _lose,
    **{f"recorded {state}": partial(_record, state=state) for state in (State.FAILED, State.QUEUED)},
    **{f"settled {how}": partial(_settle, how=how) for how in (Settlement.CLOSED, Settlement.SENT_AGAIN)},
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_message_that_was_taken_counts_once(store: Store, way: str) -> None:
    """With the parts that the gateway billed, where it said so; whatever else comes of it later."""
    go, parts = WAYS[way]
    [message] = await queue(store, new_message(parts=2))
    await go(store)
    assert await _spent(store) == (1, parts)
    async with store.write() as tx:
        for attempt in (1, 2):
            await tx.record_sent([sent(message, attempt=attempt, parts=9)], NOW)
        await tx.settle(message.id, Settlement.MARKED_SENT, 7, NOW)
        for state in (State.ACCEPTED, None, State.DELIVERED, State.EXPIRED):
            await tx.record_heard([heard(message, state)], NOW)
        assert await tx.spent(ALL) == (1, parts)


@pytest.mark.parametrize("way", FREE)
async def test_what_was_not_taken_costs_nothing(store: Store, way: str) -> None:
    """Whether it waits, failed, or is not known."""
    await queue(store, new_message(parts=2))
    await FREE[way](store)
    assert await _spent(store) == (0, 0)


async def test_what_is_closed_and_found_after_all_counts(store: Store) -> None:
    """It went, whatever had been decided."""
    await queue(store, new_message(parts=2))
    await _settle(store, Settlement.CLOSED)
    async with store.write() as tx:
        [message] = await tx.latest_messages(1)
        await tx.record_heard([heard(message, State.DELIVERED)], NOW)
        assert await tx.spent(ALL) == (1, 2)


async def test_many_in_one_commit(store: Store) -> None:
    """Those that were taken, and no other."""
    await queue(store, *(new_message(parts=parts) for parts in (1, 2, 3, 4)))
    first, second, third, fourth = await claim(store)
    await record(store, sent(first), sent(second, parts=5), sent(third, State.FAILED), sent(fourth, State.UNCERTAIN))
    assert await _spent(store) == (2, 6)


async def test_spent_is_counted_by_quarters_of_an_hour(store: Store) -> None:
    """When it was taken, not when it was ordered; the end of a time is not of it."""
    start = NOW.replace(minute=0, second=0, microsecond=0)
    for moment in (start - timedelta(microseconds=1), start, start + QUARTER - SECOND, start + QUARTER):
        await queue(store, new_message(parts=2))
        await record(store, *map(sent, await claim(store)), now=moment)
    assert await _spent(store, (start, start + QUARTER)) == (2, 4)
    assert await _spent(store, (None, start)) == (1, 2)
    assert await _spent(store, (start, None)) == (3, 6)
    assert await _spent(store, (start + QUARTER, start + QUARTER)) == (0, 0)


async def test_workers_that_count_at_once_lose_nothing(store: Store, other: Store) -> None:
    """Of one quarter of an hour there is one row, whoever writes it first."""
    await queue(store, *(new_message(parts=2) for _ in range(60)))

    async def work(own: Store) -> None:
        while rows := await claim(own, limit=5):
            await record(own, *map(sent, rows))

    await asyncio.gather(*(work(own) for own in (store, other, store, other)))
    assert await _spent(store) == (60, 120)


async def _bulks(tx: Transaction, files: int) -> list[Bulk]:
    """A list of 9 messages and 18 parts, in so many files, all on their way."""
    id_ = await tx.add_campaign(campaign_values(way=Way.BULK, recipients=9, parts=18))
    for number in range(files):
        await tx.add_bulk(id_, f"bulk-{number}", b"992900000001\n", NOW, with_params=False, now=NOW)
    return await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW)


@pytest.mark.parametrize("files", [1, 3])
async def test_a_bulk_call_counts_its_share(store: Store, files: int) -> None:
    """Once it is taken, or marked so by hand; once."""
    async with store.write() as tx:
        calls = await _bulks(tx, files)
        for number, call in enumerate(calls, 1):
            state = State.UNCERTAIN if number == 2 else State.ACCEPTED
            for _ in range(2):
                await tx.record_bulk(sent(call, state), NOW)
            for _ in range(2):
                await tx.settle_bulk(call.id, Settlement.MARKED_SENT, 7, NOW)
            assert await tx.spent((NOW - QUARTER, NOW + QUARTER)) == (9 * number // files, 18 * number // files)


@pytest.mark.parametrize("state", [State.FAILED, State.QUEUED, State.UNCERTAIN])
@pytest.mark.parametrize("how", [Settlement.CLOSED, Settlement.SENT_AGAIN])
async def test_a_bulk_call_that_was_not_taken_costs_nothing(store: Store, state: State, how: Settlement) -> None:
    """Refused, to be repeated, or not known and left so."""
    async with store.write() as tx:
        [call] = await _bulks(tx, 1)
        await tx.record_bulk(sent(call, state), NOW)
        await tx.settle_bulk(call.id, how, 7, NOW)
        assert await tx.spent(ALL) == (0, 0)


AMOUNTS = st.sampled_from([Decimal(text) for text in ("10", "10.00", "9.5", "-3.25", "12345678901234567890.123456789")])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(AMOUNTS, max_size=9))
async def test_of_equal_balances_the_first_and_the_last_stay(
    store: Store, database: Database, amounts: list[Decimal]
) -> None:
    """However often it is asked for: enough to see from when to when it stood so."""
    async with database.write() as connection:
        await connection.execute(sa.delete(balances))
    seen = []
    async with store.write() as tx:
        for number, amount in enumerate(amounts):
            seen.append(await tx.keep_balance(amount, NOW + number * SECOND))
        last = await tx.last_reading()
        kept = await tx.readings(NOW)
    assert [(reading.at, reading.amount, reading.parts) for reading in seen] == [
        (NOW + number * SECOND, amount, 0) for number, amount in enumerate(amounts)
    ]
    expected: list[Reading] = []
    for _, run in groupby(seen, key=lambda reading: reading.amount):
        first, *more = run
        expected += [first, *more[-1:]]
    assert kept == expected
    assert last == (seen[-1] if seen else None)


async def test_a_balance_knows_the_parts_taken_by_then(store: Store) -> None:
    """All that were taken, of any time; a row of equal ones ends with the latest count."""
    async with store.write() as tx:
        for parts in (1, 2, 3, 4):
            await tx.add_messages([new_message(parts=parts)], NOW)
            [row] = await tx.claim_messages(NOW, NOW + LEASE, 9)
            await tx.record_sent([sent(row)], NOW - 400 * parts * QUARTER)
            await tx.keep_balance(Decimal(7), NOW + parts * SECOND)
        readings = await tx.readings(NOW)
        assert [(reading.at, reading.parts) for reading in readings] == [(NOW + SECOND, 1), (NOW + 4 * SECOND, 10)]
        assert await tx.readings(NOW + 2 * SECOND) == readings[1:]
        assert await tx.readings(NOW + 5 * SECOND) == []


async def test_a_low_lasts_until_it_is_ended(store: Store) -> None:
    """Begun, ended once, remembered with all that is known of it."""
    async with store.write() as tx:
        assert await tx.current_low() is None
        id_ = await tx.begin_low(Decimal("9.50"), 1.5, NOW)
        low = Low(id_, NOW, Decimal("9.50"), 1.5, None, None)
        assert await tx.current_low() == low == await tx.low(id_)
        await tx.lower_low(id_, Decimal("0.50"), None)
        low = replace(low, amount=Decimal("0.50"), days=None)
        assert await tx.current_low() == low
        assert await tx.end_low(id_, Decimal(50), NOW + SECOND)
        await tx.lower_low(id_, Decimal("0.10"), 0.5)
        assert not await tx.end_low(id_, Decimal(60), NOW + 2 * SECOND)
        assert not await tx.end_low(id_ + 1, Decimal(60), NOW)
        assert await tx.low(id_) == replace(low, back_at=NOW + SECOND, back_amount=Decimal(50))
        assert await tx.current_low() is None
        second = await tx.begin_low(Decimal(-1), None, NOW)
        assert await tx.current_low() == Low(second, NOW, Decimal(-1), None, None, None)
        assert await tx.low(second + 1) is None
