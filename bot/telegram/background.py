"""Work that a handler starts and does not wait for: a call to the gateway may take 20 s; updates come one by one."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from aiogram.exceptions import AiogramError

from bot.logs import where

log = structlog.get_logger()


class Background:
    """Holds such work, so that none is forgotten: its failures are told, and it is ended with the bot."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, object], sorry: Callable[[], Awaitable[object]] | None = None) -> None:
        """Start it; should it fail, `sorry` tells the admin who waits for it."""
        task = asyncio.create_task(self._run(work, sorry))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, work: Coroutine[Any, Any, object], sorry: Callable[[], Awaitable[object]] | None) -> None:
        try:
            await work
        except Exception as error:
            log.error("background work failed", error=type(error).__name__, where=where(error))  # noqa: TRY400 (a traceback may quote values)
            if sorry:
                await self._tell(sorry)

    async def _tell(self, sorry: Callable[[], Awaitable[object]]) -> None:
        try:
            await sorry()
        except AiogramError as error:
            log.warning("failure not told", error=type(error).__name__)

    async def close(self) -> None:
        """End what is still under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
