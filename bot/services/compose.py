"""From what an admin wants to send to messages in the log: check it, ask where something is off, queue it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.card import Subject
from bot.domain.draft import Draft, Order, Outcome, PieceKind, Step
from bot.domain.message import NewMessage, Settlement, new_txn_id
from bot.domain.phone import shown
from bot.domain.text import GSM7, measure
from bot.domain.timing import Timing
from bot.services.order_campaign import order_campaign, pieces_of
from bot.services.ports import Clock, Log, Ring, Store

MANY_PARTS = 3
"""A longer text is asked about."""
MOST_PARTS = 10
"""A longer one is refused: it is a letter, and the whole text travels in the address of the request."""
MOST_PHONES = 100
"""More in one command are refused: a file is checked better."""
LONGEST_SENDER = 11
ASKING = (Step.PHONE, Step.TEXT, Step.SEND_AT)
"""Steps at which something is to be typed."""
_SHOWN = 40
_NAMED = 5
"""Blocked phones that are named where nothing can be sent."""


class OrderFault(StrEnum):
    """Why an order cannot be sent as it is."""

    TEXT_TOO_LONG = "text_too_long"
    SENDER_INVALID = "sender_invalid"
    TOO_MANY_PHONES = "too_many_phones"
    NOT_FOR_LISTS = "not_for_lists"
    """A list is never confidential."""
    NOT_IN_BULK = "not_in_bulk"
    """The bulk call knows no channel."""
    NOBODY = "nobody"
    """A list without a recipient."""
    SENT_AGAIN = "sent_again"
    """Another campaign sends these again already."""
    SENT_SINCE = "sent_since"
    """Some of those that are to be sent again have been sent by hand since they were listed."""
    BLOCKED = "blocked"
    """All its phones are on the stop list."""
    SETTLED = "settled"
    """Somebody has decided about the message in whose place it was to go, or its fate is known by now."""
    TEXT_ERASED = "text_erased"
    """What is to be sent again was confidential: its text is no more."""


class OrderError(ValueError):
    """The order cannot be sent as it is; `facts` fill the sentence that says so."""

    def __init__(self, fault: OrderFault, **facts: object) -> None:
        self.fault = fault
        self.facts = facts
        super().__init__(fault.value)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and by whom something was said."""

    chat_id: int
    actor_id: int
    message_id: int
    act: str = ""
    """What tells one press of a button from another; empty for what was written."""

    @property
    def reply_to(self) -> int | None:
        """The message to show an answer as a reply to: in a group, where others talk between."""
        return self.message_id if self.chat_id != self.actor_id else None

    @property
    def origin(self) -> str:
        """The same for the same update, however often Telegram delivers it."""
        return self.act or f"{self.chat_id}:{self.message_id}"


def check_order(order: Order) -> None:
    """Raise OrderError if the order cannot be sent as it is. What is not known yet is not checked."""
    parts = measure(order.text).parts
    if parts > MOST_PARTS:
        raise OrderError(OrderFault.TEXT_TOO_LONG, n=parts, most=MOST_PARTS)
    if not (0 < len(order.sender) <= LONGEST_SENDER and GSM7.issuperset(order.sender) and order.sender.isprintable()):
        raise OrderError(OrderFault.SENDER_INVALID, sender=order.sender[:_SHOWN], most=LONGEST_SENDER)
    if len(order.phones) > MOST_PHONES:
        raise OrderError(OrderFault.TOO_MANY_PHONES, count=len(order.phones), most=MOST_PHONES)


