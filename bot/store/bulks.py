"""Bulk calls of campaigns: queue them, claim them, record what became of them. They move as messages do."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.campaign import Bulk, Stage
from bot.domain.card import Subject
from bot.domain.log import Sent
from bot.domain.message import UNSENT, State
from bot.store.attempts import LEASE_RAN_OUT, OUTCOMES
from bot.store.base import Statements
from bot.store.campaigns import BULK_COLUMNS, IS_OPEN
from bot.store.messages import TO_SEND
from bot.store.schema import bulks, campaigns, events, pauses


class Bulks(Statements):
    """The statements of bulk calls."""

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
        await self._tell_bulk(added.scalar_one(), now, None, State.QUEUED, "ordered")

    async def cancel_bulks(self, campaign_id: int, now: datetime) -> None:
        """Cancel the bulk calls of a campaign that have not left and cannot have left."""
        unsent = sa.and_(bulks.c.state == State.QUEUED, bulks.c.may_have_arrived.is_(False))
        cancelled = await self._connection.execute(
            sa.update(bulks)
            .where(bulks.c.campaign_id == campaign_id, unsent)
            .values(state=State.CANCELLED, due_at=None, file=b"")
            .returning(bulks.c.id)
        )
        for id_ in cancelled.scalars().all():
            await self._tell_bulk(id_, now, State.QUEUED, State.CANCELLED, "cancelled")
            self._erase()

    async def delay_bulks(self, campaign_id: int, send_at: datetime) -> None:
        """Give a time that is not past to bulk calls that cannot have arrived: a repeat must be the same request."""
        never = sa.and_(bulks.c.state == State.QUEUED, bulks.c.may_have_arrived.is_(False), bulks.c.send_at < send_at)
        delayed = sa.update(bulks).where(bulks.c.campaign_id == campaign_id, never).values(send_at=send_at)
        await self._connection.execute(delayed)

    async def claim_bulks(self, now: datetime, lease_until: datetime, limit: int, latest: datetime) -> list[Bulk]:
        """Take bulk calls that are due, or whose worker was lost; none while sending pauses.

        None that cannot have left and is to go out at a time before `latest`: that hour is past, and somebody is asked.
        """
        may_have_left = sa.or_(bulks.c.may_have_arrived, bulks.c.state == State.SENDING)
        running = sa.select(campaigns.c.id).where(IS_OPEN, campaigns.c.stage == Stage.RUNNING)
        clearing = sa.select(campaigns.c.id).where(IS_OPEN, campaigns.c.stage == Stage.CLEARING)
        owner = bulks.c.campaign_id
        query = (
            sa.select(*BULK_COLUMNS)
            .where(
                bulks.c.state.in_(TO_SEND),
                bulks.c.due_at <= now,
                sa.or_(may_have_left, bulks.c.send_at >= latest),
                sa.or_(owner.in_(running), sa.and_(owner.in_(clearing), may_have_left)),
                ~sa.exists().where(pauses.c.resumed_at.is_(None)),
            )
            .order_by(bulks.c.due_at, bulks.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=bulks)
        )
        rows = [Bulk(**row._mapping) for row in await self._connection.execute(query)]
        return [await self._claim_bulk(bulk, now, lease_until) for bulk in rows]

    async def _claim_bulk(self, bulk: Bulk, now: datetime, lease_until: datetime) -> Bulk:
        was_lost = bulk.state is State.SENDING
        claimed = replace(
            bulk,
            state=State.SENDING,
            attempts=bulk.attempts + 1,
            retries=bulk.retries + was_lost,
            may_have_arrived=bulk.may_have_arrived or was_lost,
        )
        changed = ("state", "attempts", "retries", "may_have_arrived")
        values = {name: getattr(claimed, name) for name in changed}
        await self._connection.execute(
            sa.update(bulks).where(bulks.c.id == bulk.id).values(due_at=lease_until, **values)
        )
        if was_lost:
            await self._tell_bulk(bulk.id, now, State.SENDING, State.SENDING, LEASE_RAN_OUT)
        return claimed

    async def change_bulk_file(self, id_: int, file: bytes) -> None:
        """Put another file in the place of one that has not left."""
        await self._connection.execute(sa.update(bulks).where(bulks.c.id == id_).values(file=file))
        self._erase()

    async def record_bulk(self, outcome: Sent, now: datetime) -> None:
        """Write the outcome of one bulk call, if it stands where this attempt left it."""
        moved = await self._connection.execute(bulk_update(outcome, now).returning(bulks.c.campaign_id))
        campaign_id = moved.scalar()
        if campaign_id is None:
            return
        if outcome.state not in UNSENT:
            self._erase()
        told = {"http_status": outcome.http_status, "code": outcome.code, "text": outcome.text}
        await self._tell_bulk(
            outcome.id, now, State.SENDING, outcome.state, outcome.reason, attempt=outcome.attempt, **told
        )
        await self._bump(Subject.CAMPAIGN, [campaign_id], now)
        if outcome.state is State.ACCEPTED:
            await self._spend_bulk(campaign_id, now)

    async def _tell_bulk(
        self, id_: int, now: datetime, before: State | None, after: State, why: str, **more: Any
    ) -> None:
        line = {"bulk_id": id_, "at": now, "from_state": before, "to_state": after, "why": why}
        await self._connection.execute(sa.insert(events).values(line | more))


def bulk_update(outcome: Sent, now: datetime) -> sa.Update:
    """The move itself; its WHERE refuses what is not lawful, and an attempt that is not the last."""
    erased: dict[str, Any] = {} if outcome.state in UNSENT else {"file": b""}  # the phones in it are needed no more
    return (
        sa.update(bulks)
        .where(
            bulks.c.id == outcome.id,
            bulks.c.attempts == outcome.attempt,
            bulks.c.state == State.SENDING,
            sa.true() if outcome.state in OUTCOMES else sa.false(),
        )
        .values(
            state=outcome.state,
            due_at=outcome.due_at,
            retries=outcome.retries,
            may_have_arrived=outcome.may_have_arrived,
            reason=outcome.reason,
            code=outcome.code,
            gateway_text=outcome.text,
            name=outcome.name,
            accepted_at=now if outcome.state is State.ACCEPTED else None,
            **erased,
        )
    )
