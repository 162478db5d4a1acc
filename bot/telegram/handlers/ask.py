"""Ask for the next thing in a dialogue."""

from aiogram.enums import ChatType
from aiogram.types import ForceReply, InlineKeyboardMarkup, Message

from bot.domain.draft import Step
from bot.i18n import Translator
from bot.services.compose import Compose, Place
from bot.telegram.keyboards import Verb, keyboard, stop


async def ask_for(step: Step, message: Message, t: Translator, place: Place, compose: Compose) -> None:
    """Ask for what a draft lacks. In a group the bot sees only replies to itself, so there it asks for a reply."""
    draft = await compose.waiting(place)
    question = t(f"ask.{step}")
    markup: ForceReply | InlineKeyboardMarkup | None
    if message.chat.type != ChatType.PRIVATE:
        markup = ForceReply(selective=True)
    else:
        markup = keyboard([[stop(t.plain("button.drop"), Verb.DROP, draft.id)]]) if draft else None
    await message.reply(question, reply_markup=markup)
