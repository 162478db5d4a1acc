"""The uncertain: who waits for a decision, what a decision changes, and that it is made once."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from bot.domain.campaign import Bulk, Way
from bot.domain.card import Subject
from bot.domain.gateway import DeliveryStatus
from bot.domain.log import Event, Heard
from bot.domain.message import LAWFUL, Message, Settlement, State
from bot.store import Store
from bot.store.database import Database
from tests.support.log import (
    LEASE,
    NOW,
    SECOND,
    campaign,
    campaign_values,
    claim,
    count_events,
    get,
    heard,
    look,
    new_message,
    one_in_each_state,
    put,
    queue,
    record,
    report,
    sent,
)

LATER = NOW + 10 * SECOND


async def _uncertain(store: Store, campaign_id: int | None = None, due_at: datetime | None = None) -> Message:
    [message] = await queue(store, new_message(campaign_id=campaign_id))
    [claimed] = await claim(store)
    await record(store, sent(claimed, State.UNCERTAIN, due_at=due_at))
    return await look(store, message.id)


async def _uncertain_bulk(store: Store) -> Bulk:
    async with store.write() as tx:
        id_ = await tx.add_campaign(campaign_values(way=Way.BULK))
        await tx.add_bulk(id_, f"bulk-{id_}", b"992900000001\n", NOW, with_params=False, now=NOW)
        [bulk] = await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW)
        await tx.record_bulk(sent(bulk, State.UNCERTAIN), NOW)
        [found, *_] = await tx.unsettled_bulks()
    return found


async def test_who_waits_for_a_decision(store: Store, database: Database) -> None:
    """What is uncertain, asked for no more and not decided, newest first; nothing of any other state."""
    first, second = await _uncertain(store), await _uncertain(store)
    asked = await _uncertain(store, due_at=LATER)
    settled = await _uncertain(store)
    rows = await one_in_each_state(store, database)
    for row in rows.values():
        await put(database, row.id, due_at=None)
    third = await look(store, rows[State.UNCERTAIN].id)
    async with store.write() as tx:
        assert await tx.settle(settled.id, Settlement.CLOSED, 7, NOW)
        assert await tx.unsettled_messages(9) == [third, second, first]
        assert await tx.unsettled_messages(1) == [third]
        assert await tx.count_unsettled() == 3
        await tx.record_heard([Heard(asked.id, State.UNCERTAIN, None, "because", None)], NOW)
        assert [row.id for row in await tx.unsettled_messages(9)] == [third.id, asked.id, second.id, first.id]
        assert await tx.count_unsettled() == 4


async def test_bulk_calls_wait_too(store: Store) -> None:
    """Uncertain ones that are not decided, newest first; they are counted with the messages."""
    await _uncertain(store)
    first, second = await _uncertain_bulk(store), await _uncertain_bulk(store)
    async with store.write() as tx:
        assert await tx.unsettled_bulks() == [second, first]
        assert await tx.count_unsettled() == 3
        assert await tx.settle_bulk(second.id, Settlement.CLOSED, 7, NOW)
        assert await tx.unsettled_bulks() == [first]
        assert await tx.count_unsettled() == 2


@pytest.mark.parametrize("due_at", [None, LATER])
@pytest.mark.parametrize("how", Settlement)
async def test_a_decision_is_written_once(store: Store, how: Settlement, due_at: datetime | None) -> None:
    """Marked sent it is accepted and asked for, else uncertain for good; a line says who. A second word is in vain."""
    owner = await campaign(store)
    before = await _uncertain(store, owner, due_at)
    async with store.write() as tx:
        assert await tx.settle(before.id, how, 8, LATER)
        for other in Settlement:
            assert not await tx.settle(before.id, other, 9, LATER + SECOND)
        after, line = await get(tx, before.id), (await tx.history(before.id))[-1]
    is_sent = how is Settlement.MARKED_SENT
    state = State.ACCEPTED if is_sent else State.UNCERTAIN
    moved = replace(before, state=state, reason=how)
    times = {"accepted_at": LATER, "due_at": LATER} if is_sent else {"final_at": LATER, "due_at": None}
    assert after == replace(moved, **times)
    assert line == Event(LATER, State.UNCERTAIN, state, how, None, None, None, None, 8)
    assert await count_events(store, before.id) == 3
    assert (await report(store, owner)).states == {state: 1}


@pytest.mark.parametrize("how", Settlement)
async def test_only_what_is_uncertain_is_decided(store: Store, database: Database, how: Settlement) -> None:
    """Of every other state nothing changes, and of what is not there."""
    rows = await one_in_each_state(store, database)
    uncertain = rows.pop(State.UNCERTAIN)
    async with store.write() as tx:
        for row in rows.values():
            assert not await tx.settle(row.id, how, 8, LATER)
            assert await get(tx, row.id) == row
            assert len(await tx.history(row.id)) == 1
        assert not await tx.settle(max(row.id for row in rows.values()) + 1, how, 8, LATER)
        assert await tx.settle(uncertain.id, how, 8, LATER)


@pytest.mark.parametrize("how", Settlement)
@pytest.mark.parametrize("owned", [False, True])
async def test_a_decision_is_shown(store: Store, how: Settlement, owned: bool) -> None:
    """Every card that tells of it becomes due: its own, its campaign's and the inbox; no other."""
    owner = await campaign(store) if owned else None
    message = await _uncertain(store, owner)
    about = {(Subject.MESSAGE, message.id), (Subject.INBOX, 0)}
    about |= {(Subject.CAMPAIGN, owner)} if owner else set()
    async with store.write() as tx:
        for subject in Subject:
            for id_ in {0, message.id, message.id + 1, owner or 99}:
                await tx.add_card(5, 7, subject, id_, NOW)
        for card in await tx.due_cards(NOW, 99):
            await tx.card_shown(card, 70 + card.id, NOW, None)
        assert await tx.settle(message.id, how, 7, NOW)
        assert {(card.subject, card.subject_id) for card in await tx.due_cards(NOW, 99)} == about


