"""Campaigns on a real log, step by step: who is asked what, what goes on, and that none keeps another waiting."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.domain.campaign import Hold, Stage, Way, refusals_ask
from bot.domain.draft import Order, PhoneList, Step
from bot.domain.errors import NotConnected, SenderInvalid
from bot.domain.gateway import Accepted, Balance, BulkAccepted, BulkOrder, Delivery, Sms
from bot.domain.message import State
from bot.domain.timing import Timing
from bot.services.balance import AskBalance
from bot.services.compose import Place
from bot.services.dispatch import DispatchBulk
from bot.services.export import Progress
from bot.services.manage_campaign import ManageCampaign
from bot.services.order_campaign import pieces_of
from bot.services.plan_campaign import PlanCampaign
from bot.services.run_campaigns import RunCampaigns
from bot.services.sheets import Reader
from bot.services.tell import Tell
from bot.services.track import Track
from bot.services.write_result import NOT_BEGUN, result_pages
from bot.store import Store
from bot.store.database import Database
from bot.store.schema import pieces
from tests.support.log import NOW, PHONE, SECOND, campaign, claim, new_message, queue, record, report, sent

TIMING = Timing()
LATE = NOW + TIMING.overdue * SECOND
"""Until then what was ordered for NOW may go out without a word."""
LISTED = PhoneList("list.csv", 1, 1, 0, {}, (), ("phone",), ((PHONE,),), (1, 1, 1))
ALL = Hold.BY_HAND, Hold.CANARY, Hold.OVERDUE, Hold.BALANCE, Hold.REFUSALS, Hold.SENDER


class EmptyGateway:
    """A gateway with nothing on the account, which knows no sender."""

    async def send(self, sms: Sms) -> Accepted:
        raise AssertionError("nothing is asked here")

    async def query(self, txn_id: str, msg_id: int | None) -> Delivery:
        raise NotConnected

    async def balance(self, txn_id: str) -> Balance:
        return Balance(Decimal(0), None)

    async def create_bulk(self, order: BulkOrder) -> BulkAccepted:
        raise SenderInvalid("Sender is invalid", http_status=422, code=107)


@dataclass
class Desk:
    """What moves campaigns and who decides on them, at a time that is set by hand."""

    store: Store
    now: datetime = NOW
    gateway: EmptyGateway = field(default_factory=EmptyGateway)
    ends: int = 0
    """How many campaigns came to their end."""

    def __post_init__(self) -> None:
        clock: Callable[[], datetime] = lambda: self.now  # noqa: E731 (one line says it)
        ask = AskBalance(self.store, self.gateway, clock, _quiet, [], price=None, limit=None)
        self.advance = RunCampaigns(self.store, ask, clock, TIMING, _quiet, self.ended, Decimal(1), Tell([], TIMING))
        self.manage = ManageCampaign(self.store, clock, _quiet)
        self.plan = PlanCampaign(self.store, clock, TIMING, _quiet, "Demo")
        self.bulk = DispatchBulk(self.store, self.gateway, clock, TIMING, [])

    def ended(self) -> None:
        """Count an end."""
        self.ends += 1

    async def stands(self, id_: int) -> tuple[Stage, Hold | None]:
        """Where a campaign stands, after it had occasion to move."""
        await self.advance()
        campaign = (await report(self.store, id_)).campaign
        return campaign.stage, campaign.hold


def _quiet() -> None:
    """Nobody listens."""


@pytest.fixture
def desk(store: Store) -> Desk:
    """At work on an empty log."""
    return Desk(store)


async def _listed(store: Store, origin: str, count: int = 2, **changes: Any) -> int:
    """A campaign whose recipients stand in the pieces of its draft."""
    async with store.write() as tx:
        draft_id = await tx.add_draft(origin, 5, 7, Step.CONFIRM, Order(text="hi", sender="Demo"), NOW)
        assert draft_id
        await tx.add_pieces(draft_id, pieces_of([(f"99290000{number:04}",) for number in range(1, count + 1)]))
        await tx.confirm_draft(draft_id, NOW)
    return await campaign(store, **{"draft_id": draft_id, "rows": count, "text": "hi", "recipients": count} | changes)


async def _by_osonsms(store: Store, files: int = 1, send_at: datetime = NOW) -> int:
    """A campaign under way whose bulk calls have not left."""
    id_ = await campaign(store, way=Way.BULK)
    async with store.write() as tx:
        for number in range(files):
            await tx.add_bulk(id_, f"bulk-{number}", b"x\n", send_at, with_params=False, now=NOW)
    return id_


@pytest.mark.parametrize("hold", ALL)
async def test_refusals_are_watched_until_somebody_has_looked_at_them(store: Store, desk: Desk, hold: Hold) -> None:
    """Who lets a campaign go on has looked at its refusals if it asked for them; else they still stop it."""
    id_ = await campaign(store, stage=Stage.PAUSED, hold=hold, recipients=200, ask_after=10)
    await queue(store, *(new_message(campaign_id=id_) for _ in range(30)))
    assert await desk.manage.resume(id_)
    await record(store, *[sent(row, State.FAILED, may_have_arrived=False) for row in await claim(store)])
    after = await report(store, id_)
    assert (after.campaign.stage, after.campaign.hold) == (Stage.RUNNING, None)
    assert after.campaign.ask_after == (None if hold is Hold.CANARY else 10)
    assert refusals_ask(after, 30) == (hold not in (Hold.REFUSALS, Hold.SENDER))


async def test_who_has_looked_once_is_not_asked_again(store: Store, desk: Desk) -> None:
    """A stop by hand later on takes nothing back."""
    id_ = await campaign(store, stage=Stage.PAUSED, hold=Hold.REFUSALS)
    for _ in range(2):
        assert await desk.manage.resume(id_)
        assert (await report(store, id_)).campaign.checked
        assert await desk.manage.pause(id_)


async def test_what_an_admin_lets_go_without_money_is_not_held_again(store: Store, desk: Desk) -> None:
    """The gateway will say; but nobody has looked at refusals, for there were none."""
    id_ = await _listed(store, "5:1", stage=Stage.WAITING, started_at=None)
    assert await desk.stands(id_) == (Stage.PAUSED, Hold.BALANCE)
    assert await desk.manage.resume(id_)
    assert await desk.stands(id_) == (Stage.RUNNING, None)
    assert not (await report(store, id_)).campaign.checked


@pytest.mark.parametrize("stopped", [False, True])
async def test_a_list_whose_hour_is_past_asks_and_then_bears_the_time_of_now(
    store: Store, desk: Desk, *, stopped: bool
) -> None:
    """Never tried for a quarter of an hour: it is not claimed; Go on sends it, at once. While all stops, it waits."""
    id_ = await _by_osonsms(store)
    desk.now = LATE
    assert await desk.stands(id_) == (Stage.RUNNING, None)
    desk.now += SECOND
    assert await desk.bulk.claim(9) == []
    if stopped:
        async with store.write() as tx:
            await tx.begin_pause("BalanceExhausted", 119, None, NOW)
        assert await desk.stands(id_) == (Stage.RUNNING, None)
        async with store.write() as tx:
            assert await tx.end_pause(desk.now)
    assert await desk.stands(id_) == (Stage.PAUSED, Hold.OVERDUE)
    desk.now += 99 * SECOND
    assert await desk.manage.resume(id_)
    assert await desk.stands(id_) == (Stage.RUNNING, None)
    [job] = await desk.bulk.claim(9)
    assert job.bulk.send_at == desk.now


@pytest.mark.parametrize("way", Way)
async def test_what_begins_too_late_asks_once(store: Store, desk: Desk, way: Way) -> None:
    """Its hour passed before it could begin: it asks, and who lets it go on is obeyed."""
    id_ = await _listed(store, "5:1", stage=Stage.WAITING, started_at=None, send_at=NOW, parts=0, way=way)
    desk.now = LATE + SECOND
    assert await desk.stands(id_) == (Stage.PAUSED, Hold.OVERDUE)
    assert await desk.manage.resume(id_)
    assert await desk.stands(id_) == (Stage.RUNNING, None)
    assert [bulk.send_at for bulk in (await report(store, id_)).bulks] == [desk.now] * (way is Way.BULK)


async def test_a_refused_sender_holds_the_next_file_back(store: Store, desk: Desk) -> None:
    """Two files of one list: the second is not claimed until somebody has looked."""
    id_ = await _by_osonsms(store, files=2)
    [first] = await desk.bulk.claim(1)
    await desk.bulk.record([await desk.bulk.attempt(first)])
    assert await desk.stands(id_) == (Stage.PAUSED, Hold.SENDER)
    assert await desk.bulk.claim(9) == []
    assert await desk.manage.resume(id_)
    [second] = await desk.bulk.claim(9)
    assert second.bulk.txn_id != first.bulk.txn_id


async def test_a_campaign_that_cannot_be_advanced_holds_up_no_other(
    store: Store, desk: Desk, database: Database
) -> None:
    """Its list is damaged: the others go on, step by step, and it goes on once it is mended."""
    broken, other = await _listed(store, "5:1"), await _listed(store, "5:2")
    first = pieces.c.draft_id == (await report(store, broken)).campaign.draft_id
    async with database.write() as connection:
        whole = (await connection.execute(sa.select(pieces.c.data).where(first))).scalar_one()
        await connection.execute(sa.update(pieces).where(first).values(data=b"\xff no row\n"))
    assert await desk.advance(), "there is more to do"
    assert [(await report(store, id_)).ordered for id_ in (broken, other)] == [0, 2]
    async with database.write() as connection:
        await connection.execute(sa.update(pieces).where(first).values(data=whole))
    await desk.advance()
    assert (await report(store, broken)).ordered == 2


async def test_a_result_asked_for_meanwhile_names_nobody_twice(store: Store, desk: Desk) -> None:
    """Who became a message since it was asked for stands among the messages, and not among the rest too."""
    id_ = await _listed(store, "5:1", 4, ask_after=2)
    asked = (await report(store, id_)).campaign
    await desk.advance()
    reader = Reader({name: name for name in (*State, NOT_BEGUN)}, ZoneInfo("UTC"))
    progress = Progress()
    told = [row[:2] async for page in result_pages(store, asked, reader, progress) for row in page]
    assert told == [
        ["992900000001", "queued"],
        ["992900000002", "queued"],
        ["992900000003", "not_begun"],
        ["992900000004", "not_begun"],
    ]


async def test_an_own_message_is_asked_for_without_a_rest(store: Store, desk: Desk) -> None:
    """Only questions for a campaign's thousands rest, so that what is sent is not held up."""
    track = Track(store, desk.gateway, lambda: NOW, TIMING, _quiet, Tell([], TIMING), lambda: 60.0)
    single, other = await queue(store, new_message(), new_message(campaign_id=await campaign(store)))
    async with asyncio.timeout(5):
        await track.attempt(single)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(track.attempt(other), 0.05)


