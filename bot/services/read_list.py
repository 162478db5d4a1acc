"""Read the lists that were sent, and fit texts to them: in a process of its own, and again after a restart."""

from dataclasses import replace
from decimal import Decimal

import structlog

from bot.domain.card import Subject
from bot.domain.draft import Draft, Order, Outcome, PieceKind, Step
from bot.domain.errors import GatewayError
from bot.domain.template import UnknownPlaceholder
from bot.intake import FileError, Reading, fit_apart, read_apart
from bot.services.balance import AskBalance
from bot.services.ports import Clock, Fetch, FetchError, Ring, Store
from bot.services.stop_list import count_blocked

logger = structlog.get_logger()
NOT_FETCHED = "not_fetched"
BROKEN = "broken"
_BALANCE_WITHIN = 2.0
"""Seconds: a preview does not wait longer for the balance."""


class ReadList:
    """Reads one list after the other. `priced` says whether the balance is worth asking for."""

    def __init__(
        self, store: Store, ask_balance: AskBalance, fetch: Fetch, clock: Clock, ring: Ring, *, priced: bool
    ) -> None:
        self._store = store
        self._ask_balance = ask_balance
        self._fetch = fetch
        self._clock = clock
        self._ring = ring
        self._priced = priced

    async def __call__(self) -> bool:
        """Read the list that waits longest; False if none does."""
        async with self._store.read() as log:
            waiting = await log.drafts_to_read()
            draft = await log.draft(waiting[0]) if waiting else None
        if draft is None:
            return False
        try:
            balance = await self._balance(draft.order)
            reading = await self._read(draft)
            blocked = await count_blocked(self._store, reading.recipients)
        except FileError as error:
            await self._refuse(draft, error.fault)
        except FetchError:
            await self._refuse(draft, NOT_FETCHED)
        except Exception as error:
            logger.error("list not read", error=type(error).__name__)  # noqa: TRY400 (a traceback may quote values)
            await self._refuse(draft, BROKEN)
        else:
            await self._keep(draft, reading, balance, blocked)
        self._ring()
        return True

    async def _read(self, draft: Draft) -> Reading:
        """The list, fitted to its text if that is known."""
        order = draft.order
        if order.phone_list:
            return await self._fit(draft)
        async with self._store.read() as log:
            file_id, data = await log.draft_source(draft.id)
        if data is None:
            data = await self._fetch(file_id or "")
        return await read_apart(data, order.file_name, order.wording if order.text else None)

    async def _fit(self, draft: Draft) -> Reading:
        if draft.order.phone_list is None:
            raise TypeError("an order without a list")
        async with self._store.read() as log:
            pieces = await log.pieces(draft.id, PieceKind.RECIPIENTS)
        data = [piece.data for piece in pieces]
        try:
            fitted = await fit_apart(draft.order.phone_list, data, draft.order.wording)
        except UnknownPlaceholder as error:
            return Reading(draft.order.phone_list, (), (), (error.name, error.nearest))
        return Reading(fitted, (), ())

    async def _balance(self, order: Order) -> Decimal | None:
        """What is on the account, if that can be had in good time."""
        if not self._priced:
            return None
        try:
            return (await self._ask_balance(_BALANCE_WITHIN)).amount
        except (GatewayError, TimeoutError):
            return order.balance

    async def _keep(self, draft: Draft, reading: Reading, balance: Decimal | None, blocked: int) -> None:
        now = self._clock()
        listed = replace(reading.phone_list, blocked=blocked) if reading.recipients else reading.phone_list
        async with self._store.write() as log:
            standing = await log.draft(draft.id)
            if standing is None or standing.step is not Step.READING:  # dropped meanwhile
                return
            await log.add_pieces(draft.id, [*reading.recipients, *reading.rejected])
            order = replace(draft.order, phone_list=listed, balance=balance, unknown=reading.unknown)
            if reading.unknown:
                order = replace(order, text="", refused=order.text)
            await log.change_draft(draft.id, Step.CONFIRM if order.text else Step.TEXT, order, now)

    async def _refuse(self, draft: Draft, fault: str) -> None:
        now = self._clock()
        async with self._store.write() as log:
            await log.close_draft(draft.id, Outcome.REFUSED, now, fault)
            await log.bump(Subject.DRAFT, draft.id, now)
