"""Pauses of all sending, and the pace over all workers."""

from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from bot.domain.card import Subject
from bot.domain.log import Pause
from bot.store.base import Statements
from bot.store.schema import pace, pauses

_COLUMNS = [pauses.c[item.name] for item in fields(Pause)]


class Pauses(Statements):
    """The statements of pauses and pace."""

    async def pause(self, id_: int) -> Pause | None:
        """The pause of this number."""
        row = (await self._connection.execute(sa.select(*_COLUMNS).where(pauses.c.id == id_))).first()
        return Pause(**row._mapping) if row else None

    async def current_pause(self) -> Pause | None:
        """The pause that holds, if one does."""
        query = sa.select(*_COLUMNS).where(pauses.c.resumed_at.is_(None))
        row = (await self._connection.execute(query.limit(1))).first()
        return Pause(**row._mapping) if row else None

    async def hold_pace(self) -> None:
        """Let no other worker begin a pause, or give out slots, until this transaction ends. To be had first of all."""
        await self._connection.execute(sa.select(pace.c.id).where(pace.c.id == 1).with_for_update())

    async def begin_pause(self, reason: str, code: int | None, text: str | None, now: datetime) -> int | None:
        """Stop all sending; None if it stands already."""
        await self.hold_pace()  # one at a time over all workers: two pauses would need two words to end
        if await self.current_pause():
            return None
        values = {"reason": reason, "code": code, "text": text, "since": now}
        added = await self._connection.execute(sa.insert(pauses).values(values).returning(pauses.c.id))
        return int(added.scalar_one())

    async def end_pause(self, now: datetime) -> bool:
        """Let sending go on; False if nothing held it."""
        pause = await self.current_pause()
        if pause is None:
            return False
        await self._connection.execute(sa.update(pauses).where(pauses.c.id == pause.id).values(resumed_at=now))
        await self._bump(Subject.PAUSE, [pause.id], now)
        return True

    async def note_balance(self, pause_id: int, balance: Decimal) -> None:
        """Remember the lowest balance seen in a pause."""
        await self._connection.execute(sa.update(pauses).where(pauses.c.id == pause_id).values(low_balance=balance))

    async def take_slots(self, now: datetime, interval: timedelta, horizon: timedelta, limit: int) -> list[datetime]:
        """Moments, up to `horizon` from now and `limit` in number, at which a message may leave.

        No other worker is given any until this transaction ends; what was used of them is told with `spend_slots`.
        """
        query = sa.select(pace.c.next_at).where(pace.c.id == 1).with_for_update()
        next_at = max(await self._connection.scalar(query) or now, now)
        room = int((now + horizon - next_at) / interval) + 1 if next_at <= now + horizon else 0
        return [next_at + interval * step for step in range(min(room, limit))]

    async def spend_slots(self, next_at: datetime) -> None:
        """Say that every slot before `next_at` is used."""
        await self._connection.execute(sa.update(pace).where(pace.c.id == 1).values(next_at=next_at))
