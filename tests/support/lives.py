"""Bots as processes of their own, to be killed. All is imported once (aiogram alone takes seconds); each is a fork."""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.world import World

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.support.quick_bot"])
_DEATH = 10
"""Seconds within which a process that was killed is gone."""


class Life:
    """A bot, from its birth to its end."""

    def __init__(self, process: multiprocessing.process.BaseProcess) -> None:
        self._process = process

    def kill(self) -> None:
        """SIGKILL, now."""
        self._process.kill()

    def terminate(self) -> None:
        """SIGTERM: end in order."""
        self._process.terminate()

    async def wait(self, seconds: float) -> int:
        """The exit code, negative for a signal. Raises TimeoutError."""
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            async with asyncio.timeout(seconds):
                await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode


@asynccontextmanager
async def bot_process(world: World, log: Path | None = None, **changes: str) -> AsyncIterator[Life]:
    """The bot in `world` with these settings, killed when the block ends if it lives; its log goes to `log`."""
    process = _FORKS.Process(target=_run, args=(world.environment(**changes), world.folder, log))
    process.start()
    life = Life(process)
    try:
        yield life
    finally:
        life.kill()
        await life.wait(_DEATH)


def _run(environment: dict[str, str], folder: Path, log: Path | None) -> None:
    from tests.support import quick_bot

    os.environ |= environment
    os.chdir(folder)
    if log is not None:
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT), 2)
    asyncio.run(quick_bot.main())