class Compose:
    """The way from an order to the log. `sender` is used where the order names none."""

    def __init__(self, store: Store, clock: Clock, timing: Timing, ring: Ring, sender: str) -> None:
        self._store = store
        self._clock = clock
        self._timing = timing
        self._ring = ring
        self._sender = sender

    async def begin(self, place: Place, order: Order, asked: tuple[str, ...] = ()) -> Step | None:
        """Take an order, complete or not; return what is still to be asked for, None if nothing.

        `asked` is what makes us ask beside all that is looked at here. When this returns, a complete one is in the log
        or waits with a question. Said again, it counts once.

        Raises:
            OrderError: it cannot be sent as it is.
        """
        order = self._checked(order)
        now = self._clock()
        async with self._store.write() as log:
            if await log.message_of_origin(place.origin):
                return None
            if begun := await log.draft_of_origin(place.origin):
                return begun.step if begun.step in ASKING else None
            step = await self._next_step(log, place, await _allowed(log, order), asked, now)
        self._ring()
        return step

    def _checked(self, order: Order) -> Order:
        """The order with each phone once and with a sender, if it can be sent."""
        order = replace(order, phones=tuple(dict.fromkeys(order.phones)), sender=order.sender or self._sender)
        check_order(order)
        return order

    async def _next_step(
        self, log: Log, place: Place, order: Order, asked: tuple[str, ...], now: datetime
    ) -> Step | None:
        step = _missing(order)
        if step is None:
            order = replace(order, questions=await self._questions(log, order, asked, now))
            if not order.questions:
                await log.stop_waiting(place.chat_id, place.actor_id, now)
                await self._queue_one(log, place, order, place.origin, now)
                return None
        where = (place.origin, place.chat_id, place.actor_id)
        draft_id = await log.add_draft(*where, step or Step.CONFIRM, order, now, answered=place.message_id)
        if draft_id and step is None:
            await log.add_card(place.chat_id, place.actor_id, Subject.DRAFT, draft_id, now, place.reply_to)
        return step

    async def complete(self, place: Place, draft: Draft, order: Order) -> Step | None:
        """Take what was still missing from a draft; return what is missing now.

        Raises:
            OrderError: it cannot be sent as it is; the draft stays as it was.
        """
        order = self._checked(order)
        now = self._clock()
        async with self._store.write() as log:
            order = await _allowed(log, order)
            step = _missing(order)
            if step:
                await log.change_draft(draft.id, step, order, now, answered=place.message_id)
                return step
            order = replace(order, questions=await self._questions(log, order, (), now))
            if order.questions:
                await log.change_draft(draft.id, Step.CONFIRM, order, now, answered=place.message_id)
                await log.add_card(place.chat_id, place.actor_id, Subject.DRAFT, draft.id, now, place.reply_to)
            elif await log.close_draft(draft.id, Outcome.SENT, now):
                await self._queue_one(log, place, order, f"draft:{draft.id}", now)
        self._ring()
        return None

    async def confirm(self, draft_id: int, actor_id: int) -> bool:
        """Send a draft; False if it is not this admin's, or not open any more: it is never sent twice.

        Raises:
            OrderError: its phone is blocked by now; or it was to go in the place of a message whose fate is settled.
        """
        now, goes = self._clock(), True
        async with self._store.write() as log:
            draft = await log.draft(draft_id)
            if draft is None or draft.actor_id != actor_id or draft.step is not Step.CONFIRM or draft.order.phone_list:
                return False
            if len(draft.order.phones) == 1:
                goes = await _send_one(log, draft, now)
            else:
                if await log.piece(draft_id, PieceKind.RECIPIENTS, 0) is None:  # there are some if it was taken back
                    await log.add_pieces(draft_id, pieces_of([(phone,) for phone in draft.order.phones]))
                await order_campaign(log, draft, now, self._timing)
        self._ring()
        if not goes:
            raise OrderError(OrderFault.SETTLED)
        return True

    async def drop(self, draft_id: int, actor_id: int) -> bool:
        """Drop a draft; False if it is not this admin's, or not open any more."""
        async with self._store.write() as log:
            draft = await log.draft(draft_id)
            if draft is None or draft.actor_id != actor_id:
                return False
            dropped = await log.close_draft(draft_id, Outcome.DROPPED, self._clock())
        self._ring()
        return dropped

    async def drop_outdated(self) -> None:
        """Drop drafts that were left lying."""
        now = self._clock()
        async with self._store.write() as log:
            for draft_id in await log.old_drafts(now - timedelta(seconds=self._timing.draft)):
                if await log.close_draft(draft_id, Outcome.OUTDATED, now):
                    await log.repost(Subject.DRAFT, draft_id, now)  # an edit a day's talk further up is no notice
        self._ring()

    async def waiting(self, place: Place) -> Draft | None:
        """The draft for which this admin was asked something in this chat."""
        async with self._store.read() as log:
            return await log.waiting_draft(place.chat_id, place.actor_id)

    async def leave(self, place: Place) -> bool:
        """Drop this admin's latest open draft in this chat; False if there is none."""
        async with self._store.read() as log:
            draft = await log.latest_draft(place.chat_id, place.actor_id)
        return draft is not None and await self.drop(draft.id, place.actor_id)

    async def _questions(self, log: Log, order: Order, already: tuple[str, ...], now: datetime) -> tuple[str, ...]:
        asked = list(already)
        if measure(order.text).parts > MANY_PARTS:
            asked.append("parts")
        since = now - timedelta(seconds=self._timing.same_text)
        if not already and any([await log.sent_since(phone, order.text, since) for phone in order.phones]):
            asked.append("repeat")
        if order.blocked:
            asked.append("blocked")
        if len(order.phones) > 1:
            asked.append("several")
        return tuple(asked)

    async def _queue_one(self, log: Log, place: Place, order: Order, origin: str, now: datetime) -> None:
        [message_id] = await log.add_messages([new_message(order, order.phones[0], place.actor_id, origin)], now)
        await log.add_card(place.chat_id, place.actor_id, Subject.MESSAGE, message_id, now, place.reply_to)


