"""Files that are handed out: the result of a campaign, the rows that a list leaves out."""

import asyncio
import zipfile
from collections.abc import Iterable
from pathlib import Path

from aiogram import Bot, F, Router
from aiogram.types import CallbackQuery

from bot.domain.draft import PieceKind
from bot.i18n import Translator
from bot.intake import rejected_rows
from bot.services.compose import Place
from bot.services.ports import Store
from bot.services.sheets import Limits
from bot.telegram.background import Background
from bot.telegram.exports import Exports
from bot.telegram.hand_out import folder, send_file
from bot.telegram.keyboards import Press, Verb
from bot.telegram.views.files import reason_names, reason_title

_LARGEST = 49_000_000


def router() -> Router:
    """The router."""
    result = Router(name="files")
    result.callback_query.register(on_result, Press.filter(F.verb == Verb.RESULT))
    result.callback_query.register(on_rejected, Press.filter(F.verb == Verb.REJECTED))
    return result


async def on_result(
    press: CallbackQuery, callback_data: Press, bot: Bot, t: Translator, place: Place, exports: Exports
) -> None:
    """The result of a campaign, as it stands now."""
    if exports.start_result(bot, t, place, callback_data.id):
        await press.answer(t.plain("file.sending"))
    else:
        await press.answer(t.plain("export.busy"), show_alert=True)


async def on_rejected(
    press: CallbackQuery,
    callback_data: Press,
    bot: Bot,
    t: Translator,
    place: Place,
    store: Store,
    background: Background,
    limits: Limits,
) -> None:
    """The rows that a list leaves out, each with its reason, to be mended and sent again."""
    async with store.read() as log:
        draft = await log.draft(callback_data.id)
    if draft is None or draft.actor_id != place.actor_id or draft.order.phone_list is None:
        await press.answer(t.plain("draft.not_open"), show_alert=True)
        return
    await press.answer(t.plain("file.sending"))
    work = _send_rejected(bot, t, place, store, limits, callback_data.id)
    background.start(work, lambda: _sorry(bot, t, place))


async def _send_rejected(bot: Bot, t: Translator, place: Place, store: Store, limits: Limits, draft_id: int) -> None:
    async with store.read() as log:
        draft = await log.draft(draft_id)
        if draft is None or draft.actor_id != place.actor_id or draft.order.phone_list is None:
            return
        rejected = [piece.data for piece in await log.pieces(draft_id, PieceKind.REJECTED)]
        recipients = [piece.data for piece in await log.pieces(draft_id, PieceKind.RECIPIENTS)]
    listed = draft.order.phone_list
    rows = rejected_rows(listed, rejected, recipients, draft.order.wording, reason_names(t), reason_title(t))
    name = Path(listed.file_name or "list").stem
    left_out = sum(listed.faults.values()) + listed.duplicates
    async with folder(bot, place.chat_id) as path:
        file = await asyncio.to_thread(_written, path / "file.csv", rows, limits)
        if file is None:
            await bot.send_message(place.chat_id, t("file.too_large_to_send"))
        else:
            caption = t("file.caption_rejected", n=left_out)
            await send_file(bot, place.chat_id, file, caption, f"{name}-rest{file.suffix}")


def _written(path: Path, rows: Iterable[bytes], limits: Limits) -> Path | None:
    """The file as it is, or packed if it is large; None if it is too large even so."""
    with path.open("wb") as out:
        out.writelines(rows)
    if path.stat().st_size <= limits.packed:
        return path
    packed = path.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, path.name)
    return packed if packed.stat().st_size <= _LARGEST else None


async def _sorry(bot: Bot, t: Translator, place: Place) -> None:
    await bot.send_message(place.chat_id, t("failure"))
