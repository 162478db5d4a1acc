"""Drafts: dialogues and questions that a restart must not lose."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from bot.domain.card import Subject
from bot.domain.draft import Draft, Order, Outcome, Step
from bot.store.base import COVER, Statements
from bot.store.schema import drafts

_ORDER = TypeAdapter(Order)
_COLUMNS = [
    drafts.c[name] for name in ("id", "chat_id", "actor_id", "step", "order", "outcome", "created_at", "answered")
]
_NOTHING = {"step": Step.CLOSED, "order": _ORDER.dump_json(Order()).decode(), "file": None}
"""What stays of a draft when it is closed."""
_OPEN = drafts.c.step != sa.literal_column(f"'{Step.CLOSED}'")


def _dump(order: Order) -> str:
    """The order as JSON, to which the cover is white space. The file stands behind it, so it is covered too."""
    return COVER + _ORDER.dump_json(order).decode()


class Drafts(Statements):
    """The statements of drafts."""

    async def add_draft(
        self,
        origin: str,
        chat_id: int,
        actor_id: int,
        step: Step,
        order: Order,
        now: datetime,
        file: bytes | None = None,
        answered: int = 0,
    ) -> int | None:
        """Open a draft; return its id, or None if this update (`origin`) has opened it before.

        What was asked for before it is asked for no more: a text that is typed next must not go astray.
        """
        if await self._connection.scalar(sa.select(drafts.c.id).where(drafts.c.origin == origin)):
            return None
        await self.stop_waiting(chat_id, actor_id)
        values = {
            "origin": origin,
            "chat_id": chat_id,
            "actor_id": actor_id,
            "step": step,
            "order": _dump(order),
            "answered": answered,
            "file": file,
            "created_at": now,
        }
        added = await self._connection.execute(sa.insert(drafts).values(values).returning(drafts.c.id))
        return int(added.scalar_one())

    async def stop_waiting(self, chat_id: int, actor_id: int) -> None:
        """Wait for nothing more from this admin in this chat: what he types next is no answer to an older question."""
        waiting = sa.and_(_OPEN, drafts.c.chat_id == chat_id, drafts.c.actor_id == actor_id)
        dropped = _NOTHING | {"outcome": Outcome.DROPPED}
        for steps, values in (([Step.PHONE, Step.TEXT], dropped), ([Step.SEND_AT], {"step": Step.CONFIRM})):
            change = sa.update(drafts).where(waiting, drafts.c.step.in_(steps)).values(values)
            if (await self._connection.execute(change)).rowcount:
                self._erase()

    async def draft_of_origin(self, origin: str) -> Draft | None:
        """The draft that an update has already opened, open or closed by now."""
        return await self._draft(sa.select(*_COLUMNS).where(drafts.c.origin == origin))

    async def draft(self, id_: int) -> Draft | None:
        """The draft of this number, locked for the rest of a writing transaction."""
        return await self._draft(sa.select(*_COLUMNS).where(drafts.c.id == id_).with_for_update())

    async def waiting_draft(self, chat_id: int, actor_id: int) -> Draft | None:
        """The latest open draft of this admin in this chat that waits for something to be typed."""
        typed = [Step.PHONE, Step.TEXT, Step.SEND_AT]
        condition = sa.and_(_OPEN, drafts.c.chat_id == chat_id, drafts.c.actor_id == actor_id, drafts.c.step.in_(typed))
        return await self._draft(sa.select(*_COLUMNS).where(condition).order_by(drafts.c.id.desc()).limit(1))

    async def _draft(self, query: sa.Select[Any]) -> Draft | None:
        row = (await self._connection.execute(query)).first()
        return Draft(**{**row._mapping, "order": _ORDER.validate_json(row.order)}) if row else None

    async def draft_file(self, id_: int) -> bytes | None:
        """The cleaned file of a draft."""
        return await self._connection.scalar(sa.select(drafts.c.file).where(drafts.c.id == id_))

    async def latest_draft(self, chat_id: int, actor_id: int) -> Draft | None:
        """The latest open draft of this admin in this chat, whatever it waits for."""
        condition = sa.and_(_OPEN, drafts.c.chat_id == chat_id, drafts.c.actor_id == actor_id)
        return await self._draft(sa.select(*_COLUMNS).where(condition).order_by(drafts.c.id.desc()).limit(1))

    async def change_draft(
        self,
        id_: int,
        step: Step,
        order: Order,
        now: datetime,
        file: bytes | None = None,
        answered: int | None = None,
    ) -> None:
        """Write what is known by now and what is waited for; `file` and `answered` are replaced if given."""
        values: dict[str, Any] = {"step": step, "order": _dump(order)}
        values |= {"file": file} if file is not None else {}
        values |= {"answered": answered} if answered is not None else {}
        await self._connection.execute(sa.update(drafts).where(drafts.c.id == id_, _OPEN).values(values))
        await self._bump(Subject.DRAFT, [id_], now)

    async def close_draft(self, id_: int, outcome: Outcome, now: datetime) -> bool:
        """Close a draft and erase what it held; False if it was closed before, so that no draft is sent twice."""
        closed = await self._connection.execute(
            sa.update(drafts)
            .where(drafts.c.id == id_, _OPEN)
            .values(_NOTHING | {"outcome": outcome})
            .returning(drafts.c.id)
        )
        if closed.first() is None:
            return False
        self._erase()
        await self._bump(Subject.DRAFT, [id_], now)
        return True

    async def old_drafts(self, before: datetime) -> list[int]:
        """Open drafts begun before this time."""
        return list(await self._connection.scalars(sa.select(drafts.c.id).where(_OPEN, drafts.c.created_at < before)))
