"""Claims: who may send what, when, and never two at once."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from bot.domain.campaign import Bulk, Stage, Way
from bot.domain.message import LAWFUL, State
from bot.store import Store
from bot.store.database import Database
from tests.support.log import (
    LEASE,
    NOW,
    SECOND,
    accepted,
    campaign,
    campaign_values,
    claim,
    count_events,
    get,
    look,
    new_message,
    one_in_each_state,
    outgoing,
    put,
    queue,
    record,
    sent,
)


async def test_a_claim_counts_the_attempt_before_anything_leaves(store: Store) -> None:
    """What the claimer holds is what the log says: sending, one attempt, a lease. Its outcome will tell of it."""
    [message] = await queue(store)
    [claimed] = await claim(store)
    after = await look(store, message.id)
    assert claimed == outgoing(after)
    assert after == replace(message, state=State.SENDING, attempts=1, due_at=NOW + LEASE)
    assert await count_events(store, message.id) == 1


async def test_the_order_of_claims(store: Store, database: Database) -> None:
    """What was tried before, the longest due first; then what is fresh, the first ordered first; as many as asked for.

    What is fresh is due at once, whatever its time says. That is which are taken; those of one kind leave within a
    moment, and come in the order in which they were ordered.
    """
    rows = [(0, 0), (1, 3), (1, 1), (0, 99), (1, 1), (0, -5)]
    ids = [message.id for message in await queue(store, *(new_message() for _ in rows))]
    for id_, (attempts, due) in zip(ids, rows, strict=True):
        await put(database, id_, attempts=attempts, due_at=NOW + due * SECOND)
    later = NOW + 10 * SECOND
    assert [row.id for row in await claim(store, later, 2)] == [ids[2], ids[4]]
    assert await claim(store, later, 0) == []
    assert [row.id for row in await claim(store, later, 2)] == [ids[1], ids[0]]
    assert [row.id for row in await claim(store, later, 1)] == [ids[3]]
    assert [row.id for row in await claim(store, later)] == [ids[5]]
    assert await claim(store, later) == []


async def test_those_of_one_claim_come_in_the_order_they_were_ordered(store: Store, database: Database) -> None:
    """However long each is due: what was tried, then what is fresh."""
    ids = [message.id for message in await queue(store, *(new_message() for _ in range(6)))]
    for id_, due in ((ids[1], -1), (ids[3], -3), (ids[5], -2)):
        await put(database, id_, attempts=1, due_at=NOW + due * SECOND)
    assert [row.id for row in await claim(store)] == [*ids[1::2], *ids[::2]]


async def test_single_messages_go_first(store: Store, database: Database) -> None:
    """Before all campaigns, however long theirs are due and however often they were tried."""
    id_ = await campaign(store)
    rows = await queue(store, *(new_message(campaign_id=owner) for owner in (id_, None) * 3))
    for row in rows:
        if row.campaign_id:
            await put(database, row.id, due_at=NOW - 99 * SECOND, attempts=3)
    single, others = [[row.id for row in rows if row.campaign_id == owner] for owner in (None, id_)]
    assert [row.id for row in await claim(store, limit=2)] == single[:2]
    assert [row.id for row in await claim(store, limit=3)] == [single[2], *others[:2]]
    assert [row.id for row in await claim(store)] == others[2:]


async def test_of_a_campaign_what_was_tried_goes_first(store: Store, database: Database) -> None:
    """A repeat does not wait behind the rest of a long list; what is leased or not due yet keeps nobody waiting."""
    id_ = await campaign(store)
    rows = [row.id for row in await queue(store, *(new_message(campaign_id=id_) for _ in range(6)))]
    await put(database, rows[3], attempts=1, due_at=NOW)
    await put(database, rows[4], attempts=2, due_at=NOW - SECOND)
    await put(database, rows[5], attempts=5, due_at=NOW + SECOND)
    assert [row.id for row in await claim(store, limit=1)] == [rows[4]]
    assert [row.id for row in await claim(store, limit=2)] == [rows[3], rows[0]]
    assert [row.id for row in await claim(store)] == rows[1:3]
    assert [row.id for row in await claim(store, NOW + SECOND)] == [rows[5]]


@pytest.mark.parametrize("stage", Stage)
async def test_only_campaigns_at_work_are_claimed_from(store: Store, database: Database, stage: Stage) -> None:
    """All messages of one that runs, and what may have left of a cancelled one; never any of another."""
    id_ = await campaign(store, stage=stage)
    fresh, tried, open_, lost = [
        row.id for row in await queue(store, *(new_message(campaign_id=id_) for _ in range(4)))
    ]
    await put(database, tried, attempts=1)
    await put(database, open_, attempts=1, may_have_arrived=True)
    await put(database, lost, attempts=1, state=State.SENDING)
    taken = {Stage.RUNNING: [tried, open_, lost, fresh], Stage.CLEARING: [open_, lost]}
    assert [row.id for row in await claim(store)] == taken.get(stage, [])


@pytest.mark.parametrize("stage", Stage)
async def test_only_bulk_calls_of_campaigns_at_work_are_claimed(store: Store, stage: Stage) -> None:
    """Such as was lost and may have arrived: of one that runs, and of a cancelled one; never of another."""
    bulk = await _bulk(store)
    async with store.write() as tx:
        assert len(await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW)) == 1
        assert await tx.move_campaign(bulk.campaign_id, [Stage.RUNNING], stage, NOW)
        lost = await tx.claim_bulks(NOW + LEASE, NOW + 2 * LEASE, 9, NOW)
    assert [row.id for row in lost] == [bulk.id] * (stage in (Stage.RUNNING, Stage.CLEARING))


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.RUNNING}))
async def test_a_campaign_that_is_stopped_and_let_go(store: Store, stage: Stage) -> None:
    """Stopped, nothing of it is claimed, whether fresh or a lease that ran out; all of it once it goes on.

    Of a cancelled one the lease that ran out is claimed, for it may have arrived; what is fresh never leaves.
    """
    id_ = await campaign(store)
    ids = [row.id for row in await queue(store, *(new_message(campaign_id=id_) for _ in range(2)))]
    await claim(store, limit=1)
    later = NOW + LEASE
    async with store.write() as tx:
        assert await tx.move_campaign(id_, [Stage.RUNNING], stage, NOW)
        rows = await tx.claim_messages(later, later + LEASE, 9)
        assert [row.id for row in rows] == ids[:1] * (stage is Stage.CLEARING)
        assert await tx.move_campaign(id_, [stage], Stage.RUNNING, NOW)
    assert [row.id for row in await claim(store, later)] == ids[len(rows) :]


async def test_campaigns_share_the_room(store: Store) -> None:
    """Each of those at work gets its part of every claim; one that has little leaves the rest to the others."""
    ids = [await campaign(store) for _ in range(3)]
    await queue(store, new_message(), *(new_message(campaign_id=id_) for id_ in ids for _ in range(20)))
    taken = Counter(row.campaign_id for row in await claim(store, limit=19))
    assert taken == Counter([None, *ids * 6])
    assert {row.campaign_id for _ in range(40) for row in await claim(store, limit=1)} == set(ids), "each in its turn"
    assert len(await claim(store)) == 2


async def test_a_short_campaign_leaves_its_room(store: Store) -> None:
    """What one cannot fill goes to those that come after it, so that a claim or two take all."""
    short, long = await campaign(store), await campaign(store)
    ids = [row.id for row in await queue(store, *(new_message(campaign_id=id_) for id_ in (short, *[long] * 9)))]
    taken = [row.id for _ in range(2) for row in await claim(store, limit=10)]
    assert sorted(taken) == ids


@pytest.mark.parametrize("stage", [None, Stage.RUNNING, Stage.CLEARING])
async def test_nothing_is_claimed_before_it_is_due(store: Store, stage: Stage | None) -> None:
    """A repeat waits for its time: single, of a campaign, of a cancelled one."""
    owner = await campaign(store) if stage else None
    [message] = await queue(store, new_message(campaign_id=owner))
    [claimed] = await claim(store)
    if owner and stage:
        async with store.write() as tx:
            assert await tx.move_campaign(owner, [Stage.RUNNING], stage, NOW)
    await record(store, sent(claimed, State.QUEUED, due_at=NOW + SECOND))
    assert await claim(store, NOW + SECOND * 0.999) == []
    assert [row.id for row in await claim(store, NOW + SECOND)] == [message.id]


@pytest.mark.parametrize("tried", [0, 1])
async def test_only_what_may_be_sent_is_claimed(store: Store, database: Database, tried: int) -> None:
    """Of all states only those that may move to sending, however due; the queued one fresh, or tried before."""
    rows = await one_in_each_state(store, database)
    rows[State.QUEUED] = replace(rows[State.QUEUED], attempts=tried)
    await put(database, rows[State.QUEUED].id, attempts=tried)
    taken = {state for state in State if State.SENDING in LAWFUL[state]}
    assert {row.id for row in await claim(store)} == {rows[state].id for state in taken}
    for state, row in rows.items():
        assert (await look(store, row.id)).attempts == row.attempts + (state in taken)


async def test_nothing_is_claimed_while_a_pause_stands(store: Store) -> None:
    """Neither messages nor bulk calls; all of it afterwards."""
    await queue(store)
    await _bulk(store)
    async with store.write() as tx:
        assert await tx.begin_pause("BalanceExhausted", 119, None, NOW)
        assert await tx.claim_messages(NOW, NOW + LEASE, 9) == []
        assert await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW) == []
        assert await tx.end_pause(NOW)
        assert len(await tx.claim_messages(NOW, NOW + LEASE, 9)) == 1
        assert len(await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW)) == 1


async def test_a_lease_keeps_others_away_until_it_runs_out(store: Store) -> None:
    """Not a moment before its end; then the message is taken again, as one that may have arrived."""
    [message] = await queue(store)
    await claim(store)
    assert await claim(store, NOW + LEASE - SECOND / 1000) == []
    [again] = await claim(store, NOW + LEASE)
    after = await look(store, message.id)
    assert again == outgoing(after)
    assert (again.attempts, again.retries, again.may_have_arrived) == (2, 1, True)
    assert (after.due_at, after.reason) == (NOW + 2 * LEASE, "lease_ran_out")
    assert again.txn_id == message.txn_id
    async with store.read() as tx:
        line = (await tx.history(message.id))[-1]
    assert (line.from_state, line.to_state, line.why) == (State.SENDING, State.SENDING, "lease_ran_out")


async def test_a_repeat_is_no_lost_lease(store: Store) -> None:
    """Claimed after an outcome that put it back, a message counts what the outcome said, and no more."""
    await queue(store)
    [claimed] = await claim(store)
    await record(store, sent(claimed, State.QUEUED, may_have_arrived=False, retries=1, due_at=NOW))
    [again] = await claim(store)
    assert (again.attempts, again.retries, again.may_have_arrived) == (2, 1, False)
    [lost] = await claim(store, NOW + LEASE)
    await record(store, sent(lost, State.QUEUED, may_have_arrived=True, retries=2, due_at=NOW))
    [after] = await claim(store)
    assert (after.attempts, after.retries, after.may_have_arrived) == (4, 2, True), "an old loss is no new one"


async def test_two_that_claim_at_once_share_nothing(store: Store, other: Store) -> None:
    """While one has not committed yet, another gets other rows (or waits for it), never the same."""
    ids = {row.id for row in await queue(store, *(new_message() for _ in range(6)))}
    async with store.write() as tx:
        mine = {row.id for row in await tx.claim_messages(NOW, NOW + LEASE, 4)}
        theirs = asyncio.create_task(claim(other, limit=4))
        await asyncio.wait({theirs}, timeout=0.1)
    others = {row.id for row in await theirs}
    assert mine.isdisjoint(others)
    assert mine | others == ids


async def test_many_that_claim_and_record_at_once_send_each_message_once(store: Store, other: Store) -> None:
    """Four workers in two processes empty the queue; nothing is taken twice and nothing is left."""
    ids = [row.id for row in await queue(store, *(new_message() for _ in range(120)))]
    taken: list[int] = []

    async def work(own: Store) -> None:
        while rows := await claim(own, limit=7):
            taken.extend(row.id for row in rows)
            await record(own, *map(sent, rows))

    await asyncio.gather(*(work(own) for own in (store, other, store, other)))
    assert sorted(taken) == ids
    async with store.read() as tx:
        assert {(row.state, row.attempts) for row in await tx.latest_messages(200)} == {(State.ACCEPTED, 1)}


async def test_a_claim_that_is_rolled_back_counts_nothing(store: Store) -> None:
    """Only the commit makes the attempt."""
    [message] = await queue(store)

    async def claim_and_fail() -> None:
        async with store.write() as tx:
            assert await tx.claim_messages(NOW, NOW + LEASE, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await claim_and_fail()
    assert await look(store, message.id) == message


async def _bulk(store: Store, txn_id: str = "bulk-1") -> Bulk:
    async with store.write() as tx:
        campaign_id = await tx.add_campaign(campaign_values(way=Way.BULK))
        await tx.add_bulk(campaign_id, txn_id, b"992900000001\n", NOW, with_params=False, now=NOW)
        report = await tx.campaign(campaign_id)
    assert report
    return report.bulks[0]


async def test_bulk_calls_are_claimed_like_messages(store: Store) -> None:
    """Due, counted, leased, and taken again when the lease ran out."""
    bulk = await _bulk(store)
    async with store.write() as tx:
        assert await tx.claim_bulks(NOW - SECOND, NOW + LEASE, 9, NOW) == []
        assert await tx.claim_bulks(NOW, NOW + LEASE, 0, NOW) == []
        assert await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW) == [replace(bulk, state=State.SENDING, attempts=1)]
        assert await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW) == []
        lost = replace(bulk, state=State.SENDING, attempts=2, retries=1, may_have_arrived=True)
        assert await tx.claim_bulks(NOW + LEASE, NOW + 2 * LEASE, 9, NOW) == [lost]


async def test_a_list_whose_hour_is_past_is_not_claimed(store: Store) -> None:
    """Not to leave at a wrong hour; but one that was tried may have arrived, and is repeated under its txn_id."""
    bulk = await _bulk(store)
    async with store.write() as tx:
        assert await tx.claim_bulks(NOW + SECOND, NOW + LEASE, 9, NOW + SECOND / 1000) == []
        assert [row.id for row in await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW)] == [bulk.id]
        late = NOW + 9 * LEASE
        assert [row.id for row in await tx.claim_bulks(late, late + LEASE, 9, late)] == [bulk.id]


async def test_the_status_is_asked_for_when_due(store: Store) -> None:
    """The longest overdue first; put off, it is nobody's until then."""
    first = await accepted(store)
    second = await accepted(store)
    await queue(store)
    async with store.write() as tx:
        await tx.next_poll_at([first.id], NOW + 3 * SECOND)
        assert await tx.due_for_status(NOW, 9) == []
        assert [row.id for row in await tx.due_for_status(NOW + SECOND, 9)] == [second.id]
        assert [row.id for row in await tx.due_for_status(NOW + 3 * SECOND, 9)] == [second.id, first.id]
        assert [row.id for row in await tx.due_for_status(NOW + 3 * SECOND, 1)] == [second.id]


