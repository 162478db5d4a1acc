"""Go through the log, page by page, narrowed to what an admin wants to see."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.lookback import Glance, Wanted, bounds, wanted_from_json
from bot.services.ports import Clock, Log, Store

PAGE = 10


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list that stands in a chat."""

    id: int
    wanted: Wanted
    glance: Glance


class LookBack:
    """Lists of messages. What each is narrowed to is kept in the log, so that its buttons outlive a restart."""

    def __init__(self, store: Store, clock: Clock, zone: ZoneInfo) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone

    async def begin(self, actor_id: int, wanted: Wanted) -> Listing:
        """A new list, at its first page."""
        async with self._store.write() as log:
            id_ = await log.add_list(actor_id, wanted.to_json(), self._clock())
        async with self._store.read() as log:
            return await self._look(log, id_, wanted, None, newer=False)

    async def turn(self, list_id: int, edge: int, *, newer: bool) -> Listing | None:
        """Another page: what stands below the number `edge`, or above it. None: there is no such list."""
        async with self._store.read() as log:
            kept = await log.list_wanted(list_id)
            if kept is None:
                return None
            return await self._look(log, list_id, wanted_from_json(kept), edge or None, newer=newer)

    async def narrow(self, list_id: int, wanted: Wanted) -> Listing:
        """The same list, narrowed to something else, at its first page."""
        async with self._store.write() as log:
            await log.narrow_list(list_id, wanted.to_json())
        async with self._store.read() as log:
            return await self._look(log, list_id, wanted, None, newer=False)

    async def wanted(self, list_id: int) -> Wanted | None:
        """What a list is narrowed to; None: there is no such list."""
        async with self._store.read() as log:
            kept = await log.list_wanted(list_id)
        return wanted_from_json(kept) if kept else None

    async def _look(self, log: Log, id_: int, wanted: Wanted, edge: int | None, *, newer: bool) -> Listing:
        time = bounds(wanted.period, self._zone, self._clock())
        return Listing(id_, wanted, await log.look_back(wanted, time, edge, newer=newer, limit=PAGE))
