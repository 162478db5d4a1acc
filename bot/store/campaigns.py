"""Campaigns and their bulk calls, but for the sending of them (`attempts.py`)."""

from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.campaign import Bulk, Campaign, CampaignReport
from bot.domain.card import Subject
from bot.domain.message import State
from bot.store.base import Statements
from bot.store.schema import bulks, campaigns, events, messages


class Campaigns(Statements):
    """The statements of campaigns."""

    async def add_campaign(self, values: dict[str, Any]) -> int:
        """Add a campaign from the fields of `Campaign` less its id; return the id."""
        added = await self._connection.execute(sa.insert(campaigns).values(values).returning(campaigns.c.id))
        return int(added.scalar_one())

    async def add_bulk(
        self, campaign_id: int, txn_id: str, file: bytes, send_at: datetime, *, with_params: bool, now: datetime
    ) -> None:
        """Queue one bulk call of a campaign."""
        values = {
            "campaign_id": campaign_id,
            "txn_id": txn_id,
            "state": State.QUEUED,
            "file": file,
            "send_at": send_at,
            "with_params": with_params,
            "due_at": now,
        }
        added = await self._connection.execute(sa.insert(bulks).values(values).returning(bulks.c.id))
        line = {"bulk_id": added.scalar_one(), "at": now, "to_state": State.QUEUED, "why": "ordered"}
        await self._connection.execute(sa.insert(events).values(line))

    async def campaign(self, id_: int) -> CampaignReport | None:
        """A campaign and where it stands."""
        columns = [campaigns.c[item.name] for item in fields(Campaign)]
        row = (await self._connection.execute(sa.select(*columns).where(campaigns.c.id == id_))).first()
        if row is None:
            return None
        return CampaignReport(Campaign(**row._mapping), await self._states(id_), await self._bulks(id_))

    async def campaign_by_txn_id(self, txn_id: str) -> int | None:
        """The campaign one of whose bulk calls bears this txn_id."""
        return await self._connection.scalar(sa.select(bulks.c.campaign_id).where(bulks.c.txn_id == txn_id))

    async def _states(self, id_: int) -> dict[State, int]:
        count = sa.func.count().label("count")
        query = sa.select(messages.c.state, count).where(messages.c.campaign_id == id_).group_by(messages.c.state)
        return {row.state: row[1] for row in await self._connection.execute(query)}

    async def _bulks(self, id_: int) -> tuple[Bulk, ...]:
        columns = [bulks.c[item.name] for item in fields(Bulk)]
        query = sa.select(*columns).where(bulks.c.campaign_id == id_).order_by(bulks.c.id)
        return tuple(Bulk(**row._mapping) for row in await self._connection.execute(query))

    async def bulk_file(self, id_: int) -> bytes:
        """The file of a bulk call, apart from the rest since it is large."""
        return bytes((await self._connection.execute(sa.select(bulks.c.file).where(bulks.c.id == id_))).scalar_one())

    async def pause_campaign(self, id_: int, now: datetime, *, paused: bool) -> None:
        """Hold a campaign's messages back, or let them go on."""
        await self._connection.execute(sa.update(campaigns).where(campaigns.c.id == id_).values(paused=paused))
        await self._bump(Subject.CAMPAIGN, [id_], now)
