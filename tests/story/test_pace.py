"""Stories of time and of several workers: pace, the end of asking, PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from bot.app import App
from bot.settings import Settings
from tests.conftest import NewDatabase
from tests.support.chat import Chat
from tests.support.timing import QUICK
from tests.support.world import OWNER, World, running_bot, until

PHONES = ", ".join(f"9000000{number:02}" for number in range(40))


async def test_send_rate_is_obeyed(world: World, chat: Chat) -> None:
    """SEND_RATE=20: forty messages take about two seconds, and no window of half a second holds more than its share."""
    async with running_bot(world, SEND_RATE="20"):
        await chat.says(OWNER, f"/send {PHONES} paced")
        draft = await chat.wait_for("Send to 40 phones?")
        await chat.presses(OWNER, draft, "Send")
        await chat.wait_for("delivered: 40", 20, since=0)
    times = [datetime.fromisoformat(send["at"]) for send in await world.requests("send")]
    assert len(times) == 40
    window = timedelta(seconds=0.5)
    busiest = max(sum(begin <= time < begin + window for time in times) for begin in times)
    assert busiest <= 0.5 * 20 + 3  # a late one and the next one may meet
    assert times[-1] - times[0] >= timedelta(seconds=39 / 20 - 0.1)


async def test_a_status_that_never_becomes_final_is_said_so(world: World, chat: Chat) -> None:
    """When the time for asking is over, the message is unknown, and the bot asks no more."""
    await world.gateway("options", enroute_seconds=60)
    async with running_bot(world, replace(QUICK, poll_limit=0.5)):
        await chat.says(OWNER, "/send 900000001 no news")
        card = await chat.wait_for("Delivery unknown")
        assert "no final status in 72 hours" in card["content"]
        asked = len(await world.requests("query"))
        await asyncio.sleep(1)
        assert len(await world.requests("query")) == asked


async def test_the_whole_bot_on_postgresql_with_a_second_worker(
    world: World, chat: Chat, new_postgresql: NewDatabase
) -> None:
    """On PostgreSQL, with a worker beside the bot: each of forty gets one SMS, and a restart finishes what waited."""
    url = await new_postgresql()
    async with running_bot(world, DATABASE_URL=url):
        values = {name.lower(): value for name, value in world.environment(DATABASE_URL=url).items()}
        worker = App(Settings(_env_file=None, **values), QUICK)  # type: ignore[arg-type]  # strings, as from the environment
        beside = asyncio.create_task(worker.run(telegram=False))
        try:
            await chat.says(OWNER, f"/send {PHONES} by two")
            draft = await chat.wait_for("Send to 40 phones?")
            await chat.presses(OWNER, draft, "Send")
            await chat.wait_for("delivered: 40", 20, since=0)
        finally:
            worker.stop.set()
            await asyncio.wait_for(beside, 15)
    assert len(await world.requests("send")) == 40
    assert len({sms["phone"] for sms in await world.arrived()}) == 40


async def test_questions_keep_below_the_pace_of_the_sends(world: World, chat: Chat) -> None:
    """SEND_RATE=20: delivery is asked for ten times a second at most, however many messages wait for it."""
    async with running_bot(world, SEND_RATE="20"):
        await world.gateway("options", delivered_seconds=60)
        await chat.says(OWNER, f"/send {PHONES} asked for")
        await chat.presses(OWNER, await chat.wait_for("Send to 40 phones?"), "Send")
        await until(lambda: _asked(world, 30), 20)
        times = sorted(datetime.fromisoformat(one["at"]) for one in await world.requests("query"))
    busiest = max(sum(0 <= (other - one).total_seconds() < 1 for other in times) for one in times)
    assert busiest <= 12


async def _asked(world: World, number: int) -> bool:
    return len(await world.requests("query")) >= number
