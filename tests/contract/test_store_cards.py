"""Cards: a card is due until Telegram has taken the newest state of what it shows."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.campaign import Stage
from bot.domain.card import Card, Subject
from bot.domain.message import State
from bot.store import Store
from tests.support.log import (
    LEASE,
    NOW,
    SECOND,
    accepted,
    campaign_values,
    claim,
    heard,
    new_message,
    queue,
    record,
    sent,
)


async def _add(store: Store, subject: Subject = Subject.MESSAGE, subject_id: int = 1) -> Card:
    async with store.write() as tx:
        id_ = await tx.add_card(-5, 7, subject, subject_id, NOW, reply_to=3)
    return next(card for card in await _due(store) if card.id == id_)


async def _due(store: Store, seconds: float = 0) -> list[Card]:
    async with store.read() as tx:
        return await tx.due_cards(NOW + seconds * SECOND, 99)


@pytest.mark.parametrize("subject", Subject)
async def test_a_card_comes_back_as_it_was_given(store: Store, subject: Subject) -> None:
    """Due at once, never shown yet."""
    card = await _add(store, subject, 9)
    assert card == Card(card.id, -5, 7, subject, 9, None, 3, wanted=1, shown=0, tries=0, replaces=None)


async def test_the_order_of_due_cards(store: Store) -> None:
    """The longest due first, then the first added; as many as asked for."""
    async with store.write() as tx:
        ids = [await tx.add_card(5, 7, Subject.MESSAGE, 1, NOW + due * SECOND) for due in (2, 1, 3, 1)]
        cards = await tx.due_cards(NOW + 2 * SECOND, 9)
        assert [card.id for card in cards] == [ids[1], ids[3], ids[0]]
        assert [card.id for card in await tx.due_cards(NOW + 2 * SECOND, 1)] == [ids[1]]


async def test_of_each_chat_a_few_are_given(store: Store) -> None:
    """Its longest due; so whoever has thousands leaves room for others."""
    async with store.write() as tx:
        many = [await tx.add_card(5, 7, Subject.MESSAGE, 1, NOW + place * SECOND) for place in reversed(range(30))]
        few = [await tx.add_card(6, 7, Subject.MESSAGE, 1, NOW + 60 * SECOND) for _ in range(2)]
        cards = await tx.due_cards(NOW + 60 * SECOND, 12, 10)
        assert [card.id for card in cards] == [*many[:-11:-1], *few]
        assert await tx.due_cards(NOW + 60 * SECOND, 11, 10) == cards[:11]


async def test_what_is_due_in_a_chat_is_put_off_together(store: Store) -> None:
    """No other chat's, nothing that is not due, nothing that was taken; tries are each card's own."""
    async with store.write() as tx:
        here = [await tx.add_card(5, 7, Subject.MESSAGE, 1, NOW + due * SECOND) for due in (1, 0, 2)]
        there = await tx.add_card(6, 7, Subject.MESSAGE, 1, NOW)
        shown = await tx.add_card(5, 7, Subject.MESSAGE, 2, NOW)
        await tx.card_shown(next(card for card in await tx.due_cards(NOW, 9) if card.id == shown), 77, NOW, None)
        await tx.put_off_chat(5, NOW + SECOND, NOW + 9 * SECOND)
    assert [card.id for card in await _due(store, 2)] == [there, here[2]]
    assert [(card.id, card.tries) for card in await _due(store, 9)] == [(id_, 0) for id_ in (there, here[2], *here[:2])]


async def test_what_is_put_off_waits_for_nobody(store: Store, other: Store) -> None:
    """A card that another worker is changing is left: two that wait for each other's cards would never end."""
    first, second = await _add(store), await _add(store, subject_id=2)

    async def put_off() -> None:
        async with other.write() as tx:
            await tx.put_off_chat(-5, NOW, NOW + 9 * SECOND)

    async with store.write() as tx:
        await tx.bump(Subject.MESSAGE, 1, NOW)
        theirs = asyncio.create_task(put_off())
        done, _ = await asyncio.wait({theirs}, timeout=0.5)
        is_postgresql = tx._connection.dialect.name == "postgresql"
        assert bool(done) is is_postgresql, "SQLite lets one write at a time"
    await theirs
    assert [card.id for card in await _due(store)] == ([first.id] if is_postgresql else [])
    assert {card.id for card in await _due(store, 9)} == {first.id, second.id}


