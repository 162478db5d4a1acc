"""/history and /find, and the buttons of their lists."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.domain.card import Subject
from bot.domain.lookback import Kind, Wanted, bounds
from bot.domain.phone import PhoneError, parse_phone
from bot.i18n import Translator, join
from bot.services.compose import Place
from bot.services.look_back import Listing, LookBack
from bot.services.look_up import LookUp
from bot.services.ports import Clock
from bot.telegram.heard import hears
from bot.telegram.in_place import show_in_place
from bot.telegram.keyboards import Narrow, Press, TurnPage, Verb, keyboard
from bot.telegram.period import PeriodError, is_whole, parse_period
from bot.telegram.views.history import ALL, ASK, Reader, choices_view, found_view, history_view


def router() -> Router:
    """The router."""
    result = Router(name="history")
    result.message.register(on_history, F.text, hears("history"))
    result.message.register(on_find, F.text, hears("find"))
    result.callback_query.register(on_campaign, Press.filter(F.verb == Verb.MESSAGES))
    result.callback_query.register(on_turn, TurnPage.filter())
    result.callback_query.register(on_ask, Narrow.filter(F.to == ASK))
    result.callback_query.register(on_narrow, Narrow.filter())
    return result


async def on_history(
    message: Message,
    command: CommandObject,
    t: Translator,
    place: Place,
    look_back: LookBack,
    admins: tuple[int, ...],
    zone: ZoneInfo,
    clock: Clock,
) -> None:
    """The log, newest first: all of it, or to a phone, or of a time."""
    reader = Reader(place.actor_id, admins, zone, clock())
    try:
        wanted = _asked((command.args or "").strip(), reader)
    except PeriodError:
        await message.reply(t("history.how"))
        return
    view = history_view(t, await look_back.begin(place.actor_id, wanted), reader)
    await message.answer(view.text, reply_markup=keyboard(view.rows))


async def on_campaign(
    press: CallbackQuery,
    callback_data: Press,
    t: Translator,
    place: Place,
    look_back: LookBack,
    admins: tuple[int, ...],
    zone: ZoneInfo,
    clock: Clock,
) -> None:
    """The messages of one campaign, as a list of their own."""
    await press.answer()
    listing = await look_back.begin(place.actor_id, Wanted(campaign_id=callback_data.id))
    view = history_view(t, listing, Reader(place.actor_id, admins, zone, clock()))
    if isinstance(press.message, Message):
        await press.message.answer(view.text, reply_markup=keyboard(view.rows))


def _asked(words: str, reader: Reader) -> Wanted:
    """What is to be listed, from what was typed behind the command.

    Raises:
        PeriodError: it is neither a phone nor a time.
    """
    if not words or is_whole(words):
        return Wanted()
    try:
        return Wanted(phone=parse_phone(words))
    except PhoneError:
        return Wanted(period=parse_period(words, reader.today))


async def on_find(message: Message, command: CommandObject, t: Translator, place: Place, look_up: LookUp) -> None:
    """Whatever it may mean: an id, a phone or the end of one, words of the text."""
    asked = (command.args or "").strip()
    if not asked:
        await message.reply(t("find.how"))
        return
    found = await look_up.find(asked, most=LookUp.MOST)
    if found.campaign_id:
        await look_up.show(place, Subject.CAMPAIGN, found.campaign_id)
    elif len(found.messages) == 1 and not found.cut:
        await look_up.show(place, Subject.MESSAGE, found.messages[0].id)
    elif found.messages:
        view = found_view(t, found)
        await message.answer(view.text, reply_markup=keyboard(view.rows))
    else:
        await message.reply(join([t("find.nothing"), *([t("find.cut")] if found.cut else [])]))


async def on_turn(
    press: CallbackQuery,
    callback_data: TurnPage,
    t: Translator,
    place: Place,
    look_back: LookBack,
    admins: tuple[int, ...],
    zone: ZoneInfo,
    clock: Clock,
) -> None:
    """Another page, in place."""
    listing = await look_back.turn(callback_data.id, callback_data.edge, newer=callback_data.newer)
    await _show(press, t, listing, Reader(place.actor_id, admins, zone, clock()))


async def on_ask(
    press: CallbackQuery,
    callback_data: Narrow,
    t: Translator,
    place: Place,
    look_back: LookBack,
    admins: tuple[int, ...],
    zone: ZoneInfo,
    clock: Clock,
) -> None:
    """Ask by what to narrow, in place."""
    wanted = await look_back.wanted(callback_data.id)
    if wanted is None or callback_data.by not in ("kind", "period", "actor"):
        await press.answer(t.plain("button_is_old"), show_alert=True)
        return
    reader = Reader(place.actor_id, admins, zone, clock())
    await press.answer()
    await show_in_place(press, choices_view(t, callback_data.id, wanted, callback_data.by, reader))


async def on_narrow(
    press: CallbackQuery,
    callback_data: Narrow,
    t: Translator,
    place: Place,
    look_back: LookBack,
    admins: tuple[int, ...],
    zone: ZoneInfo,
    clock: Clock,
) -> None:
    """Narrow the list, and show its first page."""
    reader = Reader(place.actor_id, admins, zone, clock())
    wanted = await look_back.wanted(callback_data.id)
    narrowed = _narrowed(wanted, callback_data, reader) if wanted else None
    listing = await look_back.narrow(callback_data.id, narrowed) if narrowed else None
    await _show(press, t, listing, reader)


def _narrowed(wanted: Wanted, asked: Narrow, reader: Reader) -> Wanted | None:
    """What the list is narrowed to then; None where the button says nothing that can be."""
    if asked.by == ALL:
        return Wanted()
    to = asked.to or None
    try:
        match asked.by:
            case "kind":
                return replace(wanted, kind=Kind(to) if to else None)
            case "period":
                bounds(to, reader.zone, reader.now)
                return replace(wanted, period=to)
            case "actor":
                return replace(wanted, actor_id=int(to) if to else None)
    except ValueError:
        return None
    return None


async def _show(press: CallbackQuery, t: Translator, listing: Listing | None, reader: Reader) -> None:
    if listing is None:
        await press.answer(t.plain("button_is_old"), show_alert=True)
        return
    await press.answer()
    await show_in_place(press, history_view(t, listing, reader))
