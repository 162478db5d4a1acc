"""Figures: however they are counted, they are those of the messages; kept ones are forgotten once they are not."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.figures import Figures, rounded, total
from bot.domain.log import Heard
from bot.domain.lookback import Bounds
from bot.domain.message import LAWFUL, Message, Settlement, State
from bot.domain.operators import operator_of
from bot.store import Store, Transaction
from bot.store.database import Database
from tests.support.log import NOW, SECOND, accepted, campaign, everything, fill, heard, new_message, put, queue, sent

PHONES = ["992900000001", "992930000001", "992180000001", "992600000001"]
DAY = timedelta(days=1)
BEFORE, TODAY, AFTER = (NOW - DAY, NOW), (NOW, NOW + DAY), (NOW + DAY, NOW + 2 * DAY)
TIMES: list[Bounds] = [(None, None), (NOW + 150 * SECOND, None), (NOW + 100 * SECOND, NOW + 700 * SECOND)]


def _row(chance: random.Random, place: int) -> dict[str, Any]:
    accepted = NOW + place * SECOND
    return {
        "phone": chance.choice(PHONES),
        "campaign_id": chance.choice([1, None]),
        "state": chance.choice([*State, State.DELIVERED, State.DELIVERED]),
        "created_at": NOW + 2 * place * SECOND,
        "accepted_at": chance.choice([accepted, accepted, None]),
        "final_at": accepted
        + chance.choice([-5, 0, 0.000001, 0.999999, 1, 59.5, 119, 120, 121, 3599, 7300, 90_000]) * SECOND,
    }


def _counted(rows: Sequence[Message]) -> Figures:
    """The same in plain words."""
    counts = Counter((operator_of(row.phone), row.state) for row in rows)
    delays: Counter[int] = Counter()
    for row in rows:
        if row.state is State.DELIVERED and row.accepted_at and row.final_at and row.accepted_at != row.final_at:
            delays[rounded(int((row.final_at - row.accepted_at).total_seconds()))] += 1
    return Figures(counts, delays)


async def _keep(tx: Transaction, span: tuple[datetime, datetime], counted: Figures) -> None:
    await tx.keep_figures(*span, counted, await tx.begin_count(*span))


async def _count(tx: Transaction, time: Bounds, owner: int | None, limit: int) -> list[Figures]:
    found, after = await tx.count_messages(time, owner, 0, limit)
    several = [found]
    while after is not None:
        assert len(several) < 500
        found, after = await tx.count_messages(time, owner, after, limit)
        several.append(found)
    return several


@pytest.mark.parametrize("owner", [None, 1])
@pytest.mark.parametrize("time", TIMES)
async def test_counted_in_chunks_or_at_once(store: Store, database: Database, time: Bounds, owner: int | None) -> None:
    """Of any time, of all or of a campaign: what a plain count over every message gives, whatever the chunks."""
    assert await campaign(store, id=1) == 1
    chance = random.Random(2)  # noqa: S311 (the same log each time)
    await fill(database, [_row(chance, place) for place in range(400)])
    since, until = (time[0] or NOW), (time[1] or NOW + DAY)
    log = [row for row in await everything(database) if owner in (None, row.campaign_id)]
    rows = [row for row in log if since <= row.created_at < until]
    expected = _counted(rows)
    assert len(expected.delays) > 4
    async with store.read() as tx:
        for limit in (3, 50, len(rows), 10_000):
            several = await _count(tx, time, owner, limit)
            assert total(several) == expected
            assert max(each.of(State) for each in several) <= limit


async def test_what_was_found_to_be_delivered_has_no_delay(store: Store, database: Database) -> None:
    """An uncertain message that the gateway knows as delivered: how long that took nobody knows. It counts as sent."""
    [message] = await queue(store, new_message())
    await put(database, message.id, state=State.UNCERTAIN, attempts=1)
    known = await accepted(store)
    async with store.write() as tx:
        found = await tx.message(message.id)
        assert found
        await tx.record_heard([heard(found, State.DELIVERED), heard(known, State.DELIVERED)], NOW + 9 * SECOND)
        counted, _ = await tx.count_messages(TODAY, None, 0, 9)
    assert (counted.of([State.DELIVERED]), counted.delays) == (2, {9: 1})


async def test_without_messages_all_is_none(store: Store) -> None:
    """No time, no message: no figures, and nothing to go on with."""
    async with store.read() as tx:
        assert await tx.count_messages((None, None), None, 0, 9) == (Figures(), None)
        assert await tx.count_messages(TODAY, 1, 0, 9) == (Figures(), None)


async def test_kept_figures(store: Store) -> None:
    """Those of a span are the last that were kept of it, with all that they hold; of another span there are none."""
    first = Figures({("Tcell", State.DELIVERED): 2, ("", State.FAILED): 1}, {7: 2})
    async with store.write() as tx:
        assert await tx.kept_figures(*TODAY) is None
        await tx.begin_count(*TODAY)
        assert await tx.kept_figures(*TODAY) is None, "not counted yet"
        await _keep(tx, TODAY, Figures())
        await _keep(tx, TODAY, first)
        await _keep(tx, AFTER, Figures())
        assert await tx.kept_figures(*TODAY) == first
        assert await tx.kept_figures(*AFTER) == Figures()
        assert await tx.kept_figures(NOW, NOW + 2 * DAY) is None
        assert await tx.kept_figures(NOW - DAY, NOW + DAY) is None


async def test_of_two_that_count_the_same_day_the_one_that_began_last_keeps_it(store: Store, other: Store) -> None:
    """Neither fails, nor waits for what the other counts."""
    first, last = Figures({("", State.FAILED): 1}), Figures({("Tcell", State.DELIVERED): 2}, {7: 2})

    async def begin() -> str:
        async with other.write() as tx:
            return await tx.begin_count(*TODAY)

    async with store.write() as tx:
        begun = await tx.begin_count(*TODAY)
        theirs = asyncio.create_task(begin())
        await asyncio.wait({theirs}, timeout=0.1)
    kept = []
    for figures, by in ((first, begun), (last, await theirs), (first, begun)):
        async with store.write() as tx:
            await tx.keep_figures(*TODAY, figures, by)
            kept.append(await tx.kept_figures(*TODAY))
    assert kept == [None, last, last]


async def _uncertain(store: Store, database: Database) -> Message:
    """One that was ordered today, with figures of three days kept."""
    [message] = await queue(store, new_message())
    await put(database, message.id, state=State.UNCERTAIN, attempts=1)
    async with store.write() as tx:
        for span in (BEFORE, TODAY, AFTER):
            await _keep(tx, span, Figures())
        found = await tx.message(message.id)
    assert found
    return found


async def _kept(tx: Transaction) -> list[bool]:
    return [await tx.kept_figures(*span) is not None for span in (BEFORE, TODAY, AFTER)]


@pytest.mark.parametrize("how", Settlement)
async def test_figures_are_forgotten_when_somebody_decides(store: Store, database: Database, how: Settlement) -> None:
    """Of the day on which the message was ordered, and of no other; whenever it was decided."""
    message = await _uncertain(store, database)
    async with store.write() as tx:
        assert await tx.settle(message.id, how, 7, NOW + 9 * DAY)
        assert await _kept(tx) == [True, False, True]


@pytest.mark.parametrize("state", sorted(LAWFUL[State.UNCERTAIN]))
async def test_figures_are_forgotten_when_the_gateway_knows_it(store: Store, database: Database, state: State) -> None:
    """The same where it turns out by itself."""
    message = await _uncertain(store, database)
    async with store.write() as tx:
        await tx.record_heard([heard(message, state)], NOW + 9 * DAY)
        assert await _kept(tx) == [True, False, True]


async def test_figures_stay_while_nothing_moves(store: Store, database: Database) -> None:
    """An answer that brings no news of the message leaves them."""
    message = await _uncertain(store, database)
    async with store.write() as tx:
        await tx.record_heard([Heard(message.id, State.UNCERTAIN, None, "TimedOut", None)], NOW + DAY)
        assert await _kept(tx) == [True, True, True]


@pytest.mark.parametrize("seed", range(3))
async def test_kept_figures_stay_true(store: Store, database: Database, seed: int) -> None:
    """Kept once nothing moves by itself, they equal a fresh count after whatever comes late, or are forgotten."""
    chance = random.Random(seed)  # noqa: S311 (it fails the same way twice)
    over = [State.UNCERTAIN] * 6 + [State.DELIVERED, State.FAILED]
    await fill(database, [{"phone": chance.choice(PHONES), "state": state, "attempts": 2} for state in over * 2])
    answers = [None, *sorted(LAWFUL[State.UNCERTAIN])]
    kept = forgotten = 0
    for row in chance.choices(await everything(database), k=90):
        async with store.write() as tx:
            act = chance.randint(0, 3)
            if act == 0:
                await tx.settle(row.id, chance.choice(list(Settlement)), 7, NOW + DAY)
            elif act == 1:
                await tx.record_sent([sent(row, chance.choice(list(State)))], NOW + DAY)
            else:
                await tx.record_heard([heard(row, chance.choice(answers))], NOW + DAY)
            fresh, _ = await tx.count_messages(TODAY, None, 0, 99)
            found = await tx.kept_figures(*TODAY)
            assert found in (None, fresh)
            forgotten += found is None
            if found is None and fresh.is_settled(old=False):
                kept += 1
                await _keep(tx, TODAY, fresh)
    assert kept > 2
    assert forgotten > 2
