"""/block and /unblock: whom nothing is ever sent to."""

from aiogram import F, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.domain.phone import PhoneError, parse_phone, shown
from bot.i18n import Translator
from bot.services.compose import Place
from bot.services.look_up import LookUp
from bot.services.stop_list import StopList
from bot.telegram.handlers.meant import ask_which, find_meant
from bot.telegram.heard import hears
from bot.telegram.in_place import show_in_place
from bot.telegram.keyboards import Press, Verb, keyboard
from bot.telegram.views import View
from bot.telegram.views.stop_list import blocked_view, unblocked_view


def router() -> Router:
    """The router."""
    result = Router(name="stop_list")
    result.message.register(on_block, F.text, hears("block"))
    result.message.register(on_unblock, F.text, hears("unblock"))
    result.callback_query.register(on_block_to, Press.filter(F.verb == Verb.BLOCK_TO))
    result.callback_query.register(on_unblock_to, Press.filter(F.verb == Verb.UNBLOCK_TO))
    result.callback_query.register(on_undo, Press.filter(F.verb == Verb.UNBLOCK))
    return result


async def on_block(
    message: Message, command: CommandObject, t: Translator, place: Place, look_up: LookUp, stop_list: StopList
) -> None:
    """Block a phone: one that is written, or that of the message meant."""
    phone = await _phone(message, command, t, place, look_up, Verb.BLOCK_TO)
    if phone:
        await _reply(message, blocked_view(t, phone, await stop_list.block(phone, place.actor_id)))


async def on_unblock(
    message: Message, command: CommandObject, t: Translator, place: Place, look_up: LookUp, stop_list: StopList
) -> None:
    """Allow a phone again."""
    phone = await _phone(message, command, t, place, look_up, Verb.UNBLOCK_TO)
    if phone:
        await _reply(message, unblocked_view(t, phone, was_blocked=await stop_list.unblock(phone)))


async def _phone(
    message: Message, command: CommandObject, t: Translator, place: Place, look_up: LookUp, verb: Verb
) -> str | None:
    """The phone meant; None where that is not clear, and was said or asked."""
    words = (command.args or "").strip()
    try:
        return parse_phone(words)
    except PhoneError:
        meant = await find_meant(message, words, place, look_up)
    if len(meant.messages) > 1:
        await ask_which(message, t, meant, verb)
        return None
    if not meant.messages:
        await message.reply(t("block.how" if verb is Verb.BLOCK_TO else "unblock.how"))
        return None
    [number] = meant.messages
    found = await look_up.message(number)
    if found is None:
        await message.reply(t("meant.none", number=str(number)))
    return found.phone if found else None


async def _reply(message: Message, view: View) -> None:
    await message.reply(view.text, reply_markup=keyboard(view.rows))


async def on_block_to(
    press: CallbackQuery, callback_data: Press, t: Translator, place: Place, look_up: LookUp, stop_list: StopList
) -> None:
    """Block the phone of one of several messages; the question gives way to what was done."""
    found = await look_up.message(callback_data.id)
    if found is None:
        await press.answer(t.plain("button_is_old"), show_alert=True)
        return
    cancelled = await stop_list.block(found.phone, place.actor_id)
    if cancelled is None:  # by a second tap, maybe: what the first one did stays readable
        await press.answer(t.plain("block.already", phone=shown(found.phone)))
        return
    await press.answer()
    await show_in_place(press, blocked_view(t, found.phone, cancelled))


async def on_unblock_to(
    press: CallbackQuery, callback_data: Press, t: Translator, look_up: LookUp, stop_list: StopList
) -> None:
    """Allow the phone of one of several messages."""
    found = await look_up.message(callback_data.id)
    if found is None:
        await press.answer(t.plain("button_is_old"), show_alert=True)
        return
    await _unblock(press, t, stop_list, found.phone)


async def on_undo(press: CallbackQuery, callback_data: Press, t: Translator, stop_list: StopList) -> None:
    """Take back what /block did."""
    await _unblock(press, t, stop_list, str(callback_data.id))


async def _unblock(press: CallbackQuery, t: Translator, stop_list: StopList, phone: str) -> None:
    if not await stop_list.unblock(phone):
        await press.answer(t.plain("unblock.nothing", phone=shown(phone)))
        return
    await press.answer()
    await show_in_place(press, unblocked_view(t, phone, was_blocked=True))
