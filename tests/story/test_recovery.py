"""Stories of what goes wrong on the way: one SMS each, whatever happens, and never a word that is not true."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.support.chat import Chat
from tests.support.lives import bot_process
from tests.support.timing import QUICK
from tests.support.world import OWNER, START, World, running_bot, until


async def test_a_restart_loses_no_dialogue(world: World, chat: Chat) -> None:
    """A draft begun before a restart is finished after it."""
    async with running_bot(world):
        await chat.says(OWNER, "/send 900000001")
        await chat.wait_for("What shall it say?")
    async with running_bot(world):
        await chat.says(OWNER, "after the restart")
        await chat.wait_for("Delivered")
    assert [sms["text"] for sms in await world.arrived()] == ["after the restart"]


@pytest.mark.usefixtures("hasty_bot")
async def test_a_time_out_after_acceptance_is_one_sms(world: World, chat: Chat) -> None:
    """The gateway takes it and never answers; the repeat gets 409: accepted, one SMS, one txn_id."""
    await world.fault("timeout_after", call="send", delay=2)
    await chat.says(OWNER, "/send 900000001 once only")
    card = await chat.wait_for("Delivered")
    assert [sms["text"] for sms in await world.arrived()] == ["once only"]
    sends = await world.requests("send")
    assert len(sends) >= 2
    assert len({send["txn_id"] for send in sends}) == 1
    assert sends[0]["txn_id"] in card["content"]


@pytest.mark.usefixtures("hasty_bot")
async def test_accepted_without_a_msg_id_says_so_where_delivery_cannot_be_asked_for(world: World, chat: Chat) -> None:
    """No msg_id, and a gateway that does not answer to a txn_id alone: accepted, delivery not known, said plainly."""
    await world.gateway("options", allow_txn_only=False)
    await world.fault("timeout_after", call="send", delay=2)
    await chat.says(OWNER, "/send 900000001 nameless")
    card = await chat.wait_for("delivery not known")
    assert "Accepted by OsonSMS" in card["content"]
    assert "Delivered" not in card["content"]


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("mode", ["drop_after", "reset_after", "cut_after"])
async def test_a_dropped_connection_is_repeated_by_our_rule_alone(world: World, chat: Chat, mode: str) -> None:
    """A kept-alive connection breaks after the request was read: the gateway saw it once, our repeat is the second."""
    await chat.says(OWNER, "/balance")
    await chat.wait_for("TJS")  # there is a kept-alive connection now
    await world.fault(mode, call="send")
    await chat.says(OWNER, "/send 900000001 broken line")
    card = await chat.wait_for("Delivered")
    sends = await world.requests("send")
    assert [send["outcome"] for send in sends] == [mode, "409/108"]
    assert len({send["txn_id"] for send in sends}) == 1
    assert len(await world.arrived()) == 1
    assert "attempt 2" in card["content"]  # the history says that it was ours


@pytest.mark.usefixtures("bot")
async def test_a_409_on_a_first_attempt_is_uncertain(world: World, chat: Chat) -> None:
    """409 before any attempt that may have arrived: uncertain, said plainly; never failed, never delivered."""
    await world.fault("duplicate", call="send")
    await chat.says(OWNER, "/send 900000001 whose is it")
    card = await chat.wait_for("Not known whether it went")
    assert "Do not send again" in card["content"]
    assert "Check" in chat.buttons(card)
    card = await chat.wait_for("Do not send again before you have checked", since=0)  # it has asked by itself meanwhile
    assert "Not sent" not in card["content"]
    assert "Delivered" not in card["content"]
    assert len(await world.requests("send")) == 1


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    "mode", ["store_failed", "send_failed", "centre_unreachable", "http_500", "html_200", "http_429"]
)
async def test_a_passing_fault_is_repeated_under_the_same_txn_id(world: World, chat: Chat, mode: str) -> None:
    """Every fault that passes is repeated with the same txn_id, and the customer gets one SMS."""
    await world.fault(mode, call="send")
    await chat.says(OWNER, "/send 900000001 hold on")
    await chat.wait_for("Delivered")
    sends = await world.requests("send")
    assert len(sends) == 2
    assert len({send["txn_id"] for send in sends}) == 1
    assert len(await world.arrived()) == 1


@pytest.mark.usefixtures("bot")
async def test_attempts_that_run_out_are_uncertain(world: World, chat: Chat) -> None:
    """A fault that does not pass ends in uncertain, since one of the attempts may have arrived."""
    await world.fault("http_500", times=None, call="send")
    await chat.says(OWNER, "/send 900000001 never")
    card = await chat.wait_for("Not known whether it went")
    assert "attempts ran out" in card["content"]
    assert len(await world.requests("send")) == 4  # the first, and three repeats


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("mode", "said"), [("bad_sender", "does not know this sender"), ("missing_variable", "our mistake")]
)
async def test_a_refusal_fails_at_once(world: World, chat: Chat, mode: str, said: str) -> None:
    """What is refused as it stands is not repeated; the card says why and what to do."""
    await world.fault(mode, times=None, call="send")
    await chat.says(OWNER, "/send 900000001 no")
    card = await chat.wait_for("Not sent")
    assert said in card["content"]
    assert len(await world.requests("send")) == 1


async def test_an_empty_balance_pauses_and_goes_on_by_itself(world: World, chat: Chat) -> None:
    """402: the message waits, all sending pauses, the admins are told; after a top-up it goes on without a word."""
    async with running_bot(world, replace(QUICK, balance_probe=2.0)):  # a first sum seen later than that is tried
        await world.gateway("balance", balance="0.10")
        await chat.says(OWNER, "/send 900000001 first")
        await chat.wait_for("All sending is stopped", since=0)
        await chat.says(OWNER, "/send 900000002 second")
        waiting = await chat.wait_for("Queued")
        assert "The message is not lost" in waiting["content"]
        assert len(await world.requests("send")) == 1
        looks = len(await world.requests("balance"))
        await until(lambda: _asked_for_the_balance(world, looks + 2))
        assert len(await world.requests("send")) == 1  # the same sum, seen again, ends nothing
        await world.gateway("balance", balance="50")
        await chat.wait_for("Sending goes on", since=0)
        await chat.wait_for(lambda card: "Delivered" in card["content"] and "second" in card["content"], since=0)
        assert sorted(sms["text"] for sms in await world.arrived()) == ["first", "second"]


async def _asked_for_the_balance(world: World, times: int) -> bool:
    return len(await world.requests("balance")) >= times


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("inactive_account", "blocked or does not exist"),
        ("bad_authorization", "not that of the OsonSMS login"),
        ("not_whitelisted", "white list"),
    ],
)
async def test_an_account_error_pauses_until_resume(world: World, chat: Chat, mode: str, said: str) -> None:
    """Account, authorization, host: all sending pauses until /resume; the message is not lost."""
    await world.fault(mode, call="send")
    await chat.says(OWNER, "/send 900000001 later")
    notice = await chat.wait_for(lambda message: message["content"].startswith("⏸"), since=0)
    assert said in notice["content"]
    await asyncio.sleep(0.5)
    assert len(await world.requests("send")) == 1
    await chat.presses(OWNER, notice, "Go on sending")
    await chat.wait_for(lambda card: "Delivered" in card["content"], since=0)
    assert len(await world.arrived()) == 1


@asynccontextmanager
async def black_hole() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A gateway that nothing gets through to: gives its address, and an event for the first request to send."""
    knocked = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"sendsms" in await reader.readline():
            knocked.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", knocked


