"""Ask for the balance. Each one that is seen is kept, and tells whether it is time to top up."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from bot.domain.card import Subject
from bot.domain.errors import GatewayError
from bot.domain.gateway import Balance
from bot.domain.message import new_txn_id
from bot.domain.money import WEEK, is_low, lasts_at_week_pace, low_changes, sinks
from bot.services.ports import Clock, Gateway, Log, Ring, Store


class AskBalance:
    """The one way to ask. `price` is that of a part and `limit` the least that is well, in TJS, where known."""

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        clock: Clock,
        ring: Ring,
        admins: Sequence[int],
        *,
        price: Decimal | None,
        limit: Decimal | None,
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock
        self._ring = ring
        self._admins = admins
        self._price = price
        self._limit = limit

    async def __call__(self, within: float | None = None) -> Balance:
        """Ask, waiting so many seconds at most, and keep the answer.

        Raises:
            GatewayError: it is not known; nothing is kept.
            TimeoutError: the same, for the answer did not come in that time.
        """
        async with asyncio.timeout(within):
            balance = await self.only_ask()
        await self.keep(balance.amount)
        return balance

    async def only_ask(self) -> Balance:
        """Ask, for somebody who waits for the answer and keeps it afterwards: the log may be busy.

        Raises:
            GatewayError: it is not known.
        """
        return await self._gateway.balance(new_txn_id())

    async def keep(self, amount: Decimal) -> None:
        """Keep a balance that was seen; in the same commit tell all admins if it is low, or is back."""
        now = self._clock()
        async with self._store.write() as log:
            await log.keep_balance(amount, now)
            told = await self._tell(log, amount, await self._lasts(log, amount, now), now)
        if told:
            self._ring()

    async def _lasts(self, log: Log, amount: Decimal, now: datetime) -> float | None:
        since = now - WEEK
        parts, _ = await log.parts_since([since])
        readings = await log.readings(since)
        return lasts_at_week_pace(amount, self._price, parts, readings, await log.money_began(), now)

    async def _tell(self, log: Log, amount: Decimal, lasts: float | None, now: datetime) -> bool:
        """Begin or end a low where it is time to; whether it was. While it stands the lowest is kept."""
        looks_low = is_low(amount, self._limit, lasts)
        low = await log.current_low()
        if not sinks(low, amount) and not low_changes(low, amount, looks_low=looks_low):
            return False
        await log.hold_pace()  # one at a time over all workers; whoever waited looks again
        low = await log.current_low()
        if low and sinks(low, amount):
            await log.lower_low(low.id, amount, lasts)
        if not low_changes(low, amount, looks_low=looks_low):
            return False
        if low is None:
            low_id = await log.begin_low(amount, lasts, now)
            for admin in self._admins:
                await log.add_card(admin, admin, Subject.LOW, low_id, now)
        else:
            await log.end_low(low.id, amount, now)
            await log.bump(Subject.LOW, low.id, now)
            await log.repost(Subject.LOW, low.id, now)
        return True


async def watch_balance(ask: AskBalance) -> None:
    """Ask for what asking alone brings about; if it is not known now, the next look is due by itself."""
    with suppress(GatewayError):
        await ask()
