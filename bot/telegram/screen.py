"""Puts a card on the screen: reads what it shows, draws it in its reader's language, sends or edits it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import BufferedInputFile, Message, ReplyParameters

from bot.domain.campaign import CampaignReport, Stage
from bot.domain.card import Card, Subject
from bot.domain.draft import Draft
from bot.domain.log import Pause
from bot.domain.lookback import bounds
from bot.domain.message import State
from bot.i18n import Translator
from bot.logs import where
from bot.services.admit import Languages
from bot.services.count import Count
from bot.services.notify import Gone, Later
from bot.services.ports import Log, Store
from bot.telegram.keyboards import keyboard
from bot.telegram.rates import Rates
from bot.telegram.views import Money, View
from bot.telegram.views.account import low_card, pause_card
from bot.telegram.views.campaign import campaign_card
from bot.telegram.views.draft import draft_card
from bot.telegram.views.inbox import inbox_card
from bot.telegram.views.message import message_card

log = structlog.get_logger()
_FIRST_MESSAGES = 15
_OF_LATE = timedelta(days=1)


class Screen:
    """Telegram's chats, as cards see them. Its bot does not wait out a 429: another chat's card may go meanwhile.

    `rate` says how many messages a second can leave at present, if that is known.
    """

    def __init__(
        self,
        bot: Bot,
        store: Store,
        languages: Languages,
        zone: ZoneInfo,
        money: Money,
        rate: Callable[[], float | None],
        count: Count,
    ) -> None:
        self._bot = bot
        self._count = count
        self._rate = rate
        self._rates = Rates()
        self._store = store
        self._languages = languages
        self._zone = zone
        self._money = money

    async def show(self, card: Card) -> int | Later | Gone:
        """Send or edit a card; return the id of the message in the chat."""
        t = Translator(await self._languages.of(card.actor_id), self._zone)
        try:
            view = await self._view(t, card)
        except Exception as error:  # one that cannot be drawn shall hold up no other
            log.error("card not drawn", card=card.id, error=type(error).__name__, where=where(error))  # noqa: TRY400 (a traceback may quote values)
            return Later()
        if view is None:
            return Gone.GONE
        try:
            return await self._put(card, view)
        except TelegramRetryAfter as error:
            return Later(float(error.retry_after), of_chat=True)
        except TelegramForbiddenError:
            log.warning("chat closed", card=card.id)
            return Later(of_chat=True)
        except TelegramBadRequest as error:
            return _refused(card, error)
        except (TelegramNetworkError, TelegramServerError) as error:
            log.warning("card not shown", card=card.id, error=type(error).__name__)
            return Later()
        except AiogramError as error:  # also an answer that is none of Telegram's, such as a proxy's page
            log.error("card refused", card=card.id, error=type(error).__name__)  # noqa: TRY400 (a traceback quotes the card)
            return Later()

    async def _view(self, t: Translator, card: Card) -> View | None:
        if card.subject is Subject.DIGEST:
            return await self._digest(t, date.fromordinal(card.subject_id))
        async with self._store.read() as log_:
            return await self._draw(t, log_, card)

    async def _draw(self, t: Translator, log_: Log, card: Card) -> View | None:
        pause = await log_.current_pause()
        match card.subject:
            case Subject.MESSAGE:
                message = await log_.message(card.subject_id)
                history = await log_.history(card.subject_id)
                return message_card(t, message, history, pause, _reader(card)) if message else None
            case Subject.CAMPAIGN:
                report = await log_.campaign(card.subject_id)
                return await self._draw_campaign(t, log_, report, pause, _reader(card)) if report else None
            case Subject.DRAFT:
                draft = await log_.draft(card.subject_id)
                return await self._draw_draft(t, log_, draft) if draft else None
            case Subject.PAUSE:
                shown = await log_.pause(card.subject_id)
                return pause_card(t, shown) if shown else None
            case Subject.INBOX:
                return inbox_card(t, await log_.count_unsettled())
            case Subject.LOW:
                low = await log_.low(card.subject_id)
                return low_card(t, low) if low else None
            case _:
                return None

    async def _digest(self, t: Translator, day: date) -> View:
        """A day in figures, with what it cost and what is left."""
        from bot.telegram.charts import stats_chart as draw_stats
        from bot.telegram.views.notify import digest_caption, digest_chart

        bars = await self._count.past_hours(day)
        async with self._store.read() as log_:
            _, parts = await log_.spent(bounds(day.isoformat(), self._zone, datetime.now(UTC)))
            reading = await log_.last_reading()
        caption = digest_caption(t, day, bars, parts, reading, self._money)
        return View(caption, picture=await asyncio.to_thread(draw_stats, digest_chart(t, day, bars)))

    async def _draw_campaign(
        self, t: Translator, log_: Log, report: CampaignReport, pause: Pause | None, reader: int | None
    ) -> View:
        few = report.campaign.recipients <= _FIRST_MESSAGES
        first = await log_.campaign_page(report.campaign.id, 0, _FIRST_MESSAGES) if few else []
        rate = self._rates.look(report.campaign.id, report.decided)
        failed = report.campaign.stage is Stage.FINISHED and bool(report.states.get(State.FAILED))
        may_repeat = failed and bool(await log_.passing_failures(report.campaign.id, 0, 1))
        found = [(bulk.id, await log_.bulk_decision(bulk.id)) for bulk in report.bulks if bulk.settlement]
        return campaign_card(
            t,
            report,
            first,
            pause,
            self._money,
            rate,
            may_repeat=may_repeat,
            decisions={id_: decision for id_, decision in found if decision},
            reader=reader,
        )

    async def _draw_draft(self, t: Translator, log_: Log, draft: Draft) -> View:
        return draft_card(
            t,
            draft,
            self._money,
            rate=self._rate(),
            test_phone=await log_.test_phone(draft.actor_id),
            now=datetime.now(UTC),
            zone=self._zone,
            same=await self._same(log_, draft),
        )

    async def _same(self, log_: Log, draft: Draft) -> int | None:
        """The campaign of late that told as many the same: a list that is confirmed twice costs twice."""
        listed, order = draft.order.phone_list, draft.order
        if listed is None or not order.text or order.again_of:
            return None
        return await log_.same_campaign(order.text, listed.recipients, datetime.now(UTC) - _OF_LATE)

    async def _put(self, card: Card, view: View) -> int:
        markup = keyboard(view.rows)
        if card.telegram_id is not None:
            edited = await self._bot.edit_message_text(
                view.text, chat_id=card.chat_id, message_id=card.telegram_id, reply_markup=markup
            )
            return edited.message_id if isinstance(edited, Message) else card.telegram_id
        if view.picture is not None:
            file = BufferedInputFile(view.picture, "picture.png")
            return (await self._bot.send_photo(card.chat_id, file, caption=view.text, reply_markup=markup)).message_id
        reply = ReplyParameters(message_id=card.reply_to, allow_sending_without_reply=True) if card.reply_to else None
        sent = await self._bot.send_message(card.chat_id, view.text, reply_markup=markup, reply_parameters=reply)
        return sent.message_id

    async def remove(self, card: Card) -> Later | None:
        """Take away the card's message further up; one that cannot be taken away any more stays."""
        try:
            await self._bot.delete_message(card.chat_id, card.replaces or 0)
        except TelegramBadRequest:  # after 48 hours Telegram lets nobody delete it; its buttons can go all the same
            await self._disarm(card)
        except TelegramRetryAfter as error:
            return Later(float(error.retry_after), of_chat=True)
        except TelegramForbiddenError:
            return Later(of_chat=True)
        except AiogramError as error:
            log.info("old card not removed", card=card.id, error=type(error).__name__)
            return Later()
        return None

    async def _disarm(self, card: Card) -> None:
        try:
            await self._bot.edit_message_reply_markup(chat_id=card.chat_id, message_id=card.replaces)
        except AiogramError as error:
            log.info("old card keeps its buttons", card=card.id, error=type(error).__name__)


def _reader(card: Card) -> int | None:
    """Who reads it, if that is one person."""
    return card.actor_id if card.chat_id == card.actor_id else None


def _refused(card: Card, error: TelegramBadRequest) -> int | Later | Gone:
    """Telegram will not take it. That it shows the same already is as good as shown; the unknown comes again."""
    if card.telegram_id is not None and "message is not modified" in error.message:
        return card.telegram_id
    expected = ("message to edit not found", "message can't be edited", "chat not found")
    if any(words in error.message for words in expected):
        return Gone.GONE
    log.error("card refused", card=card.id, subject=card.subject, words=error.message.split(":")[-1][:80])
    return Later()
