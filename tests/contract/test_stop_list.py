"""The stop list against what is under way: a block holds for every repeat that cannot have arrived."""

from datetime import datetime

import pytest

from bot.domain.errors import GatewayError, NotConnected, TimedOut
from bot.domain.gateway import Accepted, Balance, BulkAccepted, BulkOrder, Delivery, Sms
from bot.domain.message import BLOCKED, State
from bot.domain.timing import Timing
from bot.services.dispatch import Dispatch
from bot.services.stop_list import StopList
from bot.store import Store
from bot.store.database import Database
from tests.support.log import NOW, PHONE, campaign, everything, fill, look, new_message, queue


class DeadGateway:
    """A gateway that fails in one way, whatever it is asked."""

    def __init__(self, error: type[GatewayError]) -> None:
        self.error = error

    async def send(self, sms: Sms) -> Accepted:
        raise self.error

    async def query(self, txn_id: str, msg_id: int | None) -> Delivery:
        raise self.error

    async def balance(self, txn_id: str) -> Balance:
        raise self.error

    async def create_bulk(self, order: BulkOrder) -> BulkAccepted:
        raise self.error


def _clock() -> datetime:
    return NOW


@pytest.mark.parametrize(("error", "state"), [(NotConnected, State.CANCELLED), (TimedOut, State.QUEUED)])
async def test_a_block_during_the_call_stops_the_repeat(store: Store, error: type[GatewayError], state: State) -> None:
    """What cannot have arrived is not repeated; what may have is, under its txn_id, until its fate is known."""
    [message, other] = await queue(store, new_message(), new_message(phone="992900000002"))
    dispatch = Dispatch(store, DeadGateway(error), _clock, Timing(), None, [])
    jobs = await dispatch.claim(9)
    assert await StopList(store, _clock, lambda: None).block(PHONE, 7) == 0
    results = [await dispatch.attempt(job) for job in jobs]
    await dispatch.record(results)
    after = await look(store, message.id)
    assert (after.state, after.reason == BLOCKED) == (state, state is State.CANCELLED)
    assert (await look(store, other.id)).state is State.QUEUED
    assert PHONE not in repr(results)


async def test_an_outcome_cancels_nothing_but_its_own_repeat(store: Store, database: Database) -> None:
    """Whoever writes outcomes holds tallies and what was spent: to reach for others' messages then could deadlock.

    Others are cancelled by the block itself, or by the commit that brings them back.
    """
    owners = [await campaign(store), await campaign(store)]
    [own] = await queue(store, new_message(campaign_id=owners[0]))
    dispatch = Dispatch(store, DeadGateway(NotConnected), _clock, Timing(), None, [])
    [job] = await dispatch.claim(9)
    await StopList(store, _clock, lambda: None).block(PHONE, 7)
    await fill(database, [{"phone": PHONE, "campaign_id": owners[1]}])
    await dispatch.record([await dispatch.attempt(job)])
    states = {row.id: row.state for row in await everything(database)}
    assert states.pop(own.id) is State.CANCELLED
    assert set(states.values()) == {State.QUEUED}
