"""The stop list: put a phone on it, take one off it, see how many of a list are on it."""

from collections.abc import Sequence

from bot.domain.draft import Piece
from bot.intake import piece_phones
from bot.services.ports import Clock, Ring, Store

_AT_ONCE = 20
"""Pieces of a list that are looked through in one question to the log."""


class StopList:
    """Numbers that are never sent to. It is everybody's: any admin may change it."""

    def __init__(self, store: Store, clock: Clock, ring: Ring) -> None:
        self._store = store
        self._clock = clock
        self._ring = ring

    async def block(self, phone: str, actor_id: int) -> int | None:
        """Put a phone on it; return how many messages that waited are cancelled, None if it is on it already."""
        now = self._clock()
        async with self._store.write() as log:
            if not await log.block(phone, actor_id, now):
                return None
            cancelled = await log.count_withheld(phone, now)
        self._ring()
        return cancelled

    async def unblock(self, phone: str) -> bool:
        """Take a phone off it; False if it is not on it. What was cancelled stays so."""
        async with self._store.write() as log:
            return await log.unblock(phone)


async def count_blocked(store: Store, recipients: Sequence[Piece]) -> int:
    """How many of a list that was just read are on it."""
    count = 0
    for first in range(0, len(recipients), _AT_ONCE):
        phones = [phone for piece in recipients[first : first + _AT_ONCE] for phone in piece_phones(piece.data)]
        async with store.read() as log:
            count += len(await log.blocked(phones))
    return count
