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
    CANARY = "canary"
    """Send the first few, then ask."""
    DROP = "drop"
    LATER = "later"
    """Choose a day."""
    AT_ONCE = "now"
    BACK = "back"
    """Back to the preview: nothing is chosen."""
    TEXT = "text"
    """Write another text."""
    SENDER = "sender"
    TEST = "test"
    TEST_AGAIN = "test_again"
    """Test on the phone used last."""
    WAY = "way"
    LATIN = "latin"
    PLAIN = "plain"
    REJECTED = "rejected"
    """The rows left out, as a file."""
    REFRESH = "refresh"
    SHOW = "show"
    RESUME_ALL = "resume"
    SHOW_CAMPAIGN = "campaign"
    UNDO = "undo"
    """Back to a draft, before it begins."""
    PAUSE_CAMPAIGN = "pause"
    RESUME_CAMPAIGN = "go_on"
    CANCEL_CAMPAIGN = "cancel"
    RESULT = "result"
    """The result as a file."""
    AGAIN = "again"
    """Send those again that failed for a reason that may have passed."""
    INBOX = "inbox"
    """What waits for a decision, newest first."""
    INBOX_OLDER = "inbox_older"
    """Its page below this message."""
    INBOX_NEWER = "inbox_newer"
    MARK_SENT = "mark_sent"
    CLOSE = "close"
    """Nothing more is to be done about an uncertain message."""
    BULK_SENT = "bulk_sent"
    BULK_CLOSE = "bulk_close"
    RESEND = "resend"
    BLOCK_TO = "block_to"
    """Block the phone of this message."""
    UNBLOCK_TO = "unblock_to"
    UNBLOCK = "unblock"
    """Take a phone off the stop list: its digits are the row's key."""
    BALANCE = "balance"
    STATS = "stats"
    """A campaign's figures as a picture."""
    MESSAGES = "messages"
    """A campaign's messages as a list."""


class Press(CallbackData, prefix="p"):
    """The press of a button on the row `id`."""

    verb: Verb
    id: int = 0


class ChooseDay(CallbackData, prefix="day"):
    """The choice of a day for the draft `id`; `ordinal` is the day's, as `date.toordinal` has it."""

    id: int
    ordinal: int


class ChooseTime(CallbackData, prefix="at"):
    """The choice of a time for the draft `id`, in minutes since 1970 (UTC)."""

    id: int
    minute: int


class TurnPage(CallbackData, prefix="page"):
    """Another page of the list `id`: below the message `edge` (0: the first page), or above it."""

    id: int
    edge: int
    newer: bool


class Narrow(CallbackData, prefix="narrow"):
    """Narrow the list `id` by one thing; `to` is empty for no limit, and `?` asks to what."""

    id: int
    by: str
    to: str


class Wish(CallbackData, prefix="wish"):
    """The choice of what an admin wants to hear of: `whose`, `what` or `hour`; `?` asks for the hour, empty is none."""

    by: str
    to: str


class ShowStats(CallbackData, prefix="stats"):
    """The figures of a period."""

    period: str


class ChooseExport(CallbackData, prefix="export"):
    """The choice of what to export; `form` is empty until it is chosen."""

    period: str
    form: str


class ChooseLanguage(CallbackData, prefix="lang"):
    """The choice of a language."""

    code: str


def button(text: str, verb: Verb, id_: int = 0, style: ButtonStyle | None = None) -> InlineKeyboardButton:
    """A button that does `verb` on the row `id_`."""
    return InlineKeyboardButton(text=text, callback_data=Press(verb=verb, id=id_).pack(), style=style)


def choice(text: str, data: CallbackData) -> InlineKeyboardButton:
    """A button that chooses something."""
    return InlineKeyboardButton(text=text, callback_data=data.pack())


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
