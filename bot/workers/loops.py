"""Loops that last until the bot stops, and what keeps them going."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.logs import where
from bot.workers.bell import Ear

log = structlog.get_logger()

_FIRST_REST, _LONGEST_REST = 1.0, 60.0


async def every(
    step: Callable[[], Awaitable[object]], ear: Ear, seconds: float, stop: asyncio.Event, rest: float = 0.0
) -> None:
    """Take the step again and again until `stop`: at once while there is more, else when the bell rings.

    Between steps that found nothing lie `rest` seconds at least: while much happens, the bell rings all the time.
    """
    while not stop.is_set():
        ear.forget()
        if not await step():
            await asyncio.sleep(rest)
            await ear.wait(seconds)


async def until(stop: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
    """Do work that may be cut off, and is taken up again at the next start, until `stop`."""
    working, stopping = asyncio.ensure_future(work()), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        working.cancel()
        ended = await asyncio.gather(working, return_exceptions=True)
    if isinstance(ended[0], Exception):
        raise ended[0]


async def at_intervals(step: Callable[[], Awaitable[object]], seconds: float, stop: asyncio.Event) -> None:
    """Take the step every so often until `stop`, whatever else happens."""
    while not stop.is_set():
        await step()
        try:
            async with asyncio.timeout(seconds):
                await stop.wait()
        except TimeoutError:
            continue


async def supervised(name: str, work: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Run `work` until it returns; if it fails, say so and begin again after a rest.

    What it had under way is taken up by ordinary work: leases run out, and cards stay due.
    """
    rest = _FIRST_REST
    while not stop.is_set():
        try:
            await work()
        except Exception as error:
            log.error("worker failed", worker=name, error=type(error).__name__, where=where(error), rest=rest)  # noqa: TRY400 (a traceback may quote values)
            try:
                async with asyncio.timeout(rest):
                    await stop.wait()
            except TimeoutError:
                rest = min(rest * 2, _LONGEST_REST)
        else:
            return
