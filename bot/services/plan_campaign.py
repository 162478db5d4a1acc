"""From a list of phones to a campaign: take the file, change this and that about it, confirm it."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.campaign import Way
from bot.domain.card import Subject
from bot.domain.draft import Draft, Order, Step
from bot.domain.gateway import Channel
from bot.domain.template import placeholders, tidy
from bot.domain.text import measure
from bot.domain.timing import Timing
from bot.domain.when import WhenError, WhenFault
from bot.intake import fit, samples
from bot.services.compose import MOST_PARTS, OrderError, OrderFault, Place, check_order, new_message, refuse_blocked
from bot.services.order_campaign import order_campaign
from bot.services.ports import Clock, Log, Ring, Store

_ASKING = (Step.SEND_AT, Step.SENDER, Step.TEST)
_REFITS = {"text", "latin", "plain"}
"""Changes of an order that change what recipients are told."""


class Toggle(StrEnum):
    """What of an order can be turned over."""

    WAY = "way"
    LATIN = "latin"
    PLAIN = "plain"


class PlanCampaign:
    """The way from a list to a campaign. `sender` is used where the order names none."""

    def __init__(self, store: Store, clock: Clock, timing: Timing, ring: Ring, sender: str) -> None:
        self._store = store
        self._clock = clock
        self._timing = timing
        self._ring = ring
        self._sender = sender

    async def begin(
        self, place: Place, order: Order, file_name: str, *, file_id: str | None = None, file: bytes | None = None
    ) -> None:
        """Take a list, by the chat's id of its file or as bytes; its card appears, and it is read (`ReadList`).

        Raises:
            OrderError: the text or the sender cannot be sent.
        """
        order = replace(order, text=tidy(order.text), sender=order.sender or self._sender, file_name=file_name)
        check_order(order)
        if order.confidential:  # the list itself would still tell
            raise OrderError(OrderFault.NOT_FOR_LISTS)
        where = (place.origin, place.chat_id, place.actor_id)
        now = self._clock()
        async with self._store.write() as log:
            draft_id = await log.add_draft(*where, Step.READING, order, now, file, place.message_id, file_id)
            if draft_id:
                await log.add_card(place.chat_id, place.actor_id, Subject.DRAFT, draft_id, now, place.reply_to)
        self._ring()

    async def set_text(self, place: Place, draft: Draft, text: str) -> None:
        """Give a list its text, or another one; the card comes anew, below what was written.

        Raises:
            OrderError: it cannot be sent; the draft still waits for a text.
        """
        check_order(replace(draft.order, text=tidy(text)))
        await self._change(draft.id, place.actor_id, place.message_id, text=tidy(text), unknown=None, refused="")

    async def set_sender(self, place: Place, draft: Draft, sender: str) -> None:
        """Set who the SMS come from, as it was typed.

        Raises:
            OrderError: no sender is written like this; the draft still waits for one.
        """
        check_order(replace(draft.order, sender=sender))
        await self._change(draft.id, place.actor_id, place.message_id, sender=sender)

    async def set_time(
        self, draft_id: int, actor_id: int, send_at: datetime | None, answered: int | None = None
    ) -> bool:
        """Set when it goes out (None: at once). `answered`: the message that said so, if it was typed."""
        return await self._change(draft_id, actor_id, answered, send_at=send_at, day=None)

    async def change(self, draft_id: int, actor_id: int, **changes: Any) -> bool:
        """Change fields of the order; False if the draft is not this admin's, or not open any more."""
        return await self._change(draft_id, actor_id, None, **changes)

    async def toggle(self, draft_id: int, actor_id: int, what: Toggle) -> bool:
        """Turn something of the order over; False as in `change`."""
        async with self._store.read() as log:
            draft = await log.draft(draft_id)
        if draft is None:
            return False
        order = draft.order
        other_way = Way.BULK if order.way is Way.TRACKED else Way.TRACKED
        changes = {Toggle.WAY: other_way, Toggle.LATIN: not order.latin, Toggle.PLAIN: not order.plain}
        return await self._change(draft_id, actor_id, None, **{what.value: changes[what]})

    async def ask(self, draft_id: int, actor_id: int, step: Step, **changes: Any) -> bool:
        """Wait for something to be typed, or chosen by button; False as in `change`."""
        async with self._store.write() as log:
            draft = await _ready(log, draft_id, actor_id)
            if draft:
                now = self._clock()
                await log.stop_waiting(draft.chat_id, actor_id, now)  # the answer belongs to what was asked last
                await log.change_draft(draft_id, step, replace(draft.order, **changes), now)
        self._ring()
        return draft is not None

    async def _change(self, draft_id: int, actor_id: int, answered: int | None, **changes: Any) -> bool:
        now = self._clock()
        async with self._store.write() as log:
            draft = await _ready(log, draft_id, actor_id)
            if draft is None:
                return False
            step, order = _changed(draft.order, changes)
            await log.change_draft(draft_id, step, order, now, answered)
            if answered is not None:
                await log.repost(Subject.DRAFT, draft_id, now)
        self._ring()
        return True

    async def try_on(self, place: Place, draft_id: int, phone: str, act: str) -> bool:
        """Send the first recipient's text to this phone of the admin's own; False as in `change`.

        `act` is the same for the same message or press, however often Telegram delivers it. The card comes anew, below.
        """
        now = self._clock()
        async with self._store.write() as log:
            draft = await _ready(log, draft_id, place.actor_id)
            if draft is None or draft.order.phone_list is None:
                return False
            filled = samples(draft.order.phone_list, draft.order.wording, 1)
            if not filled:
                raise OrderError(OrderFault.NOBODY)
            text = filled[0][1]
            if (parts := measure(text).parts) > MOST_PARTS:
                raise OrderError(OrderFault.TEXT_TOO_LONG, n=parts, most=MOST_PARTS)
            await refuse_blocked(log, phone)
            order = replace(draft.order, text=text, phone_list=None)
            origin = f"try:{act}:{draft_id}"
            if await log.message_of_origin(origin) is None:
                [message_id] = await log.add_messages([new_message(order, phone, place.actor_id, origin)], now)
                await log.add_card(place.chat_id, place.actor_id, Subject.MESSAGE, message_id, now, place.reply_to)
            await log.set_test_phone(place.actor_id, phone)
            answered = place.message_id if draft.step is Step.TEST else None
            await log.change_draft(draft_id, Step.CONFIRM, draft.order, now, answered)
            await log.repost(Subject.DRAFT, draft_id, now)
        self._ring()
        return True

    async def test_phone(self, actor_id: int) -> str | None:
        """The phone on which this admin tried a text last."""
        async with self._store.read() as log:
            return await log.test_phone(actor_id)

    async def confirm(self, draft_id: int, actor_id: int, *, scheduled: bool, canary: bool = False) -> bool:
        """Make it a campaign; False if it is not this admin's, not open any more, or waits for something.

        `scheduled` is what the button said. An old card may say «Schedule» of a list that is to go at once by now, or
        the other way round; then it is False too.

        Raises:
            WhenError: its time has passed meanwhile.
            OrderError: it cannot be sent as it is, or these are sent again already.
        """
        now = self._clock()
        async with self._store.write() as log:
            draft = await _ready(log, draft_id, actor_id)
            if draft is None or draft.step is not Step.CONFIRM or scheduled != (draft.order.send_at is not None):
                return False
            if canary and draft.order.way is Way.BULK:  # an old card: a list that goes whole has no first few
                return False
            _check(draft.order, now)
            await _refuse_sent_since(log, draft.order)
            campaign_id = await order_campaign(log, draft, now, self._timing, canary=canary)
            if draft.order.again_of and not await log.claim_again(draft.order.again_of, campaign_id, now):
                raise OrderError(OrderFault.SENT_AGAIN)
        self._ring()
        return True


