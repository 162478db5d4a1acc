"""From a confirmed draft to a campaign that waits for its time; and back, while nothing of it has left."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.campaign import CANARY, Stage, Way
from bot.domain.card import Subject
from bot.domain.draft import Draft, Piece, PieceKind
from bot.domain.text import measure
from bot.domain.timing import Timing
from bot.services.ports import Log

_ROWS = 500


async def order_campaign(log: Log, draft: Draft, now: datetime, timing: Timing, *, canary: bool = False) -> int:
    """Make the campaign of a draft whose list is in its pieces; the draft's cards show it from then on."""
    undo_ends = now + timedelta(seconds=timing.undo)
    order = draft.order
    values: dict[str, Any] = {
        "way": order.way,
        "text": order.text,
        "sender": order.sender,
        "channel": order.channel,
        "confidential": order.confidential,
        "latin": order.latin,
        "plain": order.plain,
        "file_name": order.file_name or None,
        "stage": Stage.WAITING,
        "starts_at": max(order.send_at, undo_ends) if order.send_at and order.way is Way.TRACKED else undo_ends,
        "send_at": order.send_at,
        "actor_id": draft.actor_id,
        "created_at": now,
        "draft_id": draft.id,
        "ask_after": CANARY if canary else None,
        "again_of": order.again_of,
        "taken": 0,
        "checked": False,
    }
    campaign_id = await log.add_campaign(values | _size(draft))
    await log.confirm_draft(draft.id, now)
    await log.turn_cards(Subject.DRAFT, draft.id, Subject.CAMPAIGN, campaign_id, now)
    return campaign_id


def _size(draft: Draft) -> dict[str, Any]:
    order = draft.order
    if listed := order.phone_list:
        rows = listed.recipients + listed.missing
        return {
            "recipients": listed.recipients,
            "parts": listed.parts[2],
            "rows": rows,
            "columns": listed.columns,
        }
    count = len(order.phones)
    parts = measure(order.wording.rewrite(order.text)).parts * count
    return {"recipients": count, "parts": parts, "rows": count, "columns": ("phone",)}


def pieces_of(rows: Sequence[tuple[str, ...]]) -> list[Piece]:
    """A list of our own making, in pieces: the phone of each row first, then its values."""
    return [
        Piece(PieceKind.RECIPIENTS, first, len(rows[first : first + _ROWS]), _csv(rows[first : first + _ROWS], first))
        for first in range(0, len(rows), _ROWS)
    ]


def _csv(rows: Sequence[tuple[str, ...]], first: int) -> bytes:
    return "".join(_line(row, first + place) for place, row in enumerate(rows, 1)).encode()


def _line(row: Sequence[str], number: int) -> str:
    """The phone bare and every value quoted, whatever stands in it: a text may have several lines."""
    phone, *values = row
    quoted = (f'"{value.replace(chr(34), chr(34) * 2)}"' for value in values)
    return ",".join((phone, *quoted, str(number))) + "\n"


async def take_back(log: Log, campaign_id: int, now: datetime) -> bool:
    """Let a campaign that has not begun be its draft again; False if it has begun."""
    report = await log.campaign(campaign_id, lock=True)
    if report is None or report.campaign.started_at or report.campaign.draft_id is None:
        return False
    if report.campaign.stage not in (Stage.WAITING, Stage.PAUSED):  # cancelled: its draft holds nothing any more
        return False
    if not await log.take_back_campaign(campaign_id, now):
        return False
    await log.reopen_draft(report.campaign.draft_id, now)
    await log.turn_cards(Subject.CAMPAIGN, campaign_id, Subject.DRAFT, report.campaign.draft_id, now)
    return True
