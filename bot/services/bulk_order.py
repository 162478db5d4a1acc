"""From a claimed bulk call to what the gateway is asked for."""

import asyncio

from bot.domain.campaign import Bulk
from bot.domain.gateway import BulkOrder
from bot.intake import bulk_phones, bulk_text, bulk_without
from bot.services.ports import Log

_AT_ONCE = 10_000
"""Phones that are looked for in one step: a file may have 384,000, and others have their turn in between."""


async def bulk_order(log: Log, bulk: Bulk) -> BulkOrder:
    """What the gateway is asked for, in the transaction that claims the call."""
    report = await log.campaign(bulk.campaign_id)
    if report is None:  # cannot be: the foreign key holds it
        raise RuntimeError(f"bulk {bulk.id} has no campaign")
    return BulkOrder(
        txn_id=bulk.txn_id,
        text=bulk_text(report.campaign.wording),
        sender=report.campaign.sender,
        send_at=bulk.send_at,
        file=await _file(log, bulk),
        with_params=bulk.with_params,
    )


async def _file(log: Log, bulk: Bulk) -> bytes:
    """Its file less the phones of the stop list; a repeat of what may have arrived must be the same to the letter."""
    file = await log.bulk_file(bulk.id)
    if bulk.may_have_arrived:
        return file
    phones = await asyncio.to_thread(bulk_phones, file, with_params=bulk.with_params)
    blocked: set[str] = set()
    for first in range(0, len(phones), _AT_ONCE):
        blocked |= await log.blocked(phones[first : first + _AT_ONCE], hold=True)
    if blocked:
        file = await asyncio.to_thread(bulk_without, file, blocked, with_params=bulk.with_params)
        await log.change_bulk_file(bulk.id, file)
    return file
