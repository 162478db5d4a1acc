"""/language: what the bot speaks to this admin."""

from zoneinfo import ZoneInfo

from aiogram import Bot, F, Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.i18n import LANGUAGE_NAMES, LANGUAGES, Translator
from bot.services.admit import Languages
from bot.services.compose import Place
from bot.telegram.heard import hears
from bot.telegram.in_place import may_be_shown_already
from bot.telegram.keyboards import ChooseLanguage
from bot.telegram.menu import publish_to


def router() -> Router:
    """The router."""
    result = Router(name="language")
    result.message.register(on_command, F.text, hears("language"))
    result.callback_query.register(on_choice, ChooseLanguage.filter())
    return result


async def on_command(message: Message, t: Translator) -> None:
    """Offer the languages, each under its own name."""
    row = [
        InlineKeyboardButton(text=LANGUAGE_NAMES[code], callback_data=ChooseLanguage(code=code).pack())
        for code in LANGUAGES
    ]
    await message.answer(t("language.ask"), reply_markup=InlineKeyboardMarkup(inline_keyboard=[row]))


async def on_choice(
    press: CallbackQuery,
    callback_data: ChooseLanguage,
    place: Place,
    languages: Languages,
    zone: ZoneInfo,
    bot: Bot,
) -> None:
    """Remember the choice; the menu of the private chat follows."""
    if callback_data.code not in LANGUAGES:
        await press.answer()
        return
    await languages.choose(place.actor_id, callback_data.code)
    t = Translator(callback_data.code, zone)
    await publish_to(bot, place.actor_id, t)
    await press.answer(t.plain("language.chosen"))
    if isinstance(press.message, Message):
        with may_be_shown_already():
            await press.message.edit_text(t("language.chosen"))
