"""What the bot says of itself: its commands for each scope and language, its name and descriptions, its menu button."""

import re
from dataclasses import dataclass, field
from typing import Any

from .errors import bad
from .people import JSON, Chat, Person

Scope = tuple[Any, ...]
"""A scope as a key: its type, then the chat and the user where it has them."""
KINDS = {
    "default": (), "all_private_chats": (), "all_group_chats": (), "all_chat_administrators": (),
    "chat": ("chat_id",), "chat_administrators": ("chat_id",), "chat_member": ("chat_id", "user_id"),
}  # fmt: skip


@dataclass(slots=True)
class Menu:
    """All that was set by setMyCommands and its like, by language code ("" is for all other languages)."""

    commands: dict[tuple[Scope, str], list[JSON]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    """By what it is (`name`, `description`, `short_description`) and language."""
    buttons: dict[int, JSON] = field(default_factory=dict)
    """Menu buttons by chat; 0 is the default."""

    def commands_for(self, person: Person, chat: Chat) -> list[JSON]:
        """What a person's "/" menu shows in a chat: the narrowest scope that has commands, their language first."""
        for scope in _scopes_for(person, chat):
            for language in (person.language_code, ""):
                if (scope, language) in self.commands:
                    return self.commands[scope, language]
        return []

    def shown(self) -> list[JSON]:
        """All commands, with their scope and language."""
        return [
            {
                "scope": dict(zip(("type", "chat_id", "user_id"), scope, strict=False)),
                "language_code": language,
                "commands": commands,
            }
            for (scope, language), commands in self.commands.items()
        ]


def _scopes_for(person: Person, chat: Chat) -> list[Scope]:
    if chat.type == "private":
        return [("chat", chat.id), ("all_private_chats",), ("default",)]
    admin = person.status != "member"
    return [
        ("chat_member", chat.id, person.id),
        *([("chat_administrators", chat.id)] if admin else []),
        ("chat", chat.id),
        *([("all_chat_administrators",)] if admin else []),
        ("all_group_chats",),
        ("default",),
    ]


def checked_commands(value: Any) -> list[JSON]:
    """The commands as they are to be kept. Raises ApiError where Telegram takes no such commands."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise bad("can't parse commands JSON object")
    if len(value) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for item in value:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(item.get("command", "")).removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(item.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return [{"command": item["command"].removeprefix("/"), "description": item["description"]} for item in value]


def checked_scope(value: Any) -> tuple[Scope, list[int]]:
    """The scope as a key, and the chat it names, if any. Raises ApiError on what is no scope."""
    scope = value if isinstance(value, dict) else {"type": "default"}
    needed = KINDS.get(str(scope.get("type")))
    if needed is None:
        raise bad("unsupported bot command scope type")
    try:
        ids = [int(scope[name]) for name in needed]
    except (KeyError, TypeError, ValueError):
        raise bad("can't parse BotCommandScope") from None
    return (scope["type"], *ids), ids[:1]


def checked_language(code: str) -> str:
    """A two-letter language code, or empty. Raises ApiError otherwise."""
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language code specified")
    return code
