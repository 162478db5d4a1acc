"""Whom a message is meant for."""

from aiogram.enums import ChatType
from aiogram.types import Message


def our_message(message: Message) -> Message | None:
    """The message of ours that it is a reply to."""
    asked = message.reply_to_message
    is_ours = asked and asked.from_user and message.bot and asked.from_user.id == message.bot.id
    return asked if is_ours else None


def is_to_us(message: Message) -> bool:
    """Whether it answers us: in a group people talk among themselves, so there it must be a reply to us."""
    return message.chat.type == ChatType.PRIVATE or our_message(message) is not None