async def _refuse_sent_since(log: Log, order: Order) -> None:
    """Raise OrderError if fewer are left to be sent again than the list has: somebody sent them by hand meanwhile."""
    if order.again_of is None or order.phone_list is None:
        return
    if await log.count_passing_failures(order.again_of) < order.phone_list.recipients:
        raise OrderError(OrderFault.SENT_SINCE)


async def _ready(log: Log, draft_id: int, actor_id: int) -> Draft | None:
    """The draft of a list, if it is this admin's, open, and read."""
    draft = await log.draft(draft_id)
    if draft is None or draft.actor_id != actor_id or not draft.order.phone_list:
        return None
    return draft if draft.step in (Step.TEXT, Step.CONFIRM, *_ASKING) else None


def _changed(order: Order, changes: dict[str, Any]) -> tuple[Step, Order]:
    """The order with these changes, fitted to its list; where that takes reading the list, it is left to `ReadList`."""
    order = replace(order, **changes)
    if order.phone_list is None or not _REFITS & changes.keys():
        return Step.CONFIRM if order.text else Step.TEXT, order
    if not order.text:
        return Step.TEXT, order
    if placeholders(order.text):
        return Step.READING, order
    return Step.CONFIRM, replace(order, phone_list=fit(order.phone_list, (), order.wording))


def _check(order: Order, now: datetime) -> None:
    if order.phone_list is None or not order.phone_list.recipients:
        raise OrderError(OrderFault.NOBODY)
    if (longest := order.phone_list.parts[1]) > MOST_PARTS:
        raise OrderError(OrderFault.TEXT_TOO_LONG, n=longest, most=MOST_PARTS)
    if order.way is Way.BULK and order.channel is not Channel.SMS:
        raise OrderError(OrderFault.NOT_IN_BULK)
    if order.send_at and order.send_at <= now:
        raise WhenError(WhenFault.PAST)
