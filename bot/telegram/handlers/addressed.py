"""Whom a message is meant for."""

from aiogram.enums import ChatType
from aiogram.types import Message


def is_to_us(message: Message) -> bool:
    """Whether it answers us: in a group people talk among themselves, so there it must be a reply to us."""
    if message.chat.type == ChatType.PRIVATE:
        return True
    asked = message.reply_to_message
    return bool(asked and asked.from_user and message.bot and asked.from_user.id == message.bot.id)
