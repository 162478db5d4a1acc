"""Bring cards to the chats. A card stays due until Telegram has taken its newest state."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Protocol

from bot.domain.card import Card, Subject
from bot.domain.timing import Timing
from bot.services.ports import Clock, Store

_AT_ONCE = 100
_OF_A_CHAT = 10
"""Cards of one chat that are shown in one go: one in which thousands are due keeps no other waiting."""
_LONGEST_WAIT = 3600.0
_DOUBLINGS = 12
"""After so many the wait is at its longest."""


class Gone(Enum):
    """Telegram will never take this card: the chat's message was deleted, or its subject is no more."""

    GONE = auto()


@dataclass(frozen=True, slots=True)
class Later:
    """Telegram did not take it now."""

    seconds: float | None = None
    """When it asked us to come back; None: we choose."""
    of_chat: bool = False
    """Whether it takes nothing else for this chat now: the bot is blocked there, or has written too much."""


class Screen(Protocol):
    """A chat, as cards see it."""

    async def show(self, card: Card) -> int | Later | Gone:
        """Send or edit a card; return the id of the message in the chat."""

    async def remove(self, card: Card) -> Later | None:
        """Take away the message that the card stood in before; None if it is gone, or will never go."""


class Notify:
    """Shows what is due."""

    def __init__(self, store: Store, screen: Screen, clock: Clock, timing: Timing) -> None:
        self._store = store
        self._screen = screen
        self._clock = clock
        self._timing = timing

    async def __call__(self) -> bool:
        """Show what is due, chats side by side and cards of one chat in order; False if nothing was."""
        async with self._store.read() as log:
            cards = await log.due_cards(self._clock(), _AT_ONCE, _OF_A_CHAT)
        chats = defaultdict(list)
        for card in cards:
            chats[card.chat_id].append(card)
        async with asyncio.TaskGroup() as group:
            for chat in chats.values():
                group.create_task(self._show_all(chat))
        return bool(cards)

    async def _show_all(self, cards: Iterable[Card]) -> None:
        for card in cards:
            missed = await self._show(card)
            if missed is not None and missed.of_chat:
                return  # the rest is put off with it

    async def _show(self, card: Card) -> Later | None:
        shown = await self._screen.show(card)
        await self._record(card, shown)
        if card.replaces is not None and isinstance(shown, int):
            return await self._remove_old(card)
        return shown if isinstance(shown, Later) else None

    async def _remove_old(self, card: Card) -> Later | None:
        """After the new one is noted: a crash in between leaves two until the next start, never none."""
        missed = await self._screen.remove(card)
        if missed is not None:
            await self._record(card, missed)
        else:
            async with self._store.write() as log:
                await log.old_card_gone(card, self._clock())
        return missed

    async def _record(self, card: Card, shown: int | Later | Gone) -> None:
        now = self._clock()
        async with self._store.write() as log:
            if isinstance(shown, Gone):
                await log.card_gone(card)
            elif isinstance(shown, Later):
                wait = shown.seconds or min(_LONGEST_WAIT, 2.0 ** min(card.tries + 1, _DOUBLINGS))
                again = now + timedelta(seconds=wait)
                await log.card_missed(card, again)
                if shown.of_chat:
                    await log.put_off_chat(card.chat_id, now, again)
            else:
                often = card.subject in (Subject.CAMPAIGN, Subject.INBOX)
                quiet = now + timedelta(seconds=self._timing.campaign_card) if often else None
                await log.card_shown(card, shown, now, quiet)
