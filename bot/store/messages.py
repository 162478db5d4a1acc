"""The txn log: messages and their history."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.campaign import Campaign
from bot.domain.card import Subject
from bot.domain.figures import OLD
from bot.domain.log import Event, Heard
from bot.domain.message import FINAL, UNSENT, Message, NewMessage, NewText, State, sources
from bot.domain.retry import PASSING
from bot.store.base import COVER, Statements
from bot.store.quick import quick
from bot.store.rows import Rows, given
from bot.store.schema import IS_ASKED, IS_FRESH, WAS_TRIED, events, messages, micros, phone_backwards, word, words
from bot.store.words import keep_words

COLUMNS = [messages.c[item.name] for item in fields(Message)]
_NEW = [item.name for item in fields(NewMessage)]
TO_SEND = words((State.QUEUED, State.SENDING))


def to_message(row: Sequence[Any]) -> Message:
    """A row of `COLUMNS` as a message; by place: by name it takes twice as long, and pages of the log are long."""
    message = Message(*row)
    if message.confidential and message.text:
        return replace(message, text=message.text.removeprefix(COVER))
    return message


class Messages(Statements):
    """The statements of the txn log, but for those of sending (`attempts.py`)."""

    async def add_messages(self, new: Sequence[NewMessage], now: datetime) -> list[int]:
        """Queue messages; return their ids, in order."""
        if not new:
            return []
        added = await self._connection.execute(
            sa.insert(messages).returning(messages.c.id, sort_by_parameter_order=True), _new_rows(new, now)
        )
        ids = list(added.scalars())
        open_ = ((id_, one.campaign_id, one.text) for id_, one in zip(ids, new, strict=True) if not one.confidential)
        await keep_words(self._connection, open_)
        await self._tally((message.campaign_id, None, State.QUEUED) for message in new)
        return ids

    async def add_campaign_messages(self, campaign: Campaign, new: Sequence[NewText], now: datetime) -> None:
        """Queue messages of a campaign, as many as a piece of its list has."""
        if new:
            cover = COVER if campaign.confidential else ""
            rows = Rows.pack(_new_text_row(message, cover) for message in new)
            same = {name: getattr(campaign, name) for name in _OF_CAMPAIGN}
            same |= {"campaign_id": campaign.id, "now": micros(now)}
            added = await quick(self._connection, _ADD_TEXTS, rows | same)
            if not campaign.confidential:
                texts = {message.txn_id: message.text for message in new}
                numbered = sorted((id_, campaign.id, texts[txn_id]) for id_, txn_id in added)
                await keep_words(self._connection, numbered)
            await self._tally([(campaign.id, None, State.QUEUED)] * len(new))

    async def message_of_origin(self, origin: str) -> int | None:
        """The message that an update has already made."""
        return await self._connection.scalar(sa.select(messages.c.id).where(messages.c.origin == origin))

    async def message(self, id_: int) -> Message | None:
        """The message of this number."""
        return next(iter(await self._messages(messages.c.id == id_, limit=1)), None)

    async def single_messages(self, ids: Sequence[int]) -> list[Message]:
        """Those of these that are not a campaign's."""
        query = sa.select(*COLUMNS).where(messages.c.id.in_(ids), messages.c.campaign_id.is_(None))
        return [to_message(row) for row in await self._connection.execute(query.order_by(messages.c.id))]

    async def messages_by_txn_id(self, txn_id: str) -> list[Message]:
        """The message under this txn_id."""
        return await self._messages(messages.c.txn_id == txn_id, limit=1)

    async def messages_by_msg_id(self, msg_id: int, limit: int) -> list[Message]:
        """Messages to which the gateway gave this id."""
        return await self._messages(messages.c.msg_id == msg_id, limit=limit)

    async def latest_messages(self, limit: int) -> list[Message]:
        """The latest messages of all."""
        return await self._messages(sa.true(), limit=limit)

    async def _messages(self, condition: sa.ColumnElement[bool], limit: int) -> list[Message]:
        query = sa.select(*COLUMNS).where(condition).order_by(messages.c.id.desc()).limit(limit)
        return [to_message(row) for row in await self._connection.execute(query)]

    async def sent_since(self, phone: str, text: str, since: datetime) -> Message | None:
        """The latest message to this phone with this text, ordered since then, that has or may have left."""
        lost = (State.FAILED, State.CANCELLED)
        found = await self._messages(
            sa.and_(
                phone_backwards == phone[::-1],
                messages.c.created_at >= since,
                messages.c.text.in_((text, COVER + text)),
                messages.c.state.not_in(lost),
            ),
            limit=1,
        )
        return found[0] if found else None

    async def history(self, message_id: int) -> list[Event]:
        """Every move of a message, oldest first.

        What goes as it should has no line of its own: that it was ordered, and accepted at the first attempt, is told
        by the message itself. Most messages have no more to tell, and there are millions.
        """
        columns = [events.c[item.name] for item in fields(Event)]
        query = sa.select(*columns).where(events.c.message_id == message_id).order_by(events.c.id)
        moves = [Event(**row._mapping) for row in await self._connection.execute(query)]
        times = sa.select(messages.c.created_at, messages.c.accepted_at).where(messages.c.id == message_id)
        found = (await self._connection.execute(times)).first()
        return [*_told_by_itself(*found, moves), *moves] if found else moves

    async def due_for_status(self, now: datetime, limit: int) -> list[Message]:
        """Messages whose status is to be asked for, but for those that another one takes: accepted, or uncertain.

        Single ones first, so that no campaign keeps an admin's own message waiting; then the longest overdue.
        """
        found: list[Message] = []
        owner, due_at = messages.c.campaign_id, messages.c.due_at
        for whose, order in ((owner.is_(None), (owner, due_at)), (owner.is_not(None), (due_at,))):
            due = sa.and_(IS_ASKED, whose, due_at <= now)
            query = sa.select(*COLUMNS).where(due).order_by(*order).limit(limit - len(found))
            rows = await self._connection.execute(query.with_for_update(skip_locked=True))
            found += [to_message(row) for row in rows]
        return found

    async def next_poll_at(self, ids: Sequence[int], due_at: datetime) -> None:
        """Put off the question for these, so that no other worker asks it too."""
        await self._connection.execute(
            sa.update(messages).where(messages.c.id.in_(ids), IS_ASKED).values(due_at=due_at)
        )

    async def record_heard(self, answers: Sequence[Heard], now: datetime) -> int:
        """Write answers to the question for a status. A final state is never overwritten, whatever comes late.

        Returns how many of the uncertain are asked for no more and wait for somebody's decision from now on.
        """
        standing = await self._lock([answer.id for answer in answers])
        known = sorted(answers, key=lambda answer: answer.state in FINAL)  # of two for one message the final one holds
        lawful = list({answer.id: answer for answer in known if _is_lawful(answer, standing[answer.id])}.values())
        await self._tally(
            (standing[answer.id].campaign_id, standing[answer.id].state, answer.state)
            for answer in lawful
            if answer.state
        )
        for state in {answer.state for answer in lawful}:
            same = [_heard_values(answer, standing[answer.id], now) for answer in lawful if answer.state is state]
            await self._connection.execute(heard_update(state), same)
        news = [answer for answer in lawful if _is_news(answer, standing[answer.id])]
        if news:
            lines = [_heard_event(answer, standing[answer.id].state, now) for answer in news]
            await self._connection.execute(sa.insert(events), lines)
            await self.bump_messages([answer.id for answer in news], now)
        moved = [standing[answer.id] for answer in lawful if answer.state]
        found = [message for message in moved if message.accepted_at is None]
        await self._spend(len(found), sum(_parts(message) for message in found), now)
        late = [message for message in moved if now - message.created_at > OLD]
        await self._count_anew(message.created_at for message in (*found, *late))
        if any(message.is_unsettled for message in moved):
            await self._bump_inbox(now)
        return sum(_gives_up(answer, standing[answer.id]) for answer in lawful)

    async def _lock(self, ids: Sequence[int]) -> Mapping[int, Message]:
        query = sa.select(*COLUMNS).where(messages.c.id.in_(ids)).order_by(messages.c.id).with_for_update()
        return {row.id: to_message(row) for row in await self._connection.execute(query)}

    async def bump_messages(self, ids: Sequence[int], now: datetime) -> None:
        """Make the cards of these messages, and of their campaigns, due."""
        await self._bump(Subject.MESSAGE, list(ids), now)
        owners = sa.select(messages.c.campaign_id).where(messages.c.id.in_(ids), messages.c.campaign_id.is_not(None))
        await self._bump(Subject.CAMPAIGN, list(await self._connection.scalars(owners.distinct())), now)

    async def cancel_some(self, campaign_id: int, now: datetime, limit: int) -> int:
        """Cancel some of what has not left a campaign and cannot have left; return how many that were."""
        ids: list[int] = []
        for which in (IS_FRESH, WAS_TRIED):  # an index for each
            held_back = sa.and_(messages.c.state == word(State.QUEUED), messages.c.may_have_arrived.is_(False))
            chosen = sa.select(messages.c.id).where(messages.c.campaign_id == campaign_id, which, held_back)
            chosen = chosen.limit(limit - len(ids)).with_for_update(skip_locked=True)
            ids += await self._connection.scalars(chosen)
        if not ids:
            return 0
        moved = await self._connection.execute(
            sa.update(messages)
            .where(messages.c.id.in_(ids))
            .values(state=State.CANCELLED, due_at=None, final_at=now, text=kept_text(State.CANCELLED))
            .returning(messages.c.confidential)
        )
        if any(moved.scalars()):
            self._erase()
        line = {"at": now, "from_state": State.QUEUED, "to_state": State.CANCELLED, "why": "cancelled"}
        await self._connection.execute(sa.insert(events), [{"message_id": id_, **line} for id_ in ids])
        await self._tally([(campaign_id, State.QUEUED, State.CANCELLED)] * len(ids))
        await self._bump(Subject.MESSAGE, ids, now)
        return len(ids)

    async def passing_failures(self, campaign_id: int, after: int, limit: int) -> list[Message]:
        """Failed messages of a campaign, numbered above `after`, that may well go if they are sent again."""
        query = sa.select(*COLUMNS).where(
            messages.c.campaign_id == campaign_id,
            messages.c.id > after,
            messages.c.state == State.FAILED,
            messages.c.reason.in_(PASSING),
            messages.c.text.is_not(None),
        )
        rows = await self._connection.execute(query.order_by(messages.c.id).limit(limit))
        return [to_message(row) for row in rows]

    async def campaign_page(self, campaign_id: int, after: int, limit: int) -> list[Message]:
        """The messages of a campaign whose numbers follow `after`."""
        query = sa.select(*COLUMNS).where(messages.c.campaign_id == campaign_id, messages.c.id > after)
        rows = await self._connection.execute(query.order_by(messages.c.id).limit(limit))
        return [to_message(row) for row in rows]


