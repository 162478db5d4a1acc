"""/campaigns, and the buttons of a campaign's card. Any admin may press them: a campaign under way is everybody's."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.domain.card import Subject
from bot.i18n import Translator
from bot.services.compose import Place
from bot.services.look_up import LookUp
from bot.services.manage_campaign import ManageCampaign
from bot.telegram.heard import hears
from bot.telegram.keyboards import Press, Verb, keyboard
from bot.telegram.views.campaign import campaigns_view


def router() -> Router:
    """The router."""
    result = Router(name="campaign")
    result.message.register(on_campaigns, F.text, hears("campaigns"))
    result.callback_query.register(on_show, Press.filter(F.verb == Verb.SHOW_CAMPAIGN))
    result.callback_query.register(on_undo, Press.filter(F.verb == Verb.UNDO))
    result.callback_query.register(on_pause, Press.filter(F.verb == Verb.PAUSE_CAMPAIGN))
    result.callback_query.register(on_resume, Press.filter(F.verb == Verb.RESUME_CAMPAIGN))
    result.callback_query.register(on_cancel, Press.filter(F.verb == Verb.CANCEL_CAMPAIGN))
    result.callback_query.register(on_again, Press.filter(F.verb == Verb.AGAIN))
    return result


async def on_campaigns(message: Message, t: Translator, look_up: LookUp) -> None:
    """The campaigns that run or wait, and the last ones."""
    view = campaigns_view(t, await look_up.campaigns())
    await message.answer(view.text, reply_markup=keyboard(view.rows))


async def on_show(press: CallbackQuery, callback_data: Press, place: Place, look_up: LookUp) -> None:
    """Its card, at the end of the chat."""
    await look_up.show(place, Subject.CAMPAIGN, callback_data.id)
    await press.answer()


async def on_undo(press: CallbackQuery, callback_data: Press, t: Translator, manage_campaign: ManageCampaign) -> None:
    """Let it be a draft again."""
    undone = await manage_campaign.take_back(callback_data.id)
    await press.answer(t.plain("campaign.undone" if undone else "campaign.begun"), show_alert=not undone)


async def on_pause(press: CallbackQuery, callback_data: Press, t: Translator, manage_campaign: ManageCampaign) -> None:
    """Stop it; its card follows."""
    paused = await manage_campaign.pause(callback_data.id)
    await press.answer(t.plain("campaign.paused_now" if paused else "campaign.not_running"), show_alert=not paused)


async def on_resume(press: CallbackQuery, callback_data: Press, t: Translator, manage_campaign: ManageCampaign) -> None:
    """Let it go on; its card follows."""
    resumed = await manage_campaign.resume(callback_data.id)
    await press.answer(t.plain("resume.done" if resumed else "campaign.not_running"), show_alert=not resumed)


async def on_cancel(press: CallbackQuery, callback_data: Press, t: Translator, manage_campaign: ManageCampaign) -> None:
    """Cancel what has not left; its card follows."""
    cancelled = await manage_campaign.cancel(callback_data.id)
    if cancelled is None:
        await press.answer(t.plain("campaign.over"), show_alert=True)
    else:
        await press.answer(t.plain("campaign.cancelled", n=cancelled))


async def on_again(
    press: CallbackQuery, callback_data: Press, t: Translator, place: Place, manage_campaign: ManageCampaign
) -> None:
    """A new draft of those that may well go this time."""
    count = await manage_campaign.again(callback_data.id, place)
    if count:
        await press.answer(t.plain("campaign.again", n=count))
    else:
        await press.answer(t.plain("campaign.none_again"), show_alert=True)
