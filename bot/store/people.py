"""Who has spoken to the bot."""

from datetime import datetime

import sqlalchemy as sa

from bot.store.base import Statements
from bot.store.schema import people


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

    async def may_tell(self, user_id: int, since: datetime, now: datetime) -> bool:
        """Whether this stranger was not told since then; if so, counts as told now."""
        await self._ensure(user_id)
        old = sa.or_(people.c.told_at.is_(None), people.c.told_at < since)
        told = await self._connection.execute(
            sa.update(people).where(people.c.user_id == user_id, old).values(told_at=now).returning(people.c.user_id)
        )
        return told.first() is not None

    async def _ensure(self, user_id: int) -> None:
        new = sa.text("INSERT INTO people (user_id) VALUES (:user_id) ON CONFLICT DO NOTHING")
        await self._connection.execute(new, {"user_id": user_id})
