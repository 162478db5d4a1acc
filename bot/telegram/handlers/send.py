"""/send: one SMS at once, several after a look, or step by step."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from bot.i18n import Translator
from bot.services.compose import Compose, Place
from bot.telegram.command import parse_send
from bot.telegram.handlers.addressed import our_message
from bot.telegram.handlers.ask import ask_for
from bot.telegram.handlers.faults import FAULTS, explain
from bot.telegram.heard import hears


def router() -> Router:
    """The router."""
    result = Router(name="send")
    result.message.register(on_send, F.text, hears("send"))
    return result


def _lent_text(message: Message) -> str:
    """The text of the message replied to, unless it is our own: that was a question, or a card."""
    lender = message.reply_to_message
    if lender is None or our_message(message):
        return ""
    return (lender.text or lender.caption or "").strip()


async def on_send(message: Message, command: CommandObject, t: Translator, place: Place, compose: Compose) -> None:
    """Send, or ask for what is missing. As a reply without a text of its own it takes the text replied to."""
    try:
        order = parse_send(command.args or "")
        if not order.text:
            order = replace(order, text=_lent_text(message))
        step = await compose.begin(place, order)
    except FAULTS as error:
        await message.reply(explain(t, error))
        return
    if step:
        await ask_for(step, message, t, place, compose)
