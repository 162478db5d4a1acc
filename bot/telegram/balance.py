"""The answer to /balance: a picture with its figures, in the place of the first word."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from aiogram.types import BufferedInputFile, InputMediaPhoto, Message

from bot.domain.errors import GatewayError
from bot.domain.money import Reading
from bot.i18n import Translator
from bot.services.account import LookAtAccount
from bot.services.balance import AskBalance
from bot.services.pause import standing_pause
from bot.services.ports import Store
from bot.telegram.in_place import may_be_shown_already
from bot.telegram.keyboards import keyboard
from bot.telegram.views import Money, View
from bot.telegram.views.account import balance_view, no_balance_view
from bot.telegram.views.figures import to_the_minute

_DAY = timedelta(days=1)


class ShowBalance:
    """Asks for the balance, and puts what is known of it into a message of ours."""

    def __init__(self, ask_balance: AskBalance, look: LookAtAccount, store: Store, money: Money) -> None:
        self._ask_balance = ask_balance
        self._look = look
        self._store = store
        self._money = money

    async def __call__(self, message: Message, t: Translator) -> None:
        """Show it, or plainly that it is not known. It is kept once it is shown: the log may be busy."""
        try:
            account = await self._look()
        except GatewayError as error:
            await _put(message, no_balance_view(t, error, await standing_pause(self._store)))
            return
        try:
            picture = await self._picture(t, account.readings)
            await _put(message, balance_view(t, account, self._money), picture)
        finally:
            await self._ask_balance.keep(account.balance.amount)

    async def _picture(self, t: Translator, readings: Sequence[Reading]) -> bytes | None:
        """The balance over the days, if it was seen more than once."""
        if len(readings) < 2:
            return None
        return await asyncio.to_thread(_drawn, t, readings, self._money.low_balance)


def _drawn(t: Translator, readings: Sequence[Reading], low: Decimal | None) -> bytes:
    from bot.telegram.charts import BalanceChart, balance_chart  # what draws takes memory, and many never ask for it

    points = [(reading.at, reading.amount) for reading in readings]
    labels = times_shown(t, readings[0].at, readings[-1].at)
    return balance_chart(BalanceChart(t.plain("chart.balance"), points, low, labels, t.money))


def times_shown(t: Translator, first: datetime, last: datetime) -> tuple[str, str]:
    """The ends of the picture: days, or times where it is a day or less."""
    if last - first > _DAY:
        return t.day(first), t.day(last)
    return to_the_minute(t, first), to_the_minute(t, last)


async def _put(message: Message, view: View, picture: bytes | None = None) -> None:
    """A picture once sent stays, for Telegram takes none away; a new one takes its place."""
    markup = keyboard(view.rows)
    with may_be_shown_already():  # the same balance, the same second
        if picture:
            media = InputMediaPhoto(media=BufferedInputFile(picture, "balance.png"), caption=view.text)
            await message.edit_media(media, reply_markup=markup)
        elif message.photo:
            await message.edit_caption(caption=view.text, reply_markup=markup)
        else:
            await message.edit_text(view.text, reply_markup=markup)
