"""Drafts: dialogues and questions that a restart must not lose."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from bot.domain.card import Subject
from bot.domain.draft import Draft, Order, Outcome, Step
from bot.store.base import COVER, Statements
from bot.store.schema import drafts, pieces

_ORDER = TypeAdapter(Order)
_COLUMNS = [
    drafts.c[name]
    for name in ("id", "chat_id", "actor_id", "step", "order", "outcome", "created_at", "answered", "fault")
]
_NOTHING = {"step": Step.CLOSED, "order": _ORDER.dump_json(Order()).decode(), "file": None}
"""What stays of a draft when it is closed."""
_OPEN = drafts.c.step != sa.literal_column(f"'{Step.CLOSED}'")


_TYPED = (Step.PHONE, Step.TEXT, Step.SEND_AT, Step.SENDER, Step.TEST)
"""Steps at which something is to be typed."""


def _draft(row: sa.Row[Any]) -> Draft:
    return Draft(**{**row._mapping, "order": _ORDER.validate_json(row._mapping["order"])})


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
        file_id: str | None = None,
    ) -> int | None:
        """Open a draft; return its id, or None if this update (`origin`) has opened it before.

        What was asked for before it is asked for no more: a text that is typed next must not go astray.
        """
        if await self._connection.scalar(sa.select(drafts.c.id).where(drafts.c.origin == origin)):
            return None
        await self.stop_waiting(chat_id, actor_id, now)
        values = {
            "origin": origin,
            "chat_id": chat_id,
            "actor_id": actor_id,
            "step": step,
            "order": _dump(order),
            "answered": answered,
            "file": file,
            "file_id": file_id,
            "created_at": now,
            "asked_at": now,
        }
        added = await self._connection.execute(sa.insert(drafts).values(values).returning(drafts.c.id))
        return int(added.scalar_one())

    async def stop_waiting(self, chat_id: int, actor_id: int, now: datetime) -> None:
        """Wait for nothing more from this admin in this chat: what he types next is no answer to an older question.

        A message that lacks its phone or its text is dropped. A list is kept: it goes back to its preview, and one
        without a text keeps asking for it until a newer question has its answer.
        """
        waiting = sa.and_(_OPEN, drafts.c.chat_id == chat_id, drafts.c.actor_id == actor_id)
        query = sa.select(*_COLUMNS).where(waiting, drafts.c.step.in_(_TYPED))
        for row in (await self._connection.execute(query)).all():
            draft = _draft(row)
            if draft.order.phone_list is None:
                await self.close_draft(draft.id, Outcome.DROPPED, now)
            elif draft.order.text:
                await self.change_draft(draft.id, Step.CONFIRM, draft.order, now)

    async def draft_of_origin(self, origin: str) -> Draft | None:
        """The draft that an update has already opened, open or closed by now."""
        return await self._draft(sa.select(*_COLUMNS).where(drafts.c.origin == origin))

    async def draft(self, id_: int) -> Draft | None:
        """The draft of this number, locked for the rest of a writing transaction."""
        return await self._draft(sa.select(*_COLUMNS).where(drafts.c.id == id_).with_for_update())

    async def waiting_draft(self, chat_id: int, actor_id: int) -> Draft | None:
        """The open draft of this admin in this chat for which something was asked last."""
        condition = sa.and_(
            _OPEN, drafts.c.chat_id == chat_id, drafts.c.actor_id == actor_id, drafts.c.step.in_(_TYPED)
        )
        return await self._draft(
            sa.select(*_COLUMNS).where(condition).order_by(drafts.c.asked_at.desc(), drafts.c.id.desc()).limit(1)
        )

    async def _draft(self, query: sa.Select[Any]) -> Draft | None:
        row = (await self._connection.execute(query)).first()
        return _draft(row) if row else None

    async def drafts_to_read(self) -> list[int]:
        """Drafts whose file is still to be read, oldest first."""
        query = sa.select(drafts.c.id).where(_OPEN, drafts.c.step == Step.READING)
        return sorted(await self._connection.scalars(query))  # sorted here: SQLite would go through all drafts for it

    async def draft_source(self, id_: int) -> tuple[str | None, bytes | None]:
        """What a draft's list is read from: Telegram's id of a file, or the bytes themselves."""
        query = sa.select(drafts.c.file_id, drafts.c.file).where(drafts.c.id == id_)
        file_id, file = (await self._connection.execute(query)).one()
        return file_id, None if file is None else bytes(file)

    async def latest_draft(self, chat_id: int, actor_id: int) -> Draft | None:
        """The latest open draft of this admin in this chat, whatever it waits for."""
        condition = sa.and_(_OPEN, drafts.c.chat_id == chat_id, drafts.c.actor_id == actor_id)
        return await self._draft(sa.select(*_COLUMNS).where(condition).order_by(drafts.c.id.desc()).limit(1))

    async def change_draft(
        self, id_: int, step: Step, order: Order, now: datetime, answered: int | None = None
    ) -> None:
        """Write what is known by now and what is waited for; `answered` is replaced if given."""
        values: dict[str, Any] = {"step": step, "order": _dump(order), "asked_at": now}
        values |= {"answered": answered} if answered is not None else {}
        await self._connection.execute(sa.update(drafts).where(drafts.c.id == id_, _OPEN).values(values))
        await self._bump(Subject.DRAFT, [id_], now)

    async def close_draft(self, id_: int, outcome: Outcome, now: datetime, fault: str | None = None) -> bool:
        """Close a draft and erase what it held; False if it was closed before, so that no draft is sent twice."""
        if not await self._close(id_, now, _NOTHING | {"outcome": outcome, "fault": fault}):
            return False
        await self._connection.execute(sa.delete(pieces).where(pieces.c.draft_id == id_))
        self._erase()
        return True

    async def confirm_draft(self, id_: int, now: datetime) -> bool:
        """Close the draft of a campaign, but keep what it holds: it may be taken back. False if it was closed."""
        return await self._close(id_, now, {"step": Step.CLOSED, "outcome": Outcome.SENT})

    async def _close(self, id_: int, now: datetime, values: dict[str, Any]) -> bool:
        change = sa.update(drafts).where(drafts.c.id == id_, _OPEN).values(values)
        if (await self._connection.execute(change.returning(drafts.c.id))).first() is None:
            return False
        await self._bump(Subject.DRAFT, [id_], now)
        return True

    async def reopen_draft(self, id_: int, now: datetime) -> None:
        """Let a confirmed draft be as before its confirmation."""
        confirmed = sa.and_(drafts.c.id == id_, drafts.c.outcome == Outcome.SENT)
        again = {"step": Step.CONFIRM, "outcome": None, "created_at": now}
        await self._connection.execute(sa.update(drafts).where(confirmed).values(again))
        await self._bump(Subject.DRAFT, [id_], now)

    async def settle_draft(self, id_: int) -> None:
        """Erase what a confirmed draft held, but for its pieces: its campaign has begun."""
        await self._connection.execute(
            sa.update(drafts).where(drafts.c.id == id_, drafts.c.step == Step.CLOSED).values(_NOTHING)
        )
        self._erase()

    async def old_drafts(self, before: datetime) -> list[int]:
        """Open drafts begun before this time."""
        return list(await self._connection.scalars(sa.select(drafts.c.id).where(_OPEN, drafts.c.created_at < before)))
