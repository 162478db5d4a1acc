"""Pauses of all sending, and the pace over all workers."""

import asyncio
import random
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from bot.domain.card import Subject
from bot.domain.log import Pause
from bot.store import Store
from tests.support.log import NOW, SECOND

HORIZON = timedelta(milliseconds=100)


async def test_who_holds_the_pace_is_waited_for(store: Store, other: Store) -> None:
    """A pause is begun, or a slot given out, by one worker at a time."""
    async with store.write() as tx:
        await tx.hold_pace()
        waiting = asyncio.create_task(_pause(other))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    assert await waiting


async def _pause(store: Store) -> int | None:
    async with store.write() as tx:
        return await tx.begin_pause("BalanceExhausted", 119, None, NOW)


async def test_a_pause_stands_until_it_is_ended(store: Store) -> None:
    """Begun once, ended once, remembered with all that is known of it."""
    async with store.write() as tx:
        assert await tx.current_pause() is None
        assert not await tx.end_pause(NOW)
        id_ = await tx.begin_pause("BalanceExhausted", 119, "Top up", NOW)
        assert id_
        pause = Pause(id_, "BalanceExhausted", 119, "Top up", NOW, None, None)
        assert await tx.current_pause() == pause == await tx.pause(id_)
        assert await tx.begin_pause("HostNotAllowed", 114, None, NOW) is None
        assert await tx.end_pause(NOW + SECOND)
        assert await tx.current_pause() is None
        assert not await tx.end_pause(NOW)
        ended = await tx.pause(id_)
        assert ended
        assert ended.resumed_at == NOW + SECOND
        second = await tx.begin_pause("HostNotAllowed", None, None, NOW)
        assert second
        assert second > id_
        assert await tx.pause(second + 1) is None


async def test_of_two_that_begin_a_pause_at_once_one_does(store: Store, other: Store) -> None:
    """Two workers are refused at the same moment: one pause, one notice, one word to end it."""

    async def begin(own: Store) -> int | None:
        async with own.write() as tx:
            return await tx.begin_pause("HostNotAllowed", 114, None, NOW)

    async with store.write() as tx:
        assert await tx.begin_pause("HostNotAllowed", 114, None, NOW)
        theirs = asyncio.create_task(begin(other))
        await asyncio.wait({theirs}, timeout=0.1)
    assert await theirs is None
    async with store.write() as tx:
        assert await tx.end_pause(NOW)
        assert await tx.current_pause() is None


@pytest.mark.parametrize("amount", ["0.1", "-12.50", "6.07", "123456789012.123456789"])
async def test_the_balance_of_a_pause_is_exact(store: Store, amount: str) -> None:
    """Money is no float, not even for a moment."""
    async with store.write() as tx:
        id_ = await tx.begin_pause("BalanceExhausted", 119, None, NOW)
        assert id_
        await tx.note_balance(id_, Decimal(amount))
    async with store.read() as tx:
        pause = await tx.current_pause()
    assert pause
    assert str(pause.low_balance) == amount


async def test_the_end_of_a_pause_makes_its_cards_due(store: Store) -> None:
    """Whoever was told of it is told of its end."""
    async with store.write() as tx:
        id_ = await tx.begin_pause("HostNotAllowed", 114, None, NOW)
        assert id_
        await tx.add_card(5, 7, Subject.PAUSE, id_, NOW)
        await tx.end_pause(NOW)
        assert [card.wanted for card in await tx.due_cards(NOW, 9)] == [2]


async def _use(store: Store, now: datetime, interval: timedelta, limit: int, most: int) -> list[datetime]:
    """Take slots and use `most` of them at most, as dispatch does; return those that were used."""
    async with store.write() as tx:
        slots = await tx.take_slots(now, interval, HORIZON, limit)
        used = slots[:most]
        if used:
            await tx.spend_slots(used[-1] + interval)
    return used


async def test_slots_reach_to_the_horizon_and_not_beyond(store: Store) -> None:
    """As many as fit, at most as many as asked for; those that were not used are had again."""
    tenth = timedelta(milliseconds=10)
    async with store.write() as tx:
        slots = await tx.take_slots(NOW, tenth, HORIZON, 99)
        assert slots == [NOW + tenth * step for step in range(11)]
        assert await tx.take_slots(NOW, tenth, HORIZON, 3) == slots[:3]
        assert await tx.take_slots(NOW, SECOND, HORIZON, 3) == slots[:1]
        await tx.spend_slots(slots[4])
        assert await tx.take_slots(NOW, tenth, HORIZON, 99) == slots[4:]
        await tx.spend_slots(slots[-1] + tenth)
        assert await tx.take_slots(NOW, tenth, HORIZON, 99) == []
    later = NOW + 60 * SECOND
    assert await _use(store, later, tenth, 99, 99) == [later + tenth * step for step in range(11)], (
        "no burst after rest"
    )


@pytest.mark.parametrize("rate", [3, 30, 300, 999])
async def test_the_pace_is_never_exceeded_and_never_lost(store: Store, other: Store, rate: int) -> None:
    """Over many transactions of two processes that use more or less of what they take: no two closer than the interval.

    Where all is wanted that may be had, all of it is had.
    """
    interval = SECOND / rate
    chance = random.Random(rate)  # noqa: S311 (it fails the same way twice)
    now, used = NOW, list[datetime]()
    for _ in range(60):
        own = chance.choice([store, other])
        used += await _use(own, now, interval, chance.choice([1, 2, 50]), chance.choice([0, 1, 3, 50]))
        now += timedelta(milliseconds=chance.choice([0, 1, 7, 40]))
    assert used == sorted(used)
    assert all(after - before >= interval for before, after in pairwise(used))
    began, count = now + HORIZON, 0
    for _ in range(20):
        now += HORIZON / 2
        count += len(await _use(store, now, interval, 500, 500))
    assert abs(count - (now + HORIZON - began) / interval) <= max(2, HORIZON / interval)


async def test_workers_at_once_share_the_slots(store: Store, other: Store) -> None:
    """Nobody is given what another has before it is known how much of that was used."""
    interval = timedelta(milliseconds=2)
    groups = await asyncio.gather(*(_use(own, NOW, interval, 7, 5) for own in (store, other) * 4))
    used = sorted(slot for group in groups for slot in group)
    assert used == [NOW + interval * step for step in range(40)]