async def test_kill_9_between_the_commit_and_the_call_is_one_sms(world: World, chat: Chat) -> None:
    """The message is logged and claimed, and nothing has reached the gateway when the bot dies: it goes out, once."""
    async with black_hole() as (address, knocked), bot_process(world, OSONSMS_API_URL=address) as process:
        await chat.says(OWNER, "/send 900000001 exactly one")
        await asyncio.wait_for(knocked.wait(), START)
        process.kill()
        await process.wait(START)
    assert await world.requests("send") == []
    await _finish(world, chat)


@pytest.mark.parametrize(("mode", "arrived"), [("timeout_before", 0), ("timeout_after", 1)])
async def test_kill_9_during_and_after_the_call_is_one_sms(world: World, chat: Chat, mode: str, arrived: int) -> None:
    """The bot dies while the gateway holds the request, or has taken it and not answered yet: one SMS in the end."""
    await world.fault(mode, call="send", delay=30)
    async with bot_process(world) as process:
        await chat.says(OWNER, "/send 900000001 exactly one")
        await _until_requested(world)
        process.kill()
        await process.wait(START)
    assert len(await world.arrived()) == arrived
    await world.fault("none", times=None)
    await _finish(world, chat)


async def test_kill_9_after_the_answer_before_the_outcome_is_written_is_one_sms(world: World, chat: Chat) -> None:
    """The gateway has answered 201 and the bot cannot write it yet when it dies: one SMS in the end."""
    await world.fault("slow", call="send")
    async with bot_process(world) as process:
        await chat.says(OWNER, "/send 900000001 exactly one")
        await _until_requested(world)
        database = sqlite3.connect(world.folder / "bot.db", isolation_level=None)
        database.execute("BEGIN IMMEDIATE")  # the answer comes after 0.3 s; nobody can write it
        await asyncio.sleep(0.8)
        process.kill()
        await process.wait(START)
        assert database.execute("SELECT state FROM messages").fetchall() == [("sending",)]
        database.close()
    assert len(await world.arrived()) == 1
    await _finish(world, chat)


