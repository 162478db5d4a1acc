"""Change a message of ours where it stands."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Message

from bot.telegram.keyboards import keyboard
from bot.telegram.views import View


@contextmanager
def may_be_shown_already() -> Iterator[None]:
    """What is shown may be the same as before, as after a second tap: Telegram calls that an error."""
    try:
        yield
    except TelegramBadRequest as error:
        if "message is not modified" not in error.message:
            raise


async def show_in_place(press: CallbackQuery, view: View) -> None:
    """Put it in the place of the message whose button was pressed, if Telegram still tells which one that is."""
    if isinstance(press.message, Message):
        with may_be_shown_already():
            await press.message.edit_text(view.text, reply_markup=keyboard(view.rows))
