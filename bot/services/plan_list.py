"""From a file of phones to a bulk call in the log: read it, fit the text to it, confirm it, queue it."""

import asyncio
from dataclasses import replace
from datetime import datetime

from bot.domain.campaign import Way
from bot.domain.card import Subject
from bot.domain.draft import Draft, Order, Outcome, Step
from bot.domain.gateway import Channel
from bot.domain.message import new_txn_id
from bot.domain.template import placeholders, tidy
from bot.domain.when import WhenError, WhenFault
from bot.intake import fit_text, read_phone_list, without_params
from bot.services.compose import OrderError, OrderFault, Place, check_order
from bot.services.ports import Clock, Log, Ring, Store

BULK_BYTES = 5_000_000
"""The contract's «5Мб», in the reading that is safe under either meaning of a megabyte."""


class PlanList:
    """The way from a file to a bulk call. `sender` is used where the order names none."""

    def __init__(self, store: Store, clock: Clock, ring: Ring, sender: str) -> None:
        self._store = store
        self._clock = clock
        self._ring = ring
        self._sender = sender

    async def begin(self, place: Place, data: bytes, file_name: str, order: Order) -> Step | None:
        """Read a file; return TEXT if the text is still to be asked for, None once the preview stands in the chat.

        Raises:
            bot.intake.FileError: it is no list of phones.
            bot.domain.template.UnknownPlaceholder: the text names a column that the file has not.
            OrderError: the text or the sender cannot be sent.
        """
        phone_list, cleaned = await asyncio.to_thread(read_phone_list, data, file_name)
        order = replace(order, text=tidy(order.text), sender=order.sender or self._sender, phone_list=phone_list)
        check_order(order)
        if order.confidential or order.channel is not Channel.SMS:  # the bulk call has no such variables
            raise OrderError(OrderFault.NOT_FOR_LISTS)
        step = Step.CONFIRM if order.text else Step.TEXT
        if order.text:
            order, cleaned = await _fitted(order, cleaned)
        now = self._clock()
        async with self._store.write() as log:
            where = (place.origin, place.chat_id, place.actor_id)
            draft_id = await log.add_draft(*where, step, order, now, cleaned, place.message_id)
            if draft_id and step is Step.CONFIRM:
                await log.add_card(place.chat_id, place.actor_id, Subject.DRAFT, draft_id, now, place.reply_to)
        self._ring()
        return None if step is Step.CONFIRM else step

    async def add_text(self, place: Place, draft: Draft, text: str) -> None:
        """Give a list the text that was asked for; the preview then stands in the chat.

        Raises:
            UnknownPlaceholder, OrderError: as `begin`; the draft still waits for a text.
        """
        order = replace(draft.order, text=tidy(text))
        check_order(order)
        async with self._store.read() as log:
            cleaned = await log.draft_file(draft.id)
        if cleaned is None:  # closed meanwhile
            return
        order, cleaned = await _fitted(order, cleaned)
        now = self._clock()
        async with self._store.write() as log:
            await log.change_draft(draft.id, Step.CONFIRM, order, now, cleaned, place.message_id)
            await log.add_card(place.chat_id, place.actor_id, Subject.DRAFT, draft.id, now, place.reply_to)
        self._ring()

    async def ask_time(self, draft_id: int, actor_id: int) -> bool:
        """Wait for a time to be typed; False if the draft is not this admin's, or not open any more."""
        async with self._store.write() as log:
            draft = await _ready(log, draft_id, actor_id)
            if draft:
                await log.change_draft(draft_id, Step.SEND_AT, draft.order, self._clock())
        self._ring()
        return draft is not None

    async def set_time(
        self, draft_id: int, actor_id: int, send_at: datetime | None, answered: int | None = None
    ) -> bool:
        """Set when the list goes out (None: at once); False as in `ask_time`. `answered`: the message that said so."""
        async with self._store.write() as log:
            draft = await _ready(log, draft_id, actor_id)
            if draft:
                order = replace(draft.order, send_at=send_at)
                await log.change_draft(draft_id, Step.CONFIRM, order, self._clock(), answered=answered)
        self._ring()
        return draft is not None

    async def confirm(self, draft_id: int, actor_id: int, *, scheduled: bool) -> bool:
        """Queue the bulk calls of a draft; False if it is not this admin's, not open any more, or waits for a time.

        `scheduled` is what the button said. An old card may say «Schedule» of a list that is to go at once by now, or
        the other way round; then it is False too.

        Raises:
            WhenError: its time has passed meanwhile.
        """
        now = self._clock()
        async with self._store.write() as log:
            draft = await _ready(log, draft_id, actor_id)
            cleaned = await log.draft_file(draft_id)
            if draft is None or draft.step is not Step.CONFIRM or cleaned is None:
                return False
            if scheduled != (draft.order.send_at is not None):
                return False
            if draft.order.send_at and draft.order.send_at <= now:
                raise WhenError(WhenFault.PAST)
            await log.close_draft(draft_id, Outcome.SENT, now)
            campaign_id = await _queue(log, draft, cleaned, now)
            await log.turn_cards(Subject.DRAFT, draft_id, Subject.CAMPAIGN, campaign_id, now)
        self._ring()
        return True


async def _ready(log: Log, draft_id: int, actor_id: int) -> Draft | None:
    """The draft of a list, if it is this admin's and its preview is open."""
    draft = await log.draft(draft_id)
    if draft is None or draft.actor_id != actor_id or not draft.order.phone_list:
        return None
    return draft if draft.step in (Step.CONFIRM, Step.SEND_AT) else None


async def _fitted(order: Order, cleaned: bytes) -> tuple[Order, bytes]:
    if order.phone_list is None:  # a list is what this file is about
        raise TypeError("an order without a list")
    phone_list, cleaned = await asyncio.to_thread(fit_text, order.phone_list, cleaned, order.text)
    with_params = bool(placeholders(order.text))
    return replace(order, phone_list=phone_list, with_params=with_params), cleaned


async def _queue(log: Log, draft: Draft, cleaned: bytes, now: datetime) -> int:
    order, phone_list = draft.order, draft.order.phone_list
    campaign_id = await log.add_campaign(
        {
            "way": Way.BULK,
            "text": order.text,
            "sender": order.sender,
            "confidential": False,
            "file_name": phone_list.file_name if phone_list else None,
            "recipients": phone_list.recipients if phone_list else 0,
            "parts": phone_list.parts[2] if phone_list else 0,
            "paused": False,
            "actor_id": draft.actor_id,
            "created_at": now,
        }
    )
    file = cleaned if order.with_params else without_params(cleaned)
    for piece in split_file(file, BULK_BYTES, has_header=order.with_params):
        # The time is fixed here: a repeat must be the same request to the letter.
        send_at = order.send_at or now
        await log.add_bulk(campaign_id, new_txn_id(), piece, send_at, with_params=order.with_params, now=now)
    return campaign_id


def split_file(data: bytes, limit: int, *, has_header: bool) -> list[bytes]:
    """Cut a cleaned file into files of at most `limit` bytes, each with the header if there is one."""
    lines = data.splitlines(keepends=True)
    header = lines.pop(0) if has_header else b""
    pieces, piece = [], bytearray(header)
    for line in lines:
        if len(piece) + len(line) > limit and len(piece) > len(header):
            pieces.append(bytes(piece))
            piece = bytearray(header)
        piece += line
    return [*pieces, bytes(piece)]
