"""What the inbox and the stop list need of the log beside decisions and blocks themselves."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.campaign import Way
from bot.domain.card import Card, Subject
from bot.domain.log import Heard
from bot.domain.message import Message, Settlement, State
from bot.domain.timing import Timing
from bot.services.tell import Tell
from bot.store import Store, Transaction
from tests.support.log import (
    LEASE,
    NOW,
    PHONE,
    SECOND,
    campaign_values,
    claim,
    heard,
    look,
    new_message,
    queue,
    record,
    sent,
)

ADMINS = (7, 8)
LATER = NOW + 10 * SECOND


async def _uncertain(store: Store, count: int = 1) -> list[Message]:
    """So many about which somebody is to decide."""
    rows = await queue(store, *(new_message(phone=f"9929000000{number:02d}") for number in range(count)))
    await record(store, *[sent(claimed, State.UNCERTAIN) for claimed in await claim(store)])
    return [await look(store, row.id) for row in rows]


async def test_the_inbox_is_read_in_pages(store: Store) -> None:
    """Newest first, below a number and above one; beyond either end there is nothing."""
    ids = [row.id for row in await _uncertain(store, 5)]
    async with store.write() as tx:
        assert [row.id for row in await tx.unsettled_messages(2)] == [ids[4], ids[3]]
        assert [row.id for row in await tx.unsettled_messages(2, ids[3])] == [ids[2], ids[1]]
        assert [row.id for row in await tx.unsettled_messages(2, ids[1], newer=True)] == [ids[3], ids[2]]
        assert await tx.unsettled_messages(2, ids[0]) == []
        assert await tx.unsettled_messages(2, ids[4], newer=True) == []


@pytest.mark.parametrize("state", [None, State.DELIVERED])
async def test_who_is_asked_for_no_more_is_counted(store: Store, state: State | None) -> None:
    """Only what comes to wait for a decision by this answer: not what is asked for again, or what is known by it."""
    [message] = await queue(store)
    [claimed] = await claim(store)
    await record(store, sent(claimed, State.UNCERTAIN, due_at=NOW))
    async with store.write() as tx:
        assert await tx.record_heard([Heard(message.id, State.UNCERTAIN, None, "because", LATER)], NOW) == 0
        given_up = heard(message, state) if state else Heard(message.id, State.UNCERTAIN, None, "because", None)
        assert await tx.record_heard([given_up], NOW) == (state is None)
        assert await tx.record_heard([given_up], NOW) == 0


async def test_what_becomes_known_changes_the_notice(store: Store) -> None:
    """The inbox's card is due when one of it is heard of, and not when an accepted one is."""
    [uncertain] = await _uncertain(store)
    [accepted] = await queue(store)
    [claimed] = await claim(store)
    await record(store, sent(claimed))
    async with store.write() as tx:
        await tx.add_card(7, 7, Subject.INBOX, 0, NOW)
        await _show_all(tx)
        await tx.record_heard([heard(accepted, State.DELIVERED)], NOW)
        assert await tx.due_cards(NOW, 9) == []
        await tx.record_heard([heard(uncertain, State.DELIVERED)], NOW)
        assert [card.subject for card in await tx.due_cards(NOW, 9)] == [Subject.INBOX]


async def _show_all(tx: Transaction) -> list[Card]:
    """Take the cards that are due to their chats."""
    cards = await tx.due_cards(NOW + timedelta(days=9), 99)
    for card in cards:
        await tx.card_shown(card, 1000 + card.wanted * 10 + card.id, NOW, None)
    return cards


async def test_the_notice_is_shown_anew_once_in_a_while(store: Store) -> None:
    """Each admin has one card in private; in between it is edited where it stands, and so it is after it was shown."""
    timing, tell = Timing(), Tell(ADMINS, Timing())
    async with store.write() as tx:
        await tell.inbox(tx, NOW)
        first = await _show_all(tx)
        assert [(card.chat_id, card.subject, card.subject_id) for card in first] == [
            (admin, Subject.INBOX, 0) for admin in ADMINS
        ]
        await tell.inbox(tx, NOW + timedelta(seconds=timing.inbox))
        assert all(card.telegram_id is not None and card.replaces is None for card in await _show_all(tx))
        await tell.inbox(tx, NOW + timedelta(seconds=timing.inbox + 1))
        again = await _show_all(tx)
        assert [card.id for card in again] == [card.id for card in first]
        assert all(card.telegram_id is None and card.replaces is not None for card in again)


