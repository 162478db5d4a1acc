"""What nobody knows the fate of: look it through, and decide about it. Any admin may."""

from dataclasses import dataclass

from bot.domain.campaign import Bulk
from bot.domain.message import Message, Settlement
from bot.services.ports import Clock, Log, Ring, Store

_PAGE = 10


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of what waits for a decision, newest first."""

    count: int
    """How much there is in all: messages and bulk calls."""
    messages: tuple[Message, ...]
    bulks: tuple[Bulk, ...]
    """They stand on the first page."""
    older: int | None
    """Look on below this number; None: there is nothing older."""
    newer: int | None
    """Look on above this number; None: there is nothing newer."""


class Settle:
    """Decides. The second of two who decide at once is told so."""

    def __init__(self, store: Store, clock: Clock, ring: Ring) -> None:
        self._store = store
        self._clock = clock
        self._ring = ring

    async def __call__(self, message_id: int, how: Settlement, actor_id: int) -> bool:
        """Decide about a message; False if its fate is known by now, or somebody has decided."""
        async with self._store.write() as log:
            settled = await log.settle(message_id, how, actor_id, self._clock())
        self._ring()
        return settled

    async def bulk(self, bulk_id: int, how: Settlement, actor_id: int) -> bool:
        """The same for a bulk call."""
        async with self._store.write() as log:
            settled = await log.settle_bulk(bulk_id, how, actor_id, self._clock())
        self._ring()
        return settled

    async def inbox(self, edge: int | None = None, *, newer: bool = False) -> Inbox:
        """A page: below the message `edge`, or above it. The first one where there is nothing beyond any more."""
        async with self._store.read() as log:
            found = await log.unsettled_messages(_PAGE, edge, newer=newer)
            if not found or (newer and len(found) < _PAGE):
                found = await log.unsettled_messages(_PAGE)
            count, bulks = await log.count_unsettled(), await log.unsettled_bulks()
            older, before = await _beyond(log, found)
        return Inbox(count, tuple(found), () if before else tuple(bulks), older, before)


async def _beyond(log: Log, shown: list[Message]) -> tuple[int | None, int | None]:
    """Where to look on, below and above what is shown."""
    if not shown:
        return None, None
    last, first = shown[-1].id, shown[0].id
    below = await log.unsettled_messages(1, last)
    above = await log.unsettled_messages(1, first, newer=True)
    return last if below else None, first if above else None
