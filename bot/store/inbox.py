"""What is uncertain, until a human decides."""

from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa

from bot.domain.campaign import Bulk
from bot.domain.card import Subject
from bot.domain.log import Event
from bot.domain.message import Message, Settlement, State
from bot.store.base import Statements
from bot.store.campaigns import BULK_COLUMNS
from bot.store.messages import COLUMNS, to_message
from bot.store.schema import IS_UNSETTLED, bulks, events, messages

_ASKED_ENOUGH = messages.c.due_at.is_(None)
"""Until then the gateway may still tell by itself."""
_PARTS = sa.func.coalesce(messages.c.gateway_parts, messages.c.parts)
_BULK_IS_UNSETTLED = sa.and_(bulks.c.state == State.UNCERTAIN, bulks.c.settled_at.is_(None))


class Inbox(Statements):
    """The statements of the uncertain."""

    async def unsettled_messages(self, limit: int, edge: int | None = None, *, newer: bool = False) -> list[Message]:
        """Uncertain messages about which somebody is to decide, newest first: below the number `edge`, or above it."""
        beyond = sa.true() if edge is None else messages.c.id > edge if newer else messages.c.id < edge
        order = messages.c.id if newer else messages.c.id.desc()
        query = sa.select(*COLUMNS).where(IS_UNSETTLED, _ASKED_ENOUGH, beyond).order_by(order).limit(limit)
        found = [to_message(row) for row in await self._connection.execute(query)]
        return found[::-1] if newer else found

    async def unsettled_bulks(self) -> list[Bulk]:
        """Uncertain bulk calls about which somebody is to decide."""
        query = sa.select(*BULK_COLUMNS).where(_BULK_IS_UNSETTLED).order_by(bulks.c.id.desc())
        return [Bulk(**row._mapping) for row in await self._connection.execute(query)]

    async def count_unsettled(self) -> int:
        """How many messages and bulk calls wait for a decision."""
        numbers = [
            await self._connection.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0
            for table, condition in ((messages, IS_UNSETTLED & _ASKED_ENOUGH), (bulks, _BULK_IS_UNSETTLED))
        ]
        return sum(numbers)

    async def settle(self, message_id: int, how: Settlement, actor_id: int, now: datetime) -> bool:
        """Write what a human decided about an uncertain message; False if it is settled, or not uncertain any more.

        What was marked as sent is asked for as all that is accepted: the gateway may come to know it, and
        its campaign's card promises that its delivery will be told.
        """
        is_sent = how is Settlement.MARKED_SENT
        state = State.ACCEPTED if is_sent else State.UNCERTAIN
        times = {"accepted_at": now, "due_at": now} if is_sent else {"final_at": now, "due_at": None}
        moved = await self._connection.execute(
            sa.update(messages)
            .where(messages.c.id == message_id, IS_UNSETTLED)
            .values(state=state, reason=how.value, **times)
            .returning(messages.c.campaign_id, _PARTS.label("parts"), messages.c.created_at)
        )
        row = moved.first()
        if row is None:
            return False
        line = {"message_id": message_id, "at": now, "from_state": State.UNCERTAIN, "to_state": state, "why": how.value}
        await self._connection.execute(sa.insert(events).values(line | {"actor_id": actor_id}))
        await self._tally([(row.campaign_id, State.UNCERTAIN, state)])
        await self._bump(Subject.MESSAGE, [message_id], now)
        await self._bump(Subject.CAMPAIGN, [row.campaign_id] if row.campaign_id else [], now)
        await self._spend(int(is_sent), row.parts, now)
        await self._count_anew([row.created_at])
        await self._bump_inbox(now)
        return True

    async def settle_bulk(self, bulk_id: int, how: Settlement, actor_id: int, now: datetime) -> bool:
        """The same for a bulk call."""
        is_sent = how is Settlement.MARKED_SENT
        state = State.ACCEPTED if is_sent else State.UNCERTAIN
        moved = await self._connection.execute(
            sa.update(bulks)
            .where(bulks.c.id == bulk_id, _BULK_IS_UNSETTLED)
            .values(state=state, reason=how.value, settled_at=now, accepted_at=now if is_sent else None)
            .returning(bulks.c.campaign_id)
        )
        campaign_id = moved.scalar()
        if campaign_id is None:
            return False
        line = {"bulk_id": bulk_id, "at": now, "from_state": State.UNCERTAIN, "to_state": state, "why": how.value}
        await self._connection.execute(sa.insert(events).values(line | {"actor_id": actor_id}))
        await self._bump(Subject.CAMPAIGN, [campaign_id], now)
        if is_sent:
            await self._spend_bulk(campaign_id, now)
        await self._bump_inbox(now)
        return True

    async def bulk_decision(self, bulk_id: int) -> Event | None:
        """Who has decided what about a bulk call, and when."""
        columns = [events.c[item.name] for item in fields(Event)]
        by_hand = sa.and_(events.c.bulk_id == bulk_id, events.c.actor_id.is_not(None))
        query = sa.select(*columns).where(by_hand).order_by(events.c.id.desc()).limit(1)
        row = (await self._connection.execute(query)).first()
        return Event(**row._mapping) if row else None