async def test_the_status_of_single_messages_is_asked_for_first(store: Store, database: Database) -> None:
    """An admin's own waits behind no campaign; of each kind the longest overdue goes first."""
    owner = await campaign(store)
    rows = [await accepted(store, campaign_id=whose) for whose in (owner, None) * 2]
    for row, due in zip(rows, (-99, 0, -98, -1), strict=True):
        await put(database, row.id, due_at=NOW + due * SECOND)
    wanted = [rows[number].id for number in (3, 1, 0, 2)]
    async with store.write() as tx:
        for limit in range(5):
            assert [row.id for row in await tx.due_for_status(NOW, limit)] == wanted[:limit], limit


@pytest.mark.parametrize("owned", [False, True])
async def test_only_what_the_gateway_may_know_is_asked_for(store: Store, database: Database, owned: bool) -> None:
    """What was accepted, and what is uncertain; a poll that comes late moves nobody else's time."""
    asked = {State.ACCEPTED, State.UNCERTAIN}
    rows = await one_in_each_state(store, database, campaign_id=await campaign(store) if owned else None)
    async with store.write() as tx:
        assert {row.state for row in await tx.due_for_status(NOW, 99)} == asked
        await tx.next_poll_at([row.id for row in rows.values()], NOW + SECOND)
        assert await tx.due_for_status(NOW, 99) == []
        assert {row.state for row in await tx.due_for_status(NOW + SECOND, 99)} == asked
        for state, row in rows.items():
            assert (await get(tx, row.id)).due_at == (NOW + SECOND if state in asked else NOW)


async def test_what_is_asked_for_no_more(store: Store, database: Database) -> None:
    """Without a time for the next question there is none, whatever the state."""
    for row in (await one_in_each_state(store, database)).values():
        await put(database, row.id, due_at=None)
    async with store.write() as tx:
        assert await tx.due_for_status(NOW, 99) == []


async def test_two_that_ask_at_once_ask_for_different_messages(store: Store, other: Store) -> None:
    """What one is about to put off, another passes over or finds put off."""
    ids = {(await accepted(store)).id for _ in range(3)}
    later = NOW + SECOND

    async def take(own: Store) -> set[int]:
        async with own.write() as tx:
            rows = {row.id for row in await tx.due_for_status(later, 9)}
            await tx.next_poll_at(list(rows), later + LEASE)
            return rows

    async with store.write() as tx:
        mine = {row.id for row in await tx.due_for_status(later, 2)}
        theirs = asyncio.create_task(take(other))
        await asyncio.wait({theirs}, timeout=0.1)
        await tx.next_poll_at(list(mine), later + LEASE)
    assert mine.isdisjoint(await theirs)
    assert mine | theirs.result() == ids
