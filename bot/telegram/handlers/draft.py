"""The buttons of a draft: send, drop, and when a list is to go out. Only its own admin may press them."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot.domain.when import WhenError
from bot.i18n import Translator
from bot.services.compose import Compose, Place
from bot.services.plan_list import PlanList
from bot.services.ports import Clock
from bot.telegram.keyboards import Press, Verb

_MORNING = 9


def router() -> Router:
    """The router."""
    result = Router(name="draft")
    result.callback_query.register(on_send, Press.filter(F.verb.in_({Verb.SEND, Verb.SCHEDULE})))
    result.callback_query.register(on_drop, Press.filter(F.verb == Verb.DROP))
    result.callback_query.register(on_later, Press.filter(F.verb == Verb.LATER))
    result.callback_query.register(on_time, Press.filter(F.verb.in_({Verb.IN_AN_HOUR, Verb.TOMORROW, Verb.AT_ONCE})))
    return result


async def on_send(
    press: CallbackQuery, callback_data: Press, t: Translator, place: Place, compose: Compose, plan_list: PlanList
) -> None:
    """Send the draft; a second press finds it sent."""
    scheduled = callback_data.verb is Verb.SCHEDULE
    try:
        sent = await compose.confirm(callback_data.id, place.actor_id) or await plan_list.confirm(
            callback_data.id, place.actor_id, scheduled=scheduled
        )
    except WhenError as error:
        await press.answer(t.plain(f"when.{error.fault}"), show_alert=True)
        return
    await press.answer(t.plain("draft.confirmed") if sent else t.plain("draft.not_open"), show_alert=not sent)


async def on_drop(press: CallbackQuery, callback_data: Press, t: Translator, place: Place, compose: Compose) -> None:
    """Drop the draft."""
    dropped = await compose.drop(callback_data.id, place.actor_id)
    await press.answer(t.plain("draft.dropped") if dropped else t.plain("draft.not_open"), show_alert=not dropped)


async def on_later(
    press: CallbackQuery, callback_data: Press, t: Translator, place: Place, plan_list: PlanList
) -> None:
    """Wait for a time: typed, or one of the buttons that the card now shows."""
    await _answer(press, t, "ask.send_at", plan_list.ask_time(callback_data.id, place.actor_id))


async def on_time(
    press: CallbackQuery,
    callback_data: Press,
    t: Translator,
    place: Place,
    plan_list: PlanList,
    clock: Clock,
    zone: ZoneInfo,
) -> None:
    """Set a time by button."""
    when = _when(callback_data.verb, clock().astimezone(zone))
    await _answer(press, t, "draft.time_set", plan_list.set_time(callback_data.id, place.actor_id, when))


def _when(verb: Verb, now: datetime) -> datetime | None:
    if verb is Verb.IN_AN_HOUR:
        return now + timedelta(hours=1)
    if verb is Verb.TOMORROW:
        return (now + timedelta(days=1)).replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    return None


async def _answer(press: CallbackQuery, t: Translator, key: str, change: Awaitable[bool]) -> None:
    changed = await change
    await press.answer(t.plain(key) if changed else t.plain("draft.not_open"), show_alert=not changed)
