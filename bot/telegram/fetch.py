"""Fetch a file from Telegram: its worker waits, not the updates."""

import asyncio
from io import BytesIO

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramNetworkError, TelegramServerError
from aiohttp import ClientError

from bot.services.ports import FetchError

_RESTS = (1.0, 4.0, 10.0)
"""Seconds before each repeat, where the network is to blame."""


class FetchFile:
    """Files of Telegram's chats."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def __call__(self, file_id: str) -> bytes:
        """Fetch a file.

        Raises:
            FetchError: Telegram does not give it.
        """
        for rest in _RESTS:
            try:
                return await self._fetch(file_id)
            except (TelegramNetworkError, TelegramServerError, ClientError, OSError):
                await asyncio.sleep(rest)
            except AiogramError as error:
                raise FetchError from error
        raise FetchError

    async def _fetch(self, file_id: str) -> bytes:
        data = BytesIO()
        await self._bot.download(file_id, destination=data)
        return data.getvalue()
