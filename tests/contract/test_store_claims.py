"""Claims: who may send what, when, and never two at once."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.campaign import Bulk
from bot.domain.message import LAWFUL, State
from bot.store import Store
from bot.store.database import Database
from tests.support.log import (
    LEASE,
    NOW,
    SECOND,
    accepted,
    campaign_values,
    claim,
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
    """What the claimer holds is what the log says: sending, one attempt, a lease; and one line of history."""
    [message] = await queue(store)
    [claimed] = await claim(store)
    after = await look(store, message.id)
    assert claimed == outgoing(after)
    assert after == replace(message, state=State.SENDING, attempts=1, due_at=NOW + LEASE)
    async with store.read() as tx:
        line = (await tx.history(message.id))[-1]
    assert (line.at, line.from_state, line.to_state, line.why) == (NOW, State.QUEUED, State.SENDING, "attempt_1")


async def test_the_order_of_claims(store: Store, database: Database) -> None:
    """What was tried before, then the longest due, then the first ordered; as many as asked for."""
    rows = [(0, 0), (1, 3), (1, 1), (0, -5), (1, 1)]
    ids = [message.id for message in await queue(store, *(new_message() for _ in rows))]
    for id_, (attempts, due) in zip(ids, rows, strict=True):
        await put(database, id_, attempts=attempts, due_at=NOW + due * SECOND)
    later = NOW + 10 * SECOND
    assert [row.id for row in await claim(store, later, 2)] == [ids[2], ids[4]]
    assert await claim(store, later, 0) == []
    assert [row.id for row in await claim(store, later)] == [ids[1], ids[3], ids[0]]
    assert await claim(store, later) == []


async def test_nothing_is_claimed_before_it_is_due(store: Store, database: Database) -> None:
    """A repeat waits for its time."""
    [message] = await queue(store)
    await put(database, message.id, due_at=NOW + SECOND)
    assert await claim(store, NOW) == []
    assert [row.id for row in await claim(store, NOW + SECOND)] == [message.id]


async def test_only_what_may_be_sent_is_claimed(store: Store, database: Database) -> None:
    """Of all states only those that may move to sending, however due."""
    rows = await one_in_each_state(store, database)
    taken = {state for state in State if State.SENDING in LAWFUL[state]}
    assert [row.id for row in await claim(store)] == [row.id for state, row in rows.items() if state in taken]
    for state, row in rows.items():
        assert (await look(store, row.id)).attempts == (state in taken)


async def test_nothing_is_claimed_while_a_pause_stands(store: Store) -> None:
    """Neither messages nor bulk calls; all of it afterwards."""
    await queue(store)
    await _bulk(store)
    async with store.write() as tx:
        assert await tx.begin_pause("BalanceExhausted", 119, None, NOW)
        assert await tx.claim_messages(NOW, NOW + LEASE, 9) == []
        assert await tx.claim_bulks(NOW, NOW + LEASE, 9) == []
        assert await tx.end_pause(NOW)
        assert len(await tx.claim_messages(NOW, NOW + LEASE, 9)) == 1
        assert len(await tx.claim_bulks(NOW, NOW + LEASE, 9)) == 1


async def test_a_lease_keeps_others_away_until_it_runs_out(store: Store) -> None:
    """Not a moment before its end; then the message is taken again, as one that may have arrived."""
    [message] = await queue(store)
    await claim(store)
    assert await claim(store, NOW + LEASE - SECOND / 1000) == []
    [again] = await claim(store, NOW + LEASE)
    after = await look(store, message.id)
    assert again == outgoing(after)
    assert (again.attempts, again.retries, again.may_have_arrived) == (2, 1, True)
    assert after.due_at == NOW + 2 * LEASE
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
        campaign_id = await tx.add_campaign(campaign_values())
        await tx.add_bulk(campaign_id, txn_id, b"992900000001\n", NOW, with_params=False, now=NOW)
        report = await tx.campaign(campaign_id)
    assert report
    return report.bulks[0]


async def test_bulk_calls_are_claimed_like_messages(store: Store) -> None:
    """Due, counted, leased, and taken again when the lease ran out."""
    bulk = await _bulk(store)
    async with store.write() as tx:
        assert await tx.claim_bulks(NOW - SECOND, NOW + LEASE, 9) == []
        assert await tx.claim_bulks(NOW, NOW + LEASE, 0) == []
        assert await tx.claim_bulks(NOW, NOW + LEASE, 9) == [replace(bulk, state=State.SENDING, attempts=1)]
        assert await tx.claim_bulks(NOW, NOW + LEASE, 9) == []
        lost = replace(bulk, state=State.SENDING, attempts=2, retries=1, may_have_arrived=True)
        assert await tx.claim_bulks(NOW + LEASE, NOW + 2 * LEASE, 9) == [lost]


async def test_the_status_is_asked_for_when_due(store: Store) -> None:
    """Of accepted messages only, the longest overdue first; put off, it is nobody's until then."""
    first = await accepted(store)
    second = await accepted(store)
    await queue(store)
    async with store.write() as tx:
        await tx.next_poll_at([first.id], NOW + 3 * SECOND)
        assert await tx.due_for_status(NOW, 9) == []
        assert [row.id for row in await tx.due_for_status(NOW + SECOND, 9)] == [second.id]
        assert [row.id for row in await tx.due_for_status(NOW + 3 * SECOND, 9)] == [second.id, first.id]
        assert [row.id for row in await tx.due_for_status(NOW + 3 * SECOND, 1)] == [second.id]


async def test_nothing_but_accepted_is_put_off(store: Store, database: Database) -> None:
    """A poll that comes late moves nobody else's time."""
    rows = await one_in_each_state(store, database)
    async with store.write() as tx:
        assert [row.id for row in await tx.due_for_status(NOW, 99)] == [rows[State.ACCEPTED].id]
        await tx.next_poll_at([row.id for row in rows.values()], NOW + SECOND)
        assert await tx.due_for_status(NOW, 99) == []
        for state, row in rows.items():
            assert (await get(tx, row.id)).due_at == (NOW + SECOND if state is State.ACCEPTED else NOW)


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
