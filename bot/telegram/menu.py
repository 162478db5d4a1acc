"""The commands, in one list: the menu, the help and the tests read it."""

from aiogram import Bot
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat

from bot.i18n import LANGUAGES, Translator

COMMANDS = (
    "send",
    "status",
    "history",
    "find",
    "uncertain",
    "campaigns",
    "balance",
    "stats",
    "export",
    "notify",
    "resend",
    "block",
    "unblock",
    "resume",
    "cancel",
    "language",
    "help",
)


def menu(t: Translator) -> list[BotCommand]:
    """The menu in one language."""
    return [BotCommand(command=name, description=t.plain(f"menu.{name}")) for name in COMMANDS]


async def publish(bot: Bot, translators: dict[str, Translator], default: str) -> None:
    """Set the menu for everybody: by the language of their Telegram, and the default for the rest."""
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands(menu(translators[default]), scope=scope)
    for language in LANGUAGES:
        await bot.set_my_commands(menu(translators[language]), scope=scope, language_code=language)


async def publish_to(bot: Bot, chat_id: int, t: Translator) -> None:
    """Set the menu of one chat, after its admin chose a language."""
    await bot.set_my_commands(menu(t), scope=BotCommandScopeChat(chat_id=chat_id))
