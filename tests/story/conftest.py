"""What every story begins with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.chat import Chat
from tests.support.world import World, running_bot, stand_ins


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Both stand-ins."""
    async with stand_ins(tmp_path) as world:
        yield world


@pytest.fixture
async def chat(world: World) -> AsyncIterator[Chat]:
    """People with a Telegram client; no bot yet."""
    async with Chat(f"{world.address}/telegram") as chat:
        yield chat


@pytest.fixture
async def bot(world: World) -> AsyncIterator[None]:
    """The bot, running."""
    async with running_bot(world):
        yield
