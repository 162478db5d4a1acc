"""Stop all sending when the gateway refuses the account, and let it go on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.card import Subject
from bot.domain.errors import GatewayError
from bot.domain.log import Pause, Sent
from bot.domain.retry import pause_ends_by_itself
from bot.domain.timing import Timing
from bot.services.balance import AskBalance
from bot.services.ports import Clock, Log, Ring, Store


async def pause_all(log: Log, refusal: Sent, admins: Sequence[int], now: datetime) -> None:
    """Stop all sending, and tell every admin in private, once."""
    pause_id = await log.begin_pause(refusal.reason, refusal.code, refusal.text, now)
    if pause_id is None:
        return
    for admin in admins:
        await log.add_card(admin, admin, Subject.PAUSE, pause_id, now)


class Resume:
    """Lets sending go on, by an admin's word."""

    def __init__(self, store: Store, clock: Clock, ring: Ring) -> None:
        self._store = store
        self._clock = clock
        self._ring = ring

    async def __call__(self, pause_id: int | None = None) -> bool:
        """Resume; False if nothing was paused, or another pause holds than the one meant by `pause_id`."""
        async with self._store.write() as log:
            pause = await log.current_pause()
            meant = pause is not None and pause_id in (None, pause.id)
            ended = meant and await log.end_pause(self._clock())
        self._ring()
        return ended


class WatchBalance:
    """Ends a pause for want of money by itself, once there is more on the account than there was."""

    def __init__(self, store: Store, ask_balance: AskBalance, clock: Clock, timing: Timing, ring: Ring) -> None:
        self._store = store
        self._ask_balance = ask_balance
        self._clock = clock
        self._every = timedelta(seconds=timing.balance_probe)
        self._ring = ring
        self._looked_at: datetime | None = None

    async def __call__(self) -> None:
        """Look if it is time to. An overdraft may be allowed, so what counts is a rise, not a sum above zero."""
        async with self._store.read() as log:
            pause = await log.current_pause()
        if pause is None or not pause_ends_by_itself(pause.reason) or not self._is_time(pause):
            return
        self._looked_at = self._clock()
        try:
            balance = (await self._ask_balance()).amount
        except GatewayError:
            return  # not known now; the next look is due soon
        # A first sum that was seen late may be that after the top-up: then one try tells, and costs nothing.
        late = pause.low_balance is None and self._clock() - pause.since > self._every
        async with self._store.write() as log:
            if late or (pause.low_balance is not None and balance > pause.low_balance):
                await log.end_pause(self._clock())
            elif pause.low_balance is None or balance < pause.low_balance:
                await log.note_balance(pause.id, balance)
        self._ring()

    def _is_time(self, pause: Pause) -> bool:
        """At the beginning of a pause at once, so that no top-up comes before the sum it is measured by."""
        if self._looked_at is None or pause.low_balance is None:
            return True
        return self._clock() - self._looked_at >= self._every


async def standing_pause(store: Store) -> Pause | None:
    """The pause that holds, if one does."""
    async with store.read() as log:
        return await log.current_pause()