async def test_a_card_that_was_taken_is_due_no_more(store: Store) -> None:
    """It is found by its place in the chat, and tries begin anew."""
    card = await _add(store)
    async with store.write() as tx:
        await tx.card_missed(card, NOW)
        await tx.card_shown(card, 77, NOW, None)
        assert await tx.card_in_chat(-5, 77) == replace(card, telegram_id=77, shown=1)
        assert await tx.card_in_chat(-5, 78) is None
        assert await tx.card_in_chat(5, 77) is None
    assert await _due(store, 9999) == []


async def test_a_change_makes_a_card_due_again(store: Store) -> None:
    """Every card of the subject, and no other."""
    cards = [await _add(store), await _add(store), await _add(store, subject_id=2), await _add(store, Subject.DRAFT, 1)]
    async with store.write() as tx:
        for card in cards:
            await tx.card_shown(card, 77, NOW, None)
        await tx.bump(Subject.MESSAGE, 1, NOW)
    assert [(card.id, card.wanted, card.shown) for card in await _due(store)] == [
        (cards[0].id, 2, 1),
        (cards[1].id, 2, 1),
    ]


async def test_a_change_while_a_card_is_being_shown_is_not_lost(store: Store) -> None:
    """What Telegram took was the state before; so the card stays due until the newest one is taken."""
    card = await _add(store)
    async with store.write() as tx:
        await tx.bump(Subject.MESSAGE, 1, NOW)
        await tx.card_shown(card, 77, NOW, None)
    [again] = await _due(store)
    assert (again.wanted, again.shown, again.telegram_id) == (2, 1, 77)
    async with store.write() as tx:
        await tx.card_shown(again, 77, NOW, None)
    assert await _due(store, 9999) == []


async def test_a_card_that_changes_often_is_quiet_for_a_while(store: Store) -> None:
    """After an edit the next one waits, whether the change came before the edit was taken or after."""
    card = await _add(store)
    quiet = NOW + 3 * SECOND
    async with store.write() as tx:
        await tx.card_shown(card, 77, NOW, quiet)
        await tx.bump(Subject.MESSAGE, 1, NOW + SECOND)
        await tx.bump(Subject.MESSAGE, 1, NOW + 2 * SECOND)
    assert await _due(store, 2.9) == []
    [again] = await _due(store, 3)
    assert again.wanted == 3
    async with store.write() as tx:
        await tx.bump(Subject.MESSAGE, 1, quiet)
        await tx.card_shown(again, 77, quiet, quiet + 3 * SECOND)
    assert await _due(store, 5.9) == []
    assert len(await _due(store, 6)) == 1


async def test_a_change_after_the_quiet_is_shown_at_once(store: Store) -> None:
    """The quiet ends by itself."""
    card = await _add(store)
    async with store.write() as tx:
        await tx.card_shown(card, 77, NOW, NOW + SECOND)
        await tx.bump(Subject.MESSAGE, 1, NOW + 2 * SECOND)
    assert await _due(store, 1.9) == []
    assert len(await _due(store, 2)) == 1


async def test_a_card_that_was_not_taken_comes_again(store: Store) -> None:
    """At its time, counted; a change meanwhile does not hurry it, for Telegram asked us to wait."""
    card = await _add(store)
    async with store.write() as tx:
        await tx.card_missed(card, NOW + 5 * SECOND)
        await tx.bump(Subject.MESSAGE, 1, NOW + SECOND)
    assert await _due(store, 4.9) == []
    assert [(again.tries, again.wanted) for again in await _due(store, 5)] == [(1, 2)]