def _told_by_itself(ordered: datetime, accepted: datetime | None, moves: Sequence[Event]) -> list[Event]:
    lines = [Event(ordered, None, State.QUEUED, "ordered", None, None, None)]
    if accepted and not any(move.from_state is State.SENDING for move in moves):
        lines.append(Event(accepted, State.SENDING, State.ACCEPTED, "accepted", None, None, None, 1))
    return lines


_TEXT = Rows(txn_id=sa.Text, phone=sa.Text, text=sa.Text, length=sa.Integer, encoding=sa.Text, parts=sa.Integer)
_OF_CAMPAIGN = ("sender", "channel", "confidential", "actor_id")


def _add_texts() -> sa.Executable:
    """What the messages of a campaign share is given once; each of them brings what is its own."""
    kinds = {"sender": sa.Text, "channel": sa.Text, "confidential": sa.Boolean}
    same = {name: given(name, kinds.get(name, sa.BigInteger)) for name in (*_OF_CAMPAIGN, "campaign_id")}
    begun: dict[str, sa.ColumnElement[int]] = {
        name: sa.literal_column("0") for name in ("attempts", "retries", "polls")
    }
    times = {name: given("now") for name in ("created_at", "due_at")}
    fixed: dict[str, sa.ColumnElement[Any]] = {"state": word(State.QUEUED), "may_have_arrived": sa.false()}
    values: dict[str, sa.ColumnElement[Any]] = {**_TEXT.cells, **same, **times, **fixed, **begun}
    added = sa.insert(messages).from_select(list(values), sa.select(*values.values()), include_defaults=False)
    return added.returning(messages.c.id, messages.c.txn_id)


