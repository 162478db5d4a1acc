"""Stories of /notify: who hears of what, when, and that nobody's closed door keeps others waiting."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import App
from bot.domain.card import Subject
from bot.domain.notices import What, Whose, Wishes
from bot.store import Store
from tests.support.chat import Chat, Message
from tests.support.timing import QUICK
from tests.support.world import ADMIN, OWNER, World, running_bot, until

AT_ONCE = replace(QUICK, watched=0.0, digest=0.1)
"""Nobody looks at a card any more once it was sent."""


async def _wish(world: World, admin: int, wishes: Wishes) -> None:
    store = Store(world.environment()["DATABASE_URL"])
    await store.migrate()
    async with store.write() as log:
        await log.set_wishes(admin, wishes)
    await store.close()


async def _meet(chat: Chat) -> None:
    """A bot may write only to those who have written to it."""
    for admin in (ADMIN, OWNER):
        await chat.says(admin, "/help")
        await chat.wait_for("SMS through OsonSMS")


async def _card(chat: Chat, admin: int, words: str) -> list[Message]:
    chat.user = admin
    return [message for message in await chat.history() if message["from_bot"] and words in message["content"]]


async def test_what_is_chosen_is_shown_and_kept(world: World, chat: Chat) -> None:
    """Buttons choose whose messages, which outcomes and the hour; each shows what is chosen, a restart keeps it."""
    async with running_bot(world):
        await chat.says(OWNER, "/notify")
        asked = await chat.wait_for("only mine; only failures")
        for button, said in (
            ("everybody's", "everybody's; only failures"),
            ("every outcome", "everybody's; every outcome"),
            ("only mine", "only mine; every outcome"),
        ):
            await chat.presses(OWNER, asked, button)
            await chat.wait_for(said)
        await chat.presses(OWNER, asked, "The day in figures")
        hours = await chat.wait_for("At which hour")
        await chat.presses(OWNER, hours, "9:00")
        await chat.wait_for("every day at 9:00")
        for data in ("wish:whose:nobody", "wish:what:x", "wish:hour:24", "wish:hour:-1", "wish:x:y"):
            answer = await chat.presses(OWNER, asked, data, forged=True)
            assert answer is not None
            assert "no longer works" in answer["text"]
    async with running_bot(world):
        await chat.says(OWNER, "/notify")
        await chat.wait_for(
            lambda message: "only mine; every outcome" in message["content"] and "9:00" in message["content"]
        )
        await chat.says(ADMIN, "/notify")
        await chat.wait_for("only mine; only failures")


async def test_without_a_choice_one_hears_of_his_own_failures(world: World, chat: Chat) -> None:
    """The card of one's own undelivered message comes anew, at the end of the chat; nobody else hears of it."""
    async with running_bot(world, AT_ONCE):
        await world.gateway("options", delivered_seconds=60)
        await chat.says(OWNER, "/send 900000001 lost")
        first = await chat.wait_for("Accepted by OsonSMS")
        await chat.says(OWNER, "/send 900000002 found")
        await chat.wait_for(lambda m: "found" in m["content"] and "Accepted by OsonSMS" in m["content"])
        taken = {sms["text"]: sms["txn_id"] for sms in await world.taken()}
        await world.gateway("status", txn_id=taken["lost"], status="UNDELIVERABLE")
        again = await chat.wait_for(lambda m: "lost" in m["content"] and "Not delivered" in m["content"], since=0)
        await until(lambda: _is_last(chat, again["message_id"]))
        assert (await chat.last())["message_id"] > first["message_id"]
        await world.gateway("status", txn_id=taken["found"], status="DELIVERED")
        delivered = await chat.wait_for(lambda m: "found" in m["content"] and "✅" in m["content"], since=0)
        assert (await chat.last())["message_id"] != delivered["message_id"], "an edit in place is enough"
        assert not await _card(chat, ADMIN, "lost")


async def _is_last(chat: Chat, message_id: int) -> bool:
    return bool((await chat.last())["message_id"] == message_id)


async def test_who_wants_all_hears_of_all(world: World, chat: Chat) -> None:
    """Everybody's messages, every outcome: single ones as they end, a campaign when it is over."""
    await _wish(world, ADMIN, Wishes(Whose.ALL, What.EVERYTHING))
    async with running_bot(world, AT_ONCE):
        await _meet(chat)
        await chat.says(OWNER, "/send 900000001 hello")
        await chat.wait_for("✅ Delivered")
        await until(lambda: _card(chat, ADMIN, "hello"))
        await chat.sends_file(OWNER, "list.csv", b"phone\n900000002\n900000003\n", caption="both of you")
        preview = await chat.wait_for_button("Send (2)")
        await chat.presses(OWNER, preview, "Send (2)")
        await until(lambda: _card(chat, ADMIN, "both of you"), 20)
        assert not [m for m in await _card(chat, ADMIN, "both of you") if "Campaign" not in m["content"]]


