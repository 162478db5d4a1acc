"""/export: the log of a time as a file. What is not said in words is asked for by button."""

from contextlib import suppress
from datetime import date
from zoneinfo import ZoneInfo

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.domain.lookback import PERIODS
from bot.i18n import Translator
from bot.services.compose import Place
from bot.services.ports import Clock
from bot.services.sheets import Form
from bot.telegram.exports import Exports
from bot.telegram.handlers.faults import explain
from bot.telegram.heard import hears
from bot.telegram.in_place import show_in_place
from bot.telegram.keyboards import ChooseExport, keyboard
from bot.telegram.period import PeriodError, is_whole, parse_period, words_said
from bot.telegram.views.export import ALL, ask_form, ask_period

_FORMS = {"csv": Form.CSV} | dict.fromkeys(("xlsx", "xls", "excel", "эксель", "ексель", "эксел"), Form.XLSX)


def router() -> Router:
    """The router."""
    result = Router(name="export")
    result.message.register(on_export, F.text, hears("export"))
    result.callback_query.register(on_choice, ChooseExport.filter())
    return result


async def on_export(
    message: Message,
    command: CommandObject,
    bot: Bot,
    t: Translator,
    place: Place,
    exports: Exports,
    clock: Clock,
    zone: ZoneInfo,
) -> None:
    """Write it, or ask for what the words leave open."""
    try:
        period, form = read_words(command.args or "", clock().astimezone(zone).date())
    except PeriodError as error:
        await message.reply(explain(t, error))
        return
    if period is None or form is None:
        view = ask_form(t, period) if period else ask_period(t, form)
        await message.answer(view.text, reply_markup=keyboard(view.rows))
    elif not exports.start(bot, t, place, period, form):
        await message.reply(t("export.busy"))


def read_words(words: str, today: date) -> tuple[str | None, Form | None]:
    """Read the period and the form, in any order; None for what is not said.

    Raises:
        PeriodError: something else is said.
    """
    said = words_said(words)
    form = next((_FORMS[word] for word in said if word in _FORMS), None)
    rest = " ".join(word for word in said if word not in _FORMS)
    if not rest:
        return None, form
    return ALL if is_whole(rest) else parse_period(rest, today), form


async def on_choice(
    press: CallbackQuery,
    callback_data: ChooseExport,
    bot: Bot,
    t: Translator,
    place: Place,
    exports: Exports,
    clock: Clock,
    zone: ZoneInfo,
) -> None:
    """Ask for the form where it is open; else write it: the question goes, and the file comes."""
    period, form = callback_data.period, callback_data.form
    if not (_is_period(period, clock().astimezone(zone).date()) and form in ("", *Form)):
        await press.answer(t.plain("button_is_old"), show_alert=True)
    elif not form:
        await press.answer()
        await show_in_place(press, ask_form(t, period))
    elif exports.start(bot, t, place, period, Form(form)):
        await press.answer(t.plain("file.sending"))
        with suppress(TelegramBadRequest):  # too old to be taken away
            await bot.delete_message(place.chat_id, place.message_id)
    else:
        await press.answer(t.plain("export.busy"), show_alert=True)


def _is_period(word: str, today: date) -> bool:
    if word in (*PERIODS, ALL):
        return True
    try:
        return parse_period(word, today) == word
    except PeriodError:
        return False
