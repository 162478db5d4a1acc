"""What the tracker concludes from answers and from silence, on a real log, at a time that is set by hand."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.domain.campaign import Stage
from bot.domain.card import Subject
from bot.domain.errors import (
    AccountInactive,
    AuthorizationInvalid,
    GatewayError,
    MessageUnknown,
    ServerFault,
    TimedOut,
    VariableMissing,
)
from bot.domain.gateway import Accepted, Balance, BulkAccepted, BulkOrder, Delivery, DeliveryStatus, Sms
from bot.domain.message import Message, Settlement, State
from bot.domain.notices import What, Whose, Wishes
from bot.domain.timing import Timing
from bot.services.tell import Tell
from bot.services.track import NEVER_FINAL, NOT_KNOWN, Track
from bot.store import Store
from bot.store.database import Database
from tests.support.log import NOW, accepted, campaign, claim, look, new_message, put, queue, record, report, sent

TIMING = replace(Timing(), jitter=0.0)
LONGEST = timedelta(seconds=TIMING.polls[-1])
LIMIT = timedelta(seconds=TIMING.poll_limit)
MOMENT = timedelta(seconds=1)
ADMINS = OWNER, OTHER, _ = 7, 8, 9
"""The first orders what is sent here."""
OPEN = sorted(set(DeliveryStatus) - {status for status in DeliveryStatus if status.is_final})
FAILURES = [TimedOut, ServerFault, AccountInactive, AuthorizationInvalid]


class Oracle:
    """A gateway that says of every message what it is set to say."""

    says: DeliveryStatus | GatewayError = DeliveryStatus.ENROUTE

    async def send(self, sms: Sms) -> Accepted:
        raise AssertionError("nothing is sent here")

    async def query(self, txn_id: str, msg_id: int | None) -> Delivery:
        if isinstance(self.says, GatewayError):
            raise self.says
        return Delivery(self.says, None)

    async def balance(self, txn_id: str) -> Balance:
        raise AssertionError("nothing is asked here")

    async def create_bulk(self, order: BulkOrder) -> BulkAccepted:
        raise AssertionError("nothing is sent here")


@dataclass
class Desk:
    """The tracker, and what the gateway says to it."""

    store: Store
    now: datetime = NOW
    gateway: Oracle = field(default_factory=Oracle)

    def __post_init__(self) -> None:
        self.track = Track(self.store, self.gateway, lambda: self.now, TIMING, _quiet, Tell(ADMINS, TIMING))

    async def hears(self, id_: int, says: DeliveryStatus | GatewayError, now: datetime | None = None) -> Message:
        """The message after one question about it, at its time or at another one."""
        message = await look(self.store, id_)
        self.now, self.gateway.says = now or message.due_at or self.now, says
        await self.track.record([await self.track.attempt(message)])
        return await look(self.store, id_)


def _quiet() -> None:
    pass


@pytest.fixture
def desk(store: Store) -> Desk:
    """At work on an empty log."""
    return Desk(store)


async def _uncertain(store: Store) -> Message:
    """A message that may have gone or not, of which the gateway is asked."""
    [message] = await queue(store)
    [claimed] = await claim(store)
    await record(store, sent(claimed, State.UNCERTAIN, due_at=NOW))
    return await look(store, message.id)


@pytest.mark.parametrize("status", OPEN)
async def test_what_is_found_late_is_asked_for_from_then_on(store: Store, desk: Desk, status: DeliveryStatus) -> None:
    """Ordered four days ago (its campaign was paused), uncertain, now known to be under way: its 72 hours begin."""
    message = await _uncertain(store)
    found_at = NOW + LIMIT + timedelta(days=1)
    found = await desk.hears(message.id, status, found_at)
    assert (found.state, found.status, found.accepted_at) == (State.ACCEPTED, status, found_at)
    assert found.due_at is not None
    assert found_at < found.due_at <= found_at + LONGEST
    assert (await desk.hears(message.id, status, found_at + LIMIT)).state is State.ACCEPTED
    assert (await desk.hears(message.id, status, found_at + LIMIT + MOMENT)).state is State.UNKNOWN


async def test_an_unknown_error_is_no_proof_that_an_uncertain_one_arrived(store: Store, desk: Desk) -> None:
    """As good as silence: asked for four times, then it is somebody's to decide; a check by hand changes nothing."""
    before = await _uncertain(store)
    message = before
    for polls in range(1, 5):
        message = await desk.hears(before.id, DeliveryStatus.UNKNOWN)
        assert (message.state, message.status, message.polls) == (State.UNCERTAIN, None, polls)
        assert (message.due_at is None) == (polls == 4)
        assert await desk.track.ask_now(message, OWNER) is None
        assert await look(store, before.id) == message
    assert (message.reason, message.code) == (before.reason, before.code)
    async with store.read() as tx:
        assert await tx.count_unsettled() == 1


