"""Ask what became of messages, when due, until a final status is heard or 72 hours have passed.

Those of which we do not know whether they went are asked for too, a few times: if the gateway knows one, it did arrive.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.errors import GatewayError, MessageUnknown, VariableMissing
from bot.domain.gateway import Delivery, DeliveryStatus
from bot.domain.log import Heard
from bot.domain.message import FINAL, FINAL_BY_STATUS, Message, State
from bot.domain.timing import Timing
from bot.services.ports import Clock, Gateway, Ring, Store
from bot.services.tell import Tell

NEVER_FINAL = "never_final"
NOT_KNOWN = "delivery_not_known"
_CHECKS = 4
"""Times that an uncertain message is asked for by itself, before somebody is to decide."""
_NOT_THERE = MessageUnknown | VariableMissing
"""Answers of a gateway that knows no such message, or none without its msg_id."""
_PATIENCE = 2
"""Times the limit after which a message is given up though no question was answered."""


class Track:
    """Keeps the log true to what the gateway knows.

    `rest` says how many seconds to wait before asking for a message of a campaign; `rate` is how many questions a
    second this process may ask, None is no limit.
    """

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        clock: Clock,
        timing: Timing,
        ring: Ring,
        tell: Tell,
        rest: Callable[[], float] = lambda: 0.0,
        rate: float | None = None,
    ) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._at_once = max(1, int(rate * timing.lease / 2)) if rate else None
        """No more are claimed than can be asked for before another worker takes them for lost."""
        self._next_at = 0.0
        """When the next question may be asked, on the event loop's clock."""
        self._store = store
        self._tell = tell
        self._rest = rest
        self._gateway = gateway
        self._clock = clock
        self._timing = timing
        self._ring = ring

    def rank(self, job: Message) -> int:
        """Single messages go before those of campaigns."""
        return job.campaign_id is not None

    async def claim(self, limit: int) -> list[Message]:
        """Take up to `limit` messages whose status is due; no other worker asks for them meanwhile."""
        now = self._clock()
        async with self._store.read() as log:
            if not await log.due_for_status(now, 1):
                return []
        async with self._store.write() as log:
            due = await log.due_for_status(now, min(limit, self._at_once or limit))
            await log.next_poll_at([message.id for message in due], now + timedelta(seconds=self._timing.lease))
        return due

    async def attempt(self, message: Message) -> Heard:
        """Ask once."""
        if message.campaign_id is not None and (rest := self._rest()):
            await asyncio.sleep(rest)
        await self._wait_for_turn()
        try:
            delivery = await self._gateway.query(message.txn_id, message.msg_id)
        except GatewayError as error:
            return self._unheard(message, error)
        return self._heard(message, delivery)

    async def _wait_for_turn(self) -> None:
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next_at)
        self._next_at = turn + self._interval
        if turn > now:
            await asyncio.sleep(turn - now)

    async def record(self, answers: Sequence[Heard]) -> None:
        """Write the answers in one commit, the notices with them."""
        now = self._clock()
        async with self._store.write() as log:
            gave_up = await log.record_heard(answers, now)
            if gave_up:
                await self._tell.inbox(log, now)
            await self._tell.outcomes(log, [answer.id for answer in answers if answer.state in FINAL], now)
        self._ring()

    async def ask_now(self, message: Message, asker: int) -> GatewayError | None:
        """Ask out of turn, for an admin who looks; return what went wrong, if anything did.

        A final state is told as when it is learnt by itself, but not to him.
        """
        try:
            delivery = await self._gateway.query(message.txn_id, message.msg_id)
        except GatewayError as error:
            return error
        heard = self._heard(message, delivery)
        if heard.status is None:
            return None  # as good as no answer: the tracker goes on as it would have
        if heard.state is None and message.due_at is not None:
            heard = replace(heard, due_at=message.due_at, counts=False)
        now = self._clock()
        async with self._store.write() as log:
            await log.record_heard([heard], now)
            await log.bump_messages([message.id], now)
            await self._tell.outcomes(log, [message.id] if heard.state in FINAL else [], now, spared=asker)
        self._ring()
        return None

    def _heard(self, message: Message, delivery: Delivery) -> Heard:
        if _proves_nothing(message, delivery):
            return self._unsettled(message)
        heard = Heard(
            message.id, message.state, delivery.status, delivery.status, None, FINAL_BY_STATUS.get(delivery.status)
        )
        if heard.state:
            return heard
        heard = replace(heard, due_at=self._due(message.polls))
        if message.state is State.UNCERTAIN:  # the gateway knows it, so it did arrive: its 72 hours begin now
            return replace(heard, state=State.ACCEPTED)
        return self._never_final(message, delivery.status) if self._age(message) > self._timing.poll_limit else heard

    def _unheard(self, message: Message, error: GatewayError) -> Heard:
        if message.state is State.UNCERTAIN:
            return self._unsettled(message)
        is_nameless = message.msg_id is None and isinstance(error, _NOT_THERE)
        if is_nameless and not message.settlement:
            # A 409 brings no msg_id, and this gateway does not answer to the txn_id alone. What somebody has marked as
            # sent is asked for up to the limit: his word stands as accepted, and then no delivery was reported.
            return Heard(message.id, message.state, None, NOT_KNOWN, None, code=error.code, text=error.text)
        if self._is_hopeless(message, error):
            return self._never_final(message)
        is_late = self._age(message) > self._timing.poll_limit
        due_at = self._due(len(self._timing.polls) if is_late else message.polls)
        return Heard(message.id, message.state, None, type(error).__name__, due_at)

    def _is_hopeless(self, message: Message, error: GatewayError) -> bool:
        """Whether to give up though the question failed: the next answer may still be «delivered».

        That the gateway does not know the message is an answer too. Whatever else fails may work again, so three days
        without any answer are outlived; six are no outage, and questions must end. Who was away so long himself asks as
        often as the schedule has distances before he believes it.
        """
        age = self._age(message)
        if isinstance(error, _NOT_THERE):
            return age > self._timing.poll_limit
        return age > _PATIENCE * self._timing.poll_limit and message.polls >= len(self._timing.polls)

    def _unsettled(self, message: Message) -> Heard:
        """It stays uncertain, and why it is stays told."""
        again = message.polls + 1 < _CHECKS
        due_at = self._due(message.polls) if again else None
        return Heard(
            message.id, message.state, None, message.reason or "", due_at, code=message.code, text=message.gateway_text
        )

    def _never_final(self, message: Message, status: DeliveryStatus | None = None) -> Heard:
        """Nothing more is asked; the delivery stays unknown."""
        return Heard(message.id, message.state, status, NEVER_FINAL, None, State.UNKNOWN)

    def _age(self, message: Message) -> float:
        """Seconds since it was accepted, or found at the gateway."""
        return (self._clock() - (message.accepted_at or message.created_at)).total_seconds()

    def _due(self, polls: int) -> datetime:
        """When to ask again after so many questions and this one."""
        pause = self._timing.polls[min(polls + 1, len(self._timing.polls) - 1)]
        stretch = 1 + random.uniform(0, self._timing.jitter)  # noqa: S311 (a pause is no secret)
        return self._clock() + timedelta(seconds=pause * stretch)


def _proves_nothing(message: Message, delivery: Delivery) -> bool:
    """«An unknown error» (UNKNOWN), told of a txn_id that may never have arrived, is as good as silence."""
    is_nameless = message.state is State.UNCERTAIN and message.msg_id is None
    return is_nameless and delivery.status is DeliveryStatus.UNKNOWN
