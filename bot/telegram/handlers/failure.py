"""Something of ours broke: say so to the admin, and to the log without phones or texts."""

import structlog
from aiogram import Router
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiogram.types import ErrorEvent

from bot.logs import where
from bot.telegram.gate import Gate

log = structlog.get_logger()


def router() -> Router:
    """The router."""
    result = Router(name="failure")
    result.errors.register(on_error)
    return result


async def on_error(event: ErrorEvent, gate: Gate) -> bool:
    """Answer the admin whose update broke; the update counts as handled."""
    error = event.exception
    if event.update.callback_query and isinstance(error, TelegramBadRequest) and "query" in error.message:
        log.info("press answered too late")  # or answered before a restart: what it did is done, and its card tells it
        return True
    log.error("update failed", error=type(error).__name__, where=where(error))
    message, press = event.update.message, event.update.callback_query
    user = press.from_user if press else message.from_user if message else None
    if user is None:
        return True
    try:
        t = await gate.translator(user.id)
    except Exception as second:  # most likely what broke the update broke this too
        log.error("no language", error=type(second).__name__)  # noqa: TRY400 (a traceback may quote values)
        t = gate.default_translator()
    try:
        if press:
            await press.answer(t.plain("failure"), show_alert=True)
        elif message:
            await message.reply(t("failure"))
    except AiogramError as second:
        log.warning("failure not told", error=type(second).__name__)
    return True
