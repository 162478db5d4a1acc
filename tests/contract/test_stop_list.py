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
from tests.support.log import NOW, PHONE, look, new_message, queue


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
