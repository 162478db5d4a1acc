"""Buttons. Their data hold the id of a row and a verb, never state: a restart loses nothing."""

from enum import StrEnum

from aiogram.enums import ButtonStyle
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

Rows = list[list[InlineKeyboardButton]]


class Verb(StrEnum):
    """What a button does."""

    SEND = "send"
    SCHEDULE = "schedule"
    DROP = "drop"
    LATER = "later"
    IN_AN_HOUR = "hour"
    TOMORROW = "tomorrow"
    AT_ONCE = "now"
    REFRESH = "refresh"
    SHOW = "show"
    RESUME_ALL = "resume"
    RESUME_CAMPAIGN = "go_on"
    CANCEL_CAMPAIGN = "cancel"
    BALANCE = "balance"


class Press(CallbackData, prefix="p"):
    """The press of a button on the row `id`."""

    verb: Verb
    id: int = 0


class ChooseLanguage(CallbackData, prefix="lang"):
    """The choice of a language."""

    code: str


def button(text: str, verb: Verb, id_: int = 0, style: ButtonStyle | None = None) -> InlineKeyboardButton:
    """A button that does `verb` on the row `id_`."""
    return InlineKeyboardButton(text=text, callback_data=Press(verb=verb, id=id_).pack(), style=style)


def go(text: str, verb: Verb, id_: int = 0) -> InlineKeyboardButton:
    """A button that confirms or goes on."""
    return button(text, verb, id_, ButtonStyle.SUCCESS)


def stop(text: str, verb: Verb, id_: int = 0) -> InlineKeyboardButton:
    """A button that destroys or stops."""
    return button(text, verb, id_, ButtonStyle.DANGER)


def copy(text: str, what: str) -> InlineKeyboardButton:
    """A button that copies `what`."""
    return InlineKeyboardButton(text=text, copy_text=CopyTextButton(text=what))


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """Rows of buttons; None if there is none."""
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None
