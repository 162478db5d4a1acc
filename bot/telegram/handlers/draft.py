"""The buttons of a draft: send, drop, and all that can be changed before. Only its own admin may press them."""

from collections.abc import Awaitable
from datetime import UTC, date, datetime

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot.domain.draft import Step
from bot.domain.when import WhenError
from bot.i18n import Translator
from bot.services.compose import Compose, OrderError, Place
from bot.services.plan_campaign import PlanCampaign, Toggle
from bot.telegram.handlers.faults import FAULTS, explain
from bot.telegram.keyboards import ChooseDay, ChooseTime, Press, Verb

_ASKING = {Verb.LATER: Step.SEND_AT, Verb.SENDER: Step.SENDER, Verb.TEST: Step.TEST, Verb.TEXT: Step.TEXT}
_TOGGLES = {Verb.WAY: Toggle.WAY, Verb.LATIN: Toggle.LATIN, Verb.PLAIN: Toggle.PLAIN}


def router() -> Router:
    """The router."""
    result = Router(name="draft")
    result.callback_query.register(on_send, Press.filter(F.verb.in_({Verb.SEND, Verb.SCHEDULE, Verb.CANARY})))
    result.callback_query.register(on_drop, Press.filter(F.verb == Verb.DROP))
    result.callback_query.register(on_ask, Press.filter(F.verb.in_(set(_ASKING))))
    result.callback_query.register(on_toggle, Press.filter(F.verb.in_(set(_TOGGLES))))
    result.callback_query.register(on_back, Press.filter(F.verb == Verb.BACK))
    result.callback_query.register(on_at_once, Press.filter(F.verb == Verb.AT_ONCE))
    result.callback_query.register(on_test_again, Press.filter(F.verb == Verb.TEST_AGAIN))
    result.callback_query.register(on_day, ChooseDay.filter())
    result.callback_query.register(on_time, ChooseTime.filter())
    return result


async def on_send(
    press: CallbackQuery,
    callback_data: Press,
    t: Translator,
    place: Place,
    compose: Compose,
    plan_campaign: PlanCampaign,
) -> None:
    """Send the draft; a second press finds it sent."""
    verb = callback_data.verb
    try:
        sent = await compose.confirm(callback_data.id, place.actor_id) or await plan_campaign.confirm(
            callback_data.id, place.actor_id, scheduled=verb is Verb.SCHEDULE, canary=verb is Verb.CANARY
        )
    except WhenError as error:
        await press.answer(t.plain(f"when.{error.fault}"), show_alert=True)
    except OrderError as error:
        await press.answer(t.plain(f"order.{error.fault}", **error.facts), show_alert=True)
    else:
        await _told(press, t, "draft.confirmed", changed=sent)


async def on_drop(press: CallbackQuery, callback_data: Press, t: Translator, place: Place, compose: Compose) -> None:
    """Drop the draft."""
    await _answer(press, t, "draft.dropped", compose.drop(callback_data.id, place.actor_id))


async def on_ask(
    press: CallbackQuery, callback_data: Press, t: Translator, place: Place, plan_campaign: PlanCampaign
) -> None:
    """Wait for something that is typed, or chosen on the card."""
    step = _ASKING[callback_data.verb]
    await _answer(press, t, f"ask.{step}", plan_campaign.ask(callback_data.id, place.actor_id, step, day=None))


async def on_day(
    press: CallbackQuery, callback_data: ChooseDay, t: Translator, place: Place, plan_campaign: PlanCampaign
) -> None:
    """Wait for an hour of this day."""
    try:
        day = date.fromordinal(callback_data.ordinal)
    except (ValueError, OverflowError):
        await press.answer(t.plain("button_is_old"), show_alert=True)
        return
    asked = plan_campaign.ask(callback_data.id, place.actor_id, Step.SEND_AT, day=day)
    await _answer(press, t, "ask.send_at", asked)


async def on_time(
    press: CallbackQuery, callback_data: ChooseTime, t: Translator, place: Place, plan_campaign: PlanCampaign
) -> None:
    """Set a time by button. Whether it is still to come is looked at when the list is confirmed."""
    try:
        when = datetime.fromtimestamp(callback_data.minute * 60, UTC)
    except (ValueError, OverflowError, OSError):
        await press.answer(t.plain("button_is_old"), show_alert=True)
        return
    await _answer(press, t, "draft.time_set", plan_campaign.set_time(callback_data.id, place.actor_id, when))


async def on_at_once(
    press: CallbackQuery, callback_data: Press, t: Translator, place: Place, plan_campaign: PlanCampaign
) -> None:
    """No time: it goes out when it is confirmed."""
    await _answer(press, t, "draft.time_set", plan_campaign.set_time(callback_data.id, place.actor_id, None))


async def on_toggle(
    press: CallbackQuery, callback_data: Press, t: Translator, place: Place, plan_campaign: PlanCampaign
) -> None:
    """Turn something over; the card shows what comes of it."""
    toggle = plan_campaign.toggle(callback_data.id, place.actor_id, _TOGGLES[callback_data.verb])
    await _answer(press, t, "draft.changed", toggle)


async def on_back(
    press: CallbackQuery, callback_data: Press, t: Translator, place: Place, plan_campaign: PlanCampaign
) -> None:
    """Back to the preview."""
    await _answer(press, t, "draft.changed", plan_campaign.change(callback_data.id, place.actor_id))


async def on_test_again(
    press: CallbackQuery, callback_data: Press, t: Translator, place: Place, plan_campaign: PlanCampaign
) -> None:
    """Try the text on the phone used last."""
    phone = await plan_campaign.test_phone(place.actor_id)
    try:
        tried = phone is not None and await plan_campaign.try_on(place, callback_data.id, phone, press.id)
    except FAULTS as error:
        await press.answer(explain(t, error), show_alert=True)
        return
    await _told(press, t, "draft.tested", changed=tried)


async def _answer(press: CallbackQuery, t: Translator, key: str, change: Awaitable[bool]) -> None:
    await _told(press, t, key, changed=await change)


async def _told(press: CallbackQuery, t: Translator, key: str, *, changed: bool) -> None:
    await press.answer(t.plain(key) if changed else t.plain("draft.not_open"), show_alert=not changed)
