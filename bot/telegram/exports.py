"""The exports under way: the log of a time, written to files and sent."""

from functools import partial
from zoneinfo import ZoneInfo

from aiogram import Bot

from bot.domain.timing import Timing
from bot.i18n import Translator
from bot.services.compose import Place
from bot.services.export import COLUMNS, Progress, export_pages, is_empty
from bot.services.ports import Clock, Store
from bot.services.sheets import Form, Limits, Reader, in_parts
from bot.telegram.background import Background
from bot.telegram.hand_out import folder, progress_note, send_parts
from bot.telegram.views.export import Span, caption, progress_words
from bot.telegram.views.files import column_titles, sheet_names


class Exports:
    """Each admin has one at a time: it takes a share of the processor, and of the disk."""

    def __init__(
        self, store: Store, background: Background, clock: Clock, zone: ZoneInfo, timing: Timing, limits: Limits
    ) -> None:
        self._store = store
        self._background = background
        self._clock = clock
        self._zone = zone
        self._timing = timing
        self._limits = limits
        self._busy: set[int] = set()

    def start(self, bot: Bot, t: Translator, place: Place, period: str, form: Form) -> bool:
        """Begin one, of a period as `Span` takes it; False where this admin's last one is not done."""
        if place.actor_id in self._busy:
            return False
        span = Span.of(period, self._zone, self._clock())
        self._busy.add(place.actor_id)
        sorry = partial(bot.send_message, place.chat_id, t("export.failed"))
        self._background.start(self._run(bot, t, place, span, form), sorry)
        return True

    async def _run(self, bot: Bot, t: Translator, place: Place, span: Span, form: Form) -> None:
        try:
            if await is_empty(self._store, span.time):
                await bot.send_message(place.chat_id, t("export.empty", time=span.words(t)))
            else:
                await self._send(bot, t, place.chat_id, span, form)
        finally:
            self._busy.discard(place.actor_id)

    async def _send(self, bot: Bot, t: Translator, chat_id: int, span: Span, form: Form) -> None:
        progress, reader = Progress(), Reader(sheet_names(t), self._zone)
        pages = export_pages(self._store, span.time, reader, progress)
        words = partial(progress_words, t, progress)
        note = progress_note(bot, chat_id, words, t("export.cut_off"), self._timing)
        async with note, folder(bot, chat_id) as path:
            titles = column_titles(t, COLUMNS)
            parts = in_parts(pages, path, span.name, form, titles, self._limits)
            await send_parts(bot, chat_id, t, parts, partial(caption, t, span))