@pytest.mark.parametrize("newer_text", ["", "of the newer"])
async def test_what_is_typed_answers_what_was_asked_last(store: Store, desk: Desk, newer_text: str) -> None:
    """A button of an older list asks after a newer one did: the older is meant, then the newer has its turn."""
    place = Place(5, 7, 99)
    ids = []
    async with store.write() as tx:
        for number, text in enumerate(("of the older", newer_text)):
            order = Order(text=text, sender="Demo", phone_list=LISTED)
            ids.append(await tx.add_draft(f"5:{number}", 5, 7, Step.TEXT, order, NOW - SECOND))
    older, newer = ids
    assert older is not None
    assert await desk.plan.ask(older, 7, Step.TEXT)
    async with store.read() as tx:
        asked = await tx.waiting_draft(5, 7)
    assert asked
    assert asked.id == older
    await desk.plan.set_text(place, asked, "another")
    async with store.read() as tx:
        left = await tx.waiting_draft(5, 7)
    assert (left and left.id) == (None if newer_text else newer)


async def test_each_end_is_told_once_and_nothing_else_is(store: Store, desk: Desk) -> None:
    """Finished or cancelled: whoever looks at the balance after campaigns hears of it; of a pause he does not."""
    finished = await _listed(store, "5:1")
    cancelled = await campaign(store, stage=Stage.CANCELLING)
    await campaign(store, stage=Stage.PAUSED, hold=Hold.BY_HAND)
    while await desk.advance():
        assert desk.ends == 0
    await desk.advance()
    assert (await report(store, cancelled)).campaign.stage is Stage.CANCELLED
    assert desk.ends == 1
    await record(store, *[sent(row) for row in await claim(store)])
    assert await desk.stands(finished) == (Stage.FINISHED, None)
    await desk.advance()
    assert desk.ends == 2
