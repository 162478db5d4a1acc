"""/start, /help and /cancel."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.i18n import Translator
from bot.services.compose import Compose, Place


def router() -> Router:
    """The router."""
    result = Router(name="general")
    result.message.register(on_help, Command("start", "help"))
    result.message.register(on_cancel, Command("cancel"))
    return result


async def on_help(message: Message, t: Translator) -> None:
    """What the bot can do."""
    await message.answer(t("help"))


async def on_cancel(message: Message, t: Translator, place: Place, compose: Compose) -> None:
    """Leave the dialogue at hand."""
    draft = await compose.waiting(place)
    if draft is None:
        await message.reply(t("cancel.nothing"))
        return
    await compose.drop(draft.id, place.actor_id)
    await message.reply(t("draft.dropped"))
