"""Stories of the gate: who gets in, and who does not."""

import pytest

from tests.support.chat import Chat
from tests.support.world import ADMIN, OWNER, STRANGER, World

pytestmark = pytest.mark.usefixtures("bot")


async def settled(chat: Chat) -> None:
    """Let the owner ask something in private: what came before it has been dealt with when he is answered."""
    await chat.says(OWNER, "/help")
    await chat.wait_for("SMS through OsonSMS")


async def test_a_stranger_is_told_his_id_once_a_day_and_nothing_else(world: World, chat: Chat) -> None:
    """/start in private tells the id, once; everything else from a stranger meets silence."""
    await chat.says(STRANGER, "/Start")
    told = await chat.wait_for(str(STRANGER))
    assert "an owner" in told["content"]
    for words in ("/start", "/send 900000001 hi", "/balance", "/status", "hello", "/help"):
        await chat.says(STRANGER, words)
    await chat.sends_file(STRANGER, "a.csv", b"900000001\n", "hi")
    await chat.shares_contact(STRANGER, "+992900000001")
    await settled(chat)
    async with Chat(str(chat._http.base_url).removesuffix("/control/"), user=STRANGER) as stranger:
        said = [message for message in await stranger.history() if message["from_bot"]]
    assert len(said) == 1
    assert await world.taken() == []


async def test_a_strangers_press_does_nothing(world: World, chat: Chat) -> None:
    """In a group, a stranger's press on an admin's button does nothing and is not answered."""
    await chat.says(OWNER, "/send 900000001, 900000002 hi", chat="group")
    draft = await chat.wait_for("Send to 2 phones?")
    assert await chat.presses(STRANGER, draft, "Send", chat="group", forged=False) is None
    await settled(chat)
    assert await world.taken() == []


async def test_a_stranger_in_a_group_meets_silence(world: World, chat: Chat) -> None:
    """A stranger's commands in a group, /start too, are not answered."""
    await chat.says(STRANGER, "/start", chat="group")
    await chat.says(STRANGER, "/send 900000001 hi", chat="group")
    await settled(chat)
    chat.chat = "group"
    assert [message for message in await chat.history() if message["from_bot"]] == []
    assert await world.taken() == []


async def test_an_admin_is_served_in_a_group(world: World, chat: Chat) -> None:
    """An admin's /send in a group is answered there."""
    await chat.says(ADMIN, "/send 900000001 from the group", chat="group")
    await chat.wait_for("✅ Delivered")
    assert len(await world.arrived()) == 1


async def test_nobody_knows_who_an_anonymous_admin_is(world: World, chat: Chat) -> None:
    """An anonymous group admin, a channel's post, an inline query and an edited message do not pass."""
    await chat.says(OWNER, "/send 900000001 anonymous", chat="group", anonymous=True)
    await chat.control("channel_post", json={"text": "/send 900000001 channel"})
    await chat.control("inline", json={"user": OWNER, "query": "/send 900000001 inline"})
    await settled(chat)
    assert await world.taken() == []
    assert await chat.calls("answerInlineQuery") == []