async def test_a_person_is_told_in_his_own_chat(store: Store) -> None:
    """The card that he has is shown anew; without one he gets one; one that is not shown yet is enough."""
    async with store.write() as tx:
        for _ in range(2):
            await tx.tell(Subject.MESSAGE, 1, 7, NOW)
        [card] = await _show_all(tx)
        assert (card.chat_id, card.actor_id) == (7, 7)
        await tx.tell(Subject.MESSAGE, 1, 7, NOW)
        await tx.tell(Subject.MESSAGE, 1, 8, NOW)
        again, other = await _show_all(tx)
        assert (again.id, again.telegram_id is None, again.replaces is not None) == (card.id, True, True)
        assert other.chat_id == 8


@pytest.mark.parametrize("how", Settlement)
async def test_who_decided_about_a_bulk_call_is_known(store: Store, how: Settlement) -> None:
    """Nobody before; then who, what and when."""
    async with store.write() as tx:
        id_ = await tx.add_campaign(campaign_values(way=Way.BULK))
        await tx.add_bulk(id_, "bulk", b"1\n", NOW, with_params=False, now=NOW)
        [bulk] = await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW)
        await tx.record_bulk(sent(bulk, State.UNCERTAIN), NOW)
        assert await tx.bulk_decision(bulk.id) is None
        assert await tx.settle_bulk(bulk.id, how, 7, LATER)
        decision = await tx.bulk_decision(bulk.id)
        assert decision
        assert (decision.actor_id, decision.why, decision.at) == (7, how, LATER)


async def test_the_file_of_a_bulk_call_can_be_changed(store: Store) -> None:
    """Its own, and no other's."""
    async with store.write() as tx:
        id_ = await tx.add_campaign(campaign_values(way=Way.BULK))
        for name in ("one", "two"):
            await tx.add_bulk(id_, name, b"1\n2\n", NOW, with_params=False, now=NOW)
        first, second = await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW)
        await tx.change_bulk_file(first.id, b"2\n")
        assert (await tx.bulk_file(first.id), await tx.bulk_file(second.id)) == (b"2\n", b"1\n2\n")


async def test_what_a_block_cancels_is_counted(store: Store) -> None:
    """What it cancelled itself; neither what is for others, nor what an earlier block cancelled."""
    await queue(store, new_message(), new_message(), new_message(phone="992900000002"))
    async with store.write() as tx:
        await tx.block(PHONE, 7, NOW)
        assert await tx.count_withheld(PHONE, NOW) == 2
        await tx.unblock(PHONE)
    await queue(store)
    async with store.write() as tx:
        await tx.block(PHONE, 7, LATER)
        assert await tx.count_withheld(PHONE, LATER) == 1


async def test_nobody_withholds_by_himself_what_was_blocked_before(store: Store) -> None:
    """A campaign's message is cancelled without anybody's name on it."""
    [message] = await queue(store)
    async with store.write() as tx:
        await tx.withhold([PHONE], None, NOW)
        last = (await tx.history(message.id))[-1]
    assert (last.to_state, last.actor_id) == (State.CANCELLED, None)


async def test_a_block_waits_for_who_has_asked(store: Store, other: Store) -> None:
    """Between a look at the list and what is queued upon it nobody gets there unseen: the block finds the message."""

    async def block() -> bool:
        async with other.write() as tx:
            return await tx.block(PHONE, 7, NOW)

    async with store.write() as tx:
        assert await tx.blocked([PHONE], hold=True) == frozenset()
        blocking = asyncio.create_task(block())
        await asyncio.wait({blocking}, timeout=0.2)
        [id_] = await tx.add_messages([new_message()], NOW)
    assert await blocking
    assert (await look(store, id_)).state is State.CANCELLED
