"""Campaigns: their stages, and where their messages and bulk calls stand."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.campaign import Bulk, Campaign, CampaignReport, Hold, Stage, Way
from bot.domain.card import Subject
from bot.domain.message import State
from bot.store.base import COVER, Statements
from bot.store.schema import bulks, campaigns, messages, pieces, tallies, words

_COLUMNS = [campaigns.c[item.name] for item in fields(Campaign)]
BULK_COLUMNS = [bulks.c[item.name] for item in fields(Bulk)]
_STATES = [tallies.c[state.value] for state in State]
IS_OPEN = campaigns.c.stage.not_in(words((Stage.FINISHED, Stage.CANCELLED)))
"""As the index of campaigns at work spells it."""
_NONE_YET = {state.value: 0 for state in State}


class Campaigns(Statements):
    """The statements of campaigns."""

    async def add_campaign(self, values: dict[str, Any]) -> int:
        """Add a campaign from the fields of `Campaign` less its id; return the id."""
        if values["confidential"] and values["text"]:
            values = values | {"text": COVER + values["text"]}
        added = await self._connection.execute(sa.insert(campaigns).values(values).returning(campaigns.c.id))
        id_ = int(added.scalar_one())
        await self._connection.execute(sa.insert(tallies).values(_NONE_YET | {"campaign_id": id_}))
        return id_

    async def take_back_campaign(self, id_: int, now: datetime) -> bool:
        """Delete a campaign that has not begun; False if it has."""
        begun = sa.exists().where(messages.c.campaign_id == id_) | sa.exists().where(bulks.c.campaign_id == id_)
        if await self._connection.scalar(sa.select(begun)):
            return False
        await self._connection.execute(sa.delete(tallies).where(tallies.c.campaign_id == id_))
        await self.free_again(id_, now)
        await self._connection.execute(sa.delete(campaigns).where(campaigns.c.id == id_))
        return True

    async def campaign(self, id_: int, *, lock: bool = False) -> CampaignReport | None:
        """A campaign and where it stands; `lock` holds it for the rest of a writing transaction."""
        if lock:  # apart from what is read: PostgreSQL, after waiting, would show the counts of before
            await self._connection.execute(sa.select(campaigns.c.id).where(campaigns.c.id == id_).with_for_update())
        found = await self._reports(campaigns.c.id == id_)
        return found[0] if found else None

    async def campaigns_at_work(self, stages: Sequence[Stage], now: datetime) -> list[CampaignReport]:
        """Campaigns that are in one of these stages, not over, and whose time has come."""
        return await self._reports(sa.and_(IS_OPEN, campaigns.c.stage.in_(stages), campaigns.c.starts_at <= now))

    async def decided_campaigns(self, ids: Sequence[int]) -> list[CampaignReport]:
        """The campaigns of these messages that are over, and of which no delivery is awaited any more."""
        of = sa.select(messages.c.campaign_id).where(messages.c.id.in_(ids))
        awaited = tallies.c.queued + tallies.c.sending + tallies.c.accepted
        return await self._reports(sa.and_(campaigns.c.id.in_(of), campaigns.c.stage == Stage.FINISHED, awaited == 0))

    async def latest_campaigns(self, limit: int) -> list[CampaignReport]:
        """The campaigns that are not over, and the latest of the rest."""
        found = await self._reports(IS_OPEN)
        return [*reversed(found), *await self._reports(~IS_OPEN, limit=limit)]

    async def _reports(self, condition: sa.ColumnElement[bool], limit: int | None = None) -> list[CampaignReport]:
        query = sa.select(*_COLUMNS, *_STATES).join(tallies, tallies.c.campaign_id == campaigns.c.id).where(condition)
        query = query.order_by(campaigns.c.id.desc() if limit else campaigns.c.id).limit(limit)
        return [await self._report(row) for row in (await self._connection.execute(query)).all()]

    async def _report(self, row: sa.Row[Any]) -> CampaignReport:
        values = {item.name: row._mapping[item.name] for item in fields(Campaign)}
        if values["confidential"] and values["text"]:
            values["text"] = values["text"].removeprefix(COVER)
        states = {state: row._mapping[state.value] for state in State if row._mapping[state.value]}
        bulk_calls = await self._bulks(row._mapping["id"]) if values["way"] is Way.BULK else ()
        return CampaignReport(Campaign(**values), states, bulk_calls)

    async def campaign_by_txn_id(self, txn_id: str) -> int | None:
        """The campaign one of whose bulk calls bears this txn_id."""
        return await self._connection.scalar(sa.select(bulks.c.campaign_id).where(bulks.c.txn_id == txn_id))

    async def _bulks(self, id_: int) -> tuple[Bulk, ...]:
        query = sa.select(*BULK_COLUMNS).where(bulks.c.campaign_id == id_).order_by(bulks.c.id)
        return tuple(Bulk(**row._mapping) for row in await self._connection.execute(query))

    async def bulk_file(self, id_: int) -> bytes:
        """The file of a bulk call, apart from the rest since it is large."""
        return bytes((await self._connection.execute(sa.select(bulks.c.file).where(bulks.c.id == id_))).scalar_one())

    async def move_campaign(
        self, id_: int, sources: Sequence[Stage], stage: Stage, now: datetime, hold: Hold | None = None, **values: Any
    ) -> bool:
        """Move a campaign on from one of `sources`, and set other fields of it; False if it stands elsewhere."""
        if stage in (Stage.FINISHED, Stage.CANCELLED):
            values["ended_at"] = now
        moved = await self._connection.execute(
            sa.update(campaigns)
            .where(campaigns.c.id == id_, campaigns.c.stage.in_(sources))
            .values(stage=stage, hold=hold, **values)
            .returning(campaigns.c.id)
        )
        if moved.first() is None:
            return False
        await self._bump(Subject.CAMPAIGN, [id_], now)
        return True

    async def rows_taken(self, id_: int, taken: int, now: datetime) -> None:
        """Say how many rows of its list have become messages."""
        await self._connection.execute(sa.update(campaigns).where(campaigns.c.id == id_).values(taken=taken))
        await self._bump(Subject.CAMPAIGN, [id_], now)

    async def erase_campaign_text(self, id_: int) -> None:
        """Erase a confidential text that stands in the messages by now."""
        secret = sa.and_(campaigns.c.id == id_, campaigns.c.confidential, campaigns.c.text.is_not(None))
        erased = sa.update(campaigns).where(secret).values(text=None).returning(campaigns.c.id)
        if (await self._connection.execute(erased)).first():
            self._erase()

    async def forget_list(self, id_: int) -> None:
        """Forget what a campaign that is over needs no more: its list, unless some of it never became messages."""
        await self.erase_campaign_text(id_)
        over = sa.select(campaigns.c.draft_id).where(campaigns.c.id == id_, campaigns.c.taken >= campaigns.c.rows)
        await self._connection.execute(sa.delete(pieces).where(pieces.c.draft_id.in_(over)))
        self._erase()

    async def same_campaign(self, text: str, recipients: int, since: datetime) -> int | None:
        """The latest campaign since then that told as many the same."""
        same = sa.and_(campaigns.c.text == text, campaigns.c.recipients == recipients, campaigns.c.created_at >= since)
        found: int | None = await self._connection.scalar(sa.select(sa.func.max(campaigns.c.id)).where(same))
        return found

    async def free_again(self, by: int, now: datetime) -> None:
        """This campaign sends nothing again after all: what it was to send may be sent by another one."""
        freed = sa.update(campaigns).where(campaigns.c.again_by == by).values(again_by=None).returning(campaigns.c.id)
        await self._bump(Subject.CAMPAIGN, list((await self._connection.execute(freed)).scalars()), now)

    async def claim_again(self, id_: int, by: int, now: datetime) -> bool:
        """Say which campaign sends the failed ones of this one again; False if one does already."""
        free = sa.and_(campaigns.c.id == id_, campaigns.c.again_by.is_(None))
        claimed = await self._connection.execute(
            sa.update(campaigns).where(free).values(again_by=by).returning(campaigns.c.id)
        )
        if claimed.first() is None:
            return False
        await self._bump(Subject.CAMPAIGN, [id_], now)
        return True
