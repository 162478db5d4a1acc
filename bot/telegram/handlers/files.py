"""Files that are handed out: the result of a campaign, the rows that a list leaves out."""

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from aiogram import Bot, F, Router
from aiogram.types import CallbackQuery, FSInputFile
from aiogram.utils.chat_action import ChatActionSender

from bot.domain.draft import PieceKind
from bot.i18n import Translator
from bot.intake import rejected_rows
from bot.services.compose import Place
from bot.services.ports import Store
from bot.services.write_result import write_result
from bot.telegram.background import Background
from bot.telegram.keyboards import Press, Verb
from bot.telegram.views.files import reason_names, reason_title, result_names

_PACKED = 20_000_000
"""A larger file is packed: Telegram takes 50 MB."""
_LARGEST = 49_000_000


def router() -> Router:
    """The router."""
    result = Router(name="files")
    result.callback_query.register(on_result, Press.filter(F.verb == Verb.RESULT))
    result.callback_query.register(on_rejected, Press.filter(F.verb == Verb.REJECTED))
    return result


async def on_result(
    press: CallbackQuery,
    callback_data: Press,
    bot: Bot,
    t: Translator,
    place: Place,
    store: Store,
    background: Background,
    zone: ZoneInfo,
) -> None:
    """The result of a campaign, as it stands now."""
    await press.answer(t.plain("file.sending"))
    background.start(_send_result(bot, t, place, store, zone, callback_data.id), lambda: _sorry(bot, t, place))


async def on_rejected(
    press: CallbackQuery,
    callback_data: Press,
    bot: Bot,
    t: Translator,
    place: Place,
    store: Store,
    background: Background,
) -> None:
    """The rows that a list leaves out, each with its reason, to be mended and sent again."""
    async with store.read() as log:
        draft = await log.draft(callback_data.id)
    if draft is None or draft.actor_id != place.actor_id or draft.order.phone_list is None:
        await press.answer(t.plain("draft.not_open"), show_alert=True)
        return
    await press.answer(t.plain("file.sending"))
    background.start(_send_rejected(bot, t, place, store, callback_data.id), lambda: _sorry(bot, t, place))


async def _send_result(bot: Bot, t: Translator, place: Place, store: Store, zone: ZoneInfo, campaign_id: int) -> None:
    async with store.read() as log:
        report = await log.campaign(campaign_id)
    if report is None:
        return
    async with _file(bot, place) as path:
        with path.open("wb") as out:
            await write_result(store, report.campaign, out, result_names(t), zone)
        caption = t("file.caption_result", number=str(campaign_id))
        await _send(bot, t, place, path, f"campaign-{campaign_id}", caption)


async def _send_rejected(bot: Bot, t: Translator, place: Place, store: Store, draft_id: int) -> None:
    async with store.read() as log:
        draft = await log.draft(draft_id)
        if draft is None or draft.actor_id != place.actor_id or draft.order.phone_list is None:
            return
        rejected = [piece.data for piece in await log.pieces(draft_id, PieceKind.REJECTED)]
        recipients = [piece.data for piece in await log.pieces(draft_id, PieceKind.RECIPIENTS)]
    listed = draft.order.phone_list
    rows = rejected_rows(listed, rejected, recipients, draft.order.wording, reason_names(t), reason_title(t))
    name = Path(listed.file_name or "list").stem
    async with _file(bot, place) as path:
        await asyncio.to_thread(_write_all, path, rows)
        left_out = sum(listed.faults.values()) + listed.duplicates
        await _send(bot, t, place, path, f"{name}-rest", t("file.caption_rejected", n=left_out))


def _write_all(path: Path, rows: Iterable[bytes]) -> None:
    with path.open("wb") as out:
        out.writelines(rows)


@asynccontextmanager
async def _file(bot: Bot, place: Place) -> AsyncIterator[Path]:
    """A place for a file, while the chat sees that one is coming."""
    with tempfile.TemporaryDirectory() as folder:
        async with ChatActionSender.upload_document(place.chat_id, bot):
            yield Path(folder) / "file.csv"


async def _send(bot: Bot, t: Translator, place: Place, path: Path, name: str, caption: str) -> None:
    fitting = await asyncio.to_thread(_fitting, path)
    if fitting is None:
        await bot.send_message(place.chat_id, t("file.too_large_to_send"))
    else:
        file = FSInputFile(fitting, filename=name + fitting.suffix)
        await bot.send_document(place.chat_id, file, caption=caption)


def _fitting(path: Path) -> Path | None:
    """The file as it is, or packed if it is large; None if it is too large even so."""
    if path.stat().st_size <= _PACKED:
        return path
    packed = path.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, path.name)
    return packed if packed.stat().st_size <= _LARGEST else None


async def _sorry(bot: Bot, t: Translator, place: Place) -> None:
    await bot.send_message(place.chat_id, t("failure"))
