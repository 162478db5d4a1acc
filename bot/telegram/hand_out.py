"""Files on their way into a chat, and what the chat sees meanwhile."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import FSInputFile
from aiogram.utils.chat_action import ChatActionSender

from bot.domain.timing import Timing
from bot.i18n import Html, Translator, join
from bot.services.sheets import Part

_UPLOAD = 600
"""Seconds that a file may take: 50 MB on a slow line."""
_LAST_WORD = 5.0
"""Seconds that the end of a note may take; it must not hold up the bot's own."""


@asynccontextmanager
async def folder(bot: Bot, chat_id: int) -> AsyncIterator[Path]:
    """A place for files, while the chat sees that one is coming."""
    with tempfile.TemporaryDirectory() as path:
        async with ChatActionSender.upload_document(chat_id, bot):
            yield Path(path)


async def send_file(bot: Bot, chat_id: int, path: Path, caption: Html, name: str | None = None) -> None:
    """Send one file under its own name, or another."""
    await bot.send_document(chat_id, FSInputFile(path, name), caption=caption, request_timeout=_UPLOAD)


async def send_parts(
    bot: Bot, chat_id: int, t: Translator, parts: AsyncGenerator[Part, None], caption: Callable[[int], Html]
) -> None:
    """Send files as they are done; of several, each says which one it is, and at last that it was all.

    `caption` tells what is in a file of so many rows.
    """
    rows = 0
    async with aclosing(parts) as done:
        async for part in done:
            rows += part.rows
            number = [] if part.is_only else [t("file.part", number=part.number)]
            await send_file(bot, chat_id, part.path, join([*number, caption(part.rows)]))
            if part.is_last and not part.is_only:
                await bot.send_message(chat_id, t("file.complete", n=part.number, rows=rows))


@asynccontextmanager
async def progress_note(
    bot: Bot, chat_id: int, words: Callable[[], Html], cut_off: Html, timing: Timing
) -> AsyncIterator[None]:
    """While something takes long, a message says how far it is (`words`). It goes at the end.

    Where the bot itself ends before, it says so (`cut_off`).
    """
    note, over, last = _Note(bot, chat_id), asyncio.Event(), None
    shown = asyncio.create_task(_show(note, words, over, timing))
    try:
        yield
    except asyncio.CancelledError:
        last = cut_off
        raise
    finally:
        over.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORD):
                await shown
                await note.end(last)


async def _show(note: "_Note", words: Callable[[], Html], over: asyncio.Event, timing: Timing) -> None:
    rest = timing.progress
    while not await _is_set(over, rest):
        await note.say(words())
        rest = timing.progress_again


async def _is_set(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


class _Note:
    """A message that changes. That it cannot be shown now is no reason to end what it tells of."""

    def __init__(self, bot: Bot, chat_id: int) -> None:
        self._bot = bot
        self._chat_id = chat_id
        self._id: int | None = None
        self._said = Html()

    async def say(self, words: Html) -> None:
        """Say this from now on."""
        if words == self._said:
            return
        with suppress(AiogramError):
            if self._id is None:
                self._id = (await self._bot.send_message(self._chat_id, words)).message_id
            else:
                await self._bot.edit_message_text(words, chat_id=self._chat_id, message_id=self._id)
            self._said = words

    async def end(self, last: Html | None) -> None:
        """Say a last word, or go."""
        if last:
            await self.say(last)
        elif self._id is not None:
            with suppress(AiogramError):
                await self._bot.delete_message(self._chat_id, self._id)
