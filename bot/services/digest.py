"""Sum up the day before, at the hour that each admin has chosen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from bot.domain.card import Subject
from bot.domain.notices import Wishes
from bot.services.count import Count
from bot.services.ports import Clock, Ring, Store


class Digest:
    """Orders digests: a card each, which stays until Telegram has taken it."""

    def __init__(
        self, store: Store, clock: Clock, ring: Ring, zone: ZoneInfo, admins: Sequence[int], count: Count
    ) -> None:
        self._store = store
        self._count = count
        self._clock = clock
        self._ring = ring
        self._zone = zone
        self._admins = admins
        self._given: dict[int, int] = {}
        """The day of the last digest of each admin, as far as this process knows."""

    async def __call__(self) -> None:
        """Order those whose hour has come, each once a day; the last one that passed while the bot was away too."""
        async with self._store.read() as log:
            wishes = await log.all_wishes()
        for admin in self._admins:
            hour = wishes.get(admin, Wishes()).digest_hour
            if hour is not None and self._last_due(hour) > self._given.get(admin, 0):
                await self._give(admin, self._last_due(hour))

    async def choose(self, admin: int, hour: int | None) -> Wishes:
        """Remember the hour (None: no digest). The next time that it comes is the first that counts."""
        async with self._store.write() as log:
            wishes = replace(await log.wishes(admin), digest_hour=hour)
            await log.set_wishes(admin, wishes)
            if hour is not None:
                await log.take_digest(admin, self._last_due(hour))
        return wishes

    async def _give(self, admin: int, day: int) -> None:
        await self._count.past_hours(date.fromordinal(day - 1))  # here, where no card waits for it
        async with self._store.write() as log:
            if await log.take_digest(admin, day):
                await log.add_card(admin, admin, Subject.DIGEST, day - 1, self._clock())
        self._given[admin] = day
        self._ring()

    def _last_due(self, hour: int) -> int:
        """The day (its ordinal) on which this hour last came: today or yesterday."""
        now = self._clock().astimezone(self._zone)
        return now.date().toordinal() - (now.hour < hour)
