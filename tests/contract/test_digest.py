"""When the digest is due, on a real log at a time that is set by hand."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.card import Subject
from bot.domain.notices import Wishes
from bot.services.count import Count
from bot.services.digest import Digest
from bot.store import Store

ADMIN = 7
ZONE = ZoneInfo("Asia/Dushanbe")
YEAR, MONTH = 2026, 3


@dataclass
class Clock:
    """What the clock on the wall says."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def at(self, day: int, hour: int, minute: int = 0) -> None:
        """Set it."""
        self.now = datetime(YEAR, MONTH, day, hour, minute, tzinfo=ZONE)


@dataclass
class Desk:
    """A bot that is there when it is asked to look."""

    store: Store
    clock: Clock
    rings: int = 0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """As after a restart: it knows nothing but what is kept."""
        self.digest = Digest(self.store, self.clock, self._ring, ZONE, [ADMIN], Count(self.store, self.clock, ZONE))

    def _ring(self) -> None:
        self.rings += 1

    async def look(self, day: int, hour: int, minute: int = 0) -> list[int]:
        """Look at this time; return the days of all digests so far."""
        self.clock.at(day, hour, minute)
        await self.digest()
        async with self.store.read() as log:
            cards = await log.due_cards(self.clock(), 99)
        assert {(card.subject, card.chat_id) for card in cards} <= {(Subject.DIGEST, ADMIN)}
        return [date.fromordinal(card.subject_id).day for card in cards]


async def _desk(store: Store, hour: int, chosen: tuple[int, int]) -> Desk:
    clock = Clock(datetime.now(ZONE))
    clock.at(*chosen)
    desk = Desk(store, clock)
    assert await desk.digest.choose(ADMIN, hour) == Wishes(digest_hour=hour)
    return desk


async def test_an_hour_that_passed_before_midnight_counts_after_it(store: Store) -> None:
    """Away from 20:55 to 0:05: the digest of nine o'clock comes then, of the day that it would have told of."""
    desk = await _desk(store, 21, (9, 12))
    assert await desk.look(9, 21) == [8]
    assert await desk.look(10, 20, 55) == [8]
    desk.start()
    assert await desk.look(11, 0, 5) == [8, 9]
    desk.start()
    assert await desk.look(11, 20, 59) == [8, 9], "not twice"
    assert await desk.look(11, 21) == [8, 9, 10], "and the next one as usual"


async def test_who_is_away_for_long_hears_of_the_last_day_only(store: Store) -> None:
    """One digest, not one for each day that was missed."""
    desk = await _desk(store, 9, (1, 12))
    desk.start()
    assert await desk.look(9, 8) == [7]
    assert await desk.look(9, 9) == [7, 8]


async def test_the_first_digest_comes_when_the_hour_next_comes(store: Store) -> None:
    """Whether the hour that is chosen has passed today or not."""
    desk = await _desk(store, 21, (9, 12))
    assert await desk.look(9, 12) == []
    await desk.digest.choose(ADMIN, 6)
    desk.start()
    assert await desk.look(9, 12) == []
    assert await desk.look(10, 6) == [9]
    await desk.digest.choose(ADMIN, None)
    assert await desk.look(11, 22) == [9]


async def test_it_rings_only_when_there_is_something_to_show(store: Store) -> None:
    """Whoever looks every half a minute wakes nobody for nothing."""
    desk = await _desk(store, 9, (9, 8))
    for minute in range(3):
        await desk.look(9, 9, minute)
    assert desk.rings == 1
