"""The txn log: what is queued is there, once, the same as it was given, and found again."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.gateway import Channel
from bot.domain.log import Event
from bot.domain.message import NewMessage, State
from bot.domain.text import TextError
from bot.store import Store
from bot.store.database import Database
from tests.support.log import (
    NOW,
    PHONE,
    SECOND,
    campaign_values,
    claim,
    heard,
    look,
    new_message,
    one_in_each_state,
    queue,
    record,
    sent,
)

_QUEUE_AND_WAIT = """
import asyncio, sys
from bot.store import Store
from tests.support.log import NOW, new_message
async def main(url):
    store = Store(url)
    async with store.write() as tx:
        [id_] = await tx.add_messages([new_message()], NOW)
        print("written", id_, flush=True)
        sys.stdin.readline()
    print("committed", flush=True)
    sys.stdin.readline()
asyncio.run(main(sys.argv[1]))
"""


async def test_what_is_queued_is_in_the_log_when_the_transaction_returns(store: Store, other: Store) -> None:
    """Nobody sees it before; everybody sees it after, on a connection of his own."""
    async with store.write() as tx:
        [id_] = await tx.add_messages([new_message()], NOW)
        async with other.read() as elsewhere:
            assert await elsewhere.message(id_) is None
    async with other.read() as elsewhere:
        assert await elsewhere.message(id_) is not None


@pytest.mark.parametrize(("steps", "stays"), [(1, False), (2, True)])
async def test_a_process_that_is_killed(store: Store, url: str, steps: int, stays: bool) -> None:
    """Killed before the commit returned, nothing is there; killed right after, all of it is."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _QUEUE_AND_WAIT, url, stdin=PIPE, stdout=PIPE)
    assert process.stdout
    assert process.stdin
    id_ = int((await process.stdout.readline()).split()[1])
    if steps == 2:
        process.stdin.write(b"\n")
        assert await process.stdout.readline() == b"committed\n"
    process.kill()
    await process.communicate()
    async with store.read() as tx:
        assert (await tx.message(id_) is not None) == stays


async def test_a_commit_is_on_the_disk_when_it_returns(database: Database) -> None:
    """Neither engine is set to answer before the disk has; SQLite locks, checks and overwrites as it should."""
    async with database.write() as connection:
        if database.is_sqlite:
            settings = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
            values = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in settings]
            assert values == ["wal", 2, 1, 1, 10_000]
        else:
            assert (await connection.exec_driver_sql("SHOW synchronous_commit")).scalar_one() == "on"


async def test_a_message_comes_back_as_it_was_given(store: Store) -> None:
    """Every field, and the start values of those that sending fills."""
    async with store.write() as tx:
        campaign_id = await tx.add_campaign(campaign_values())
    new = new_message(text="Салом!", channel=Channel.TELEGRAM, confidential=True, origin="5:6", campaign_id=campaign_id)
    [message] = await queue(store, new)
    for item in fields(NewMessage):
        if item.name != "origin":
            assert getattr(message, item.name) == getattr(new, item.name), item.name
    assert (message.length, message.state, message.created_at, message.due_at) == (6, State.QUEUED, NOW, NOW)
    assert (message.attempts, message.retries, message.polls, message.may_have_arrived) == (0, 0, 0, False)
    rest = ("msg_id", "gateway_parts", "status", "status_at", "reason", "code", "gateway_text", "accepted_at")
    assert [getattr(message, name) for name in (*rest, "final_at")] == [None] * 9


async def test_ids_come_in_the_order_of_the_messages(store: Store) -> None:
    """The id at each place is that of the message at that place; nothing asked for is nothing done."""
    new = [new_message(text=f"no. {number}") for number in range(500)]
    async with store.write() as tx:
        ids = await tx.add_messages(new, NOW)
        assert ids == sorted(ids)
        assert [(await tx.message(ids[place])).text for place in (0, 1, 250, 499)] == [  # type: ignore[union-attr]  # it is there
            "no. 0",
            "no. 1",
            "no. 250",
            "no. 499",
        ]
        assert await tx.add_messages([], NOW) == []


async def test_a_new_message_has_one_line_of_history(store: Store) -> None:
    """Its history begins with the order."""
    [message] = await queue(store)
    async with store.read() as tx:
        assert await tx.history(message.id) == [Event(NOW, None, State.QUEUED, "ordered", None, None, None)]
        assert await tx.history(message.id + 1) == []


async def test_an_origin_makes_one_message(store: Store) -> None:
    """An update that Telegram delivers twice is known; at the last the table itself refuses the second."""
    [message] = await queue(store, new_message(origin="5:6"))
    async with store.read() as tx:
        assert await tx.message_of_origin("5:6") == message.id
        assert await tx.message_of_origin("5:7") is None
    with pytest.raises(sa.exc.IntegrityError):
        await queue(store, new_message(), new_message(origin="5:6"))
    async with store.read() as tx:
        assert [row.id for row in await tx.latest_messages(5)] == [message.id]


async def test_a_txn_id_is_used_once(store: Store) -> None:
    """Two messages under one txn_id would be one SMS."""
    [message] = await queue(store)
    with pytest.raises(sa.exc.IntegrityError):
        await queue(store, new_message(txn_id=message.txn_id))


async def test_an_error_of_the_database_shows_no_text_and_no_phone(store: Store) -> None:
    """Such errors reach the log."""
    await queue(store, new_message(origin="5:6"))
    with pytest.raises(sa.exc.IntegrityError) as refusal:
        await queue(store, new_message(origin="5:6", text="geheim"))
    assert "geheim" not in str(refusal.value)
    assert PHONE not in str(refusal.value)


