"""Send what is queued: claim in one commit, call with no transaction open, write the outcomes in one commit."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.domain.campaign import Bulk, Hold, Stage, refusals_ask
from bot.domain.card import Subject
from bot.domain.errors import GatewayError, VariableMissing
from bot.domain.gateway import Accepted, BulkAccepted, BulkOrder, Sms
from bot.domain.log import Sent
from bot.domain.message import BLOCKED, UNSENT, Outgoing, State
from bot.domain.retry import ACCEPTED, ATTEMPTS_RAN_OUT, Attempt, Decision, decide
from bot.domain.timing import Timing
from bot.services.bulk_order import bulk_order
from bot.services.pause import pause_all
from bot.services.ports import Clock, Gateway, Log, Store
from bot.services.tell import Tell

logger = structlog.get_logger()

_LOOKS = 100
_MARGIN = 0.1
"""Share of a lease that is left for writing the outcome."""
# How far ahead a paced message is claimed: enough to keep a steady pace, too little to be a burst.
_HORIZON = timedelta(milliseconds=100)
_NOBODY_LEFT = Decision(State.FAILED, may_have_arrived=False)
"""What becomes of a bulk call all of whose phones are on the stop list."""
_STALE = 0.5
"""Seconds: what was claimed and could not leave by then asks again, so that a pause meant for it holds it too."""


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed message and the moment from which it may leave."""

    message: Outgoing
    not_before: datetime


