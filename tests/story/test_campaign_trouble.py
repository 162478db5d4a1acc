"""Stories of campaigns that meet trouble: no money, a refused sender, refusals, restarts, times that have passed."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from tests.story.lists import column, drafted, finished, ordered, phones, result
from tests.support.chat import Chat, Message, offers
from tests.support.lives import bot_process
from tests.support.timing import HASTY, QUICK
from tests.support.world import ADMIN, OWNER, START, World, running_bot, until


async def got_one_each(world: World, whom: Iterable[str]) -> bool:
    """Whether each of these got exactly one SMS, and nobody else any."""
    return Counter(sms["phone"] for sms in await world.arrived()) == Counter(whom)


async def has_taken(world: World, count: int) -> bool:
    """Whether the gateway has taken so many messages."""
    return len(await world.taken()) >= count


@pytest.fixture
async def patient_bot(world: World) -> AsyncIterator[None]:
    """The bot, running; what is on the account is looked at soon enough even where the machine is busy."""
    async with running_bot(world, replace(QUICK, balance_probe=0.8, balance_watch=3600.0)):
        yield


@pytest.mark.usefixtures("patient_bot")
async def test_a_balance_that_runs_out_in_the_middle_loses_nobody(world: World, chat: Chat) -> None:
    """Ten of thirty can be paid: the rest waits, all admins are told once; after a top-up it goes on by itself."""
    await chat.says(ADMIN, "/help")
    await chat.wait_for("SMS through OsonSMS")
    await world.gateway("balance", balance="2.60")
    await ordered(chat, column(30))
    await chat.wait_for(_is_stop, since=0)
    await until(lambda: has_taken(world, 10))
    held = await chat.wait_for(
        lambda card: "Campaign 1" in card["content"] and "All sending is stopped" in card["content"], since=0
    )
    assert "not sent" not in held["content"]
    asked = len(await world.requests("balance"))
    await until(lambda: _more_balances(world, asked))  # what was there is known by now
    assert len(await world.taken()) == 10
    await world.gateway("balance", balance="50")
    card = await finished(chat, "delivered: 30")
    assert await got_one_each(world, phones(30))
    assert Counter(row["state"] for row in await result(chat, card)) == {"delivered": 30}
    for user in (OWNER, ADMIN):
        chat.user = user
        told = [message for message in await chat.history() if "Sending goes on" in message["content"]]
        assert len(told) == 1, user
        assert not [message for message in await chat.history() if _is_stop(message)]


def _is_stop(message: Message) -> bool:
    return bool(message["from_bot"]) and message["content"].startswith("⏸ All sending is stopped")


async def _more_balances(world: World, than: int) -> bool:
    return len(await world.requests("balance")) > than + 1


@pytest.mark.parametrize("by_button", [False, True])
async def test_a_campaign_dearer_than_the_balance_is_held(world: World, chat: Chat, *, by_button: bool) -> None:
    """It is said in the preview, and held before anything leaves; a top-up lets it go, or an admin who knows better."""
    price = "20" if by_button else "0.25"
    await world.gateway("balance", balance="1.00")
    async with running_bot(world, PRICE_PER_PART=price):
        preview = await drafted(chat, column(4 if by_button else 8))
        assert "The balance does not suffice" in preview["content"]
        assert "goes on by itself" in preview["content"]
        await chat.presses(OWNER, preview, "Send (")
        held = await chat.wait_for("The balance does not suffice for it", since=0)
        assert "Nothing of it has left" in held["content"]
        await asyncio.sleep(0.5)
        assert await world.requests("send") == []
        if by_button:
            await chat.presses(OWNER, held, "Go on")
        else:
            await world.gateway("balance", balance="50")
        await finished(chat, f"delivered: {4 if by_button else 8}")
    assert await got_one_each(world, phones(4 if by_button else 8))


async def test_a_refused_sender_stops_its_campaign_only(world: World, chat: Chat) -> None:
    """One refusal of the sender is enough; another campaign goes on; the rest goes when an admin says so."""
    async with running_bot(world, SEND_RATE="40"):
        await ordered(chat, b"900009107\n" + column(40))
        asking = await chat.wait_for("OsonSMS refuses the sender Demo", since=0)
        assert offers(asking, "Go on")
        assert offers(asking, "Cancel the rest")
        so_far = len(await world.taken())
        assert so_far < 40
        await ordered(chat, column(2, 101), "another")
        await finished(chat, "delivered: 2")
        assert len(await world.taken()) <= so_far + 5 + 2  # what was under way when it stopped
        await chat.presses(OWNER, asking, "Go on")
        await finished(chat, "delivered: 40")
    assert await got_one_each(world, [*phones(40), *phones(2, 101)])


async def test_too_many_refusals_among_the_first_stop_it_and_ask(world: World, chat: Chat) -> None:
    """More than a fifth of the first hundred is refused: it asks; looked at and let go on, it asks no more."""
    await world.fault("unknown_code", times=60, call="send", delay=0.1)  # so that refusals are written as they come
    async with running_bot(world, SEND_CONCURRENCY="4"):
        await ordered(chat, column(120))
        asking = await chat.wait_for("Too many are refused", since=0)
        assert len(await world.requests("send")) < 60
        await chat.presses(OWNER, asking, "Go on")
        card = await finished(chat, "delivered: 60")
    assert "not sent: 60" in card["content"]
    assert len(await world.requests("send")) == 120
    assert not offers(await chat.last(), "Go on")


@pytest.mark.usefixtures("bot")
async def test_refusals_after_the_first_ten_stop_it_too(world: World, chat: Chat) -> None:
    """Who lets the rest follow has seen ten go well: the next ninety are still watched."""
    await ordered(chat, column(120), button="First 10")
    asking = await chat.wait_for("The first 10", since=0)
    await world.fault("unknown_code", times=None, call="send")
    await chat.presses(OWNER, asking, "Go on")
    asking = await chat.wait_for("Too many are refused")
    assert offers(asking, "Go on")


async def test_a_scheduled_campaign_outlives_a_restart_and_starts_on_time(world: World, chat: Chat) -> None:
    """Chosen by button, then the bot is down for a while: it starts at its time, not before, and once."""
    async with running_bot(world):
        await schedule(chat, column(3))
    starts_at = time.time() + 3
    move_start(world, starts_at)
    async with running_bot(world):
        await asyncio.sleep(max(0.0, starts_at - 0.4 - time.time()))
        assert await world.requests("send") == []
        await finished(chat, "delivered: 3")
    begun = min(datetime.fromisoformat(send["at"]).timestamp() for send in await world.requests("send"))
    assert starts_at <= begun < starts_at + 2
    assert await got_one_each(world, phones(3))


@pytest.mark.parametrize(("late", "asks"), [(14 * 60, False), (16 * 60, True)])
async def test_a_campaign_whose_time_passed_asks_if_it_is_long_ago(
    world: World, chat: Chat, late: int, *, asks: bool
) -> None:
    """The bot was down at its time: within a quarter of an hour it goes, later it asks and goes by a button."""
    async with running_bot(world):
        await schedule(chat, column(3))
    move_start(world, time.time() - late)
    async with running_bot(world):
        if asks:
            asking = await chat.wait_for("Its time has passed", since=0)
            await asyncio.sleep(0.4)
            assert await world.requests("send") == []
            await chat.presses(OWNER, asking, "Go on")
        await finished(chat, "delivered: 3")
    assert await got_one_each(world, phones(3))


async def schedule(chat: Chat, file: bytes) -> None:
    """Order a campaign for tomorrow, by buttons."""
    preview = await drafted(chat, file)
    await chat.presses(OWNER, preview, "Later…")
    await chat.presses(OWNER, await chat.wait_for_button("Tomorrow"), "Tomorrow")
    await chat.presses(OWNER, await chat.wait_for_button("9:00"), "9:00")
    await chat.presses(OWNER, await chat.wait_for_button("Schedule"), "Schedule")
    await chat.wait_for_button("Undo")


def move_start(world: World, moment: float) -> None:
    """Set the time of all campaigns, while the bot is down."""
    database = sqlite3.connect(world.folder / "bot.db")
    with database:
        database.execute("UPDATE campaigns SET starts_at = ?, send_at = ?", [int(moment * 1e6)] * 2)
    database.close()


async def test_a_restart_while_a_list_is_read_loses_nothing(world: World, chat: Chat) -> None:
    """Killed over a large file: after the restart its preview comes, once, and it can be sent."""
    heavy = b"900000001;" + b"x" * 28 + b"\n"
    async with bot_process(world) as process:
        await chat.sends_file(OWNER, "heavy.csv", heavy * 150_000, "read twice")
        await chat.wait_for("Reading heavy.csv", START)
        process.kill()
        await process.wait(START)
    async with running_bot(world):
        preview = await chat.wait_for_button("Send (", START)
        assert "1 recipient" in preview["content"]
        assert "150,000 rows" in preview["content"].replace("\xa0", ",")
        await chat.presses(OWNER, preview, "Send (")
        await finished(chat, "delivered: 1")
    assert await world.received() == [("992900000001", "read twice")]


async def test_a_restart_within_the_undo_time_loses_nothing(world: World, chat: Chat) -> None:
    """Stopped before it began: it begins after the restart, each once."""
    async with running_bot(world, replace(QUICK, undo=2.0)):
        await ordered(chat, column(3))
        await chat.wait_for_button("Undo")
    assert await world.requests("send") == []
    async with running_bot(world):
        await finished(chat, "delivered: 3")
    assert await got_one_each(world, phones(3))


async def test_restarts_in_the_middle_lose_nobody(world: World, chat: Chat) -> None:
    """Stopped in order, then killed, under way: in the end each has one SMS under one txn_id."""
    async with running_bot(world, SEND_RATE="20"):
        await ordered(chat, column(50))
        await until(lambda: has_taken(world, 5))
    await world.fault("slow", times=None, call="send", delay=0.3)
    async with bot_process(world, SEND_CONCURRENCY="4", SEND_RATE="15") as process:
        await until(lambda: has_taken(world, 20), START)
        process.kill()
        await process.wait(START)
    await world.fault("none", times=None)
    async with running_bot(world):
        await finished(chat, "delivered: 50")
    assert await got_one_each(world, phones(50))
    assert len({send["txn_id"] for send in await world.requests("send")}) == 50


async def test_a_campaign_stopped_by_hand_stays_stopped_over_a_restart(world: World, chat: Chat) -> None:
    """A restart is nobody's word: what was stopped asks still, and goes on when told to."""
    async with running_bot(world, SEND_RATE="20"):
        await ordered(chat, column(30))
        running = await chat.wait_for_button("Stop", since=0)
        await until(lambda: has_taken(world, 3))
        await chat.presses(OWNER, running, "Stop")
        stopped = await chat.wait_for_button("Go on")
    so_far = len(await world.taken())
    async with running_bot(world):
        await asyncio.sleep(0.6)
        assert len(await world.taken()) == so_far
        await chat.presses(OWNER, stopped, "Go on")
        await finished(chat, "delivered: 30")
    assert await got_one_each(world, phones(30))