async def test_a_card_that_is_gone_is_due_no_more(store: Store) -> None:
    """Deleted from the chat, there is nothing to keep true, however often what it showed moves."""
    card, other = await _add(store), await _add(store)
    async with store.write() as tx:
        for shown in (card, other):
            await tx.card_shown(shown, 70 + shown.id, NOW, None)
        await tx.card_gone(card)
        gone = await tx.card_in_chat(-5, 70 + card.id)
        assert gone, "what was gone is not the message in which it stands now"
        await tx.card_gone(gone)
        assert await tx.card_in_chat(-5, 70 + card.id) is None
        for _ in range(3):
            await tx.bump(Subject.MESSAGE, 1, NOW)
        await tx.repost(Subject.MESSAGE, 1, NOW)
        await tx.turn_cards(Subject.MESSAGE, 1, Subject.CAMPAIGN, 9, NOW)
    assert [due.id for due in await _due(store, 9999)] == [other.id]


async def test_the_cards_of_a_draft_become_those_of_what_it_became(store: Store) -> None:
    """All of them, in their place in the chat, due at once; also one that is being shown at that moment."""
    shown, being_shown = await _add(store, Subject.DRAFT, 4), await _add(store, Subject.DRAFT, 4)
    other = await _add(store, Subject.DRAFT, 5)
    async with store.write() as tx:
        for card in (shown, other):
            await tx.card_shown(card, 77, NOW, None)
        await tx.turn_cards(Subject.DRAFT, 4, Subject.CAMPAIGN, 9, NOW)
        await tx.card_shown(being_shown, 78, NOW, None)
    assert await _due(store) == [
        replace(shown, subject=Subject.CAMPAIGN, subject_id=9, telegram_id=77, wanted=2, shown=1),
        replace(being_shown, subject=Subject.CAMPAIGN, subject_id=9, telegram_id=78, wanted=2, shown=1),
    ]


async def test_what_moves_a_message_makes_its_cards_due(store: Store) -> None:
    """Its own and its campaign's, in the transaction of the move: an outcome, an answer, a cancel; no late outcome."""
    async with store.write() as tx:
        campaign_id = await tx.add_campaign(campaign_values())
    message = await accepted(store, campaign_id=campaign_id)
    waiting, lost = await queue(store, new_message(campaign_id=campaign_id), new_message())
    for subject, subject_id in (
        (Subject.MESSAGE, message.id),
        (Subject.MESSAGE, waiting.id),
        (Subject.MESSAGE, lost.id),
    ):
        await _add(store, subject, subject_id)
    await _add(store, Subject.CAMPAIGN, campaign_id)

    async def wanted() -> list[int]:
        return [card.wanted for card in sorted(await _due(store), key=lambda card: card.id)]

    async with store.write() as tx:
        await tx.record_heard([heard(message, State.DELIVERED)], NOW)
    assert await wanted() == [2, 1, 1, 2]
    async with store.write() as tx:
        await tx.bump_messages([waiting.id, lost.id], NOW)
    assert await wanted() == [2, 2, 2, 3]
    claimed = {row.id: row for row in await claim(store)}
    again = {row.id: row for row in await claim(store, NOW + LEASE)}
    await record(store, sent(claimed[waiting.id]), sent(claimed[lost.id]))
    assert await wanted() == [2, 2, 2, 3], "late outcomes change nothing"
    await record(store, sent(again[waiting.id], State.QUEUED, may_have_arrived=False), sent(again[lost.id]))
    assert await wanted() == [2, 3, 3, 4]
    async with store.write() as tx:
        assert await tx.cancel_some(campaign_id, NOW, 9) == 1
    assert await wanted() == [2, 4, 3, 4], "the card of the campaign follows when it moves on"


async def test_what_moves_a_bulk_call_makes_the_cards_of_its_campaign_due(store: Store) -> None:
    """As with messages."""
    async with store.write() as tx:
        campaign_id = await tx.add_campaign(campaign_values())
        await tx.add_bulk(campaign_id, "bulk-1", b"x", NOW, with_params=False, now=NOW)
        [bulk] = await tx.claim_bulks(NOW, NOW + LEASE, 1, NOW)
    await _add(store, Subject.CAMPAIGN, campaign_id)
    async with store.write() as tx:
        await tx.record_bulk(sent(bulk), NOW)
        assert await tx.move_campaign(campaign_id, [Stage.RUNNING], Stage.PAUSED, NOW)
        assert not await tx.move_campaign(campaign_id, [Stage.RUNNING], Stage.PAUSED, NOW)
        await tx.rows_taken(campaign_id, 1, NOW)
    assert [card.wanted for card in await _due(store)] == [4]


