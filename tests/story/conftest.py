"""What every story begins with."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.chat import Chat
from tests.support.timing import HASTY
from tests.support.world import World, running_bot, stand_ins


@pytest.fixture
async def world(tmp_path: Path, log_sqlite: Path) -> AsyncIterator[World]:
    """Both stand-ins, and an empty log."""
    shutil.copy(log_sqlite, tmp_path)
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


@pytest.fixture
async def hasty_bot(world: World) -> AsyncIterator[None]:
    """The bot, running, and soon tired of waiting for a gateway that does not answer."""
    async with running_bot(world, HASTY):
        yield
