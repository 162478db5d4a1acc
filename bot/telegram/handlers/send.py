"""/send: one SMS at once, several after a look, or step by step."""

from dataclasses import replace

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.i18n import Translator
from bot.services.compose import Compose, Place
from bot.telegram.command import parse_send
from bot.telegram.handlers.ask import ask_for
from bot.telegram.handlers.faults import FAULTS, explain


def router() -> Router:
    """The router."""
    result = Router(name="send")
    result.message.register(on_send, Command("send"))
    return result


async def on_send(message: Message, command: CommandObject, t: Translator, place: Place, compose: Compose) -> None:
    """Send, or ask for what is missing. As a reply without a text of its own it takes the text replied to."""
    try:
        order = parse_send(command.args or "")
        if not order.text and message.reply_to_message:
            order = replace(
                order, text=(message.reply_to_message.text or message.reply_to_message.caption or "").strip()
            )
        step = await compose.begin(place, order)
    except FAULTS as error:
        await message.reply(explain(t, error))
        return
    if step:
        await ask_for(step, message, t, place, compose)
