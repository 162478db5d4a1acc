"""Messages and their outcomes, as the tests of the log want them."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from inspect import signature
from typing import Any

import sqlalchemy as sa

from bot.domain.campaign import CampaignReport, Stage, Way
from bot.domain.gateway import Channel, DeliveryStatus
from bot.domain.log import Heard, Sent
from bot.domain.message import Message, NewMessage, NewText, Outgoing, State, new_txn_id
from bot.store import Store, Transaction
from bot.store.database import Database
from bot.store.messages import COLUMNS, to_message
from bot.store.schema import messages
from bot.store.words import keep_words

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
LEASE = timedelta(seconds=45)
SECOND = timedelta(seconds=1)
PHONE = "992900000001"

_NEW = NewMessage(new_txn_id(), PHONE, "Салом", "Demo", Channel.SMS, False, "Unicode", 1, 7)


def new_message(**changes: Any) -> NewMessage:
    """A message to queue, under a txn_id of its own."""
    return replace(_NEW, **{"txn_id": new_txn_id(), **changes})


def new_text(**changes: Any) -> NewText:
    """A message of a campaign to queue, under a txn_id of its own."""
    return NewText(new_txn_id(), PHONE, "Салом", "Unicode", 1)._replace(**changes)


def campaign_values(**changes: Any) -> dict[str, Any]:
    """What a campaign that runs is added with: each field of it."""
    values: dict[str, Any] = {
        "way": Way.TRACKED,
        "text": "Салом",
        "sender": "Demo",
        "channel": Channel.SMS,
        "confidential": False,
        "latin": False,
        "plain": False,
        "file_name": None,
        "recipients": 2,
        "parts": 2,
        "stage": Stage.RUNNING,
        "hold": None,
        "actor_id": 7,
        "created_at": NOW,
        "starts_at": NOW,
        "send_at": None,
        "started_at": NOW,
        "ended_at": None,
        "draft_id": None,
        "columns": ("phone",),
        "rows": 0,
        "taken": 0,
        "ask_after": None,
        "checked": False,
        "again_of": None,
        "again_by": None,
    }
    return values | changes


def sent(message: Any, state: State = State.ACCEPTED, **changes: Any) -> Sent:
    """The outcome of the attempt that `message` (or a bulk call) was claimed for."""
    due_at = NOW + SECOND if state in (State.QUEUED, State.ACCEPTED) else None
    msg_id = 169_000_001 if state is State.ACCEPTED else None
    outcome = Sent(message.id, message.attempts, state, "because", True, message.retries, due_at, msg_id)
    return replace(outcome, **changes)


def heard(message: Message, state: State | None = None, **changes: Any) -> Heard:
    """An answer to the question for the status of `message`."""
    status = DeliveryStatus(state.name) if state and state.name in DeliveryStatus.__members__ else None
    return replace(Heard(message.id, message.state, status, "because", NOW + SECOND, state), **changes)


async def queue(store: Store, *new: NewMessage) -> list[Message]:
    """Queue messages (one, if none is given) in a transaction of their own."""
    async with store.write() as tx:
        ids = await tx.add_messages(new or [new_message()], NOW)
        return [await get(tx, id_) for id_ in ids]


def outgoing(message: Message) -> Outgoing:
    """What a claimer is to hold of this message."""
    return Outgoing(**{name: getattr(message, name) for name in signature(Outgoing).parameters})


async def campaign(store: Store, **changes: Any) -> int:
    """Add a campaign, one that runs if nothing else is said, in a transaction of its own; return its id."""
    async with store.write() as tx:
        return await tx.add_campaign(campaign_values(**changes))


async def report(store: Store, id_: int) -> CampaignReport:
    """The campaign of this number as it stands."""
    async with store.read() as tx:
        found = await tx.campaign(id_)
    assert found is not None
    return found


async def claim(store: Store, now: datetime = NOW, limit: int = 100) -> list[Outgoing]:
    """Claim in a transaction of its own."""
    async with store.write() as tx:
        return await tx.claim_messages(now, now + LEASE, limit)


async def record(store: Store, *outcomes: Sent, now: datetime = NOW) -> None:
    """Record outcomes in a transaction of their own."""
    async with store.write() as tx:
        await tx.record_sent(outcomes, now)


async def accepted(store: Store, **changes: Any) -> Message:
    """A message that the gateway has taken."""
    [message] = await queue(store, new_message(**changes))
    [claimed] = [row for row in await claim(store) if row.id == message.id]
    await record(store, sent(claimed))
    return await look(store, message.id)


async def look(store: Store, id_: int) -> Message:
    """The message of this number as it stands."""
    async with store.read() as tx:
        return await get(tx, id_)


async def get(tx: Transaction, id_: int) -> Message:
    """The message of this number as this transaction sees it."""
    message = await tx.message(id_)
    assert message is not None
    return message


async def put(database: Database, id_: int, **values: Any) -> None:
    """Change a row past every rule."""
    async with database.write() as connection:
        await connection.execute(sa.update(messages).where(messages.c.id == id_).values(values))


async def fill(database: Database, rows: Sequence[dict[str, Any]]) -> None:
    """Write messages of any state and time past every rule: each of these, in all else as `new_message` has it."""
    common = {"state": State.QUEUED, "created_at": NOW, "due_at": NOW, "final_at": None, "accepted_at": None}
    values = [asdict(new_message()) | common | row for row in rows]
    async with database.write() as connection:
        insert = sa.insert(messages).returning(messages.c.id, sort_by_parameter_order=True)
        ids = await connection.scalars(insert, [row | {"length": len(row["text"])} for row in values])
        pairs = zip(ids, values, strict=True)
        await keep_words(connection, [(id_, row["campaign_id"], row["text"]) for id_, row in pairs])


async def everything(database: Database) -> list[Message]:
    """All messages, oldest first."""
    async with database.read() as connection:
        rows = await connection.execute(sa.select(*COLUMNS).order_by(messages.c.id))
        return [to_message(row) for row in rows]


async def one_in_each_state(store: Store, database: Database, **changes: Any) -> dict[State, Message]:
    """A message in each state, each to a phone of its own, all due; all but the queued one were tried."""
    new = [new_message(phone=f"9929000010{number:02d}", **changes) for number in range(len(State))]
    rows = dict(zip(State, await queue(store, *new), strict=True))
    rows = {state: replace(row, state=state, attempts=int(state is not State.QUEUED)) for state, row in rows.items()}
    for state, row in rows.items():
        await put(database, row.id, state=state, attempts=row.attempts)
    return rows


async def count_events(store: Store, id_: int) -> int:
    """How many lines the history of a message has."""
    async with store.read() as tx:
        return len(await tx.history(id_))
