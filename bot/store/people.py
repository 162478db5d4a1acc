"""Who has spoken to the bot."""

from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa

from bot.domain.notices import Wishes
from bot.store.base import Statements
from bot.store.schema import people

_WISHES = [people.c[item.name] for item in fields(Wishes)]


class People(Statements):
    """The statements of people."""

    async def language(self, user_id: int) -> str | None:
        """The language that this person has chosen."""
        return await self._connection.scalar(sa.select(people.c.language).where(people.c.user_id == user_id))

    async def set_language(self, user_id: int, language: str) -> None:
        """Remember the language that this person has chosen."""
        await self._ensure(user_id)
        await self._connection.execute(sa.update(people).where(people.c.user_id == user_id).values(language=language))

    async def test_phone(self, user_id: int) -> str | None:
        """The phone on which this admin tries texts."""
        return await self._connection.scalar(sa.select(people.c.test_phone).where(people.c.user_id == user_id))

    async def set_test_phone(self, user_id: int, phone: str) -> None:
        """Remember it."""
        await self._ensure(user_id)
        await self._connection.execute(sa.update(people).where(people.c.user_id == user_id).values(test_phone=phone))

    async def wishes(self, user_id: int) -> Wishes:
        """What this admin wants to hear of."""
        row = (await self._connection.execute(sa.select(*_WISHES).where(people.c.user_id == user_id))).first()
        return Wishes(**row._mapping) if row else Wishes()

    async def set_wishes(self, user_id: int, wishes: Wishes) -> None:
        """Remember it."""
        await self._ensure(user_id)
        values = {item.name: getattr(wishes, item.name) for item in fields(Wishes)}
        await self._connection.execute(sa.update(people).where(people.c.user_id == user_id).values(values))

    async def all_wishes(self) -> dict[int, Wishes]:
        """What everybody who has ever chosen wants to hear of; the rest wants what is usual."""
        rows = await self._connection.execute(sa.select(people.c.user_id, *_WISHES))
        return {row.user_id: Wishes(row.whose, row.what, row.digest_hour) for row in rows}

    async def take_digest(self, user_id: int, day: int) -> bool:
        """Whether this admin has not been given the digest of this day (its ordinal); counts as given from now on."""
        new = sa.and_(people.c.user_id == user_id, people.c.digest_day < day)
        taken = await self._connection.execute(
            sa.update(people).where(new).values(digest_day=day).returning(people.c.user_id)
        )
        return taken.first() is not None

    async def may_tell(self, user_id: int, since: datetime, now: datetime) -> bool:
        """Whether this person (a stranger who he is, an admin of the inbox) was not told since then.

        If so, he counts as told now.
        """
        await self._ensure(user_id)
        old = sa.or_(people.c.told_at.is_(None), people.c.told_at < since)
        told = await self._connection.execute(
            sa.update(people).where(people.c.user_id == user_id, old).values(told_at=now).returning(people.c.user_id)
        )
        return told.first() is not None

    async def _ensure(self, user_id: int) -> None:
        new = sa.text("INSERT INTO people (user_id) VALUES (:user_id) ON CONFLICT DO NOTHING")
        await self._connection.execute(new, {"user_id": user_id})
