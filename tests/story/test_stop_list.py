"""Stories of the stop list: a number on it is never sent to, on whatever way."""

import asyncio
from collections import Counter

import pytest

from tests.story.lists import column, drafted, finished, ordered, phones, result
from tests.support.chat import Chat, Message, offers
from tests.support.world import ADMIN, OWNER, World, running_bot, until

SHOWN = "+992 90 000 00 01"


async def block(chat: Chat, phone: str = "900000001") -> Message:
    """Block it; gives the answer."""
    await chat.says(ADMIN, f"/block {phone}")
    answer = await chat.wait_for("is on the stop list")
    chat.user = OWNER
    return answer


@pytest.mark.usefixtures("bot")
async def test_a_blocked_number_is_refused_until_it_is_allowed(world: World, chat: Chat) -> None:
    """/send says who it is and how to allow it again, also step by step; a button takes the block back."""
    answer = await block(chat)
    assert (
        f"{SHOWN} is on the stop list: nothing more is sent to it. Waiting messages cancelled: 0" in answer["content"]
    )
    for words in ("/send 900000001 no", "/send 900000001", "/send 900000001, +992 90 000 00 01 no"):
        await chat.says(OWNER, words)
        await chat.wait_for(f"On the stop list: {SHOWN}. Nothing was sent")
    await chat.says(OWNER, "/send")
    await chat.wait_for("To whom?")
    await chat.says(OWNER, "900000001")
    await chat.wait_for("On the stop list")
    await chat.says(ADMIN, "/block 900000001")
    await chat.wait_for("is on the stop list already")
    await chat.presses(ADMIN, answer, "Allow it again")
    allowed = await chat.wait_for("may be sent to again")
    assert (allowed["message_id"], Chat.buttons(allowed)) == (answer["message_id"], [])
    await chat.says(ADMIN, "/unblock 900000001")
    await chat.wait_for("is not on the stop list")
    await chat.says(OWNER, "/send 900000001 yes")
    await chat.wait_for("✅ Delivered")
    assert await world.received() == [("992900000001", "yes")]


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("others", [1, 2])
async def test_of_several_the_blocked_are_left_out_and_named(world: World, chat: Chat, others: int) -> None:
    """It asks, also where only one is left; the rest goes."""
    await block(chat)
    await chat.says(OWNER, f"/send {', '.join(phones(1 + others))} Salom")
    question = await chat.wait_for(f"On the stop list and left out: {SHOWN}")
    await chat.presses(OWNER, question, "Send")
    await until(lambda: _arrived(world, others))
    assert await world.received() == [(phone, "Salom") for phone in phones(others, 2)]


async def _arrived(world: World, count: int) -> bool:
    return len(await world.arrived()) == count


@pytest.mark.usefixtures("bot")
async def test_what_waits_is_cancelled_and_says_why(world: World, chat: Chat) -> None:
    """What has not left is cancelled in the commit of the block; its card tells. Allowed again, /resend sends it."""
    await world.fault("bad_authorization", call="send")
    await chat.says(OWNER, "/send 900000001 waits")
    await chat.wait_for("All sending is stopped", since=0)
    await chat.says(OWNER, "/block 900000001")
    await chat.wait_for("Waiting messages cancelled: 1")
    card = await chat.wait_for("The number is on the stop list, so it was not sent", since=0)
    assert "cancelled · on the stop list · by you" in card["content"]
    await chat.says(OWNER, "/resume")
    await chat.wait_for("Sending goes on")
    await chat.says(OWNER, "/resend", reply_to=card["message_id"])
    await chat.wait_for("On the stop list")
    await chat.says(OWNER, "/unblock", reply_to=card["message_id"])
    await chat.wait_for("may be sent to again")
    await chat.says(OWNER, "/resend", reply_to=card["message_id"])
    await chat.wait_for("✅ Delivered")
    assert await world.received() == [("992900000001", "waits")]


@pytest.mark.usefixtures("bot")
async def test_a_campaign_leaves_them_out(world: World, chat: Chat) -> None:
    """The preview counts them; they end as cancelled, with the reason on the card and in the result; the test too."""
    await block(chat)
    preview = await drafted(chat, column(4))
    assert "On the stop list, left out: 1" in preview["content"]
    await chat.presses(OWNER, preview, "Test…")
    await chat.says(OWNER, "900000001")
    await chat.wait_for(f"On the stop list: {SHOWN}")
    await chat.says(OWNER, "/cancel")
    await ordered(chat, column(4))
    card = await finished(chat, "delivered: 3")
    assert f"{SHOWN} · on the stop list" in card["content"]
    rows = {row["phone"]: row for row in await result(chat, card)}
    assert Counter(row["state"] for row in rows.values()) == {"delivered": 3, "cancelled": 1}
    assert (rows["992900000001"]["state"], rows["992900000001"]["reason"]) == ("cancelled", "on the stop list")
    assert await world.received() == [(phone, "Salom") for phone in phones(3, 2)]
    assert not offers(card, "Send the failed ones again")


async def test_a_block_reaches_a_campaign_that_runs(world: World, chat: Chat) -> None:
    """Whoever has not got it yet does not get it any more."""
    async with running_bot(world, SEND_RATE="10"):
        await ordered(chat, column(30))
        await chat.wait_for_button("Stop", since=0)
        await block(chat, "900000030")
        await finished(chat, "delivered: 29", 20)
    assert await world.received() == [(phone, "Salom") for phone in phones(29)]


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("text", ["Salom", "Salom {name}"])
async def test_a_bulk_call_leaves_them_out(world: World, chat: Chat, text: str) -> None:
    """Blocked before the list was confirmed, or while its call waits: OsonSMS never hears of them."""
    await block(chat)
    rows = "phone,name\n" + "".join(f'{phone},"A, ""{phone[-1]}"""\n' for phone in phones(3))
    preview = await drafted(chat, rows.encode(), text)
    assert "On the stop list, left out: 1" in preview["content"]
    await chat.presses(OWNER, preview, "As a list")
    await world.fault("bad_authorization", call="bulk")
    await chat.presses(OWNER, await chat.wait_for_button("One by one"), "Send (")
    await chat.wait_for("All sending is stopped", since=0)
    await block(chat, "900000003")
    await chat.says(OWNER, "/resume")
    await chat.wait_for("OsonSMS took the list", since=0)
    await until(lambda: _arrived(world, 1))
    name = 'Salom A, "2"' if "{" in text else "Salom"
    assert await world.received() == [("992900000002", name)]


@pytest.mark.usefixtures("bot")
async def test_a_bulk_call_without_anybody_left_is_not_made(world: World, chat: Chat) -> None:
    """All its phones are blocked: the list was not sent, and the card says why."""
    await block(chat)
    preview = await drafted(chat, column(1))
    await chat.presses(OWNER, preview, "As a list")
    await chat.presses(OWNER, await chat.wait_for_button("One by one"), "Send (")
    card = await chat.wait_for("The list was not sent", since=0)
    assert "on the stop list" in card["content"]
    assert await world.requests("bulk") == []


@pytest.mark.usefixtures("bot")
async def test_two_admins_block_at_once(world: World, chat: Chat) -> None:
    """One blocks it, the other hears that it is blocked already."""
    async with Chat(f"{world.address}/telegram") as other:
        await asyncio.gather(chat.says(OWNER, "/block 900000001"), other.says(ADMIN, "/block 900000001"))
        said = [(await one.wait_for("is on the stop list", since=0))["content"] for one in (chat, other)]
    assert sorted("already" in words for words in said) == [False, True]