async def test_an_unknown_error_is_final_of_what_the_gateway_has_taken(
    store: Store, database: Database, desk: Desk
) -> None:
    """Of an accepted one, and of an uncertain one whose msg_id came late."""
    one, other = await accepted(store), await _uncertain(store)
    await put(database, other.id, msg_id=77)
    for message in (one, other):
        after = await desk.hears(message.id, DeliveryStatus.UNKNOWN)
        assert (after.state, after.status, after.due_at) == (State.UNKNOWN, DeliveryStatus.UNKNOWN, None)


@pytest.mark.parametrize("status", OPEN)
async def test_an_answer_after_the_limit_that_is_not_final_is_the_last(
    store: Store, desk: Desk, status: DeliveryStatus
) -> None:
    """Up to the limit it is asked again; then its delivery stays unknown."""
    message = await accepted(store)
    assert (await desk.hears(message.id, status, NOW + LIMIT)).due_at is not None
    after = await desk.hears(message.id, status, NOW + LIMIT + MOMENT)
    assert (after.state, after.status, after.due_at, after.reason) == (State.UNKNOWN, status, None, NEVER_FINAL)


@pytest.mark.parametrize("failure", FAILURES)
async def test_an_outage_longer_than_the_limit_hides_no_delivery(
    store: Store, desk: Desk, failure: type[GatewayError]
) -> None:
    """A question that failed says nothing: asked again at the longest distance, and the next answer holds."""
    message = await accepted(store)
    before = await desk.hears(message.id, failure())
    assert before.due_at == desk.now + timedelta(seconds=TIMING.polls[1])
    late = await desk.hears(message.id, failure(), NOW + LIMIT + MOMENT)
    assert (late.state, late.due_at) == (State.ACCEPTED, desk.now + LONGEST)
    assert (await desk.hears(message.id, DeliveryStatus.DELIVERED)).state is State.DELIVERED


@pytest.mark.parametrize("failure", FAILURES)
async def test_nothing_is_asked_for_ever(store: Store, desk: Desk, failure: type[GatewayError]) -> None:
    """Where only failures come it is given up after twice the limit: a bounded number of questions in all."""
    message = await accepted(store)
    most = 2 * LIMIT // LONGEST + len(TIMING.polls)
    while message.due_at is not None:
        assert message.polls <= most
        message = await desk.hears(message.id, failure())
    assert (message.state, message.reason) == (State.UNKNOWN, NEVER_FINAL)
    assert NOW + 2 * LIMIT < desk.now <= NOW + 2 * LIMIT + LONGEST


async def test_who_was_away_for_long_does_not_give_up_at_once(store: Store, database: Database, desk: Desk) -> None:
    """The bot comes back after a week, and its first questions fail: as many as the schedule has distances."""
    message = await accepted(store)
    await put(database, message.id, due_at=NOW + 3 * LIMIT)
    for _ in TIMING.polls:
        message = await desk.hears(message.id, TimedOut())
        assert message.state is State.ACCEPTED
    assert (await desk.hears(message.id, TimedOut())).state is State.UNKNOWN


async def test_that_it_is_not_known_is_an_answer(store: Store, desk: Desk) -> None:
    """A gateway that knows no such msg_id has answered: asked again up to the limit, and no longer."""
    message = await accepted(store)
    assert (await desk.hears(message.id, MessageUnknown(), NOW + LIMIT)).state is State.ACCEPTED
    assert (await desk.hears(message.id, MessageUnknown(), NOW + LIMIT + MOMENT)).state is State.UNKNOWN


