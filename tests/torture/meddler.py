"""People who cannot wait: they order single messages beside the campaign, and ask out of turn, two at a time."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.chat import Chat, Message
from tests.support.world import OWNER
from tests.torture.plan import Plan

_FINGERS = 3
_PATIENCE = 3.0
"""Seconds until a person who got no answer does something else."""
_RECIPIENTS_TO_A_QUESTION = 4
_ASK = 0.4
"""Share of the acts that ask for another one, while there is a button to press."""
_NEWEST = 4
"""Of so many cards, the last that have the button, one is pressed: what came last is the least known."""
_LATEST = 30
"""Of so many that were sent last one is asked for."""


class Meddler:
    """Several people at work. `sent` tells the phones of the sends so far, in their order."""

    def __init__(self, telegram_url: str, plan: Plan, sent: Callable[[], Sequence[str]]) -> None:
        self._url = telegram_url
        self._plan = plan
        self._sent = sent
        self._dice = random.Random(plan.seed)  # noqa: S311 (repeatable, no secret)
        self._ordered = 0
        self._questions = len(plan.recipients) // _RECIPIENTS_TO_A_QUESTION
        self._stop = asyncio.Event()
        self.presses = 0

    async def __call__(self) -> None:
        """Meddle until `stop`; then order what is not ordered yet."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_FINGERS):
                group.create_task(self._finger())
        async with Chat(self._url) as chat:
            while self._ordered < len(self._plan.singles):
                await self._order(chat)

    def stop(self) -> None:
        """Let them end what they are at."""
        self._stop.set()

    async def _finger(self) -> None:
        async with Chat(self._url) as chat:
            while not self._stop.is_set():
                await self._act(chat)

    async def _act(self, chat: Chat) -> None:
        """Order the next single message if it is its time; else press, or ask for one that has just left."""
        buttons = [found for message in await chat.history() if (found := _asking(message))]
        sent = self._sent()[-_LATEST:] if self._questions else ()
        if self._is_time_to_order():
            await self._order(chat)
        elif sent and (not buttons or self._dice.random() < _ASK):
            self._questions -= 1
            await self._say(chat, f"/status {self._dice.choice(sent)}")
        elif buttons:
            await self._press(chat, *self._dice.choice(buttons[-_NEWEST:]))
        else:
            await _look(chat)

    def _is_time_to_order(self) -> bool:
        """They are spread over the campaign."""
        singles = len(self._plan.singles)
        gone = len(self._sent()) / len(self._plan.recipients)
        return self._ordered < singles and gone * singles >= self._ordered

    async def _order(self, chat: Chat) -> None:
        person = self._plan.singles[self._ordered]
        self._ordered += 1
        await self._say(chat, f"/send {person.phone} {person.text}")

    async def _say(self, chat: Chat, words: str) -> None:
        await chat.says(OWNER, words)
        await _look(chat)

    async def _press(self, chat: Chat, message_id: int, data: str) -> None:
        """Twice at once: of two questions for one message, either may be answered first."""
        press = {"user": OWNER, "message_id": message_id, "data": data, "wait": _PATIENCE}
        self.presses += 2
        await asyncio.gather(_press_once(chat, press), _press_once(chat, press))


async def _press_once(chat: Chat, press: dict[str, Any]) -> None:
    with contextlib.suppress(ValueError):  # the button went before the finger came
        await chat.control("press", json=press)


async def _look(chat: Chat) -> None:
    """Until the bot says something, or patience ends."""
    with contextlib.suppress(AssertionError):
        await chat.wait_for(lambda _: True, _PATIENCE)


def _asking(message: Message) -> tuple[int, str] | None:
    """The card and what its button that asks the gateway carries."""
    found = [button.get("callback_data", "") for row in message["buttons"] for button in row]
    return next(((message["message_id"], data) for data in found if data.startswith("p:refresh:")), None)
