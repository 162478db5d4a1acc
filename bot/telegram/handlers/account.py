"""/balance and /resume."""

from functools import partial

from aiogram import F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.domain.errors import GatewayError
from bot.domain.message import new_txn_id
from bot.i18n import Translator
from bot.services.pause import Resume, standing_pause
from bot.services.ports import Gateway, Store
from bot.telegram.background import Background
from bot.telegram.keyboards import Press, Verb, keyboard
from bot.telegram.views import Money, View
from bot.telegram.views.account import balance_view


def router() -> Router:
    """The router."""
    result = Router(name="account")
    result.message.register(on_balance, F.text, Command("balance"))
    result.message.register(on_resume, F.text, Command("resume"))
    result.callback_query.register(on_refresh, Press.filter(F.verb == Verb.BALANCE))
    result.callback_query.register(on_resume_button, Press.filter(F.verb == Verb.RESUME_ALL))
    return result


async def on_balance(
    message: Message, t: Translator, gateway: Gateway, store: Store, money: Money, background: Background
) -> None:
    """Ask for the balance: the answer takes the place of the first word."""
    first = await message.answer(t("balance.asking"))
    background.start(_show_balance(first, t, gateway, store, money), partial(first.edit_text, t("failure")))


async def on_refresh(
    press: CallbackQuery, t: Translator, gateway: Gateway, store: Store, money: Money, background: Background
) -> None:
    """Ask again, in place."""
    await press.answer(t.plain("balance.asking"))
    if isinstance(press.message, Message):
        sorry = partial(press.message.reply, t("failure"))
        background.start(_show_balance(press.message, t, gateway, store, money), sorry)


async def _show_balance(message: Message, t: Translator, gateway: Gateway, store: Store, money: Money) -> None:
    view = await _balance(t, gateway, store, money)
    try:
        await message.edit_text(view.text, reply_markup=keyboard(view.rows))
    except TelegramBadRequest as error:
        if "message is not modified" not in error.message:  # the same balance, the same second
            raise


async def _balance(t: Translator, gateway: Gateway, store: Store, money: Money) -> View:
    try:
        answer = await gateway.balance(new_txn_id())
    except GatewayError as error:
        return balance_view(t, error, money, await standing_pause(store))
    return balance_view(t, answer, money, await standing_pause(store))


async def on_resume(message: Message, t: Translator, resume: Resume) -> None:
    """Let sending go on."""
    await message.reply(t("resume.done" if await resume() else "resume.nothing"))


async def on_resume_button(press: CallbackQuery, callback_data: Press, t: Translator, resume: Resume) -> None:
    """The same, from the notice of one pause; an old notice does not end a newer one."""
    await press.answer(t.plain("resume.done" if await resume(callback_data.id) else "resume.nothing"))