_ADD_TEXTS = _add_texts()


def _new_text_row(message: NewText, cover: str) -> tuple[Any, ...]:
    return (
        message.txn_id,
        message.phone,
        cover + message.text,
        len(message.text),
        message.encoding,
        message.parts,
    )


def _new_rows(new: Sequence[NewMessage], now: datetime) -> list[dict[str, Any]]:
    common = {"state": State.QUEUED, "created_at": now, "due_at": now}
    return [_values(message) | common for message in new]


def _values(message: NewMessage) -> dict[str, Any]:
    values = {name: getattr(message, name) for name in _NEW}
    text = COVER + message.text if message.confidential else message.text
    return values | {"length": len(message.text), "text": text}


def kept_text(target: State) -> sa.ColumnElement[str | None]:
    """The text after a move to `target`: a confidential one is erased once it is not needed for sending."""
    if target in UNSENT:
        return messages.c.text
    return sa.case((messages.c.confidential, sa.null()), else_=messages.c.text)


def _is_lawful(answer: Heard, standing: Message) -> bool:
    """Whether it is to the point. That nothing is known is no news of what somebody has decided meanwhile."""
    is_silent = answer.state is None and answer.status is None
    return standing.state in _may_hear(answer.state) and not (is_silent and standing.settlement)


def _parts(message: Message) -> int:
    return message.parts if message.gateway_parts is None else message.gateway_parts


