"""What may stand under a message: inline buttons, a reply keyboard, its removal, force_reply."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .errors import bad
from .people import JSON, Chat

STYLES = {"danger", "success", "primary"}
_INLINE_LABELS = {"text", "style", "icon_custom_emoji_id"}


@dataclass(frozen=True, slots=True)
class Markup:
    """Either rows of inline buttons, or something for the person's keyboard, or neither."""

    inline: list[list[JSON]] = field(default_factory=list)
    keyboard: JSON | None = None


def checked_markup(value: Any, chat: Chat) -> Markup:
    """A call's `reply_markup`, checked. Raises ApiError as Telegram refuses it."""
    if value is None:
        return Markup()
    if not isinstance(value, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in value:
        return Markup(inline=_rows(value["inline_keyboard"], _inline_button))
    if "keyboard" in value:
        rows = _rows(value["keyboard"], lambda button: _reply_button(button, chat))
        return Markup(keyboard={**_keyboard_options(value), "keyboard": rows})
    if value.get("remove_keyboard") is True or value.get("force_reply") is True:
        return Markup(keyboard=_keyboard_options(value))
    return Markup()


def _rows(value: Any, check: Callable[[Any], JSON]) -> list[list[JSON]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise bad("can't parse reply keyboard markup JSON object")
    rows = [[check(button) for button in row] for row in value if row]
    if sum(map(len, rows)) > 100:
        raise bad("REPLY_MARKUP_TOO_LONG")
    return rows


def _label(button: Any, kind: str) -> JSON:
    """What both kinds of button have: a text and a style."""
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad(f'can\'t parse {kind} button: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad("BUTTON_TEXT_INVALID")
    if "style" in button and button["style"] not in STYLES:
        raise bad(f"can't parse {kind} button: invalid button style specified")
    return button


def _inline_button(value: Any) -> JSON:
    button = _label(value, "inline keyboard")
    kinds = [name for name in button if name not in _INLINE_LABELS]
    if not kinds:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(kinds) > 1 or kinds[0] not in _CHECKS:
        raise bad("BUTTON_TYPE_INVALID")
    _CHECKS[kinds[0]](button[kinds[0]])
    return button


def _check_data(data: Any) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")


def _check_url(url: Any) -> None:
    """A web address needs a dot in its host: Telegram refuses localhost."""
    if not isinstance(url, str) or not re.fullmatch(r"tg://\S+|https?://[^\s/?#.]+(\.[^\s/?#.]+)+([/?#]\S*)?", url):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _check_copy(copy: Any) -> None:
    text = copy.get("text") if isinstance(copy, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= 256:
        raise bad("BUTTON_COPY_TEXT_INVALID")


def _check_disabled(disabled: Any) -> None:
    if disabled != {}:
        raise bad("can't parse inline keyboard button: DisabledButton holds nothing")


_CHECKS: dict[str, Callable[[Any], None]] = {
    "callback_data": _check_data,
    "url": _check_url,
    "copy_text": _check_copy,
    "disabled": _check_disabled,
}


def _reply_button(value: Any, chat: Chat) -> JSON:
    button = _label({"text": value} if isinstance(value, str) else value, "keyboard")
    if set(button) - {*_INLINE_LABELS, "request_contact"}:
        raise bad("BUTTON_TYPE_INVALID")
    if button.get("request_contact") and chat.type != "private":
        raise bad("phone number can be requested in private chats only")
    return button


def _keyboard_options(value: JSON) -> JSON:
    placeholder = value.get("input_field_placeholder")
    if placeholder is not None and not (isinstance(placeholder, str) and 1 <= len(placeholder) <= 64):
        raise bad("input field placeholder must be 1-64 characters long")
    return {name: option for name, option in value.items() if name != "keyboard"}