async def _send_one(log: Log, draft: Draft, now: datetime) -> bool:
    """Queue the one message of a draft; False if what it was to stand in for is settled: then it is dropped."""
    order, settles = draft.order, draft.order.settles
    [phone] = order.phones
    await refuse_blocked(log, phone)
    goes = settles is None or await log.settle(settles, Settlement.SENT_AGAIN, draft.actor_id, now)
    await log.close_draft(draft.id, Outcome.SENT if goes else Outcome.DROPPED, now)
    if goes:
        [message_id] = await log.add_messages([new_message(order, phone, draft.actor_id, f"draft:{draft.id}")], now)
        await log.turn_cards(Subject.DRAFT, draft.id, Subject.MESSAGE, message_id, now)
    return goes


async def _allowed(log: Log, order: Order) -> Order:
    """The order less the phones of the stop list. Raises OrderError if that leaves none."""
    blocked = await log.blocked(order.phones, hold=True) if order.phones else frozenset()
    left_out = tuple(phone for phone in order.phones if phone in blocked)
    if left_out and len(left_out) == len(order.phones):
        raise OrderError(OrderFault.BLOCKED, phones=", ".join(map(shown, left_out[:_NAMED])))
    phones = tuple(phone for phone in order.phones if phone not in blocked)
    return replace(order, phones=phones, blocked=order.blocked + left_out)


async def refuse_blocked(log: Log, phone: str) -> None:
    """Raise OrderError if the phone is on the stop list. Nobody puts it there until this transaction ends."""
    if await log.blocked([phone], hold=True):
        raise OrderError(OrderFault.BLOCKED, phones=shown(phone))


def _missing(order: Order) -> Step | None:
    if not order.phones:
        return Step.PHONE
    return None if order.text else Step.TEXT


def new_message(order: Order, phone: str, actor_id: int, origin: str) -> NewMessage:
    """One message of an order, under a txn_id of its own."""
    size = measure(order.text)
    return NewMessage(
        txn_id=new_txn_id(),
        phone=phone,
        text=order.text,
        sender=order.sender,
        channel=order.channel,
        confidential=order.confidential,
        encoding=size.encoding,
        parts=size.parts,
        actor_id=actor_id,
        origin=origin,
    )
