"""The txn log: messages and their history."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.campaign import Campaign
from bot.domain.card import Subject
from bot.domain.log import Event
from bot.domain.message import UNSENT, Message, NewMessage, NewText, State
from bot.domain.retry import PASSING
from bot.store.base import COVER, Statements
from bot.store.quick import quick
from bot.store.rows import Rows, given
from bot.store.schema import (
    IS_FRESH,
    WAS_TRIED,
    Moment,
    Word,
    as_stored,
    backwards,
    events,
    messages,
    micros,
    moment,
    phone_backwards,
    word,
    words,
)
from bot.store.words import keep_words

_NAMES = [item.name for item in fields(Message)]
COLUMNS = [as_stored(messages.c[name]) for name in _NAMES]
_MOMENTS = [place for place, name in enumerate(_NAMES) if isinstance(messages.c[name].type, Moment)]
_WORDS = [(place, kind.members) for place, name in enumerate(_NAMES) if isinstance(kind := messages.c[name].type, Word)]
_BOOLEANS = [place for place, name in enumerate(_NAMES) if isinstance(messages.c[name].type, sa.Boolean)]
_CONFIDENTIAL, _TEXT_PLACE = _NAMES.index("confidential"), _NAMES.index("text")
_NEW = [item.name for item in fields(NewMessage)]
_LOST = (State.FAILED, State.CANCELLED)
"""What has certainly not left."""
TO_SEND = words((State.QUEUED, State.SENDING))


def to_message(row: Sequence[Any]) -> Message:
    """A row of `COLUMNS` as a message. By place, and from the values as they are stored: pages of the log are long."""
    values = list(row)
    for place in _MOMENTS:
        values[place] = moment(values[place])
    for place, known in _WORDS:
        values[place] = known[values[place]]
    for place in _BOOLEANS:
        values[place] = bool(values[place])
    if values[_CONFIDENTIAL] and values[_TEXT_PLACE]:
        values[_TEXT_PLACE] = values[_TEXT_PLACE].removeprefix(COVER)
    return Message(*values)


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
        found = await self._messages(
            sa.and_(
                phone_backwards == phone[::-1],
                messages.c.created_at >= since,
                messages.c.text.in_((text, COVER + text)),
                messages.c.state.not_in(_LOST),
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
        """Failed messages of a campaign, numbered above `after`, that may well go if they are sent again.

        Without those whose text has, or may have, gone to the same phone since: somebody sent them again by hand.
        """
        query = sa.select(*COLUMNS).where(_passing_failures(campaign_id), messages.c.id > after)
        rows = await self._connection.execute(query.order_by(messages.c.id).limit(limit))
        return [to_message(row) for row in rows]

    async def count_passing_failures(self, campaign_id: int) -> int:
        """How many there are of these."""
        query = sa.select(sa.func.count()).select_from(messages).where(_passing_failures(campaign_id))
        return int((await self._connection.execute(query)).scalar_one())

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


def _passing_failures(campaign_id: int) -> sa.ColumnElement[bool]:
    later = messages.alias("later")
    sent_since = sa.exists().where(
        backwards(later.c.phone) == phone_backwards,
        later.c.id > messages.c.id,
        later.c.text == messages.c.text,
        later.c.state.not_in(_LOST),
    )
    return sa.and_(
        messages.c.campaign_id == campaign_id,
        messages.c.state == State.FAILED,
        messages.c.reason.in_(PASSING),
        messages.c.text.is_not(None),
        ~sent_since,
    )