async def test_the_card_of_one_chat_is_shown_anew(store: Store) -> None:
    """Only there; False where the chat has none, so that it gets one."""
    here = await _add(store)
    async with store.write() as tx:
        there = await tx.add_card(6, 7, Subject.MESSAGE, 1, NOW)
        assert not await tx.repost(Subject.MESSAGE, 1, NOW, 5), "none is shown in it"
        for card in await tx.due_cards(NOW, 9):
            await tx.card_shown(card, 77, NOW, None)
        assert not await tx.repost(Subject.MESSAGE, 1, NOW, 5)
        assert not await tx.repost(Subject.MESSAGE, 2, NOW, 6)
        assert await tx.due_cards(NOW, 9) == []
        assert await tx.repost(Subject.MESSAGE, 1, NOW, 6)
        assert [card.id for card in await tx.due_cards(NOW, 9)] == [there]
        assert await tx.card_in_chat(-5, 77) == replace(here, telegram_id=77, shown=1)


async def test_the_cards_of_a_subject_are_shown_anew(store: Store) -> None:
    """At the end of the chat; the message in which it stood is known until the new one is there."""
    shown, unseen, other = await _add(store), await _add(store), await _add(store, subject_id=2)
    async with store.write() as tx:
        for card in (shown, other):
            await tx.card_shown(card, 1000 + card.id, NOW, NOW + 99 * SECOND)
        await tx.repost(Subject.MESSAGE, 1, NOW)
        assert await tx.card_in_chat(-5, 1000 + shown.id) is None
    first, second = await _due(store)
    assert first == replace(shown, wanted=2, shown=1, replaces=1000 + shown.id)
    assert second == unseen, "what was never shown stands in no other's place"
    async with store.write() as tx:
        await tx.repost(Subject.MESSAGE, 1, NOW)
        assert first in await tx.due_cards(NOW, 9), "not twice before it is shown"
        await tx.card_shown(first, 99, NOW, None)
        both = replace(first, telegram_id=99, shown=2)
        assert both in await tx.due_cards(NOW, 9), "until the old one is taken away: a bot that dies now must find it"
        await tx.old_card_gone(both, NOW)
        assert await tx.due_cards(NOW, 9) == [unseen]
        assert await tx.card_in_chat(-5, 99) == replace(both, replaces=None)


async def _replacing(store: Store) -> Card:
    """A card that is shown anew, 99, while 77, where it stood, is being taken away."""
    await _add(store)
    for telegram_id in (77, 99):
        async with store.write() as tx:
            [card] = await tx.due_cards(NOW, 9)
            await tx.card_shown(card, telegram_id, NOW, NOW + 3 * SECOND)
            await tx.repost(Subject.MESSAGE, 1, NOW) if telegram_id == 77 else None
    [card] = await _due(store)
    assert (card.telegram_id, card.replaces) == (99, 77)
    return card


async def test_a_card_that_moves_while_its_old_one_goes_is_due_again(store: Store) -> None:
    """No sooner than it may be edited again."""
    card = await _replacing(store)
    async with store.write() as tx:
        await tx.bump(Subject.MESSAGE, 1, NOW)
        await tx.old_card_gone(card, NOW)
    assert await _due(store, 2) == []
    assert await _due(store, 3) == [replace(card, wanted=3, replaces=None)]


async def test_a_card_that_is_to_come_anew_while_its_old_one_goes_replaces_the_latest(store: Store) -> None:
    """That the one before it is gone says nothing of that."""
    card = await _replacing(store)
    async with store.write() as tx:
        await tx.repost(Subject.MESSAGE, 1, NOW)
        await tx.old_card_gone(card, NOW)
    assert await _due(store) == [replace(card, wanted=3, telegram_id=None, replaces=99)]
