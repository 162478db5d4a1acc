"""A file of phones that was sent or forwarded, its caption the text; or a list that was pasted (`typed`)."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.types import Document, Message

from bot.i18n import Translator
from bot.intake import MAX_BYTES, FileError, FileFault
from bot.services.compose import Place
from bot.services.plan_campaign import PlanCampaign
from bot.telegram.command import parse_options
from bot.telegram.handlers.addressed import is_to_us
from bot.telegram.handlers.faults import FAULTS, explain

_LONGEST_NAME = 100


def router() -> Router:
    """The router."""
    result = Router(name="document")
    result.message.register(on_document, F.document.as_("document"))
    return result


async def on_document(
    message: Message, document: Document, t: Translator, place: Place, plan_campaign: PlanCampaign
) -> None:
    """Log that the file is to be read; it is fetched and read by a worker, so that nobody waits for it.

    In a group people send files to each other: there it must be a reply to us.
    """
    if not is_to_us(message):
        return
    try:
        if document.file_size and document.file_size > MAX_BYTES:
            raise FileError(FileFault.TOO_LARGE)
        order, text = parse_options(message.caption or "")
        name = " ".join((document.file_name or "").split())[:_LONGEST_NAME]
        await plan_campaign.begin(place, replace(order, text=text.strip()), name, file_id=document.file_id)
    except FAULTS as error:
        await message.reply(explain(t, error))