@dataclass(frozen=True, slots=True)
class BulkJob:
    """A claimed bulk call."""

    bulk: Bulk
    order: BulkOrder
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an attempt, and what follows from it for others."""

    sent: Sent
    decision: Decision
    campaign_id: int | None
    phone: str = field(default="", repr=False)
    """Of a message: who has it withheld if he is blocked meanwhile."""


class Departure:
    """Whether what was claimed a while ago may still leave."""

    def __init__(self, store: Store, clock: Clock, timing: Timing) -> None:
        self._store = store
        self._clock = clock
        self._last = timing.lease - timing.call - _MARGIN * timing.lease
        """Seconds: after that the lease would not outlast the call."""
        self._looking = asyncio.Lock()
        self._looks: dict[int | None, tuple[datetime, bool]] = {}
        """When it was last looked whether a campaign goes on, and whether it does."""

    async def is_open(self, campaign_id: int | None, late: float) -> bool:
        """Whether nothing has stopped it meanwhile, and its lease outlasts the call."""
        if late > self._last:
            return False
        async with self._looking:  # one look serves all that are late
            known_at, goes_on = self._looks.get(campaign_id, (None, False))
            if known_at is None or self._clock() - known_at > timedelta(seconds=_STALE):
                goes_on = await self._look(campaign_id)
                self._looks[campaign_id] = (self._clock(), goes_on)
        return goes_on

    async def _look(self, campaign_id: int | None) -> bool:
        if len(self._looks) > _LOOKS:
            self._looks.clear()
        try:
            async with self._store.read() as log:
                report = await log.campaign(campaign_id) if campaign_id else None
                stopped = await log.current_pause() is not None
        except Exception as error:  # not known: it goes back, as if it had been stopped
            logger.warning("departure not looked up", error=type(error).__name__)
            return False
        return not stopped and (report is None or report.campaign.stage is Stage.RUNNING)


class Dispatch:
    """Sends messages. `rate` is in messages a second over all workers; None is no limit."""

    def __init__(
        self, store: Store, gateway: Gateway, clock: Clock, timing: Timing, rate: float | None, admins: Sequence[int]
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock
        self._timing = timing
        self._interval = timedelta(seconds=1 / rate) if rate else None
        self._first_poll = timedelta(seconds=timing.polls[0])
        self._departure = Departure(store, clock, timing)
        self._admins = admins
        self._tell = Tell(admins, timing)

    def rank(self, job: Job) -> int:
        """Single messages go before those of campaigns."""
        return job.message.campaign_id is not None

    async def claim(self, limit: int) -> list[Job]:
        """Take up to `limit` messages; from the commit on, their attempts are counted."""
        now = self._clock()
        lease = now + timedelta(seconds=self._timing.lease)
        async with self._store.write() as log:
            if self._interval is None:
                return [Job(message, now) for message in await log.claim_messages(now, lease, limit)]
            slots = await log.take_slots(now, self._interval, _HORIZON, limit)
            messages = await log.claim_messages(now, lease, len(slots)) if slots else []
            if messages:
                await log.spend_slots(slots[len(messages) - 1] + self._interval)
            return [Job(message, slot) for message, slot in zip(messages, slots, strict=False)]

    async def attempt(self, job: Job) -> Result:
        """Call the gateway once for this message."""
        message = job.message
        late = (self._clock() - job.not_before).total_seconds()
        if late > _STALE and not await self._departure.is_open(message.campaign_id, late):
            return self._result(message, given_back(message), None, "given_back", None)
        if late < 0:
            await asyncio.sleep(-late)
        if message.retries > len(self._timing.retries):  # its workers were lost time and again
            return self._result(message, ran_out(message), None, ATTEMPTS_RAN_OUT, None)
        try:
            accepted = await self._gateway.send(_sms(message))
        except GatewayError as error:
            decision = self._decide(error, message)
            return self._result(message, decision, None, type(error).__name__, error)
        return self._result(message, ACCEPTED, accepted, "accepted", None)

    async def record(self, results: Sequence[Result]) -> None:
        """Write outcomes, and what they mean for others, in one commit."""
        now = self._clock()
        back = [result.phone for result in results if result.sent.state is State.QUEUED]
        async with self._store.write() as log:
            await _lock(log, results)
            blocked = await log.blocked(back, hold=True) if back else frozenset()
            await log.record_sent([result.sent for result in results], now)
            if blocked:  # while it was under way: what is to be repeated, and cannot have arrived, is cancelled too
                own = [result.sent.id for result in results if result.phone in blocked]
                await log.withhold(blocked, None, now, own)
            for campaign_id in sorted({result.campaign_id for result in results if result.campaign_id}):
                await _hold_if_needed(log, campaign_id, results, now)
            failed = [result.sent.id for result in results if result.sent.state is State.FAILED]
            await self._tell.outcomes(log, failed, now)
            await pause_if_needed(log, results, self._admins, now)

    def _decide(self, error: GatewayError, message: Outgoing) -> Decision:
        return decide(error, Attempt(message.retries, message.may_have_arrived), self._timing.retries)

    def _result(
        self, message: Outgoing, decision: Decision, accepted: Accepted | None, reason: str, error: GatewayError | None
    ) -> Result:
        msg_id, parts = (accepted.msg_id, accepted.parts) if accepted else (None, None)
        sent = _outcome(message, decision, reason, error, self._due_at(decision), msg_id=msg_id, parts=parts)
        return Result(sent, decision, message.campaign_id, message.phone)

    def _due_at(self, decision: Decision) -> datetime | None:
        if decision.state in (State.ACCEPTED, State.UNCERTAIN):  # the gateway may know what we do not
            return self._clock() + self._first_poll
        return again_at(decision, self._clock(), self._timing)


class DispatchBulk:
    """Sends bulk calls, one at a time: each is a whole list, and the gateway takes its time over it."""

    def __init__(self, store: Store, gateway: Gateway, clock: Clock, timing: Timing, admins: Sequence[int]) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock
        self._timing = timing
        self._admins = admins
        self._tell = Tell(admins, timing)
        self._departure = Departure(store, clock, timing)

    def rank(self, job: BulkJob) -> int:
        """First come, first served."""
        return 0

    async def claim(self, limit: int) -> list[BulkJob]:
        """Take up to `limit` bulk calls, with their files."""
        now = self._clock()
        async with self._store.write() as log:
            latest = now - timedelta(seconds=self._timing.overdue)
            bulks = await log.claim_bulks(now, now + timedelta(seconds=self._timing.lease), limit, latest)
            return [BulkJob(bulk, await bulk_order(log, bulk), now) for bulk in bulks]

    async def attempt(self, job: BulkJob) -> Result:
        """Call the gateway once for this list."""
        bulk, order = job.bulk, job.order
        late = (self._clock() - job.claimed_at).total_seconds()
        if not bulk.may_have_arrived and not await self._departure.is_open(bulk.campaign_id, late):
            return self._result(bulk, given_back(bulk), None, "given_back", None)
        if bulk.retries > len(self._timing.retries):
            return self._result(bulk, ran_out(bulk), None, ATTEMPTS_RAN_OUT, None)
        if not order.file:
            return self._result(bulk, _NOBODY_LEFT, None, BLOCKED, None)
        earlier = Attempt(bulk.retries, bulk.may_have_arrived)
        try:
            accepted = await self._gateway.create_bulk(order)
        except GatewayError as error:
            decision = decide(error, earlier, self._timing.retries)
            return self._result(bulk, decision, None, type(error).__name__, error)
        return self._result(bulk, decide(None, earlier, self._timing.retries), accepted, "accepted", None)

    async def record(self, results: Sequence[Result]) -> None:
        """Write the outcomes."""
        now = self._clock()
        async with self._store.write() as log:
            await _lock(log, results)
            for result in results:
                await log.record_bulk(result.sent, now)
            for campaign_id in sorted({result.campaign_id for result in results if result.campaign_id}):
                await _hold_if_needed(log, campaign_id, results, now)
            await pause_if_needed(log, results, self._admins, now)
            if any(result.sent.state is State.UNCERTAIN for result in results):
                await self._tell.inbox(log, now)

    def _result(
        self, bulk: Bulk, decision: Decision, accepted: BulkAccepted | None, reason: str, error: GatewayError | None
    ) -> Result:
        due_at = again_at(decision, self._clock(), self._timing)
        sent = _outcome(bulk, decision, reason, error, due_at, name=accepted.name if accepted else None)
        return Result(sent, decision, bulk.campaign_id)


async def _lock(log: Log, results: Sequence[Result]) -> None:
    """Whoever may stop all sending, or a campaign, holds that before any message, as all others do."""
    if any(result.decision.pause for result in results):
        await log.hold_pace()
    for campaign_id in sorted({r.campaign_id for r in results if r.campaign_id and r.sent.state is State.FAILED}):
        await log.campaign(campaign_id, lock=True)


async def _hold_if_needed(log: Log, campaign_id: int, results: Sequence[Result], now: datetime) -> None:
    """Stop a campaign whose sender is refused, or too many of whose first messages are: it asks then."""
    failed = [r for r in results if r.campaign_id == campaign_id and r.sent.state is State.FAILED]
    if not failed:
        return
    decided = sum(r.campaign_id == campaign_id and r.sent.state not in UNSENT for r in results)
    report = await log.campaign(campaign_id)
    hold = Hold.SENDER if any(result.decision.pause_campaign for result in failed) else None
    if hold is None and report and refusals_ask(report, decided):
        hold = Hold.REFUSALS
    if hold and await log.move_campaign(campaign_id, [Stage.RUNNING], Stage.PAUSED, now, hold):
        await log.repost(Subject.CAMPAIGN, campaign_id, now)


def _outcome(
    job: Outgoing | Bulk,
    decision: Decision,
    reason: str,
    error: GatewayError | None,
    due_at: datetime | None,
    msg_id: int | None = None,
    parts: int | None = None,
    name: str | None = None,
) -> Sent:
    return Sent(
        id=job.id,
        attempt=job.attempts,
        state=decision.state,
        reason=reason,
        may_have_arrived=decision.may_have_arrived,
        retries=job.retries + decision.counts,
        due_at=due_at,
        msg_id=msg_id,
        parts=parts,
        name=name,
        http_status=error.http_status if error else None,
        code=error.code if error else None,
        text=_words(error) if error else None,
    )


def _words(error: GatewayError) -> str:
    """The gateway's own words, and what it says of each variable."""
    fields = "; ".join(f"{name}: {' '.join(words)}" for name, words in error.fields.items())
    return " ".join(part for part in (error.text, fields) if part)


