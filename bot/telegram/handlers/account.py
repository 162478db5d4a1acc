"""/balance and /resume."""

from functools import partial

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator
from bot.services.pause import Resume
from bot.telegram.background import Background
from bot.telegram.balance import ShowBalance
from bot.telegram.heard import hears
from bot.telegram.keyboards import Press, Verb


def router() -> Router:
    """The router."""
    result = Router(name="account")
    result.message.register(on_balance, F.text, hears("balance"))
    result.message.register(on_resume, F.text, hears("resume"))
    result.callback_query.register(on_refresh, Press.filter(F.verb == Verb.BALANCE))
    result.callback_query.register(on_resume_button, Press.filter(F.verb == Verb.RESUME_ALL))
    return result


async def on_balance(message: Message, t: Translator, show_balance: ShowBalance, background: Background) -> None:
    """Ask for the balance: the answer takes the place of the first word."""
    first = await message.answer(t("balance.asking"))
    background.start(show_balance(first, t), partial(first.edit_text, t("failure")))


async def on_refresh(press: CallbackQuery, t: Translator, show_balance: ShowBalance, background: Background) -> None:
    """Ask again, in place."""
    await press.answer(t.plain("balance.asking"))
    if isinstance(press.message, Message):
        background.start(show_balance(press.message, t), partial(press.message.reply, t("failure")))


async def on_resume(message: Message, t: Translator, resume: Resume) -> None:
    """Let sending go on."""
    await message.reply(t("resume.done" if await resume() else "resume.nothing"))


async def on_resume_button(press: CallbackQuery, callback_data: Press, t: Translator, resume: Resume) -> None:
    """The same, from the notice of one pause; an old notice does not end a newer one."""
    await press.answer(t.plain("resume.done" if await resume(callback_data.id) else "resume.nothing"))