def _gives_up(answer: Heard, standing: Message) -> bool:
    """Whether an uncertain message is asked for no more."""
    return standing.is_unsettled and answer.state is None and answer.due_at is None and standing.due_at is not None


def _may_hear(target: State | None) -> frozenset[State]:
    """The states in which an answer that means `target` (None: no other state) is to the point."""
    asked = frozenset({State.ACCEPTED, State.UNCERTAIN})
    return asked if target is None else asked & sources(target)


def _is_news(answer: Heard, standing: Message) -> bool:
    """Whether it changes what people see: an answer that says the same again, or none at all, does not."""
    heard = answer.status is not None and answer.status is not standing.status
    return heard or answer.state is not None or answer.due_at is None


def heard_update(target: State | None) -> sa.Update:
    """The move to `target` (None: no move); its WHERE refuses by itself what `_is_lawful` should have."""
    may_hear = sa.or_(
        sa.false(), *(messages.c.state == state for state in _may_hear(target))
    )  # IN does not go with many rows
    return (
        sa.update(messages)
        .where(messages.c.id == sa.bindparam("b_id"), may_hear)
        .values(
            state=target or messages.c.state,
            status=sa.bindparam("b_status"),
            status_at=sa.bindparam("b_status_at"),
            due_at=sa.bindparam("b_due_at"),
            final_at=sa.bindparam("b_final_at"),
            accepted_at=sa.bindparam("b_accepted_at"),
            reason=sa.bindparam("b_reason"),
            code=sa.bindparam("b_code"),
            gateway_text=sa.bindparam("b_text"),
            polls=messages.c.polls + sa.bindparam("b_counts", type_=sa.Integer),
        )
    )


def _heard_values(answer: Heard, standing: Message, now: datetime) -> dict[str, Any]:
    state = answer.state or standing.state
    told = answer if _is_news(answer, standing) else None
    return {
        "b_id": answer.id,
        "b_counts": int(answer.counts),
        "b_status": answer.status or standing.status,
        "b_status_at": now if answer.status else standing.status_at,
        "b_due_at": None if state in FINAL else answer.due_at,
        "b_final_at": now if state in FINAL else None,
        "b_accepted_at": standing.accepted_at or (now if answer.state else None),
        "b_reason": told.reason if told else standing.reason,
        "b_code": told.code if told else standing.code,
        "b_text": told.text if told else standing.gateway_text,
    }


def _heard_event(answer: Heard, from_state: State, now: datetime) -> dict[str, Any]:
    return {
        "message_id": answer.id,
        "at": now,
        "from_state": from_state,
        "to_state": answer.state or from_state,
        "why": answer.status or answer.reason,
        "code": answer.code,
        "text": answer.text,
    }
