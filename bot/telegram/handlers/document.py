"""A file of phones that was sent or forwarded, its caption the text."""

from dataclasses import replace
from io import BytesIO

import structlog
from aiogram import Bot, F, Router
from aiogram.exceptions import AiogramError
from aiogram.types import Document, Message

from bot.domain.draft import Step
from bot.i18n import Translator
from bot.intake import FileError, FileFault
from bot.services.compose import Compose, Place
from bot.services.plan_list import BULK_BYTES, PlanList
from bot.telegram.command import parse_options
from bot.telegram.handlers.ask import ask_for
from bot.telegram.handlers.faults import FAULTS, explain

log = structlog.get_logger()


def router() -> Router:
    """The router."""
    result = Router(name="document")
    result.message.register(on_document, F.document.as_("document"))
    return result


async def on_document(
    message: Message, document: Document, bot: Bot, t: Translator, place: Place, plan_list: PlanList, compose: Compose
) -> None:
    """Read the file before Telegram forgets the update: a restart in between must not lose it."""
    await bot.send_chat_action(message.chat.id, "typing")
    try:
        step = await _plan(message, document, bot, place, plan_list)
    except FAULTS as error:
        await message.reply(explain(t, error))
    except AiogramError as error:
        log.warning("file not fetched", error=type(error).__name__)
        await message.reply(t("file.not_fetched"))
    else:
        if step:
            await ask_for(step, message, t, place, compose)


async def _plan(message: Message, document: Document, bot: Bot, place: Place, plan_list: PlanList) -> Step | None:
    if document.file_size and document.file_size > BULK_BYTES:
        raise FileError(FileFault.TOO_LARGE)
    data = BytesIO()
    await bot.download(document, destination=data)
    order, text = parse_options(message.caption or "")
    return await plan_list.begin(
        place, data.getvalue(), document.file_name or "list.csv", replace(order, text=text.strip())
    )