async def test_an_account_error_stops_a_campaign_until_an_admin_resumes(world: World, chat: Chat) -> None:
    """A token that is refused stops everything, campaigns too; no recipient fails of it; /resume lets it go on."""
    await world.fault("bad_authorization", times=None, call="send")
    async with running_bot(world, SEND_CONCURRENCY="4"):
        await ordered(chat, column(20))
        await chat.wait_for(_is_stop, since=0)
        await world.fault("none", times=None)
        await asyncio.sleep(0.4)
        assert await world.taken() == []
        await chat.says(OWNER, "/resume")
        await finished(chat, "delivered: 20")
    assert await got_one_each(world, phones(20))


async def test_a_draft_that_lay_for_a_day_is_dropped_with_notice(world: World, chat: Chat) -> None:
    """A restart keeps a draft; after its time it is gone; its card says so below, its buttons are dead."""
    async with running_bot(world):
        preview = await drafted(chat, column(2), "left lying")
    async with running_bot(world, replace(QUICK, draft=0.0)):
        card = await chat.wait_for("lay for more than a day", since=0)
        assert card["message_id"] > preview["message_id"]
        answer = await chat.presses(OWNER, card["message_id"], "p:send:1", forged=True)
        assert answer is not None
        assert "closed already" in answer["text"]
    assert await world.taken() == []


