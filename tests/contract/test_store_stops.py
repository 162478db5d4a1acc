"""The stop list: who stands on it, and what a block keeps from leaving."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.card import Subject
from bot.domain.log import Event
from bot.domain.message import BLOCKED, State
from bot.store import Store
from bot.store.database import Database
from tests.support.log import (
    NOW,
    PHONE,
    SECOND,
    campaign,
    claim,
    everything,
    fill,
    get,
    look,
    new_message,
    queue,
    record,
    report,
    sent,
)

OTHER = "992900000002"
LATER = NOW + 10 * SECOND


async def test_the_list(store: Store) -> None:
    """Put on once, taken off once, told of many at once; others are not on it."""
    async with store.write() as tx:
        assert await tx.blocked([PHONE]) == frozenset()
        assert await tx.block(PHONE, 7, NOW)
        assert not await tx.block(PHONE, 8, NOW)
        assert await tx.blocked([PHONE, OTHER, PHONE]) == {PHONE}
        assert await tx.blocked([]) == frozenset()
        assert not await tx.unblock(OTHER)
        assert await tx.unblock(PHONE)
        assert not await tx.unblock(PHONE)
        assert await tx.blocked([PHONE]) == frozenset()
        assert await tx.block(PHONE, 7, NOW)


async def test_many_are_looked_for_at_once(store: Store) -> None:
    """As many as a list has; each that is on the list is found."""
    phones = [f"99290000{number:04d}" for number in range(1501)]
    on_it = {phones[0], phones[499], phones[500], phones[1500]}
    async with store.write() as tx:
        for phone in sorted(on_it):
            assert await tx.block(phone, 7, NOW)
        assert await tx.blocked(iter(phones)) == on_it


async def test_of_two_that_block_at_once_one_does(store: Store, other: Store) -> None:
    """The second finds it done; neither fails."""

    async def block(own: Store) -> bool:
        async with own.write() as tx:
            return await tx.block(PHONE, 8, NOW)

    async with store.write() as tx:
        assert await tx.block(PHONE, 7, NOW)
        theirs = asyncio.create_task(block(other))
        await asyncio.wait({theirs}, timeout=0.1)
    assert await theirs is False


@pytest.mark.parametrize("may_have_arrived", [False, True])
async def test_what_waits_is_cancelled_and_nothing_that_may_have_left(
    store: Store, database: Database, may_have_arrived: bool
) -> None:
    """Of all states only what is queued, tried or not, and cannot have arrived; with a line that says who, and why."""
    owner = await campaign(store)
    kinds = [(state, attempts) for state in State for attempts in (0, 1)]
    common = {"phone": PHONE, "campaign_id": owner, "may_have_arrived": may_have_arrived}
    await fill(database, [common | {"state": state, "attempts": attempts} for state, attempts in kinds])
    rows = await everything(database)
    async with store.write() as tx:
        assert await tx.block(PHONE, 8, LATER)
        for row in rows:
            after, lines = await get(tx, row.id), await tx.history(row.id)
            if row.state is State.QUEUED and not may_have_arrived:
                assert after == replace(row, state=State.CANCELLED, reason=BLOCKED, due_at=None, final_at=LATER)
                told = Event(LATER, State.QUEUED, State.CANCELLED, BLOCKED, None, None, None, None, 8)
                assert lines[1:] == [told]
            else:
                assert (after, len(lines)) == (row, 1)


async def test_only_messages_to_the_phone_are_cancelled(store: Store) -> None:
    """Single ones and those of every campaign; what is for others leaves. Off the list, a number gets new ones."""
    owners = [None, await campaign(store), await campaign(store)]
    rows = await queue(
        store, *(new_message(phone=phone, campaign_id=id_) for phone in (PHONE, OTHER) for id_ in owners)
    )
    async with store.write() as tx:
        assert await tx.block(PHONE, 7, NOW)
    assert {row.id for row in await claim(store)} == {row.id for row in rows[3:]}
    for id_ in owners[1:]:
        assert id_
        assert (await report(store, id_)).states == {State.CANCELLED: 1, State.SENDING: 1}
    async with store.write() as tx:
        assert await tx.unblock(PHONE)
    [message] = await queue(store)
    assert [row.id for row in await claim(store)] == [message.id]


async def test_what_was_under_way_may_still_be_heard_of(store: Store) -> None:
    """A block does not touch an attempt; if it has to be repeated and cannot have arrived, the next word cancels it."""
    await queue(store, new_message(), new_message())
    first, second = await claim(store)
    async with store.write() as tx:
        assert await tx.block(PHONE, 7, NOW)
    await record(store, sent(first), sent(second, State.QUEUED, may_have_arrived=False))
    async with store.write() as tx:
        await tx.withhold([PHONE], 7, NOW)
        states = [(await get(tx, row.id)).state for row in (first, second)]
    assert states == [State.ACCEPTED, State.CANCELLED]


async def test_several_phones_are_withheld_at_once(store: Store) -> None:
    """All of them, or none if none is given."""
    phones = [f"9929000000{number:02d}" for number in range(12)]
    rows = await queue(store, *(new_message(phone=phone) for phone in phones))
    async with store.write() as tx:
        await tx.withhold([], 7, NOW)
        await tx.withhold(phones[:10], 7, NOW)
        await tx.withhold(phones[:10], 7, NOW)
    assert [row.id for row in await claim(store)] == [row.id for row in rows[10:]]


async def test_a_block_is_shown(store: Store) -> None:
    """On the cards of what it cancelled, and of their campaigns; on no other."""
    owner, untouched = await campaign(store), await campaign(store)
    mine, theirs = await queue(store, new_message(campaign_id=owner), new_message(phone=OTHER, campaign_id=untouched))
    about = [(Subject.MESSAGE, mine.id), (Subject.MESSAGE, theirs.id)]
    about += [(Subject.CAMPAIGN, owner), (Subject.CAMPAIGN, untouched)]
    async with store.write() as tx:
        for subject, id_ in about:
            await tx.add_card(5, 7, subject, id_, NOW)
        for card in await tx.due_cards(NOW, 9):
            await tx.card_shown(card, 70 + card.id, NOW, None)
        assert await tx.block(PHONE, 7, NOW)
        assert [(card.subject, card.subject_id) for card in await tx.due_cards(NOW, 9)] == [about[0], about[2]]


async def test_a_block_erases_confidential_texts(store: Store, url: str) -> None:
    """They are needed no more: neither in the table nor, on SQLite, in any byte of its files; open ones stay."""
    secret, other, plain = await queue(
        store,
        new_message(text="PAROL-1", confidential=True),
        new_message(text="PAROL-2", confidential=True, phone=OTHER),
        new_message(text="PAROL-3"),
    )
    async with store.write() as tx:
        assert await tx.block(PHONE, 7, NOW)
    texts = [(await look(store, row.id)).text for row in (secret, other, plain)]
    assert texts == [None, "PAROL-2", "PAROL-3"]
    if url.startswith("sqlite"):
        files = [file.read_bytes() for file in Path(url.partition(":///")[2]).parent.iterdir()]
        assert not any(b"PAROL-1" in held for held in files)
        assert any(b"PAROL-2" in held for held in files)
