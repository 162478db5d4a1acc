"""The exports under way: the log of a time or the result of a campaign, written to files and sent."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from aiogram import Bot

from bot.domain.timing import Timing
from bot.i18n import Html, Translator
from bot.services.compose import Place
from bot.services.export import COLUMNS, Progress, export_pages, is_empty
from bot.services.ports import Clock, Store
from bot.services.sheets import Form, Limits, Reader, Row, in_parts
from bot.services.write_result import COLUMNS as RESULT_COLUMNS
from bot.services.write_result import result_pages
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
        span = Span.of(period, self._zone, self._clock())
        work = partial(self._log, _Chat(bot, t, place.chat_id), span, form)
        return self._begin(place.actor_id, work, partial(bot.send_message, place.chat_id, t("export.failed")))

    def start_result(self, bot: Bot, t: Translator, place: Place, campaign_id: int) -> bool:
        """The same, of the result of a campaign as it stands now."""
        work = partial(self._result, _Chat(bot, t, place.chat_id), campaign_id)
        return self._begin(place.actor_id, work, partial(bot.send_message, place.chat_id, t("failure")))

    def _begin(
        self, actor_id: int, work: Callable[[], Awaitable[None]], sorry: Callable[[], Awaitable[object]]
    ) -> bool:
        if actor_id in self._busy:
            return False
        self._busy.add(actor_id)
        self._background.start(self._run(actor_id, work), sorry)
        return True

    async def _run(self, actor_id: int, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            self._busy.discard(actor_id)

    async def _log(self, chat: "_Chat", span: Span, form: Form) -> None:
        if await is_empty(self._store, span.time):
            await chat.bot.send_message(chat.id, chat.t("export.empty", time=span.words(chat.t)))
            return
        progress = Progress()
        pages = export_pages(self._store, span.time, self._reader(chat), progress)
        files = _Files(span.name, form, COLUMNS, partial(caption, chat.t, span))
        await self._send(chat, pages, progress, files)

    async def _result(self, chat: "_Chat", campaign_id: int) -> None:
        async with self._store.read() as log:
            report = await log.campaign(campaign_id)
        if report is None:
            return
        progress, words = Progress(), chat.t("file.caption_result", number=str(campaign_id))
        pages = result_pages(self._store, report.campaign, self._reader(chat), progress)
        files = _Files(f"campaign-{campaign_id}", Form.CSV, RESULT_COLUMNS, lambda _rows: words)
        await self._send(chat, pages, progress, files)

    def _reader(self, chat: "_Chat") -> Reader:
        return Reader(sheet_names(chat.t), self._zone)

    async def _send(
        self, chat: "_Chat", pages: AsyncIterator[Iterable[Row]], progress: Progress, files: "_Files"
    ) -> None:
        words = partial(progress_words, chat.t, progress)
        note = progress_note(chat.bot, chat.id, words, chat.t("export.cut_off"), self._timing)
        async with note, folder(chat.bot, chat.id) as path:
            titles = column_titles(chat.t, files.columns)
            parts = in_parts(pages, path, files.name, files.form, titles, self._limits)
            await send_parts(chat.bot, chat.id, chat.t, parts, files.caption)


@dataclass(frozen=True, slots=True)
class _Chat:
    """Where the file goes, and in which language."""

    bot: Bot
    t: Translator
    id: int


@dataclass(frozen=True, slots=True)
class _Files:
    """What kind of files they are to be; `caption` tells what is in one of so many rows."""

    name: str
    form: Form
    columns: Sequence[str]
    caption: Callable[[int], Html]