async def test_an_answer_that_telegram_delivers_again_is_not_the_next_answer(world: World, chat: Chat) -> None:
    """The bot dies when the phone was taken and Telegram was not told: the phone, said again, is not the text."""
    async with bot_process(world) as process:
        await chat.says(OWNER, "/send")
        await chat.wait_for("To whom?", START)
        await asyncio.sleep(0.3)
        await chat.control("faults", json={"method": "getUpdates", "mode": "500", "times": 2})
        await chat.says(OWNER, "90 000 00 01")
        await chat.wait_for("What shall it say?")
        process.kill()
        await process.wait(START)
    assert (await chat.reads("pending"))["pending"] == 1
    async with bot_process(world):
        async with asyncio.timeout(START):
            while (await chat.reads("pending"))["pending"]:
                await asyncio.sleep(0.05)
        assert await world.requests("send") == []
        await chat.says(OWNER, "the text")
        await chat.wait_for("Delivered")
    assert [sms["text"] for sms in await world.arrived()] == ["the text"]


async def _finish(world: World, chat: Chat) -> None:
    """Start the bot again: it finishes what was under way, by itself."""
    async with bot_process(world):
        card = await chat.wait_for(lambda card: "Delivered" in card["content"], START, since=0)
    assert "the bot was cut off while sending" in card["content"]
    assert [sms["text"] for sms in await world.arrived()] == ["exactly one"]
    assert len({send["txn_id"] for send in await world.requests("send")}) == 1


async def test_an_order_that_telegram_delivers_again_is_sent_once(world: World, chat: Chat) -> None:
    """The bot dies after the order was logged and before Telegram was told: Telegram delivers it again; one SMS."""
    async with bot_process(world) as process:
        await chat.says(OWNER, "/help")
        await chat.wait_for("SMS through OsonSMS", START)
        await asyncio.sleep(0.3)  # it listens again by now: this call is under way, and the next one will fail
        await chat.control("faults", json={"method": "getUpdates", "mode": "500", "times": 2})
        await chat.says(OWNER, "/send 900000001 told twice")
        await chat.wait_for("Delivered")
        process.kill()
        await process.wait(START)
    assert (await chat.reads("pending"))["pending"] == 1
    async with bot_process(world):
        async with asyncio.timeout(START):
            while (await chat.reads("pending"))["pending"]:
                await asyncio.sleep(0.05)
        await chat.says(OWNER, "/help")
        await chat.wait_for("SMS through OsonSMS")
    assert len(await world.taken()) == 1


async def _until_requested(world: World) -> None:
    async with asyncio.timeout(START):
        while not await world.requests("send"):
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("bot")
async def test_an_old_notice_does_not_end_a_newer_pause(world: World, chat: Chat) -> None:
    """The button of a pause that is over leaves the pause that holds now alone."""
    await world.fault("bad_authorization", call="send")
    await chat.says(OWNER, "/send 900000001 first")
    old = await chat.wait_for(lambda message: message["content"].startswith("⏸"), since=0)
    await chat.presses(OWNER, old, "Go on sending")
    await chat.wait_for("Delivered", since=0)
    await world.fault("bad_authorization", call="send")
    await chat.says(OWNER, "/send 900000002 second")
    await chat.wait_for(lambda message: message["content"].startswith("⏸"))
    answer = await chat.presses(OWNER, old["message_id"], "p:resume:1", forged=True)
    assert answer is not None
    assert answer["text"] == "Sending was not stopped"
    assert len(await world.arrived()) == 1