async def test_a_closed_door_keeps_nobody_waiting(world: World, chat: Chat) -> None:
    """An admin who has blocked the bot is tried again by and by; the others hear at once; he hears when he is back."""
    await _wish(world, ADMIN, Wishes(Whose.ALL, What.EVERYTHING))
    await _wish(world, OWNER, Wishes(Whose.ALL, What.EVERYTHING))
    async with running_bot(world, AT_ONCE):
        await _meet(chat)
        await chat.control("block", json={"user": ADMIN, "blocked": True})
        for number in range(3):
            await chat.says(OWNER, f"/send 90000000{number} parcel {number}")
            await chat.wait_for("✅ Delivered", 3)
        assert not await _card(chat, ADMIN, "parcel")
        await chat.control("block", json={"user": ADMIN, "blocked": False})
        for number in range(3):
            await until(lambda: _card(chat, ADMIN, f"parcel {number}"), 20)  # noqa: B023 (awaited at once)
        assert len(await _card(chat, ADMIN, "parcel")) == 3


async def test_the_digest_comes_once_a_day(world: World, chat: Chat) -> None:
    """At the hour, also when the bot was away then: one picture, with figures, costs and balance; never twice."""
    async with running_bot(world):
        await _meet(chat)
    await _wish(world, OWNER, Wishes(digest_hour=0))
    async with running_bot(world, AT_ONCE):
        await chat.wait_for("The day before", since=0)
        [digest] = await _card(chat, OWNER, "The day before")
        assert digest["photo"]
        assert "nothing was sent" in digest["content"]
        assert "Spent: 0 parts" in digest["content"]
    async with running_bot(world, AT_ONCE):
        await asyncio.sleep(0.5)
        assert len(await _card(chat, OWNER, "The day before")) == 1
        assert not await _card(chat, ADMIN, "The day before")


async def test_a_card_that_cannot_be_drawn_holds_up_no_other(world: World, chat: Chat) -> None:
    """It is logged, and tried again by and by."""
    async with running_bot(world) as app:
        await _meet(chat)
        async with app.store.write() as log:
            await log.add_card(OWNER, OWNER, Subject.DIGEST, 0, datetime.now(UTC))  # there is no such day
        await chat.says(OWNER, "/send 900000001 hello")
        await chat.wait_for("✅ Delivered")


async def test_the_digest_tells_of_yesterday(world: World, chat: Chat) -> None:
    """What was sent the day before is counted; what was sent today is not."""
    async with running_bot(world, AT_ONCE) as app:
        for number in range(3):
            await chat.says(OWNER, f"/send 90000000{number} hello {number}")
            await chat.wait_for("✅ Delivered")
        await until(lambda: _balance_is_known(app))
    store = Store(world.environment()["DATABASE_URL"])
    day = timedelta(days=1) // timedelta(microseconds=1)
    async with store._database.write() as connection:
        await connection.exec_driver_sql(f"UPDATE messages SET created_at = created_at - {day} WHERE id < 3")  # noqa: S608 (a number)
    await store.close()
    await _wish(world, OWNER, Wishes(digest_hour=0))
    async with running_bot(world, AT_ONCE):
        digest = await chat.wait_for("The day before", since=0)
        assert "2 sent, 2 delivered (100 %)" in digest["content"]
        assert re.search(r"^Balance: (100\.00|99\.\d\d) TJS \(\d", digest["content"], re.MULTILINE)


async def _balance_is_known(app: App) -> bool:
    async with app.store.read() as log:
        return await log.last_reading() is not None


@pytest.mark.usefixtures("bot")
async def test_an_hour_that_has_passed_counts_from_tomorrow(chat: Chat) -> None:
    """Whoever chooses six in the morning at noon is not woken at once."""
    await chat.says(OWNER, "/notify")
    asked = await chat.wait_for("only mine")
    await chat.presses(OWNER, asked, "wish:hour:0", forged=True)
    await chat.wait_for("every day at 0:00")
    await asyncio.sleep(0.5)
    assert not await _card(chat, OWNER, "The day before")