async def test_lookups(store: Store) -> None:
    """By number, txn_id, msg_id and phone, and the latest of all, newest first, as many as asked for."""
    first, second, third = await queue(store, new_message(), new_message(phone="992900000002"), new_message())
    await record(store, *(sent(row, msg_id=9) for row in await claim(store) if row.id != second.id))
    async with store.read() as tx:
        assert await tx.message(third.id + 1) is None
        assert [row.id for row in await tx.messages_by_txn_id(second.txn_id)] == [second.id]
        assert await tx.messages_by_txn_id("no such") == []
        assert [row.id for row in await tx.messages_by_msg_id(9, 5)] == [third.id, first.id]
        assert [row.id for row in await tx.messages_by_msg_id(9, 1)] == [third.id]
        assert [row.id for row in await tx.messages_by_phone(PHONE, 5)] == [third.id, first.id]
        assert [row.id for row in await tx.messages_by_phone(PHONE, 1)] == [third.id]
        assert [row.id for row in await tx.latest_messages(2)] == [third.id, second.id]


@pytest.mark.parametrize("confidential", [False, True])
async def test_the_same_text_again(store: Store, database: Database, confidential: bool) -> None:
    """What has left, may have left or will leave is found; what failed or was cancelled may well be sent again."""
    rows = await one_in_each_state(store, database, confidential=confidential, text="Салом")
    async with store.read() as tx:
        for state, row in rows.items():
            same = await tx.sent_since(row.phone, "Салом", NOW)
            assert (same is None) == (state in (State.FAILED, State.CANCELLED)), state
            assert same in (None, row)
        row = rows[State.QUEUED]
        assert await tx.sent_since(row.phone, "Салом!", NOW) is None
        assert await tx.sent_since("992900000009", "Салом", NOW) is None
        assert await tx.sent_since(row.phone, "Салом", NOW + SECOND) is None


HOSTILE = [
    "Robert'); DROP TABLE messages; --",
    "\"'`\\%_:name $1 ? {} %s",
    "😀" * 4096,
    "\x01\x02\x1b\x1f\x7f\x85",
    "\u202e\u2066\ufeff\ufffe\U0010ffff",
    " \r\n\t ",
    " " * 5000 + "x",
    "0",
    "NULL",
]


@pytest.mark.parametrize("confidential", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
async def test_a_text_comes_back_to_the_letter(store: Store, text: str, confidential: bool) -> None:
    """Whatever can be sent is stored as it is, through all the hands that hand it on."""
    [message] = await queue(store, new_message(text=text, confidential=confidential))
    assert message.text == text
    [claimed] = await claim(store)
    assert claimed.text == text
    async with store.read() as tx:
        assert await tx.sent_since(PHONE, text, NOW) == await look(store, message.id)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(text=st.text(st.characters(exclude_characters="\0"), min_size=1), confidential=st.booleans())
async def test_any_text_comes_back_to_the_letter(store: Store, text: str, confidential: bool) -> None:
    """The same for any text, or it is refused before the database sees it."""
    try:
        new = new_message(text=text, confidential=confidential)
    except TextError:
        assert not text.isprintable()
        return
    [message] = await queue(store, new)
    assert message.text == text


@pytest.mark.parametrize("words", ["a\0b", "\ud83d", "'; --", "\0" * 9])
async def test_an_outcome_is_recorded_whatever_the_gateway_says(store: Store, words: str) -> None:
    """No words of the gateway's keep the log from being written: an outcome lost is a message sent again."""
    [message, innocent] = await queue(store, new_message(), new_message())
    await record(store, *(sent(row, State.UNCERTAIN, text=words) for row in await claim(store)))
    async with store.write() as tx:
        await tx.record_heard([heard(await tx.message(message.id), None, due_at=None, text=words)], NOW)  # type: ignore[arg-type]  # it is there
        assert await tx.begin_pause("HostNotAllowed", 114, words, NOW)
        pause = await tx.current_pause()
        texts = [line.text for line in await tx.history(message.id)]
    shown = words.replace("\0", "�").replace("\ud83d", "�")
    assert pause
    assert [pause.text, *texts] == [shown, None, shown, shown]
    assert (await look(store, innocent.id)).gateway_text == shown


async def test_times_come_back_to_the_microsecond(store: Store) -> None:
    """Aware, in UTC, the same moment that went in, whatever its zone was."""
    moment = NOW.astimezone(tz=None) + timedelta(microseconds=1)
    async with store.write() as tx:
        [id_] = await tx.add_messages([new_message()], moment)
        message = await tx.message(id_)
    assert message
    assert message.created_at == moment
    assert message.created_at.utcoffset() == timedelta(0)


async def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    """All of it or none of it."""

    async def half(why: str) -> None:
        async with store.write() as tx:
            await tx.add_messages([new_message()], NOW)
            await tx.begin_pause(why, None, None, NOW)
            raise RuntimeError(why)

    with pytest.raises(RuntimeError, match="power cut"):
        await half("power cut")
    async with store.read() as tx:
        assert await tx.latest_messages(1) == []
        assert await tx.current_pause() is None


async def test_reading_changes_nothing(store: Store) -> None:
    """What is written where only reading was meant is refused or undone."""

    async def write_by_mistake() -> Any:
        async with store.read() as tx:
            await tx.set_language(7, "tg")

    try:
        await write_by_mistake()
    except sa.exc.DBAPIError as refusal:
        assert "readonly" in str(refusal)  # noqa: PT017 (one engine refuses, the other undoes)
    async with store.read() as tx:
        assert await tx.language(7) is None
