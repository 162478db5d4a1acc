"""Look at the account: its balance, what was spent of it, how long it lasts, and whether the two agree."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.domain.campaign import SENDING_STAGES
from bot.domain.gateway import Balance
from bot.domain.log import Pause
from bot.domain.lookback import bounds
from bot.domain.money import WEEK, Agreement, Reading, lasts_at_week_pace, reconcile
from bot.services.balance import AskBalance
from bot.services.ports import Clock, Store

PERIODS = ("today", "week", "month")
"""The day, seven days and thirty, as `bounds` has them."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account as it was seen."""

    balance: Balance
    parts: Sequence[int]
    """That the gateway took, in each of the periods."""
    lasts: float | None
    """Days that the balance lasts at the last week's pace; None where that is not known."""
    readings: Sequence[Reading]
    """Balances seen in thirty days, oldest first, and now."""
    agreement: Agreement | None
    """Of these; None while a campaign is being sent: parts that the gateway has taken are not all counted then."""
    pause: Pause | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the log knows of it."""

    parts: Sequence[int]
    week: int
    ever: int
    """Parts of the last seven times twenty-four hours, and of all time."""
    began: tuple[datetime | None, datetime | None]
    readings: Sequence[Reading]
    is_sending: bool
    pause: Pause | None


class LookAtAccount:
    """Asks and, meanwhile, looks into the log: somebody waits. Days begin at midnight in the zone.

    `price` is that of a part in TJS, if it is known.
    """

    def __init__(
        self, store: Store, ask_balance: AskBalance, clock: Clock, zone: ZoneInfo, price: Decimal | None
    ) -> None:
        self._store = store
        self._ask_balance = ask_balance
        self._clock = clock
        self._zone = zone
        self._price = price

    async def __call__(self) -> Account:
        """The account as it stands; its balance is not kept yet.

        Raises:
            GatewayError: the balance is not known.
        """
        balance, known = await asyncio.gather(self._ask_balance.only_ask(), self._known())
        now = self._clock()
        readings = [*known.readings, Reading(now, balance.amount, known.ever)]
        lasts = lasts_at_week_pace(balance.amount, self._price, known.week, readings, known.began, now)
        agreement = None if known.is_sending else reconcile(readings)
        return Account(balance, known.parts, lasts, readings, agreement, known.pause)

    async def _known(self) -> _Known:
        now = self._clock()
        begins = [since for since, _ in (bounds(period, self._zone, now) for period in PERIODS) if since]
        async with self._store.read() as log:
            readings = await log.readings(min(begins))
            *parts, week, ever = await log.parts_since([*begins, now - WEEK])
            began = await log.money_began()
            is_sending = bool(await log.campaigns_at_work(SENDING_STAGES, now))
            return _Known(parts, week, ever, began, readings, is_sending, await log.current_pause())
