"""Attempts to send messages: claim them, record what became of them.

A claim counts the attempt in the commit that makes it, before anything leaves; so after a crash the log knows that the
attempt may have arrived. The number of the attempt is the fence: an outcome that comes after its lease ran out and
somebody else took over finds another number, and changes nothing but the msg_id that only it has heard.
"""

import random
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from bot.domain.campaign import SENDING_STAGES, Stage
from bot.domain.card import Subject
from bot.domain.gateway import Channel
from bot.domain.log import Sent
from bot.domain.message import FINAL, LAWFUL, UNSENT, Outgoing, State
from bot.store.base import COVER, Statements
from bot.store.campaigns import IS_OPEN
from bot.store.messages import kept_text
from bot.store.quick import quick
from bot.store.rows import Rows, given
from bot.store.schema import (
    IS_FRESH,
    IS_UNSETTLED,
    WAS_TRIED,
    campaigns,
    events,
    messages,
    micros,
    pauses,
    quoted,
    word,
    words,
)

OUTCOMES = LAWFUL[State.SENDING] - {State.SENDING}
"""What an attempt can end in."""
LEASE_RAN_OUT = "lease_ran_out"
_OUTGOING = [messages.c[name] for name in Outgoing._fields]

_SENT = Rows(
    id=sa.BigInteger,
    attempt=sa.Integer,
    due_at=sa.BigInteger,
    retries=sa.Integer,
    may_have_arrived=sa.Boolean,
    reason=sa.Text,
    code=sa.BigInteger,
    gateway_text=sa.Text,
    msg_id=sa.BigInteger,
    gateway_parts=sa.Integer,
)
_EVENT = Rows(
    message_id=sa.BigInteger,
    to_state=sa.Text,
    why=sa.Text,
    http_status=sa.Integer,
    code=sa.BigInteger,
    text=sa.Text,
    attempt=sa.Integer,
)


