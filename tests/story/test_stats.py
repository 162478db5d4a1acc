"""Stories of /stats: one picture, with three lines under it."""

from datetime import timedelta

import pytest

from bot.store import Store
from tests.support.chat import Chat
from tests.support.world import OWNER, World, running_bot

DAY = timedelta(days=1) // timedelta(microseconds=1)


async def test_a_picture_of_each_period(world: World, chat: Chat) -> None:
    """The first word becomes the picture; its buttons lead to the other periods, in place; counts are right."""
    async with running_bot(world):
        for number in range(4):
            await chat.says(OWNER, f"/send 90000000{number} text {number}")
            await chat.wait_for("✅ Delivered")
        await world.gateway("options", delivered_seconds=60)
        await chat.says(OWNER, "/send 900000005 lost")
        await chat.wait_for("Accepted by OsonSMS")
        [taken] = [sms for sms in await world.taken() if sms["text"] == "lost"]
        await world.gateway("status", txn_id=taken["txn_id"], status="UNDELIVERABLE")
        await chat.wait_for("Not delivered", since=0)
        await chat.says(OWNER, "/stats today")
        shown = await chat.wait_for("Today")
        assert shown["photo"]
        assert "5 sent, 4 delivered (80 %), 1 failed" in shown["content"]
        assert "Half were delivered within" in shown["content"]
        assert "MegaFon 80 %" in shown["content"]
        assert chat.buttons(shown) == ["7 days", "30 days", "a year"]
        for button, title in (("7 days", "Last 7 days"), ("30 days", "Last 30 days"), ("a year", "Last 12 months")):
            await chat.presses(OWNER, shown, button)
            again = await chat.wait_for(title)
            assert again["message_id"] == shown["message_id"]
            assert "5 sent, 4 delivered" in again["content"]


async def test_days_that_are_over_are_kept_and_counted_anew_when_something_moves(world: World, chat: Chat) -> None:
    """What was counted once is believed, until a message of that day comes to something else after all."""
    async with running_bot(world):
        await chat.says(OWNER, "/send 900000001 hello")
        await chat.wait_for("✅ Delivered")
    await _run(world, f"UPDATE messages SET created_at = created_at - {2 * DAY}")  # noqa: S608 (a number)
    async with running_bot(world):
        for delivered in (1, 1):
            await chat.says(OWNER, "/stats week")
            await chat.wait_for(f"1 sent, {delivered} delivered")
    await _run(world, "UPDATE messages SET state = 'failed'")
    async with running_bot(world):
        await chat.says(OWNER, "/stats")
        await chat.wait_for("1 sent, 1 delivered")
    await _run(world, "DELETE FROM figures")
    async with running_bot(world):
        await chat.says(OWNER, "/stats")
        await chat.wait_for("0 sent, 0 delivered (0 %), 1 failed")


async def _run(world: World, statement: str) -> None:
    store = Store(world.environment()["DATABASE_URL"])
    async with store._database.write() as connection:
        await connection.exec_driver_sql(statement)
    await store.close()


@pytest.mark.usefixtures("bot")
async def test_a_campaign_has_a_picture_of_its_own(chat: Chat) -> None:
    """Under its card; single messages are not counted in it."""
    await chat.says(OWNER, "/send 900000009 alone")
    await chat.wait_for("✅ Delivered")
    await chat.sends_file(OWNER, "list.csv", b"phone\n900000002\n900000003\n", caption="to both")
    await chat.presses(OWNER, await chat.wait_for_button("Send (2)"), "Send (2)")
    card = await chat.wait_for(lambda message: "delivered: 2" in message["content"], 20)
    await chat.presses(OWNER, card, "Figures")
    shown = await chat.wait_for("Campaign #1: 2 sent, 2 delivered")
    assert shown["photo"]


@pytest.mark.usefixtures("bot")
async def test_nothing_yet_and_nothing_like_it(chat: Chat) -> None:
    """An empty log has a picture that says so; a period that there is not is told with those that there are."""
    await chat.says(OWNER, "/stats")
    await chat.wait_for("Last 7 days: nothing was sent")
    for words in ("tomorrow", "2026-11-25", "x"):
        await chat.says(OWNER, f"/stats {words}")
        await chat.wait_for("today, week, month, year")
    shown = await chat.last()
    answer = await chat.presses(OWNER, shown, "stats:century", forged=True)
    assert answer is not None
    assert "no longer works" in answer["text"]
