"""What was typed in answer to a question of ours; and whatever no other handler took."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message

from bot.domain.draft import Draft, Order, Step
from bot.domain.gateway import Channel
from bot.domain.phone import parse_phone
from bot.domain.when import parse_when
from bot.i18n import Translator
from bot.intake import is_pasted_list
from bot.services.compose import Compose, Place
from bot.services.plan_campaign import PlanCampaign
from bot.services.ports import Clock
from bot.telegram.command import parse_send
from bot.telegram.handlers.addressed import is_to_us
from bot.telegram.handlers.ask import ask_for
from bot.telegram.handlers.faults import FAULTS, explain


def router() -> Router:
    """The router."""
    result = Router(name="typed")
    result.message.register(on_command, F.text.startswith("/"))
    result.message.register(on_text, F.text)
    result.message.register(on_other)
    result.callback_query.register(on_old_button)
    return result


async def on_text(
    message: Message,
    t: Translator,
    place: Place,
    compose: Compose,
    plan_campaign: PlanCampaign,
    clock: Clock,
    zone: ZoneInfo,
) -> None:
    """Take the answer to a question; without one, a list of phones; without either, say what can be done."""
    draft = await compose.waiting(place) if is_to_us(message) else None
    try:
        if draft is None:
            await _begin(message, t, place, plan_campaign)
            return
        if place.message_id <= draft.answered:  # delivered again: it answered the question before this one
            step = None if draft.order.phone_list else draft.step
        else:
            step = await _answer(message.text or "", draft, place, compose, plan_campaign, clock(), zone)
    except FAULTS as error:
        await message.reply(explain(t, error))
        return
    if step:
        await ask_for(step, message, t, place, compose)


async def _begin(message: Message, t: Translator, place: Place, plan_campaign: PlanCampaign) -> None:
    """A list that was pasted, or something without a meaning here."""
    text = message.text or ""
    if message.chat.type == ChatType.PRIVATE and is_pasted_list(text):
        await plan_campaign.begin(place, Order(), "", file=text.encode())
    else:
        await on_other(message, t)


async def _answer(
    text: str,
    draft: Draft,
    place: Place,
    compose: Compose,
    plan_campaign: PlanCampaign,
    now: datetime,
    zone: ZoneInfo,
) -> Step | None:
    order = draft.order
    match draft.step:
        case Step.SEND_AT:
            await plan_campaign.set_time(draft.id, place.actor_id, parse_when(text, zone, now), place.message_id)
        case Step.SENDER:
            await plan_campaign.set_sender(place, draft, text.strip())
        case Step.TEST:
            await plan_campaign.try_on(place, draft.id, parse_phone(text), place.origin)
        case Step.TEXT if order.phone_list:
            await plan_campaign.set_text(place, draft, text.strip())
        case _:
            return await _complete(text, draft, place, compose)
    return None


async def _complete(text: str, draft: Draft, place: Place, compose: Compose) -> Step | None:
    """A phone, a text or both, for a message that lacked them."""
    order = draft.order
    if draft.step is Step.TEXT:
        return await compose.complete(place, draft, replace(order, text=text.strip()))
    typed = parse_send(text)
    known = replace(
        order,
        phones=typed.phones,
        text=order.text or typed.text,
        sender=typed.sender or order.sender,
        channel=typed.channel if typed.channel is not Channel.SMS else order.channel,
        confidential=typed.confidential or order.confidential,
    )
    return await compose.complete(place, draft, known)


async def on_command(message: Message, t: Translator) -> None:
    """A command that there is not: never the text of an SMS. In a group it may be another bot's."""
    if message.chat.type == ChatType.PRIVATE:
        await message.reply(t("unknown_command"))


async def on_other(message: Message, t: Translator) -> None:
    """Something without a meaning here. In a group people talk among themselves."""
    if message.chat.type == ChatType.PRIVATE:
        await message.reply(t("hint"))


async def on_old_button(press: CallbackQuery, t: Translator) -> None:
    """A button of a version before this one."""
    await press.answer(t.plain("button_is_old"), show_alert=True)
