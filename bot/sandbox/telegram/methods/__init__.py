"""The Bot API methods that the stand-in knows, by name. Telegram does not mind the case of a name."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.world import World

from . import asking, editing, listening, profile, sending

Method = Callable[[World, Params], Awaitable[Any]]
"""Gives the call's `result`, or raises ApiError."""

NAMES: dict[str, Method] = {
    **listening.METHODS,
    **sending.METHODS,
    **editing.METHODS,
    **asking.METHODS,
    **profile.METHODS,
}
_BY_LOWER = {name.lower(): (name, method) for name, method in NAMES.items()}


def find(name: str) -> tuple[str, Method] | None:
    """A method and its proper name, or None where there is none such."""
    return _BY_LOWER.get(name.lower())
