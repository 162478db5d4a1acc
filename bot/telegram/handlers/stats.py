"""/stats and the figures of a campaign: one picture, with three lines under it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from aiogram import F, Router
from aiogram.filters import CommandObject
from aiogram.types import BufferedInputFile, CallbackQuery, InputMediaPhoto, Message

from bot.domain.figures import total
from bot.domain.lookback import PERIODS
from bot.i18n import Translator
from bot.services.count import Bar, Count
from bot.services.look_up import LookUp
from bot.telegram.background import Background
from bot.telegram.heard import hears
from bot.telegram.in_place import may_be_shown_already
from bot.telegram.keyboards import Press, Rows, ShowStats, Verb, keyboard
from bot.telegram.period import PeriodError, parse_period
from bot.telegram.views.stats import period_rows, stats_caption, stats_chart

_USUAL = "week"


def router() -> Router:
    """The router."""
    result = Router(name="stats")
    result.message.register(on_stats, F.text, hears("stats"))
    result.callback_query.register(on_period, ShowStats.filter())
    result.callback_query.register(on_campaign, Press.filter(F.verb == Verb.STATS))
    return result


async def on_stats(
    message: Message, command: CommandObject, t: Translator, count: Count, background: Background
) -> None:
    """The figures of a period, the last week if none is said: the picture takes the place of the first word."""
    try:
        period = parse_period(command.args, count.today) if command.args else _USUAL
    except PeriodError:
        period = ""
    if period not in PERIODS:
        await message.reply(t("stats.how"))
        return
    first = await message.answer(t("stats.counting"))
    background.start(_show_period(first, t, period, count), partial(first.edit_text, t("failure")))


async def on_period(
    press: CallbackQuery, callback_data: ShowStats, t: Translator, count: Count, background: Background
) -> None:
    """Another period, in place."""
    if callback_data.period not in PERIODS:
        await press.answer(t.plain("button_is_old"), show_alert=True)
        return
    await press.answer(t.plain("stats.counting"))
    if isinstance(press.message, Message):
        sorry = partial(press.message.reply, t("failure"))
        background.start(_show_period(press.message, t, callback_data.period, count), sorry)


async def on_campaign(
    press: CallbackQuery,
    callback_data: Press,
    t: Translator,
    look_up: LookUp,
    count: Count,
    background: Background,
) -> None:
    """The figures of one campaign, as a message of their own."""
    await press.answer(t.plain("stats.counting"))
    report = await look_up.campaign(callback_data.id)
    if report is None or report.campaign.started_at is None or not isinstance(press.message, Message):
        return
    first = await press.message.answer(t("stats.counting"))
    work = _show_campaign(first, t, report.campaign.id, report.campaign.started_at, count)
    background.start(work, partial(first.edit_text, t("failure")))


async def _show_campaign(message: Message, t: Translator, campaign_id: int, begun: datetime, count: Count) -> None:
    bars = await count.campaign_steps(campaign_id, begun)
    await _show(message, t, t.plain("stats.campaign", number=str(campaign_id)), bars, [])


async def _show_period(message: Message, t: Translator, period: str, count: Count) -> None:
    bars = await count.period(period)
    await _show(message, t, t.plain(f"stats.{period}"), bars, period_rows(t, period))


async def _show(message: Message, t: Translator, title: str, bars: Sequence[Bar], rows: Rows) -> None:
    """Draw it, and put it in the message's place."""
    from bot.telegram.charts import stats_chart as draw_stats

    picture = await asyncio.to_thread(draw_stats, stats_chart(t, title, bars))
    caption = stats_caption(t, title, total(figures for _, figures in bars))
    media = InputMediaPhoto(media=BufferedInputFile(picture, "stats.png"), caption=caption)
    with may_be_shown_already():
        await message.edit_media(media, reply_markup=keyboard(rows))
