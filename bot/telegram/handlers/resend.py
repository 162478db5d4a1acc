"""/resend, and the button that sends an uncertain message again."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator
from bot.services.compose import OrderError, Place
from bot.services.look_up import LookUp
from bot.services.resend import Resend
from bot.telegram.handlers.faults import FAULTS, explain
from bot.telegram.handlers.meant import ask_which, find_meant
from bot.telegram.heard import hears
from bot.telegram.keyboards import Press, Verb


def router() -> Router:
    """The router."""
    result = Router(name="resend")
    result.message.register(on_resend, F.text, hears("resend"))
    result.callback_query.register(on_press, Press.filter(F.verb == Verb.RESEND))
    return result


async def on_resend(
    message: Message, command: CommandObject, t: Translator, place: Place, look_up: LookUp, resend: Resend
) -> None:
    """Send the message meant again; its card, or a question, appears in the chat."""
    meant = await find_meant(message, (command.args or "").strip(), place, look_up)
    if meant.campaign is not None:
        await message.reply(t("resend.campaign"))
    elif not meant.messages:
        await message.reply(t("resend.how"))
    elif len(meant.messages) > 1:
        await ask_which(message, t, meant, Verb.RESEND)
    else:
        await _resend(message, t, place, resend, meant.messages[0])


async def _resend(message: Message, t: Translator, place: Place, resend: Resend, number: int) -> None:
    try:
        found = await resend(place, number)
    except FAULTS as error:
        await message.reply(explain(t, error))
        return
    if not found:
        await message.reply(t("meant.none", number=str(number)))


async def on_press(press: CallbackQuery, callback_data: Press, t: Translator, place: Place, resend: Resend) -> None:
    """The same by button; each press is an order of its own, however often Telegram delivers it."""
    try:
        found = await resend(replace(place, act=f"resend:{press.id}"), callback_data.id)
    except OrderError as error:
        await press.answer(t.plain(f"order.{error.fault}", **error.facts), show_alert=True)
        return
    await press.answer(t.plain("resend.below" if found else "meant.none", number=str(callback_data.id)))
