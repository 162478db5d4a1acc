"""Sum up the day before, at the hour that each admin has chosen."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.domain.card import Subject
from bot.domain.notices import Wishes
from bot.services.ports import Clock, Ring, Store


class Digest:
    """Orders digests: a card each, which stays until Telegram has taken it."""

    def __init__(self, store: Store, clock: Clock, ring: Ring, zone: ZoneInfo, admins: Sequence[int]) -> None:
        self._store = store
        self._clock = clock
        self._ring = ring
        self._zone = zone
        self._admins = admins

    async def __call__(self) -> None:
        """Order those whose hour has come, each once a day; an hour that passed while the bot was away counts too."""
        async with self._store.read() as log:
            wishes = await log.all_wishes()
        due = [admin for admin in self._admins if self._is_time(wishes.get(admin, Wishes()).digest_hour)]
        for admin in due:
            now = self._clock()
            today = now.astimezone(self._zone).date().toordinal()
            async with self._store.write() as log:
                if await log.take_digest(admin, today):
                    await log.add_card(admin, admin, Subject.DIGEST, today - 1, now)
        if due:
            self._ring()

    async def choose(self, admin: int, hour: int | None) -> Wishes:
        """Remember the hour (None: no digest). One that has passed today counts from tomorrow on."""
        today = self._clock().astimezone(self._zone).date().toordinal()
        async with self._store.write() as log:
            wishes = replace(await log.wishes(admin), digest_hour=hour)
            await log.set_wishes(admin, wishes)
            if self._is_time(hour):
                await log.take_digest(admin, today)
        return wishes

    def _is_time(self, hour: int | None) -> bool:
        return hour is not None and self._clock().astimezone(self._zone).hour >= hour
