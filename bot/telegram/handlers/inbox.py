"""/uncertain: what nobody knows the fate of, and the buttons that decide about it. Any admin may press them."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.domain.message import Settlement
from bot.i18n import Translator
from bot.services.compose import Place
from bot.services.settle import Settle
from bot.telegram.heard import hears
from bot.telegram.in_place import show_in_place
from bot.telegram.keyboards import Press, Verb, keyboard
from bot.telegram.views.inbox import inbox_view

_HOW = {
    Verb.MARK_SENT: Settlement.MARKED_SENT,
    Verb.CLOSE: Settlement.CLOSED,
    Verb.BULK_SENT: Settlement.MARKED_SENT,
    Verb.BULK_CLOSE: Settlement.CLOSED,
}


def router() -> Router:
    """The router."""
    result = Router(name="inbox")
    result.message.register(on_uncertain, F.text, hears("uncertain"))
    result.callback_query.register(on_open, Press.filter(F.verb == Verb.INBOX))
    result.callback_query.register(on_turn, Press.filter(F.verb.in_({Verb.INBOX_OLDER, Verb.INBOX_NEWER})))
    result.callback_query.register(on_settle, Press.filter(F.verb.in_(set(_HOW))))
    return result


async def on_uncertain(message: Message, t: Translator, settle: Settle) -> None:
    """The first page."""
    view = inbox_view(t, await settle.inbox())
    await message.answer(view.text, reply_markup=keyboard(view.rows))


async def on_open(press: CallbackQuery, t: Translator, settle: Settle) -> None:
    """The same, from the notice."""
    await press.answer()
    if isinstance(press.message, Message):
        await on_uncertain(press.message, t, settle)


async def on_turn(press: CallbackQuery, callback_data: Press, t: Translator, settle: Settle) -> None:
    """Another page, in its place."""
    await press.answer()
    page = await settle.inbox(callback_data.id, newer=callback_data.verb is Verb.INBOX_NEWER)
    await show_in_place(press, inbox_view(t, page))


async def on_settle(press: CallbackQuery, callback_data: Press, t: Translator, place: Place, settle: Settle) -> None:
    """Decide; the card follows. The second of two who decide at once is told."""
    verb, how = callback_data.verb, _HOW[callback_data.verb]
    decide = settle.bulk if verb in (Verb.BULK_SENT, Verb.BULK_CLOSE) else settle
    settled = await decide(callback_data.id, how, place.actor_id)
    await press.answer(t.plain(f"settled.{how}" if settled else "settled.already"), show_alert=not settled)
