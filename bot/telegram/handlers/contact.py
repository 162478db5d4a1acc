"""A contact that was shared: offer to send to it."""

from aiogram import F, Router
from aiogram.types import Contact, Message

from bot.domain.draft import Order
from bot.domain.phone import parse_phone
from bot.i18n import Translator
from bot.services.compose import Compose, Place
from bot.telegram.handlers.ask import ask_for
from bot.telegram.handlers.faults import FAULTS, explain


def router() -> Router:
    """The router."""
    result = Router(name="contact")
    result.message.register(on_contact, F.contact.as_("contact"))
    return result


async def on_contact(message: Message, contact: Contact, t: Translator, place: Place, compose: Compose) -> None:
    """Ask for the text to send to this contact."""
    try:
        step = await compose.begin(place, Order(phones=(parse_phone(contact.phone_number),)))
    except FAULTS as error:
        await message.reply(explain(t, error))
        return
    if step:
        await ask_for(step, message, t, place, compose)
