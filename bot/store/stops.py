"""The stop list: numbers that are never sent to."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.domain.card import Subject
from bot.domain.message import BLOCKED, State
from bot.store.base import Statements
from bot.store.messages import kept_text
from bot.store.quick import quick
from bot.store.rows import Rows
from bot.store.schema import events, messages, micros, phone_backwards, stops

_PHONES = Rows(phone=sa.Text)
_BLOCKED = sa.select(stops.c.phone).where(stops.c.phone.in_(sa.select(_PHONES.cells["phone"])))
_BLOCK = sa.text(
    "INSERT INTO stops (phone, since, actor_id) VALUES (:phone, :since, :actor_id) "
    "ON CONFLICT DO NOTHING RETURNING phone"
)


class Stops(Statements):
    """The statements of the stop list."""

    async def block(self, phone: str, actor_id: int, now: datetime) -> bool:
        """Put a phone on the list, and cancel what has not left for it; False if it stands there already."""
        values = {"phone": phone, "since": micros(now), "actor_id": actor_id}
        added = await self._connection.execute(_BLOCK, values)
        if added.first() is None:
            return False
        await self.withhold([phone], actor_id, now)
        return True

    async def count_withheld(self, phone: str, at: datetime) -> int:
        """How many messages to this phone were cancelled at this moment."""
        then = sa.and_(messages.c.state == State.CANCELLED, messages.c.reason == BLOCKED, messages.c.final_at == at)
        query = sa.select(sa.func.count()).select_from(messages).where(phone_backwards == phone[::-1], then)
        return await self._connection.scalar(query) or 0

    async def unblock(self, phone: str) -> bool:
        """Take a phone off the list; False if it is not on it."""
        gone = await self._connection.execute(sa.delete(stops).where(stops.c.phone == phone).returning(stops.c.phone))
        return gone.first() is not None

    async def blocked(self, phones: Iterable[str], *, hold: bool = False) -> frozenset[str]:
        """Which of these phones are on the list. `hold`: nobody is put on it until this transaction ends.

        So what is queued now for a phone that is blocked at this moment is either known to be, or found and cancelled.
        """
        if hold and self._connection.dialect.name == "postgresql":  # SQLite lets nobody else write anyway
            await self._connection.execute(sa.text("LOCK TABLE stops IN SHARE MODE"))
        rows = await quick(self._connection, _BLOCKED, Rows.pack((phone,) for phone in phones))
        return frozenset(row[0] for row in rows)

    async def withhold(
        self, phones: Iterable[str], actor_id: int | None, now: datetime, of: Sequence[int] | None = None
    ) -> None:
        """Cancel what waits for these phones and cannot have left.

        `actor_id`: who blocks them now; None if they are on the list since before. `of`: these messages only, for who
        has moved them and so holds more than messages: to wait for another's then could be to wait for each other.
        """
        whose = phone_backwards.in_([phone[::-1] for phone in phones])
        waits = sa.and_(messages.c.state == State.QUEUED, messages.c.may_have_arrived.is_(False))
        waits = waits if of is None else sa.and_(waits, messages.c.id.in_(of))
        cancelled = await self._connection.execute(
            sa.update(messages)
            .where(whose, waits)
            .values(state=State.CANCELLED, reason=BLOCKED, due_at=None, final_at=now, text=kept_text(State.CANCELLED))
            .returning(messages.c.id, messages.c.campaign_id, messages.c.confidential)
        )
        rows = cancelled.all()
        if not rows:
            return
        line = {"at": now, "from_state": State.QUEUED, "to_state": State.CANCELLED, "why": BLOCKED}
        lines = [line | {"message_id": row.id, "actor_id": actor_id} for row in rows]
        await self._connection.execute(sa.insert(events), lines)
        await self._tally((row.campaign_id, State.QUEUED, State.CANCELLED) for row in rows)
        await self._bump(Subject.MESSAGE, [row.id for row in rows], now)
        await self._bump(Subject.CAMPAIGN, sorted({row.campaign_id for row in rows if row.campaign_id}), now)
        if any(row.confidential for row in rows):
            self._erase()
