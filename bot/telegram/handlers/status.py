"""/status: what became of a message, by the log and by the gateway at this moment."""

from functools import partial

from aiogram import F, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.domain.card import Subject
from bot.domain.message import Message as Sms
from bot.i18n import Translator, join
from bot.services.compose import Place
from bot.services.look_up import Found, LookUp
from bot.services.track import Track
from bot.telegram.background import Background
from bot.telegram.handlers.meant import Meant, ask_which, find_meant
from bot.telegram.heard import hears
from bot.telegram.keyboards import Press, Verb, button, keyboard
from bot.telegram.views.message import ASKABLE, reason_text, short_line


def router() -> Router:
    """The router."""
    result = Router(name="status")
    result.message.register(on_status, F.text, hears("status"))
    result.callback_query.register(on_show, Press.filter(F.verb == Verb.SHOW))
    result.callback_query.register(on_refresh, Press.filter(F.verb == Verb.REFRESH))
    return result


async def on_status(
    message: Message,
    command: CommandObject,
    t: Translator,
    place: Place,
    look_up: LookUp,
    track: Track,
    background: Background,
) -> None:
    """One message as a card; several as a list with a button each; a reply shows what it is a reply to."""
    asked = (command.args or "").strip()
    meant = Meant() if asked else await find_meant(message, "", place, look_up)
    if len(meant.messages) > 1:
        await ask_which(message, t, meant, Verb.SHOW)
        return
    asked = f"#{meant.messages[0]}" if meant.messages else asked
    found = Found(campaign_id=meant.campaign) if meant.campaign else await look_up.find(asked)
    if found.campaign_id:
        await look_up.show(place, Subject.CAMPAIGN, found.campaign_id)
    elif len(found.messages) == 1:
        await _show(Subject.MESSAGE, found.messages[0].id, place, look_up, track, background)
    elif found.messages:
        await _list(message, t, found.messages)
    else:
        await message.reply(t("status.not_found" if asked else "status.nothing_yet"))


async def _show(
    subject: Subject, id_: int, place: Place, look_up: LookUp, track: Track, background: Background
) -> None:
    await look_up.show(place, subject, id_)
    message = await look_up.message(id_) if subject is Subject.MESSAGE else None
    if message and message.state in ASKABLE:
        # if the gateway does not answer, the log's word stands
        background.start(track.ask_now(message, place.actor_id))


async def _list(message: Message, t: Translator, found: tuple[Sms, ...]) -> None:
    text = join([t("status.several"), *[short_line(t, sms) for sms in found]])
    rows = [[button(f"#{sms.id}", Verb.SHOW, sms.id) for sms in found]]
    await message.reply(text, reply_markup=keyboard(rows))


async def on_show(
    press: CallbackQuery,
    callback_data: Press,
    place: Place,
    look_up: LookUp,
    track: Track,
    background: Background,
) -> None:
    """A message of a list, as a card."""
    await press.answer()
    await _show(Subject.MESSAGE, callback_data.id, place, look_up, track, background)


async def on_refresh(
    press: CallbackQuery, callback_data: Press, t: Translator, look_up: LookUp, track: Track, background: Background
) -> None:
    """Ask the gateway now, and say what it said."""
    message = await look_up.message(callback_data.id)
    if message is None or message.state not in ASKABLE:
        await press.answer(t.plain("refresh.final"))
        return
    sorry = partial(press.answer, t.plain("failure"), show_alert=True)
    background.start(_refresh(press, t, message, track, look_up), sorry)


async def _refresh(press: CallbackQuery, t: Translator, message: Sms, track: Track, look_up: LookUp) -> None:
    error = await track.ask_now(message, press.from_user.id)
    if error:
        reason = reason_text(t, type(error).__name__, None, None)
        await press.answer(join([t.plain("refresh.failed"), *reason[:1]])[:200], show_alert=True)
        return
    fresh = await look_up.message(message.id) or message
    await press.answer(t.plain(f"short.{fresh.state}"))
