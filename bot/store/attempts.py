"""Attempts to send, of messages and of bulk calls alike: claim them, record what became of them.

A claim counts the attempt in the commit that makes it, before anything leaves; so after a crash the log knows that the
attempt may have arrived. The number of the attempt is the fence: an outcome that comes after its lease ran out and
somebody else took over finds another number, and changes nothing but the msg_id that only it has heard.
"""

import random
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.domain.campaign import SENDING_STAGES, Bulk
from bot.domain.card import Subject
from bot.domain.log import Sent
from bot.domain.message import FINAL, LAWFUL, UNSENT, Outgoing, State, sources
from bot.store.base import COVER, Statements
from bot.store.campaigns import IS_OPEN
from bot.store.messages import TO_SEND, kept_text
from bot.store.schema import bulks, campaigns, events, messages, pauses

Row = TypeVar("Row", Outgoing, Bulk)
_OUTCOMES = LAWFUL[State.SENDING] - {State.SENDING}
"""What an attempt can end in."""
_OUTGOING = [messages.c[item.name] for item in fields(Outgoing)]
_OWNER = {messages: "message_id", bulks: "bulk_id"}


class Attempts(Statements):
    """The statements of sending."""

    async def claim_messages(self, now: datetime, lease_until: datetime, limit: int) -> list[Outgoing]:
        """Take messages that are due, or whose worker was lost; none while sending pauses.

        Single ones go first; the campaigns at work share what room is left. What was tried before goes before the rest.
        """
        if await self._connection.scalar(sa.select(_sending_pauses())):
            return []
        rows = await self._due(messages.c.campaign_id.is_(None), now, limit)
        at_work = await self._at_work() if len(rows) < limit else []
        for others, campaign_id in zip(range(len(at_work) - 1, -1, -1), at_work, strict=True):
            share = -(-(limit - len(rows)) // (others + 1))
            rows += await self._due(messages.c.campaign_id == campaign_id, now, share)
        await self._claim(messages, rows, now, lease_until)
        await self._tally((row.campaign_id, row.state, State.SENDING) for row in rows)
        return [_claimed(row) for row in rows]

    async def _at_work(self) -> list[int]:
        """Campaigns whose messages may be sent, shuffled: a share too small for all goes to another each time."""
        query = sa.select(campaigns.c.id).where(IS_OPEN, campaigns.c.stage.in_(SENDING_STAGES))
        found = list(await self._connection.scalars(query))
        random.shuffle(found)
        return found

    async def _due(self, whose: sa.ColumnElement[bool], now: datetime, limit: int) -> list[Outgoing]:
        if limit <= 0:
            return []
        query = (
            sa.select(*_OUTGOING)
            .where(whose, messages.c.state.in_(TO_SEND), messages.c.due_at <= now)
            .order_by(messages.c.campaign_id, messages.c.attempts.desc(), messages.c.due_at, messages.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_outgoing(row) for row in await self._connection.execute(query)]

    async def claim_bulks(self, now: datetime, lease_until: datetime, limit: int) -> list[Bulk]:
        """Take bulk calls that are due, or whose worker was lost; none while sending pauses."""
        columns = [bulks.c[item.name] for item in fields(Bulk)]
        query = (
            sa.select(*columns)
            .where(bulks.c.state.in_(TO_SEND), bulks.c.due_at <= now, ~_sending_pauses(), _campaign_goes_on())
            .order_by(bulks.c.due_at, bulks.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=bulks)
        )
        rows = [Bulk(**row._mapping) for row in await self._connection.execute(query)]
        await self._claim(bulks, rows, now, lease_until)
        return [_claimed(row) for row in rows]

    async def _claim(
        self, table: sa.Table, rows: Sequence[Outgoing | Bulk], now: datetime, lease_until: datetime
    ) -> None:
        if not rows:
            return
        was_lost = table.c.state == State.SENDING
        await self._connection.execute(
            sa.update(table)
            .where(table.c.id.in_([row.id for row in rows]), table.c.state.in_(sources(State.SENDING)))
            .values(
                state=State.SENDING,
                due_at=lease_until,
                attempts=table.c.attempts + 1,
                retries=table.c.retries + sa.case((was_lost, 1), else_=0),
                may_have_arrived=sa.or_(table.c.may_have_arrived, was_lost),
            )
        )
        await self._connection.execute(
            sa.insert(events),
            [
                {
                    _OWNER[table]: row.id,
                    "at": now,
                    "from_state": row.state,
                    "to_state": State.SENDING,
                    "why": "lease_ran_out" if row.state is State.SENDING else f"attempt_{row.attempts + 1}",
                }
                for row in rows
            ],
        )

    async def record_sent(self, outcomes: Sequence[Sent], now: datetime) -> None:
        """Write the outcomes of attempts to send messages."""
        rows = await self._standing(messages, outcomes, messages.c.campaign_id, messages.c.confidential)
        held = [outcome for outcome in outcomes if _holds(outcome, rows[outcome.id])]
        await self._tally((rows[outcome.id].campaign_id, State.SENDING, outcome.state) for outcome in held)
        for state in {outcome.state for outcome in held}:
            same = [outcome for outcome in held if outcome.state is state]
            update = sent_update(messages, state).values(
                text=kept_text(state),
                msg_id=sa.func.coalesce(sa.bindparam("b_msg_id"), messages.c.msg_id),
                gateway_parts=sa.bindparam("b_parts"),
            )
            await self._connection.execute(update, [_sent_values(outcome, now) for outcome in same])
            if state not in UNSENT and any(rows[outcome.id].confidential for outcome in same):
                self._erase()
        await self._write_events(messages, held, now)
        await self._keep_late_ids([outcome for outcome in outcomes if not _holds(outcome, rows[outcome.id])], now)
        await self._bump_owners(held, now)

    async def record_bulk(self, outcome: Sent, now: datetime) -> None:
        """Write the outcome of one bulk call."""
        rows = await self._standing(bulks, [outcome])
        if not _holds(outcome, rows[outcome.id]):
            return
        update = sent_update(bulks, outcome.state).values(name=sa.bindparam("b_name"))
        if outcome.state not in UNSENT:  # the phones and names in it are needed no more
            update = update.values(file=b"")
            self._erase()
        await self._connection.execute(update, [_sent_values(outcome, now)])
        await self._write_events(bulks, [outcome], now)
        await self._bump(Subject.CAMPAIGN, sa.select(bulks.c.campaign_id).where(bulks.c.id == outcome.id), now)

    async def _standing(
        self, table: sa.Table, outcomes: Sequence[Sent], *more: sa.ColumnElement[Any]
    ) -> dict[int, sa.Row[Any]]:
        query = sa.select(table.c.id, table.c.state, table.c.attempts, *more).where(
            table.c.id.in_([outcome.id for outcome in outcomes])
        )
        rows = await self._connection.execute(query.order_by(table.c.id).with_for_update())
        return {row.id: row for row in rows}

    async def _write_events(self, table: sa.Table, outcomes: Sequence[Sent], now: datetime) -> None:
        if outcomes:
            lines = [_sent_event(outcome, now) | {_OWNER[table]: outcome.id} for outcome in outcomes]
            await self._connection.execute(sa.insert(events), lines)

    async def _keep_late_ids(self, late: Sequence[Sent], now: datetime) -> None:
        """A late 201 brings the msg_id that the 409 of its repeat did not: kept, so that delivery can be asked for."""
        values = [{"b_id": outcome.id, "b_msg_id": outcome.msg_id} for outcome in late if outcome.msg_id is not None]
        if values:
            update = sa.update(messages).where(messages.c.id == sa.bindparam("b_id"), messages.c.msg_id.is_(None))
            await self._connection.execute(update.values(msg_id=sa.bindparam("b_msg_id")), values)
            given_up = sa.and_(messages.c.state == State.ACCEPTED, messages.c.due_at.is_(None))
            ids = [value["b_id"] for value in values]
            await self._connection.execute(
                sa.update(messages).where(messages.c.id.in_(ids), given_up).values(due_at=now)
            )

    async def _bump_owners(self, outcomes: Sequence[Sent], now: datetime) -> None:
        ids = [outcome.id for outcome in outcomes]
        await self._bump(Subject.MESSAGE, ids, now)
        owners = sa.select(messages.c.campaign_id).where(messages.c.id.in_(ids), messages.c.campaign_id.is_not(None))
        await self._bump(Subject.CAMPAIGN, owners, now)


def _sending_pauses() -> sa.ColumnElement[bool]:
    return sa.exists().where(pauses.c.resumed_at.is_(None))


def _campaign_goes_on() -> sa.ColumnElement[bool]:
    at_work = sa.select(campaigns.c.id).where(IS_OPEN, campaigns.c.stage.in_(SENDING_STAGES))
    return bulks.c.campaign_id.in_(at_work)


def _outgoing(row: sa.Row[Any]) -> Outgoing:
    message = Outgoing(*list(row))
    if message.confidential and message.text:
        return replace(message, text=message.text.removeprefix(COVER))
    return message


def _claimed(row: Row) -> Row:
    """The row as the claim left it."""
    was_lost = row.state is State.SENDING
    return replace(
        row,
        state=State.SENDING,
        attempts=row.attempts + 1,
        retries=row.retries + was_lost,
        may_have_arrived=row.may_have_arrived or was_lost,
    )


def _holds(outcome: Sent, row: sa.Row[Any]) -> bool:
    """Whether the message still stands where this attempt left it."""
    return row.state is State.SENDING and row.attempts == outcome.attempt and outcome.state in _OUTCOMES


def sent_update(table: sa.Table, target: State) -> sa.Update:
    """The move itself; its WHERE refuses what is not lawful, and an attempt that is not the last."""
    return (
        sa.update(table)
        .where(
            table.c.id == sa.bindparam("b_id"),
            table.c.attempts == sa.bindparam("b_attempt"),
            table.c.state == State.SENDING,
            sa.true() if target in _OUTCOMES else sa.false(),
        )
        .values(
            state=target,
            due_at=sa.bindparam("b_due_at"),
            retries=sa.bindparam("b_retries"),
            may_have_arrived=sa.bindparam("b_may_have_arrived"),
            reason=sa.bindparam("b_reason"),
            code=sa.bindparam("b_code"),
            gateway_text=sa.bindparam("b_text"),
            accepted_at=sa.bindparam("b_accepted_at"),
            **({"final_at": sa.bindparam("b_final_at")} if "final_at" in table.c else {}),
        )
    )


def _sent_values(outcome: Sent, now: datetime) -> dict[str, Any]:
    return {
        "b_id": outcome.id,
        "b_attempt": outcome.attempt,
        "b_due_at": outcome.due_at,
        "b_retries": outcome.retries,
        "b_may_have_arrived": outcome.may_have_arrived,
        "b_reason": outcome.reason,
        "b_code": outcome.code,
        "b_text": outcome.text,
        "b_accepted_at": now if outcome.state is State.ACCEPTED else None,
        "b_final_at": now if outcome.state in FINAL else None,
        "b_msg_id": outcome.msg_id,
        "b_parts": outcome.parts,
        "b_name": outcome.name,
    }


def _sent_event(outcome: Sent, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "from_state": State.SENDING,
        "to_state": outcome.state,
        "why": outcome.reason,
        "http_status": outcome.http_status,
        "code": outcome.code,
        "text": outcome.text,
    }