@pytest.mark.usefixtures("patient_bot")
async def test_what_waits_for_money_can_be_cancelled(world: World, chat: Chat) -> None:
    """Stopped for want of money and then by hand, cancelled: a top-up brings nothing of it back."""
    await world.gateway("balance", balance="1.30")
    await ordered(chat, column(30))
    await chat.wait_for(_is_stop, since=0)
    await until(lambda: has_taken(world, 5))
    held = await chat.wait_for_button("Stop", since=0)
    await chat.presses(OWNER, held, "Stop")
    paused = await chat.wait_for_button("Cancel the rest")
    await chat.presses(OWNER, paused, "Cancel the rest")
    card = await chat.wait_for(
        lambda card: "What had left stays sent" in card["content"] and "delivered: 5" in card["content"], since=0
    )
    await world.gateway("balance", balance="50")
    states = Counter(row["state"] for row in await result(chat, card))
    assert states["delivered"] == 5
    assert states["cancelled"] + states["not begun"] == 25
    await chat.says(OWNER, "/send 900000099 after it")
    await chat.wait_for("Delivered")
    await asyncio.sleep(0.5)
    assert len(await world.arrived()) == 6


async def test_what_may_have_left_when_it_is_cancelled_is_found_out(world: World, chat: Chat) -> None:
    """Cancelled while the gateway holds requests: the card says that some may have left, and then which did."""
    async with running_bot(world, HASTY, SEND_CONCURRENCY="4"):
        await world.fault("timeout_after", times=4, call="send", delay=2)
        await ordered(chat, column(40))
        await until(lambda: has_taken(world, 4))
        running = await chat.wait_for_button("Stop", since=0)
        await chat.presses(OWNER, running, "Stop")
        await chat.presses(OWNER, await chat.wait_for_button("Cancel the rest"), "Cancel the rest")
        card = await chat.wait_for("What had left stays sent", since=0)
        rows = await result(chat, card)
    arrived = {sms["phone"] for sms in await world.arrived()}
    assert len(arrived) < 40
    assert {row["phone"] for row in rows if row["state"] in ("accepted", "delivered")} == arrived
    assert {row["state"] for row in rows if row["phone"] not in arrived} <= {"cancelled", "not begun"}
    assert await got_one_each(world, arrived)
