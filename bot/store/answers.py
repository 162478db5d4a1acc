"""Questions for the status of messages, and the answers: which are due, what is heard, and what that changes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.domain.card import Subject
from bot.domain.figures import OLD
from bot.domain.log import Heard
from bot.domain.message import FINAL, Message, State, sources
from bot.store.base import Statements
from bot.store.messages import COLUMNS, to_message
from bot.store.quick import quick
from bot.store.rows import Rows, given
from bot.store.schema import IS_ASKED, events, messages, micros, quoted, word, words

_ASKED = frozenset({State.ACCEPTED, State.UNCERTAIN})
_HEARD = Rows(
    id=sa.BigInteger,
    counts=sa.Integer,
    status=sa.Text,
    status_at=sa.BigInteger,
    due_at=sa.BigInteger,
    final_at=sa.BigInteger,
    accepted_at=sa.BigInteger,
    reason=sa.Text,
    code=sa.BigInteger,
    gateway_text=sa.Text,
)
_EVENT = Rows(
    message_id=sa.BigInteger, from_state=sa.Text, to_state=sa.Text, why=sa.Text, code=sa.BigInteger, text=sa.Text
)
_IDS = Rows(id=sa.BigInteger)
_GIVEN = messages.c.id.in_(sa.select(_IDS.cells["id"]))


class Answers(Statements):
    """The statements of asking for a status."""

    async def due_for_status(self, now: datetime, limit: int) -> list[Message]:
        """Messages whose status is to be asked for, but for those that another one takes: accepted, or uncertain.

        Single ones first, so that no campaign keeps an admin's own message waiting; then the longest overdue.
        """
        found: list[Message] = []
        for due in (_DUE_SINGLE, _DUE_OF_CAMPAIGNS):
            values = {"now": micros(now), "room": limit - len(found)}
            found += [to_message(row) for row in await quick(self._connection, due, values)]
        return found

    async def next_poll_at(self, ids: Sequence[int], due_at: datetime) -> None:
        """Put off the question for these, so that no other worker asks it too."""
        await quick(self._connection, _PUT_OFF, Rows.pack((id_,) for id_ in ids) | {"due_at": micros(due_at)})

    async def record_heard(self, answers: Sequence[Heard], now: datetime) -> int:
        """Write answers to the question for a status. A final state is never overwritten, whatever comes late.

        Returns how many of the uncertain are asked for no more and wait for somebody's decision from now on.
        """
        standing = await self._lock(answers)
        known = sorted(answers, key=lambda answer: answer.state in FINAL)  # of two for one message the final one holds
        lawful = {answer.id: answer for answer in known if _is_lawful(answer, standing[answer.id])}
        pairs = [(answer, standing[id_]) for id_, answer in lawful.items()]
        await self._tally((before.campaign_id, before.state, answer.state) for answer, before in pairs if answer.state)
        for state in {answer.state for answer, _ in pairs}:
            same = (_heard_row(*pair, now) for pair in pairs if pair[0].state is state)
            await quick(self._connection, heard_update(state), Rows.pack(same))
        await self._tell([pair for pair in pairs if _is_news(*pair)], now)
        await self._count([before for answer, before in pairs if answer.state], now)
        return sum(_gives_up(*pair) for pair in pairs)

    async def _lock(self, answers: Iterable[Heard]) -> Mapping[int, Message]:
        rows = await quick(self._connection, _LOCK, Rows.pack((answer.id,) for answer in answers))
        return {message.id: message for message in map(to_message, rows)}

    async def _tell(self, news: Sequence[tuple[Heard, Message]], now: datetime) -> None:
        """Lines of history, and the cards that are no longer true."""
        if news:
            rows = Rows.pack(_event_row(*pair) for pair in news)
            await quick(self._connection, _WRITE_EVENTS, rows | {"now": micros(now)})
            await self._bump(Subject.MESSAGE, [before.id for _, before in news], now)
            owners = {before.campaign_id for _, before in news if before.campaign_id is not None}
            await self._bump(Subject.CAMPAIGN, sorted(owners), now)

    async def _count(self, moved: Sequence[Message], now: datetime) -> None:
        """What is found to have been sent was spent; what moves late is counted anew."""
        found = [message for message in moved if message.accepted_at is None]
        await self._spend(len(found), sum(_parts(message) for message in found), now)
        late = [message for message in moved if now - message.created_at > OLD]
        await self._count_anew(message.created_at for message in (*found, *late))
        if any(message.is_unsettled for message in moved):
            await self._bump_inbox(now)


def _due(whose: sa.ColumnElement[bool], *order: sa.ColumnElement[Any]) -> sa.Select[Any]:
    due = sa.select(*COLUMNS).where(IS_ASKED, whose, messages.c.due_at <= given("now"))
    return due.order_by(*order).limit(given("room", sa.Integer)).with_for_update(skip_locked=True)


_DUE_SINGLE = _due(messages.c.campaign_id.is_(None), messages.c.campaign_id, messages.c.due_at)
_DUE_OF_CAMPAIGNS = _due(messages.c.campaign_id.is_not(None), messages.c.due_at)
_PUT_OFF = sa.update(messages).where(_GIVEN, IS_ASKED).values(due_at=given("due_at"))
_LOCK = sa.select(*COLUMNS).where(_GIVEN).order_by(messages.c.id).with_for_update()
_WRITE_EVENTS = sa.insert(events).from_select(
    [*_EVENT.cells, "at"], sa.select(*_EVENT.cells.values(), given("now")), include_defaults=False
)


def _is_lawful(answer: Heard, standing: Message) -> bool:
    """Whether it is to the point.

    That nothing is known is no news of what has been found out meanwhile, or of what somebody has decided: the last
    question for an uncertain message would else be the last for an accepted one.
    """
    is_silent = answer.state is None and answer.status is None
    stands_as_asked = standing.state is answer.asked and standing.final_at is None
    return standing.state in _may_hear(answer.state) and (stands_as_asked or not is_silent)


def _parts(message: Message) -> int:
    return message.parts if message.gateway_parts is None else message.gateway_parts


def _gives_up(answer: Heard, standing: Message) -> bool:
    """Whether an uncertain message is asked for no more."""
    return standing.is_unsettled and answer.state is None and answer.due_at is None and standing.due_at is not None


def _may_hear(target: State | None) -> frozenset[State]:
    """The states in which an answer that means `target` (None: no other state) is to the point."""
    return _ASKED if target is None else _ASKED & sources(target)


def _is_news(answer: Heard, standing: Message) -> bool:
    """Whether it changes what people see: an answer that says the same again, or none at all, does not."""
    heard = answer.status is not None and answer.status is not standing.status
    return heard or answer.state is not None or answer.due_at is None


@cache
def heard_update(target: State | None) -> sa.Update:
    """The move to `target` (None: no move); its WHERE refuses by itself what `_is_lawful` should have."""
    cells = {name: cell for name, cell in _HEARD.cells.items() if name not in ("id", "counts")}
    moved = {} if target is None else {"state": word(target)}
    may_hear = messages.c.state.in_(words(sorted(_may_hear(target)))) if _may_hear(target) else sa.false()
    return (
        sa.update(messages)
        .where(messages.c.id == _HEARD.cells["id"], may_hear)
        .values(polls=messages.c.polls + _HEARD.cells["counts"], **cells, **moved)
    )


def _heard_row(answer: Heard, standing: Message, now: datetime) -> tuple[Any, ...]:
    state = answer.state or standing.state
    told = (answer.reason, answer.code, quoted(answer.text))
    if not _is_news(answer, standing):
        told = (standing.reason or "", standing.code, standing.gateway_text)
    return (
        answer.id,
        int(answer.counts),
        answer.status or standing.status,
        micros(now if answer.status else standing.status_at),
        None if state in FINAL else micros(answer.due_at),
        micros(now) if state in FINAL else None,
        micros(standing.accepted_at or (now if answer.state else None)),
        *told,
    )


def _event_row(answer: Heard, standing: Message) -> tuple[Any, ...]:
    to_state = answer.state or standing.state
    why = answer.status or answer.reason
    return (answer.id, standing.state, to_state, why, answer.code, quoted(answer.text))
