"""Methods by which the bot says who it is and what it can do."""

from collections.abc import Awaitable, Callable

from bot.sandbox.telegram.errors import bad
from bot.sandbox.telegram.menu import Scope, checked_commands, checked_language, checked_scope
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.people import JSON
from bot.sandbox.telegram.world import World

_LIMITS = {"name": 64, "short_description": 120, "description": 512}
"""Characters that Telegram takes."""


async def set_my_commands(world: World, params: Params) -> bool:
    """The commands of one scope and language."""
    key = _key(world, params)
    world.menu.commands[key] = checked_commands(params.object("commands"))
    world.changed()
    return True


async def get_my_commands(world: World, params: Params) -> list[JSON]:
    """The commands of exactly this scope and language."""
    return world.menu.commands.get(_key(world, params), [])


async def delete_my_commands(world: World, params: Params) -> bool:
    """Let the next wider scope count again."""
    world.menu.commands.pop(_key(world, params), None)
    world.changed()
    return True


def _key(world: World, params: Params) -> tuple[Scope, str]:
    scope, chats = checked_scope(params.object("scope"))
    if any(chat not in world.chats for chat in chats):
        raise bad("chat not found")
    return scope, checked_language(params.text("language_code"))


def _setter(what: str) -> Callable[[World, Params], Awaitable[bool]]:
    async def set_text(world: World, params: Params) -> bool:
        text = params.text(what)
        if len(text) > _LIMITS[what]:
            raise bad(f"{what.replace('_', ' ')} is too long")
        world.menu.texts[what, checked_language(params.text("language_code"))] = text
        world.changed()
        return True

    return set_text


def _getter(what: str) -> Callable[[World, Params], Awaitable[JSON]]:
    async def get_text(world: World, params: Params) -> JSON:
        texts, language = world.menu.texts, checked_language(params.text("language_code"))
        default = str(world.me["first_name"]) if what == "name" else ""
        return {what: texts.get((what, language)) or texts.get((what, "")) or default}

    return get_text


async def set_chat_menu_button(world: World, params: Params) -> bool:
    """The button beside the input field, for one private chat or for all."""
    button = params.object("menu_button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in {"default", "commands", "web_app"}:
        raise bad("can't parse menu button: MenuButton has unsupported type")
    world.menu.buttons[_button_chat(world, params)] = button
    world.changed()
    return True


async def get_chat_menu_button(world: World, params: Params) -> JSON:
    """The button of one private chat, or the default one."""
    buttons = world.menu.buttons
    return buttons.get(_button_chat(world, params)) or buttons.get(0) or {"type": "commands"}


def _button_chat(world: World, params: Params) -> int:
    if not params.text("chat_id"):
        return 0
    chat = world.chat(params)
    if chat.type != "private":
        raise bad("chat not found")
    return chat.id


METHODS = {
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _setter("name"),
    "getMyName": _getter("name"),
    "setMyDescription": _setter("description"),
    "getMyDescription": _getter("description"),
    "setMyShortDescription": _setter("short_description"),
    "getMyShortDescription": _getter("short_description"),
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
}
