"""Cards on a real log and a chat that is closed, or slow: what of it keeps whom waiting."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from bot.domain.card import Card, Subject
from bot.domain.timing import Timing
from bot.services.notify import Gone, Later, Notify
from bot.store import Store
from tests.support.log import NOW, SECOND

CLOSED, OPEN = 7, 8
MANY = 300


@dataclass
class Chats:
    """Chats that take every card, but for those that `refuses` says."""

    refuses: Callable[[Card], Later | None]
    asked: list[Card] = field(default_factory=list)

    async def show(self, card: Card) -> int | Later | Gone:
        self.asked.append(card)
        return self.refuses(card) or 1000 + card.id

    async def remove(self, card: Card) -> Later | None:
        return None

    def asked_of(self, chat_id: int) -> list[int]:
        """The cards of this chat that were tried, in order."""
        return [card.id for card in self.asked if card.chat_id == chat_id]


@dataclass
class Desk:
    """Cards on their way to chats, at a time that is set by hand."""

    store: Store
    chats: Chats
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.notify = Notify(self.store, self.chats, lambda: self.now, Timing())

    async def add(self, chat_id: int, number: int = 1) -> list[int]:
        """Cards that are due in this chat since now."""
        async with self.store.write() as log:
            return [await log.add_card(chat_id, chat_id, Subject.DRAFT, 1, self.now) for _ in range(number)]

    async def show_all(self) -> int:
        """Show until nothing is due; return how many looks that took."""
        looks = 0
        while await self.notify():
            looks += 1
            assert looks < MANY
        return looks


@pytest.mark.parametrize("later", [Later(of_chat=True), Later(60.0, of_chat=True)])
async def test_a_closed_chat_is_asked_once(store: Store, later: Later) -> None:
    """All that is due there waits with the card that was refused; the fresh card of another is shown in that look."""
    desk = Desk(store, Chats(lambda card: later if card.chat_id == CLOSED else None))
    first, *_ = await desk.add(CLOSED, MANY)
    desk.now += SECOND
    [fresh] = await desk.add(OPEN)
    assert await desk.show_all() == 1
    assert (desk.chats.asked_of(CLOSED), desk.chats.asked_of(OPEN)) == ([first], [fresh])
    desk.now += 3600 * SECOND
    [fresh] = await desk.add(OPEN)
    assert await desk.show_all() == 1
    assert desk.chats.asked_of(CLOSED) == [first, first]
    assert desk.chats.asked_of(OPEN)[-1] == fresh


async def test_a_chat_that_opens_again_gets_all_in_order(store: Store) -> None:
    """First come, first shown."""
    closed = [True]
    desk = Desk(store, Chats(lambda _: Later(of_chat=True) if closed[0] else None))
    ids = await desk.add(CLOSED, 30)
    await desk.show_all()
    closed.clear()
    closed.append(False)
    desk.now += 3600 * SECOND
    await desk.show_all()
    assert desk.chats.asked_of(CLOSED) == [ids[0], *ids]


async def test_a_card_that_is_not_taken_holds_up_no_other_of_its_chat(store: Store) -> None:
    """What is refused for its own sake waits alone."""
    desk = Desk(store, Chats(lambda card: Later() if card.id == bad else None))
    bad, *good = await desk.add(OPEN, 5)
    assert await desk.show_all() == 1
    assert desk.chats.asked_of(OPEN) == [bad, *good]
    desk.now += 9 * SECOND
    await desk.show_all()
    assert desk.chats.asked_of(OPEN) == [bad, *good, bad]


async def test_a_chat_with_many_fills_no_look(store: Store) -> None:
    """Who has few is served beside who has hundreds that are due since long."""
    desk = Desk(store, Chats(lambda _: None))
    many = await desk.add(CLOSED, MANY)
    desk.now += SECOND
    few = await desk.add(OPEN, 2)
    assert await desk.notify()
    assert desk.chats.asked_of(OPEN) == few
    await desk.show_all()
    assert desk.chats.asked_of(CLOSED) == many


async def test_who_does_not_let_go_of_an_old_card_is_closed_too(store: Store) -> None:
    """The new one is shown; the rest waits as if it had not been."""

    class Stuck(Chats):
        async def remove(self, card: Card) -> Later | None:
            return Later(of_chat=True)

    desk = Desk(store, Stuck(lambda _: None))
    first, *_ = await desk.add(OPEN, 3)
    async with store.write() as log:
        [card] = await log.due_cards(NOW, 1)
        await log.card_shown(card, 77, NOW, None)
        await log.repost(Subject.DRAFT, 1, NOW - SECOND)
    assert await desk.show_all() == 1
    assert desk.chats.asked_of(OPEN) == [first]
