"""The commands of the menu, and what the handlers hear."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from aiogram import Bot
from aiogram.filters import Command
from aiogram.types import Chat, Message

from bot.telegram.handlers import routers
from bot.telegram.menu import COMMANDS


def filters() -> Iterator[Command]:
    """What each handler of a command is registered with."""
    for router in routers():
        for handler in router.message.handlers:
            yield from (one.callback for one in handler.filters or () if isinstance(one.callback, Command))


async def heard(text: str) -> bool:
    """Whether some handler takes this for its command."""
    message = Message(message_id=1, date=datetime.now(UTC), chat=Chat(id=1, type="private"), text=text)
    bot = Bot("1:a")
    try:
        return any([await one(message, bot) for one in filters()])
    finally:
        await bot.session.close()


@pytest.mark.parametrize("command", ["start", *COMMANDS])
async def test_every_command_is_heard_however_it_is_written(command: str) -> None:
    """A phone's keyboard begins with a capital, and people shout."""
    for said in (command, command.capitalize(), command.upper()):
        assert await heard(f"/{said} words")
    assert not await heard(f"/{command}s")
