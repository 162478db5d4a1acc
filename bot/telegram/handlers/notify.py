"""/notify: what an admin wants to hear of, chosen with buttons."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.domain.notices import What, Whose, Wishes
from bot.i18n import Translator
from bot.services.compose import Place
from bot.services.digest import Digest
from bot.services.ports import Store
from bot.telegram.heard import hears
from bot.telegram.in_place import show_in_place
from bot.telegram.keyboards import Wish, keyboard
from bot.telegram.views.notify import ASK, hours_view, notify_view

_HOURS = {str(hour): hour for hour in range(24)}


def router() -> Router:
    """The router."""
    result = Router(name="notify")
    result.message.register(on_notify, F.text, hears("notify"))
    result.callback_query.register(on_ask_hour, Wish.filter((F.by == "hour") & (F.to == ASK)))
    result.callback_query.register(on_wish, Wish.filter())
    return result


async def on_notify(message: Message, t: Translator, place: Place, store: Store) -> None:
    """What is chosen now, with buttons to change it."""
    async with store.read() as log:
        view = notify_view(t, await log.wishes(place.actor_id))
    await message.answer(view.text, reply_markup=keyboard(view.rows))


async def on_ask_hour(press: CallbackQuery, t: Translator) -> None:
    """At which hour?"""
    await press.answer()
    await show_in_place(press, hours_view(t))


async def on_wish(
    press: CallbackQuery, callback_data: Wish, t: Translator, place: Place, store: Store, digest: Digest
) -> None:
    """Remember it. Who presses chooses for himself, also in a group."""
    try:
        wishes = await _choose(callback_data, place.actor_id, store, digest)
    except ValueError:
        await press.answer(t.plain("button_is_old"), show_alert=True)
        return
    await press.answer(t.plain("notify.done"))
    await show_in_place(press, notify_view(t, wishes))


async def _choose(asked: Wish, admin: int, store: Store, digest: Digest) -> Wishes:
    """Write the choice.

    Raises:
        ValueError: there is no such choice.
    """
    if asked.by == "hour":
        if asked.to not in {"", *_HOURS}:
            raise ValueError(asked.to)
        return await digest.choose(admin, _HOURS.get(asked.to))
    async with store.write() as log:
        wishes = await log.wishes(admin)
        match asked.by:
            case "whose":
                wishes = replace(wishes, whose=Whose(asked.to))
            case "what":
                wishes = replace(wishes, what=What(asked.to))
            case _:
                raise ValueError(asked.by)
        await log.set_wishes(admin, wishes)
    return wishes
