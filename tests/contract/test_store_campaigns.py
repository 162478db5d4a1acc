"""Campaigns and their bulk calls."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.domain.campaign import Bulk, Campaign, CampaignReport, Way
from bot.domain.message import LAWFUL, State
from bot.store import Store
from bot.store.database import Database
from bot.store.schema import events
from tests.support.log import LEASE, NOW, SECOND, campaign_values, claim, new_message, queue, record, sent

FILE = bytes(range(256)) * 40


async def _report(store: Store, id_: int) -> CampaignReport:
    async with store.read() as tx:
        report = await tx.campaign(id_)
    assert report
    return report


async def _bulk(store: Store) -> Bulk:
    async with store.write() as tx:
        id_ = await tx.add_campaign(campaign_values(way=Way.BULK, file_name="мизоҷон.csv"))
        await tx.add_bulk(id_, "bulk-1", FILE, NOW + 9 * SECOND, with_params=True, now=NOW)
    return (await _report(store, id_)).bulks[0]


@pytest.mark.parametrize("way", Way)
async def test_a_campaign_comes_back_as_it_was_given(store: Store, way: Way) -> None:
    """Every field, with nothing under way yet."""
    values = campaign_values(way=way, text=None, confidential=True, file_name="a\0b.csv", recipients=3, parts=9)
    async with store.write() as tx:
        id_ = await tx.add_campaign(values)
    report = await _report(store, id_)
    assert report.campaign == Campaign(id_, **values | {"file_name": "a�b.csv"})
    assert (report.states, report.bulks, report.is_under_way) == ({}, (), False)
    async with store.read() as tx:
        assert await tx.campaign(id_ + 1) is None


async def test_a_report_counts_where_the_messages_stand(store: Store) -> None:
    """By state, of this campaign alone."""
    async with store.write() as tx:
        id_, other = [await tx.add_campaign(campaign_values()) for _ in range(2)]
    await queue(store, *(new_message(campaign_id=campaign) for campaign in (id_, id_, id_, other)))
    claimed = await claim(store, limit=2)
    await record(store, sent(claimed[0]))
    report = await _report(store, id_)
    assert report.states == {State.ACCEPTED: 1, State.SENDING: 1, State.QUEUED: 1}
    assert report.is_under_way


async def test_a_campaign_is_held_and_let_go(store: Store) -> None:
    """`pause_campaign` says which."""
    async with store.write() as tx:
        id_ = await tx.add_campaign(campaign_values())
    for paused in (True, False):
        async with store.write() as tx:
            await tx.pause_campaign(id_, NOW, paused=paused)
        assert (await _report(store, id_)).campaign.paused is paused


async def test_a_bulk_call_comes_back_as_it_was_given(store: Store, database: Database) -> None:
    """Every field, its file byte by byte, one line of history; found by its txn_id."""
    bulk = await _bulk(store)
    expected = Bulk(
        bulk.id, bulk.campaign_id, "bulk-1", State.QUEUED, NOW + 9 * SECOND, True, 0, 0, False, None, None, None, None
    )
    assert bulk == expected
    async with store.read() as tx:
        assert await tx.bulk_file(bulk.id) == FILE
        assert await tx.campaign_by_txn_id("bulk-1") == bulk.campaign_id
        assert await tx.campaign_by_txn_id("bulk-2") is None
    assert await _lines(database, bulk.id) == [(None, State.QUEUED, "ordered", None, None)]


async def _lines(database: Database, bulk_id: int) -> list[tuple[State | None, State, str, int | None, str | None]]:
    columns = (events.c.from_state, events.c.to_state, events.c.why, events.c.code, events.c.text)
    query = sa.select(*columns).where(events.c.bulk_id == bulk_id).order_by(events.c.id)
    async with database.read() as connection:
        return [(row[0], row[1], row[2], row[3], row[4]) for row in await connection.execute(query)]


@pytest.mark.parametrize("state", sorted(LAWFUL[State.SENDING] - {State.SENDING}))
async def test_the_outcome_of_a_bulk_call(store: Store, database: Database, state: State) -> None:
    """Each state that an attempt can end in, with all that is known, and one line of history."""
    bulk = await _bulk(store)
    async with store.write() as tx:
        [claimed] = await tx.claim_bulks(NOW, NOW + LEASE, 1)
        outcome = sent(claimed, state, reason="Why", retries=1, name="Na\0me", code=109, text="wo\0rds")
        await tx.record_bulk(outcome, NOW)
    assert (await _report(store, bulk.campaign_id)).bulks == (
        replace(
            claimed,
            state=state,
            retries=1,
            may_have_arrived=True,
            name="Na�me",
            reason="Why",
            code=109,
            gateway_text="wo�rds",
        ),
    )
    assert (await _lines(database, bulk.id))[2:] == [(State.SENDING, state, "Why", 109, "wo�rds")]


@pytest.mark.parametrize("state", sorted(LAWFUL[State.SENDING] - {State.SENDING}))
async def test_the_file_of_a_bulk_call_goes_with_the_outcome(store: Store, state: State) -> None:
    """The phones in it are needed for sending alone."""
    bulk = await _bulk(store)
    async with store.write() as tx:
        [claimed] = await tx.claim_bulks(NOW, NOW + LEASE, 1)
        await tx.record_bulk(sent(claimed, state), NOW)
        assert await tx.bulk_file(bulk.id) == (FILE if state is State.QUEUED else b"")


async def test_a_late_outcome_of_a_bulk_call_changes_nothing(store: Store, database: Database) -> None:
    """The number of the attempt is the fence here too."""
    bulk = await _bulk(store)
    async with store.write() as tx:
        [first] = await tx.claim_bulks(NOW, NOW + LEASE, 1)
        [second] = await tx.claim_bulks(NOW + LEASE, NOW + 2 * LEASE, 1)
        await tx.record_bulk(sent(first, name="late"), NOW)
    assert (await _report(store, bulk.campaign_id)).bulks == (second,)
    assert len(await _lines(database, bulk.id)) == 3


async def test_a_bulk_call_needs_its_campaign(store: Store) -> None:
    """The table refuses one without."""
    with pytest.raises(sa.exc.IntegrityError):
        async with store.write() as tx:
            await tx.add_bulk(99, "bulk-1", FILE, NOW, with_params=False, now=NOW)
