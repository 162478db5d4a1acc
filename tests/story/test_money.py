"""Stories of what was spent, how long the balance lasts, and whether it agrees with what was sent."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.app import App
from tests.story.lists import column, finished, ordered
from tests.support.chat import Chat, Message
from tests.support.timing import QUICK
from tests.support.world import ADMIN, OWNER, World, running_bot, until

RARELY = replace(QUICK, balance_watch=3600.0)
"""The balance is looked at when the bot starts, and then for a reason only."""
OFTEN = replace(QUICK, balance_watch=0.2)
LOW, BACK = "The balance is low", "The balance is back"


async def sent(chat: Chat, text: str, phone: str = "900000001") -> None:
    """Send an SMS, and wait until it is delivered."""
    await chat.says(OWNER, f"/send {phone} {text}")
    await chat.wait_for(lambda card: "Delivered" in card["content"] and text in card["content"], since=0)


async def balance(chat: Chat) -> Message:
    """The answer to /balance."""
    await chat.says(OWNER, "/balance")
    return await chat.wait_for(lambda message: "💰" in message["content"])


async def seen(world: World, than: int = 0) -> bool:
    """Whether the balance was asked for more often than that."""
    return len(await world.requests("balance")) > than


async def kept(world: World, app: App, amount: str) -> None:
    """Wait until this is the balance that was seen last."""

    async def holds() -> bool:
        async with app.store.read() as log:
            reading = await log.last_reading()
        return reading is not None and reading.amount == Decimal(amount)

    await until(lambda: seen(world))  # the log has its tables by then
    await until(holds)


async def told(chat: Chat, words: str) -> dict[int, int]:
    """How many messages with these words stand in the chat of each admin."""
    counts = {}
    for chat.user in (OWNER, ADMIN):
        counts[chat.user] = sum(words in message["content"] for message in await chat.history())
    return counts


async def all_told(world: World, chat: Chat, words: str) -> None:
    """Wait until each admin was told, and look on: nobody is told twice."""

    async def holds() -> bool:
        return min((await told(chat, words)).values()) > 0

    await until(holds)
    asked = len(await world.requests("balance"))
    await until(lambda: seen(world, asked + 1))
    assert await told(chat, words) == {OWNER: 1, ADMIN: 1}


async def all_write(chat: Chat) -> None:
    """Each admin has written: else Telegram lets no bot write to them."""
    for user in (OWNER, ADMIN):
        await chat.says(user, "/help")
        await chat.wait_for("SMS through OsonSMS")


async def test_the_balance_says_what_was_spent_and_draws_it(world: World, chat: Chat) -> None:
    """Parts and their cost today, in 7 and in 30 days, and how long it lasts; the first word becomes the picture."""
    async with running_bot(world, RARELY, PRICE_PER_PART="0.25") as app:
        await kept(world, app, "100.00")
        before = await balance(chat)
        assert "Nothing was sent in 30 days" in before["content"]
        assert "Lasts" not in before["content"]
        await sent(chat, "Salom")
        await sent(chat, "я" * 71)
        card = await balance(chat)
        lines = card["content"].splitlines()
        assert [line for line in lines if "part" in line and ":" in line] == [
            f"{period}: 3 parts · 0.75 TJS" for period in ("Today", "7 days", "30 days")
        ]
        assert "Lasts about 132 d at the last week's pace" in lines
        picture = await chat.picture(card)
        assert picture.startswith(b"\x89PNG")
        methods = [call["method"] for call in await chat.calls() if "Media" in call["method"]]
        assert methods
        assert "sendPhoto" not in methods
        await chat.presses(OWNER, card, "Refresh")
        again = await chat.wait_for(lambda message: "💰" in message["content"])
        assert again["message_id"] == card["message_id"]
        assert again["photo"]["file_id"] != card["photo"]["file_id"]


async def test_a_balance_seen_once_has_no_picture_and_one_refused_keeps_it(world: World, chat: Chat) -> None:
    """One point is no line. A picture that stands stays where the next answer is a failure."""
    await world.fault("http_500", times=1, call="balance")
    async with running_bot(world, RARELY) as app:
        await until(lambda: seen(world))
        first = await balance(chat)
        assert "photo" not in first
        await kept(world, app, "100.00")
        second = await balance(chat)
        assert second["photo"]
        await world.fault("http_500", times=None, call="balance")
        await chat.presses(OWNER, second, "Refresh")
        failed = await chat.wait_for("The balance could not be checked")
        assert failed["message_id"] == second["message_id"]
        assert failed["photo"]
        assert "TJS" not in failed["content"]


async def test_without_a_price_parts_are_counted_and_the_balance_tells_their_price(world: World, chat: Chat) -> None:
    """No cost is made up: parts alone, what one seems to cost, and days by how the balance fell."""
    async with running_bot(world, RARELY) as app:
        await kept(world, app, "100.00")
        for text in ("one", "two"):
            await sent(chat, text)
        card = await balance(chat)
        assert "Today: 2 parts\n" in card["content"]
        assert "About 0.25 TJS a part" in card["content"]
        assert "Lasts about 199 d" in card["content"]
        assert "Enough for" not in card["content"]


@pytest.mark.parametrize(
    ("price", "change", "said"),
    [
        ("0.25", "0.00", None),
        ("0.25", "-0.25", None),
        ("0.25", "-10.00", "fell by 10.00 TJS more"),
        ("0.30", "0.00", "fell by 0.60 TJS less"),
    ],
)
async def test_what_does_not_agree_is_said(world: World, chat: Chat, price: str, change: str, said: str | None) -> None:
    """Beyond one in a hundred, and one part: by how much the balance fell more or less; else not a word."""
    async with running_bot(world, RARELY, PRICE_PER_PART=price) as app:
        await kept(world, app, "100.00")
        await ordered(chat, column(12))
        await finished(chat, "delivered: 12")
        await world.gateway("balance", balance=f"{100 - 12 * 0.25 + float(change):.2f}")
        card = await balance(chat)
        if said:
            assert f"In 30 days the balance {said} than our SMS cost" in card["content"]
        else:
            assert "In 30 days the balance" not in card["content"]


async def test_a_low_balance_is_told_once_even_over_a_restart_and_once_when_it_is_back(
    world: World, chat: Chat
) -> None:
    """All admins hear of it in private, each once, though it is looked at again and again; then that it is back."""
    async with running_bot(world, OFTEN, LOW_BALANCE="50"):
        await all_write(chat)
        await until(lambda: seen(world, 1))
        assert await told(chat, LOW) == {OWNER: 0, ADMIN: 0}
        await world.gateway("balance", balance="49.99")
        await all_told(world, chat, LOW)
    async with running_bot(world, OFTEN, LOW_BALANCE="50"):
        await all_told(world, chat, LOW)
        await world.gateway("balance", balance="500")
        await all_told(world, chat, BACK)
        assert await told(chat, LOW) == {OWNER: 0, ADMIN: 0}, "the notice of the end takes its place"
    async with running_bot(world, OFTEN, LOW_BALANCE="50"):
        await all_told(world, chat, BACK)


async def test_what_is_not_known_is_not_low(world: World, chat: Chat) -> None:
    """A balance that cannot be had is no balance: nobody is told anything until it is seen."""
    await world.fault("http_500", times=None, call="balance")
    async with running_bot(world, OFTEN, LOW_BALANCE="500"):
        await all_write(chat)
        await until(lambda: seen(world, 2))
        assert await told(chat, LOW) == {OWNER: 0, ADMIN: 0}
        await world.fault("none", times=None)
        await all_told(world, chat, LOW)


async def test_a_balance_that_will_not_last_two_days_is_told(world: World, chat: Chat) -> None:
    """No limit is set: what was used in a day is more than half of what is left."""
    async with running_bot(world, OFTEN, PRICE_PER_PART="0.25"):
        await all_write(chat)
        await until(lambda: seen(world))
        await ordered(chat, column(12))
        await finished(chat, "delivered: 12")
        assert await told(chat, LOW) == {OWNER: 0, ADMIN: 0}
        await world.gateway("balance", balance="5.00")
        await all_told(world, chat, LOW)
        chat.user = OWNER
        [notice] = [message for message in await chat.history() if LOW in message["content"]]
        assert "Lasts about 1 d 16 h at the last week's pace" in notice["content"]


async def test_the_balance_is_looked_at_when_a_campaign_has_ended(world: World, chat: Chat) -> None:
    """Its cost may have made it low: nobody waits an hour to hear of it."""
    async with running_bot(world, RARELY, LOW_BALANCE="98"):
        await all_write(chat)
        await until(lambda: seen(world))
        await ordered(chat, column(12))
        await finished(chat, "delivered: 12")
        await until(lambda: seen(world, 1))
        notice = await chat.wait_for(LOW, since=0)
        assert "97.00 TJS" in notice["content"]
        assert len(await world.requests("balance")) == 2
