"""The result of a campaign as a file: who was sent what under which txn_id, and what became of it."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from bot.domain.campaign import Campaign
from bot.domain.draft import PieceKind
from bot.domain.message import Message, State
from bot.domain.sheet import harmless
from bot.intake import written
from bot.services.ports import Store

COLUMNS = ("phone", "state", "txn_id", "msg_id", "parts", "code", "reason", "text", "ordered", "accepted", "final")
_PAGE = 500
_BOM = b"\xef\xbb\xbf"  # Excel takes a file for UTF-8 by it
_TIME = "%Y-%m-%d %H:%M:%S"


async def write_result(
    store: Store, campaign: Campaign, out: BinaryIO, names: Mapping[str, str], zone: ZoneInfo
) -> None:
    """Write the file to `out`, page by page; memory does not grow with the campaign.

    `names` says the columns (by `COLUMNS`) and the states (by their words) in the reader's language. Semicolons and
    CRLF, as Excel in Russian reads them. Who of a cancelled campaign never came to be a message stands at the end.
    """
    out.write(_BOM + _lines([[names[column] for column in COLUMNS]]))
    last, taken = 0, campaign.taken
    while True:
        async with store.read() as log:  # first how many are taken: whoever is taken after that is on a page to come
            report = await log.campaign(campaign.id)
            page = await log.campaign_page(campaign.id, last, _PAGE)
        taken = report.campaign.taken if report else taken
        if not page:
            break
        out.write(_lines(_row(message, names, zone) for message in page))
        last = page[-1].id
    await _write_rest(store, campaign, taken, out, names)


async def _write_rest(store: Store, campaign: Campaign, taken: int, out: BinaryIO, names: Mapping[str, str]) -> None:
    while campaign.draft_id is not None and taken < campaign.rows:
        async with store.read() as log:
            piece = await log.piece(campaign.draft_id, PieceKind.RECIPIENTS, taken)
        if piece is None:
            return
        rows = [row for row in written(campaign.columns, piece.data, campaign.wording)[taken - piece.first :] if row]
        blank = [""] * (len(COLUMNS) - 3)
        state = names["not_begun"]
        out.write(_lines([_phone(phone), state, *blank[:5], harmless(text), *blank[5:]] for _, phone, text in rows))
        taken = piece.first + piece.rows


def _row(message: Message, names: Mapping[str, str], zone: ZoneInfo) -> list[str]:
    return [
        _phone(message.phone),
        names[message.state],
        message.txn_id,
        _known(message.msg_id),
        _known(message.gateway_parts or message.parts),
        _known(message.code),
        harmless(_reason(message)),
        harmless(message.text or ""),
        *(_time(moment, zone) for moment in (message.created_at, message.accepted_at, message.final_at)),
    ]


def _reason(message: Message) -> str:
    """Why it stands where it stands, in the gateway's own words where it said any."""
    if message.state is State.DELIVERED:
        return ""
    return message.gateway_text or message.reason or ""


def _phone(phone: str) -> str:
    """With spaces: a sheet would make a number of the bare digits, and 9.9E+11 of that."""
    return f"{phone[:3]} {phone[3:5]} {phone[5:8]} {phone[8:10]} {phone[10:]}"


def _known(value: object | None) -> str:
    return "" if value is None else str(value)


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime(_TIME) if moment else ""


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
