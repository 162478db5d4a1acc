"""Moves: all pairs of states are tried through every door, and nothing moves but what may."""

import warnings
from collections.abc import Collection
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.campaign import Way
from bot.domain.gateway import DeliveryStatus
from bot.domain.log import Event
from bot.domain.message import LAWFUL, Message, State
from bot.store import Store
from bot.store.answers import heard_update
from bot.store.attempts import sent_update
from bot.store.database import Database
from bot.store.rows import Rows
from bot.store.schema import bulks, messages
from tests.support.log import (
    LEASE,
    NOW,
    SECOND,
    campaign_values,
    get,
    heard,
    new_message,
    queue,
    sent,
)

LATER = NOW + 10 * SECOND
OUTCOMES = sorted(LAWFUL[State.SENDING] - {State.SENDING})


async def _one_for_each_target(store: Store, database: Database, state: State) -> dict[State, Message]:
    """As many messages as there are states to move to, all in this one."""
    rows = await queue(store, *(new_message() for _ in State))
    async with database.write() as connection:
        await connection.execute(sa.update(messages).values(state=state, attempts=1))
    return {target: replace(row, state=state, attempts=1) for row, target in zip(rows, State, strict=True)}


async def _check(store: Store, rows: dict[State, Message], lawful: Collection[State]) -> None:
    """Moved is what moves lawfully, with a line of history; everything else is as it was, without."""
    async with store.read() as tx:
        for target, before in rows.items():
            after, why = await get(tx, before.id), [line.why for line in await tx.history(before.id)]
            if target in lawful:
                assert (after.state, why[-1] != "ordered") == (target, True), target
            else:
                assert (after, why) == (before, ["ordered"]), target


@pytest.mark.parametrize("state", State)
async def test_no_outcome_makes_an_unlawful_move(store: Store, database: Database, state: State) -> None:
    """Whatever an outcome says, only what is being sent moves, and only to where an attempt can end."""
    rows = await _one_for_each_target(store, database, state)
    async with store.write() as tx:
        for target, row in rows.items():
            await tx.record_sent([sent(row, target, msg_id=None)], LATER)
    await _check(store, rows, OUTCOMES if state is State.SENDING else [])


@pytest.mark.parametrize("state", State)
async def test_no_answer_makes_an_unlawful_move(store: Store, database: Database, state: State) -> None:
    """Whatever an answer says and however late it comes, a final status stays, and so does what was never asked for."""
    rows = await _one_for_each_target(store, database, state)
    async with store.write() as tx:
        for target, row in rows.items():
            await tx.record_heard([heard(row, target, status=DeliveryStatus.DELIVERED)], LATER)
    await _check(store, rows, LAWFUL[state] if state in (State.ACCEPTED, State.UNCERTAIN) else [])


@pytest.mark.parametrize("state", State)
async def test_the_update_itself_refuses(store: Store, database: Database, state: State) -> None:
    """Executed past every check in Python, the guarded UPDATE makes no move that the table of moves has not."""
    for update, starts in ((_try_to_send, {State.SENDING}), (_try_to_hear, {State.ACCEPTED, State.UNCERTAIN})):
        rows = await _one_for_each_target(store, database, state)
        async with database.write() as connection:
            for target, row in rows.items():
                await update(connection, target, row.id)
        async with store.read() as tx:
            for target, row in rows.items():
                moved = state in starts and target in LAWFUL[state]
                assert (await get(tx, row.id)).state is (target if moved else state), target


async def _try_to_send(connection: AsyncConnection, target: State, id_: int, attempt: int = 1) -> None:
    rows = Rows.pack([(id_, attempt, None, 0, True, "because", None, None, None, None)])
    with warnings.catch_warnings():  # where the target is refused there is nothing to join
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        await connection.execute(sent_update(target), rows | {"now": 0})


async def _try_to_hear(connection: AsyncConnection, target: State, id_: int) -> None:
    rows = Rows.pack([(id_, 1, None, None, None, None, None, "because", None, None)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        await connection.execute(heard_update(target), rows)


async def test_the_update_itself_refuses_an_older_attempt(store: Store, database: Database) -> None:
    """The fence stands in the UPDATE: it holds also where another process took over between the look and the write."""
    rows = await _one_for_each_target(store, database, State.SENDING)
    async with database.write() as connection:
        for target, row in rows.items():
            for attempt in (0, 2):
                await _try_to_send(connection, target, row.id, attempt)
    await _check(store, rows, [])


@pytest.mark.parametrize("state", State)
async def test_the_update_of_a_bulk_call_refuses_too(store: Store, database: Database, state: State) -> None:
    """A bulk call moves as a message does, by its outcomes alone."""
    async with store.write() as tx:
        id_ = await tx.add_campaign(campaign_values(way=Way.BULK))
        for target in State:
            await tx.add_bulk(id_, f"bulk-{target}", b"x", NOW, with_params=False, now=NOW)
        rows = dict(zip(State, await tx.claim_bulks(NOW, NOW + LEASE, 99, NOW), strict=True))
    async with database.write() as connection:
        await connection.execute(sa.update(bulks).values(state=state))
    async with store.write() as tx:
        for target, bulk in rows.items():
            await tx.record_bulk(sent(bulk, target), NOW)
        report = await tx.campaign(id_)
    assert report
    moves = set(OUTCOMES) if state is State.SENDING else set[State]()
    assert [bulk.state for bulk in report.bulks] == [target if target in moves else state for target in State]


async def test_only_what_cannot_have_left_is_cancelled(store: Store, database: Database) -> None:
    """Of all states only queued, and of that nothing that may have arrived; other campaigns stay as they are."""
    async with store.write() as tx:
        mine, foreign = [await tx.add_campaign(campaign_values()) for _ in range(2)]
    kinds = [
        (state, campaign, tried) for state in State for campaign in (mine, foreign, None) for tried in (False, True)
    ]
    rows = await queue(store, *(new_message(campaign_id=campaign) for _, campaign, _ in kinds))
    async with database.write() as connection:
        for row, (state, _, tried) in zip(rows, kinds, strict=True):
            change = sa.update(messages).where(messages.c.id == row.id)
            await connection.execute(change.values(state=state, may_have_arrived=tried))
    async with store.write() as tx:
        assert await tx.cancel_some(mine, LATER, 99) == 1
        assert await tx.cancel_some(mine, LATER, 99) == 0
        for row, kind in zip(rows, kinds, strict=True):
            after, history = await get(tx, row.id), await tx.history(row.id)
            if kind == (State.QUEUED, mine, False):
                assert State.CANCELLED in LAWFUL[State.QUEUED]
                assert after == replace(row, state=State.CANCELLED, due_at=None, final_at=LATER)
                assert history[1:] == [Event(LATER, State.QUEUED, State.CANCELLED, "cancelled", None, None, None)]
            else:
                assert after == replace(row, state=kind[0], may_have_arrived=kind[2])
                assert len(history) == 1