class Attempts(Statements):
    """The statements of sending."""

    async def claim_messages(self, now: datetime, lease_until: datetime, limit: int) -> list[Outgoing]:
        """Take messages that are due, or whose worker was lost; none while sending pauses.

        Single ones go first; the campaigns at work share what room is left. What was tried before goes before the rest.
        """
        times = {"now": micros(now), "lease_until": micros(lease_until)}
        rows = await self._take_some((_TRIED_SINGLE, _FRESH_SINGLE), times, limit)
        at_work = await self._at_work() if len(rows) < limit else []
        for others, (campaign_id, stage) in zip(range(len(at_work) - 1, -1, -1), at_work, strict=True):
            share = -(-(limit - len(rows)) // (others + 1))
            claims = (_TRIED_OF_CAMPAIGN, _FRESH_OF_CAMPAIGN) if stage == Stage.RUNNING else (_OPEN_OF_CAMPAIGN,)
            rows += await self._take_some(claims, times | {"campaign": campaign_id}, share)
        taken = [_outgoing(row) for row in rows]
        fresh = [message for message, row in zip(taken, rows, strict=True) if row[-1] != LEASE_RAN_OUT]
        await self._tally((message.campaign_id, State.QUEUED, State.SENDING) for message in fresh)
        return taken

    async def _at_work(self) -> list[tuple[int, str]]:
        """Campaigns whose messages may be sent, shuffled: a share too small for all goes to another each time."""
        found = [(row[0], row[1]) for row in await quick(self._connection, _AT_WORK, {})]
        random.shuffle(found)
        return found

    async def _take_some(self, claims: Sequence[sa.Update], values: dict[str, Any], limit: int) -> list[Sequence[Any]]:
        """Claim by one after the other, until there are enough."""
        rows: list[Sequence[Any]] = []
        for claim in claims:
            if len(rows) < limit:
                rows += await self._take(claim, values | {"room": limit - len(rows)})
        return rows

    async def _take(self, claim: sa.Update, values: dict[str, Any]) -> list[Sequence[Any]]:
        rows = sorted(await quick(self._connection, claim, values), key=itemgetter(0))
        lost = [row[0] for row in rows if row[-1] == LEASE_RAN_OUT]
        if lost:
            await quick(self._connection, _WRITE_LOST, Rows.pack((id_,) for id_ in lost) | {"now": values["now"]})
        return rows

    async def record_sent(self, outcomes: Sequence[Sent], now: datetime) -> None:
        """Write the outcomes of attempts to send messages."""
        moved: dict[tuple[int, int], tuple[int | None, State, int]] = {}
        for state in sorted({outcome.state for outcome in outcomes} & OUTCOMES):
            moved |= await self._move_sent([outcome for outcome in outcomes if outcome.state is state], state, now)
        late = [outcome for outcome in outcomes if (outcome.id, outcome.attempt) not in moved]
        woken = await self._keep_late_ids(late, now)
        await self._tally((owner, State.SENDING, state) for owner, state, _ in moved.values())
        await self._bump(Subject.MESSAGE, sorted({*woken, *(id_ for id_, _ in moved)}), now)
        await self._bump(Subject.CAMPAIGN, sorted({owner for owner, _, _ in moved.values() if owner}), now)
        await self._write_events([outcome for outcome in outcomes if (outcome.id, outcome.attempt) in moved], now)
        taken = [parts for _, state, parts in moved.values() if state is State.ACCEPTED]
        await self._spend(len(taken), sum(taken), now)
        if woken:
            await self._bump_inbox(now)

    async def _move_sent(
        self, outcomes: Sequence[Sent], state: State, now: datetime
    ) -> dict[tuple[int, int], tuple[int | None, State, int]]:
        """Move what stands where its attempt left it: (message, attempt) → (campaign, state, parts)."""
        rows = Rows.pack(_sent_row(outcome) for outcome in sorted(outcomes, key=lambda outcome: outcome.id))
        moved = await quick(self._connection, sent_update(state), rows | {"now": micros(now)})
        if state not in UNSENT and any(confidential for _, _, _, confidential, _ in moved):
            self._erase()
        return {(id_, attempt): (owner, state, parts) for id_, attempt, owner, _, parts in moved}

    async def _write_events(self, outcomes: Sequence[Sent], now: datetime) -> None:
        telling = [outcome for outcome in outcomes if not _goes_as_it_should(outcome)]
        if telling:
            rows = Rows.pack(_event_row(outcome) for outcome in telling)
            await quick(self._connection, _WRITE_EVENTS, rows | {"now": micros(now)})

    async def _keep_late_ids(self, late: Sequence[Sent], now: datetime) -> Sequence[int]:
        """A late 201 brings the msg_id that the 409 of its repeat did not: kept, so that delivery can be asked for.

        What is uncertain is asked for anew by it, at once: it went, and must not wait for somebody to send it again.
        Returns which of these there are.
        """
        values = [{"b_id": outcome.id, "b_msg_id": outcome.msg_id} for outcome in late if outcome.msg_id is not None]
        values.sort(key=itemgetter("b_id"))
        woken: Sequence[int] = ()
        if values:
            update = sa.update(messages).where(messages.c.id == sa.bindparam("b_id"), messages.c.msg_id.is_(None))
            await self._connection.execute(update.values(msg_id=sa.bindparam("b_msg_id")), values)
            given_up = sa.and_(messages.c.state == State.ACCEPTED, messages.c.due_at.is_(None))
            ids = [value["b_id"] for value in values]
            await self._connection.execute(
                sa.update(messages).where(messages.c.id.in_(ids), given_up).values(due_at=now)
            )
            anew = sa.update(messages).where(messages.c.id.in_(ids), IS_UNSETTLED).values(due_at=now, polls=0)
            woken = (await self._connection.scalars(anew.returning(messages.c.id))).all()
        return woken


_GOES_ON = ~sa.exists().where(pauses.c.resumed_at.is_(None))
_AT_WORK = sa.select(campaigns.c.id, sa.type_coerce(campaigns.c.stage, sa.Text)).where(
    IS_OPEN, campaigns.c.stage.in_(words(SENDING_STAGES))
)


def _claim(whose: sa.ColumnElement[bool], which: sa.ColumnElement[bool], order: sa.ColumnElement[Any]) -> sa.Update:
    """Claim some of these, and give what sending them needs; the reason tells whose lease ran out."""
    was_lost = messages.c.state == word(State.SENDING)
    one: sa.ColumnElement[int] = sa.literal_column("1")
    none: sa.ColumnElement[int] = sa.literal_column("0")
    chosen = (
        sa.select(messages.c.id)
        .where(whose, which, _GOES_ON)
        .order_by(messages.c.campaign_id, order, messages.c.id)
        .limit(given("room", sa.Integer))
        .with_for_update(skip_locked=True)
        .cte("chosen")  # PostgreSQL might run a subquery that locks twice; a CTE that locks it runs once
    )
    return (
        sa.update(messages)
        .where(messages.c.id.in_(sa.select(chosen.c.id)))
        .values(
            state=word(State.SENDING),
            due_at=given("lease_until"),
            attempts=messages.c.attempts + one,
            retries=messages.c.retries + sa.case((was_lost, one), else_=none),
            may_have_arrived=sa.or_(messages.c.may_have_arrived, was_lost),
            reason=sa.case((was_lost, sa.literal_column(f"'{LEASE_RAN_OUT}'")), else_=messages.c.reason),
        )
        .returning(*_OUTGOING, messages.c.reason)
    )


_SINGLE = messages.c.campaign_id.is_(None)
_OF_CAMPAIGN = messages.c.campaign_id == given("campaign")
_TRIED_AND_DUE = sa.and_(WAS_TRIED, messages.c.due_at <= given("now"))
_MAY_HAVE_ARRIVED = sa.or_(messages.c.may_have_arrived, messages.c.state == word(State.SENDING))
_TRIED_SINGLE = _claim(_SINGLE, _TRIED_AND_DUE, messages.c.due_at)
_FRESH_SINGLE = _claim(_SINGLE, IS_FRESH, messages.c.id)
_TRIED_OF_CAMPAIGN = _claim(_OF_CAMPAIGN, _TRIED_AND_DUE, messages.c.due_at)
_FRESH_OF_CAMPAIGN = _claim(_OF_CAMPAIGN, IS_FRESH, messages.c.id)
_OPEN_OF_CAMPAIGN = _claim(_OF_CAMPAIGN, sa.and_(_TRIED_AND_DUE, _MAY_HAVE_ARRIVED), messages.c.due_at)
"""Of a cancelled campaign: only what may have left, until its fate is known."""


def _outgoing(row: Sequence[Any]) -> Outgoing:
    id_, txn_id, phone, text, sender, channel, confidential, campaign_id, attempts, retries, arrived, _ = row
    message = Outgoing(
        id_,
        txn_id,
        phone,
        text,
        sender,
        Channel(channel),
        bool(confidential),
        campaign_id,
        attempts,
        retries,
        bool(arrived),
    )
    if message.confidential and message.text:
        return message._replace(text=message.text.removeprefix(COVER))
    return message


@cache
def sent_update(target: State) -> sa.Update:
    """The move itself; its WHERE refuses what is not lawful, and an attempt that is not the last."""
    cells = _SENT.cells
    now = given("now")
    same = ("due_at", "retries", "may_have_arrived", "reason", "code", "gateway_text", "gateway_parts")
    return (
        sa.update(messages)
        .where(
            messages.c.id == cells["id"],
            messages.c.attempts == cells["attempt"],
            messages.c.state == word(State.SENDING),
            sa.true() if target in OUTCOMES else sa.false(),
        )
        .values(
            state=word(target),
            text=kept_text(target),
            msg_id=sa.func.coalesce(cells["msg_id"], messages.c.msg_id),
            accepted_at=now if target is State.ACCEPTED else sa.null(),
            final_at=now if target in FINAL else sa.null(),
            **{name: cells[name] for name in same},
        )
        .returning(
            messages.c.id,
            messages.c.attempts,
            messages.c.campaign_id,
            messages.c.confidential,
            sa.func.coalesce(messages.c.gateway_parts, messages.c.parts),
        )
    )


def _sent_row(outcome: Sent) -> tuple[Any, ...]:
    return (
        outcome.id,
        outcome.attempt,
        micros(outcome.due_at),
        outcome.retries,
        outcome.may_have_arrived,
        outcome.reason,
        outcome.code,
        quoted(outcome.text),
        outcome.msg_id,
        outcome.parts,
    )


_WRITE_EVENTS = sa.insert(events).from_select(
    [*_EVENT.cells, "at", "from_state"],
    sa.select(*_EVENT.cells.values(), given("now"), word(State.SENDING)),
    include_defaults=False,
)
_LOST = Rows(message_id=sa.BigInteger)
_WRITE_LOST = sa.insert(events).from_select(
    ["message_id", "at", "from_state", "to_state", "why"],
    sa.select(
        _LOST.cells["message_id"],
        given("now"),
        word(State.SENDING),
        word(State.SENDING),
        sa.literal_column(f"'{LEASE_RAN_OUT}'"),
    ),
    include_defaults=False,
)


def _goes_as_it_should(outcome: Sent) -> bool:
    """Accepted at the first attempt: the message itself tells it (`Messages.history`)."""
    return outcome.state is State.ACCEPTED and outcome.attempt == 1


def _event_row(outcome: Sent) -> tuple[Any, ...]:
    return (
        outcome.id,
        outcome.state,
        outcome.reason,
        outcome.http_status,
        outcome.code,
        quoted(outcome.text),
        outcome.attempt,
    )
