"""The buttons of a campaign's card. Any admin may press them: a campaign under way is everybody's."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from bot.i18n import Translator
from bot.services.manage_campaign import ManageCampaign
from bot.telegram.keyboards import Press, Verb


def router() -> Router:
    """The router."""
    result = Router(name="campaign")
    result.callback_query.register(on_resume, Press.filter(F.verb == Verb.RESUME_CAMPAIGN))
    result.callback_query.register(on_cancel, Press.filter(F.verb == Verb.CANCEL_CAMPAIGN))
    return result


async def on_resume(press: CallbackQuery, callback_data: Press, t: Translator, manage_campaign: ManageCampaign) -> None:
    """Let it go on; its card follows."""
    await manage_campaign.resume(callback_data.id)
    await press.answer(t.plain("resume.done"))


async def on_cancel(press: CallbackQuery, callback_data: Press, t: Translator, manage_campaign: ManageCampaign) -> None:
    """Cancel what has not left; its card follows."""
    cancelled = await manage_campaign.cancel(callback_data.id)
    await press.answer(t.plain("campaign.cancelled", n=cancelled))
