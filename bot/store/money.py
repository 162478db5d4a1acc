"""What was spent, and balances as they were seen."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bot.domain.lookback import Bounds
from bot.domain.money import Low, Reading
from bot.store.base import Statements
from bot.store.schema import balances, lows, spent

_READING = [balances.c[item.name] for item in fields(Reading)]
_LOW = [lows.c[item.name] for item in fields(Low)]


class Money(Statements):
    """The statements of money."""

    async def spent(self, time: Bounds) -> tuple[int, int]:
        """Messages that the gateway took in this time, to the quarter of an hour, and their parts."""
        since, until = time
        held = [spent.c.quarter >= since] if since else []
        held += [spent.c.quarter < until] if until else []
        query = sa.select(sa.func.sum(spent.c.messages), sa.func.sum(spent.c.parts)).where(sa.true(), *held)
        row = (await self._connection.execute(query)).one()
        return int(row[0] or 0), int(row[1] or 0)

    async def parts_since(self, moments: Sequence[datetime]) -> list[int]:
        """Parts that the gateway took since each of these moments, to the quarter of an hour; and those of ever."""
        sums = [sa.func.sum(spent.c.parts).filter(spent.c.quarter >= moment) for moment in moments]
        query = sa.select(*sums, sa.func.sum(spent.c.parts))
        return [int(parts or 0) for parts in (await self._connection.execute(query)).one()]

    async def money_began(self) -> tuple[datetime | None, datetime | None]:
        """When the gateway took the first message, to the quarter of an hour, and when the first balance was seen."""
        firsts = sa.func.min(spent.c.quarter), sa.func.min(balances.c.at)
        query = sa.select(*(sa.select(first).scalar_subquery() for first in firsts))
        took, saw = (await self._connection.execute(query)).one()
        return took, saw

    async def keep_balance(self, amount: Decimal, now: datetime) -> Reading:
        """Keep a balance that was seen. Of a row of equal ones only the first and the last stay."""
        _, parts = await self.spent((None, None))
        reading = Reading(now, amount, parts)
        newest = sa.select(balances.c.id, balances.c.amount).order_by(balances.c.id.desc()).limit(2)
        last = (await self._connection.execute(newest)).all()
        values = {item.name: getattr(reading, item.name) for item in fields(Reading)}
        if len(last) == 2 and last[0].amount == last[1].amount == amount:
            await self._connection.execute(sa.update(balances).where(balances.c.id == last[0].id).values(values))
        else:
            await self._connection.execute(sa.insert(balances).values(values))
        return reading

    async def readings(self, since: datetime) -> list[Reading]:
        """The balances seen since then, oldest first."""
        query = sa.select(*_READING).where(balances.c.at >= since).order_by(balances.c.at, balances.c.id)
        return [Reading(**row._mapping) for row in await self._connection.execute(query)]

    async def last_reading(self) -> Reading | None:
        """The balance that was seen last."""
        query = sa.select(*_READING).order_by(balances.c.id.desc()).limit(1)
        row = (await self._connection.execute(query)).first()
        return Reading(**row._mapping) if row else None

    async def low(self, id_: int) -> Low | None:
        """The low balance of this number."""
        row = (await self._connection.execute(sa.select(*_LOW).where(lows.c.id == id_))).first()
        return Low(**row._mapping) if row else None

    async def current_low(self) -> Low | None:
        """The low balance that lasts, if one does."""
        row = (await self._connection.execute(sa.select(*_LOW).where(lows.c.back_at.is_(None)).limit(1))).first()
        return Low(**row._mapping) if row else None

    async def begin_low(self, amount: Decimal, days: float | None, now: datetime) -> int:
        """The balance is low, and would last so many days; return the number of this low."""
        values = {"since": now, "amount": amount, "days": days}
        added = await self._connection.execute(sa.insert(lows).values(values).returning(lows.c.id))
        return int(added.scalar_one())

    async def lower_low(self, id_: int, amount: Decimal, days: float | None) -> None:
        """It has come to be so low, and would last so many days."""
        stands = sa.and_(lows.c.id == id_, lows.c.back_at.is_(None))
        await self._connection.execute(sa.update(lows).where(stands).values(amount=amount, days=days))

    async def end_low(self, id_: int, amount: Decimal, now: datetime) -> bool:
        """It is back; False if that was known."""
        ended = await self._connection.execute(
            sa.update(lows)
            .where(lows.c.id == id_, lows.c.back_at.is_(None))
            .values(back_at=now, back_amount=amount)
            .returning(lows.c.id)
        )
        return ended.first() is not None