def ran_out(job: Outgoing | Bulk) -> Decision:
    """Workers were lost with it until its attempts ran out: a human decides."""
    return Decision(State.UNCERTAIN if job.may_have_arrived else State.FAILED, job.may_have_arrived)


def given_back(message: Outgoing | Bulk) -> Decision:
    """It has not left: what was so before the claim is so again."""
    return Decision(State.QUEUED, message.may_have_arrived, again_after=0.0)


def again_at(decision: Decision, now: datetime, timing: Timing) -> datetime | None:
    """When to try again, stretched at random so that what failed together does not come back together."""
    if decision.again_after is None:
        return None
    stretch = 1 + random.uniform(0, timing.jitter)  # noqa: S311 (a pause is no secret)
    return now + timedelta(seconds=decision.again_after * stretch)


async def pause_if_needed(log: Log, results: Sequence[Result], admins: Sequence[int], now: datetime) -> None:
    """Stop all sending if the gateway refuses the account."""
    for result in results:
        if result.sent.reason == VariableMissing.__name__:
            logger.error("the gateway misses a variable: our bug", id=result.sent.id)
    refusal = next((result.sent for result in results if result.decision.pause), None)
    if refusal:
        logger.warning("sending pauses", reason=refusal.reason, code=refusal.code)
        await pause_all(log, refusal, admins, now)


def _sms(message: Outgoing) -> Sms:
    if message.text is None:  # cannot be: a text is erased only by the commit of an outcome
        raise RuntimeError(f"message {message.id} has no text")
    return Sms(message.txn_id, message.phone, message.text, message.sender, message.channel, message.confidential)
