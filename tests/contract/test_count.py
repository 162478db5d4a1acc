"""Days that are over are counted once, and believed only as long as nothing of them moves."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.figures import Figures
from bot.domain.lookback import Bounds, midnight
from bot.domain.message import Settlement, State
from bot.domain.notices import Wishes
from bot.services.count import Count
from bot.services.digest import Digest
from bot.store import Store, Transaction
from bot.store.database import Database
from tests.support.log import NOW, fill

ZONE = ZoneInfo("Asia/Dushanbe")
DAY = NOW.astimezone(ZONE).date()
BEGIN, END = midnight(DAY, ZONE), midnight(DAY + timedelta(days=1), ZONE)


class Clock:
    """A time that is set by hand."""

    now = END

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)


async def _kept(store: Store) -> Figures | None:
    async with store.read() as log:
        return await log.kept_figures(BEGIN, END)


async def _add(database: Database, state: State, at: datetime) -> None:
    await fill(database, [{"state": state, "created_at": at, "attempts": 1}])


@pytest.mark.parametrize(("minutes", "is_kept"), [(0, False), (59, False), (61, True)])
async def test_a_day_is_kept_an_hour_after_its_end(
    store: Store, database: Database, minutes: int, is_kept: bool
) -> None:
    """A message that was ordered in its last second may be committed after the first count."""
    clock = Clock()
    clock.now = END + timedelta(minutes=minutes)
    count = Count(store, clock, ZONE)
    await _add(database, State.FAILED, BEGIN)
    assert (await count.day(DAY)).of(State) == 1
    assert (await _kept(store) is not None) is is_kept
    if not is_kept:
        await _add(database, State.FAILED, END - timedelta(seconds=1))
        assert (await count.day(DAY)).of(State) == 2


async def test_a_count_in_which_something_moved_is_not_kept(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read before the move, and kept after it: the day would be wrong for good."""
    clock = Clock()
    clock.now = END + timedelta(days=5)
    count = Count(store, clock, ZONE)
    await _add(database, State.UNCERTAIN, BEGIN)
    counts = Transaction.count_messages
    async with store.read() as log:
        [message] = await log.latest_messages(1)

    async def count_slowly(
        log: Transaction, time: Bounds, campaign_id: int | None, after: int, limit: int
    ) -> tuple[Figures, int | None]:
        found = await counts(log, time, campaign_id, after, limit)
        monkeypatch.undo()
        async with store.write() as mover:
            assert await mover.settle(message.id, Settlement.MARKED_SENT, 7, clock.now)
        return found

    monkeypatch.setattr(Transaction, "count_messages", count_slowly)
    await count.day(DAY)
    assert await _kept(store) is None
    again = await count.day(DAY)
    assert again.of([State.UNCERTAIN]) == 0
    assert await _kept(store) == again


async def test_a_past_day_is_counted_once_for_all(store: Store, database: Database) -> None:
    """All who ask at once are told the same, by the hour; after a while, and of another day, it is counted anew."""
    clock = Clock()
    count = Count(store, clock, ZONE)
    await _add(database, State.FAILED, BEGIN)
    first, second = await asyncio.gather(count.past_hours(DAY), count.past_hours(DAY))
    assert first is second
    assert first == await count.hours(DAY)
    await _add(database, State.FAILED, BEGIN)
    assert await count.past_hours(DAY) is first
    other = await count.past_hours(DAY - timedelta(days=1))
    assert sum(figures.of(State) for _, figures in other) == 0
    assert sum(figures.of(State) for _, figures in await count.past_hours(DAY)) == 2
    await _add(database, State.FAILED, BEGIN)
    clock.now += timedelta(minutes=6)
    assert sum(figures.of(State) for _, figures in await count.past_hours(DAY)) == 3


async def test_a_digest_is_counted_before_its_card_is_due(store: Store, database: Database) -> None:
    """Cards of all chats are shown together: whoever draws one there must find the day counted."""
    clock = Clock()
    clock.now = END + timedelta(hours=9)
    count = Count(store, clock, ZONE)
    await _add(database, State.FAILED, BEGIN)
    async with store.write() as log:
        await log.set_wishes(7, Wishes(digest_hour=9))
    await Digest(store, clock, lambda: None, ZONE, [7], count)()
    await _add(database, State.FAILED, BEGIN)
    async with store.read() as log:
        [card] = await log.due_cards(clock(), 9)
    bars = await count.past_hours(date.fromordinal(card.subject_id))
    assert sum(figures.of(State) for _, figures in bars) == 1, "as it was counted then"
