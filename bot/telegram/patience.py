"""Wait out Telegram's 429: aiogram raises it and tries no more, and an answer to an admin must not be lost."""

import asyncio

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType

log = structlog.get_logger()
_TRIES = 4
_LONGEST_WAIT = 30
"""Seconds. Updates are dealt with one by one, so that whoever waits here keeps others waiting."""


class Patience(BaseRequestMiddleware):
    """Repeats a request after the time that Telegram asks for, `_TRIES` times at most."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request; polling has a patience of its own."""
        if method.__api_method__ == GetUpdates.__api_method__:
            return await make_request(bot, method)
        for _ in range(_TRIES - 1):
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                if error.retry_after > _LONGEST_WAIT:
                    raise
                log.info("telegram asks to wait", method=type(method).__name__, seconds=error.retry_after)
                await asyncio.sleep(error.retry_after)
        return await make_request(bot, method)
