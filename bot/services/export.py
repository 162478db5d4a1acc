"""The log of a time as rows of a file."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from bot.domain.lookback import Bounds
from bot.services.ports import Store
from bot.services.sheets import CELLS, Reader, Row, message_row

COLUMNS = tuple(CELLS)
_PAGE = 1_000


@dataclass(slots=True)
class Progress:
    """How far it is."""

    done: float = 0.0
    """The share that is read, of 1."""


async def is_empty(store: Store, time: Bounds) -> bool:
    """Whether there is no message of this time."""
    async with store.read() as log:
        return not await log.page_of_time(time, 0, 1)


async def export_pages(store: Store, time: Bounds, reader: Reader, progress: Progress) -> AsyncIterator[Iterable[Row]]:
    """The rows, oldest first, page by page; memory does not grow with the log. A time that is over has an end.

    What is confidential has no text in it.
    """
    async with store.read() as log:
        first, end = await log.span_of_time(time)
    last = first - 1
    while True:
        async with store.read() as log:
            page = await log.page_of_time(time, last, _PAGE)
        if not page:
            return
        last = page[-1].id
        progress.done = (last + 1 - first) / max(1, end - first)
        yield (message_row(message, COLUMNS, reader) for message in page)