@pytest.mark.parametrize("asker", [OWNER, OTHER])
@pytest.mark.parametrize("status", [DeliveryStatus.DELIVERED, DeliveryStatus.EXPIRED])
async def test_an_end_that_a_check_finds_is_told_as_any_other(
    store: Store, desk: Desk, asker: int, status: DeliveryStatus
) -> None:
    """To whoever wishes to hear of it (by himself one hears of his own failures), but not to who has asked."""
    message = await accepted(store)
    async with store.write() as tx:
        await tx.set_wishes(OTHER, Wishes(Whose.ALL, What.EVERYTHING))
    desk.now, desk.gateway.says = NOW + timedelta(hours=1), status
    assert await desk.track.ask_now(message, asker) is None
    async with store.read() as tx:
        cards = await tx.due_cards(desk.now, 9)
    wish = {OTHER} | ({OWNER} if status is not DeliveryStatus.DELIVERED else set())
    assert {(card.actor_id, card.subject, card.subject_id) for card in cards} == {
        (admin, Subject.MESSAGE, message.id) for admin in wish - {asker}
    }


@pytest.mark.parametrize("silence", [MessageUnknown, VariableMissing, TimedOut])
@pytest.mark.parametrize("end", [DeliveryStatus.DELIVERED, None])
async def test_what_was_marked_as_sent_is_followed_to_its_end(
    store: Store, desk: Desk, silence: type[GatewayError], end: DeliveryStatus | None
) -> None:
    """The admin's word stands however often the gateway does not know it; its campaign is told the truth in the end."""
    owner = await campaign(store)
    await queue(store, new_message(campaign_id=owner))
    [claimed] = await claim(store)
    await record(store, sent(claimed, State.UNCERTAIN))
    async with store.write() as tx:
        assert await tx.settle(claimed.id, Settlement.MARKED_SENT, OTHER, NOW)
        [message] = await tx.due_for_status(NOW, 9)
    for polls in (1, 2):
        message = await desk.hears(message.id, silence())
        assert (message.state, message.settlement, message.polls) == (State.ACCEPTED, Settlement.MARKED_SENT, polls)
        assert message.due_at is not None
        assert message.due_at > desk.now
    while message.due_at is not None:
        message = await desk.hears(message.id, end or silence())
    state = State.DELIVERED if end else State.UNKNOWN
    assert message.state is state
    assert (await report(store, owner)).states == {state: 1}


async def test_what_is_accepted_without_a_name_is_not_asked_for_in_vain(store: Store, desk: Desk) -> None:
    """A 409 brought no msg_id, and the gateway does not answer to the txn_id alone: said so, once."""
    await queue(store)
    [claimed] = await claim(store)
    await record(store, sent(claimed, msg_id=None))
    after = await desk.hears(claimed.id, VariableMissing())
    assert (after.state, after.due_at, after.reason) == (State.ACCEPTED, None, NOT_KNOWN)


@pytest.mark.parametrize("last", [DeliveryStatus.DELIVERED, DeliveryStatus.UNDELIVERABLE])
async def test_a_campaign_whose_deliveries_went_ill_is_told_once_all_are_known(
    store: Store, desk: Desk, last: DeliveryStatus
) -> None:
    """When all had left nobody knew; who hears of everybody's failures is told now, and of a good end nobody is."""
    owner = await campaign(store)
    ids = [(await accepted(store, campaign_id=owner, phone=f"99290000000{number}")).id for number in range(3)]
    async with store.write() as tx:
        await tx.set_wishes(OTHER, Wishes(Whose.ALL, What.FAILURES))
        assert await tx.move_campaign(owner, list(Stage), Stage.FINISHED, NOW)
    for id_, status in zip(ids, (DeliveryStatus.DELIVERED, last, last), strict=True):
        assert await _told(store, desk) == set()
        await desk.hears(id_, status)
    assert await _told(store, desk) == (
        set() if last is DeliveryStatus.DELIVERED else {(OTHER, Subject.CAMPAIGN, owner)}
    )


async def _told(store: Store, desk: Desk) -> set[tuple[int, Subject, int]]:
    async with store.read() as tx:
        return {(card.actor_id, card.subject, card.subject_id) for card in await tx.due_cards(desk.now, 9)}