async def test_of_two_that_decide_at_once_one_does(store: Store, other: Store) -> None:
    """One word holds; the other admin is told that it was too late."""
    message = await _uncertain(store)

    async def settle(own: Store) -> bool:
        async with own.write() as tx:
            return await tx.settle(message.id, Settlement.CLOSED, 8, NOW)

    async with store.write() as tx:
        assert await tx.settle(message.id, Settlement.MARKED_SENT, 7, NOW)
        theirs = asyncio.create_task(settle(other))
        await asyncio.wait({theirs}, timeout=0.1)
    assert await theirs is False
    assert (await look(store, message.id)).reason == Settlement.MARKED_SENT


@pytest.mark.parametrize("due_at", [None, LATER])
@pytest.mark.parametrize("how", Settlement)
async def test_an_answer_that_says_nothing_undoes_no_decision(
    store: Store, how: Settlement, due_at: datetime | None
) -> None:
    """The question was under way when somebody decided: it stands as it was decided, and is not back in the inbox."""
    message = await _uncertain(store, due_at=NOW)
    async with store.write() as tx:
        assert await tx.settle(message.id, how, 7, NOW)
        before, lines = await get(tx, message.id), await tx.history(message.id)
        await tx.record_heard([Heard(message.id, State.UNCERTAIN, None, "because", due_at)], LATER)
        assert await get(tx, message.id) == before
        assert await tx.history(message.id) == lines
        assert await tx.count_unsettled() == 0
        assert await tx.due_for_status(LATER, 9) == ([before] if how is Settlement.MARKED_SENT else [])


@pytest.mark.parametrize("how", Settlement)
@pytest.mark.parametrize("state", sorted(LAWFUL[State.UNCERTAIN] - {State.ACCEPTED}))
async def test_what_the_gateway_knows_holds_after_a_decision(store: Store, how: Settlement, state: State) -> None:
    """Asked by hand about what was closed: the gateway knows better than we did."""
    owner = await campaign(store)
    message = await _uncertain(store, owner)
    async with store.write() as tx:
        assert await tx.settle(message.id, how, 7, NOW)
        await tx.record_heard([heard(message, state)], LATER)
        after = await get(tx, message.id)
    assert (after.state, after.final_at, after.status) == (state, LATER, DeliveryStatus(state.name))
    assert (await report(store, owner)).states == {state: 1}


async def test_what_was_closed_and_is_under_way_is_asked_for_again(store: Store) -> None:
    """Found at the gateway, it is a message like any other that was accepted."""
    message = await _uncertain(store)
    async with store.write() as tx:
        assert await tx.settle(message.id, Settlement.CLOSED, 7, NOW)
        await tx.record_heard([heard(message, State.ACCEPTED, due_at=LATER)], NOW)
        after = await get(tx, message.id)
        assert (after.state, after.accepted_at, after.final_at) == (State.ACCEPTED, NOW, None)
        assert await tx.due_for_status(LATER, 9) == [after]


@pytest.mark.parametrize("how", Settlement)
async def test_a_decision_about_a_bulk_call(store: Store, database: Database, how: Settlement) -> None:
    """The same for a bulk call: once, by whom, and shown on its campaign's card and in the inbox."""
    before = await _uncertain_bulk(store)
    async with store.write() as tx:
        await tx.add_card(5, 7, Subject.CAMPAIGN, before.campaign_id, NOW)
        await tx.add_card(5, 7, Subject.INBOX, 0, NOW)
        for card in await tx.due_cards(NOW, 9):
            await tx.card_shown(card, 70 + card.id, NOW, None)
        assert await tx.settle_bulk(before.id, how, 8, LATER)
        for other in Settlement:
            assert not await tx.settle_bulk(before.id, other, 9, LATER)
        assert len(await tx.due_cards(LATER, 9)) == 2
        assert await tx.count_unsettled() == 0
    [after] = (await report(store, before.campaign_id)).bulks
    state = State.ACCEPTED if how is Settlement.MARKED_SENT else State.UNCERTAIN
    assert after == replace(before, state=state, reason=how)
    async with database.read() as connection:
        line = "SELECT from_state, to_state, why, actor_id FROM events WHERE bulk_id IS NOT NULL ORDER BY id DESC"
        assert (await connection.exec_driver_sql(line)).first() == ("uncertain", state, how, 8)


@pytest.mark.parametrize("state", sorted(set(State) - {State.UNCERTAIN}))
async def test_only_an_uncertain_bulk_call_is_decided(store: Store, database: Database, state: State) -> None:
    """Of every other state nothing changes."""
    bulk = await _uncertain_bulk(store)
    async with database.write() as connection:
        await connection.exec_driver_sql(f"UPDATE bulks SET state = '{state}'")  # noqa: S608 (words of ours)
    before = await report(store, bulk.campaign_id)
    async with store.write() as tx:
        for how in Settlement:
            assert not await tx.settle_bulk(bulk.id, how, 8, LATER)
    assert await report(store, bulk.campaign_id) == before
