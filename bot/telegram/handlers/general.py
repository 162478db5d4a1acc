"""/start, /help and /cancel."""

from aiogram import F, Router
from aiogram.types import Message

from bot.i18n import Translator
from bot.services.compose import Compose, Place
from bot.telegram.heard import hears


def router() -> Router:
    """The router."""
    result = Router(name="general")
    result.message.register(on_help, F.text, hears("start", "help"))
    result.message.register(on_cancel, F.text, hears("cancel"))
    return result


async def on_help(message: Message, t: Translator) -> None:
    """What the bot can do."""
    await message.answer(t("help"))


async def on_cancel(message: Message, t: Translator, place: Place, compose: Compose) -> None:
    """Drop what was begun last and is not confirmed."""
    await message.reply(t("draft.dropped" if await compose.leave(place) else "cancel.nothing"))
