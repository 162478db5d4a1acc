"""Days that are over are counted once, and believed only as long as nothing of them moves."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.figures import Figures
from bot.domain.lookback import Bounds, midnight
from bot.domain.message import Settlement, State
from bot.services.count import Count
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
