"""Stories of cards: one of each in a chat, and what becomes of one that is deleted, or cannot be."""

from typing import Any

import httpx
import pytest

from bot.sandbox.telegram import methods
from bot.sandbox.telegram.errors import ApiError, bad, too_many
from tests.story.lists import column, drafted, finished, ordered
from tests.support.chat import Chat, Message, offers
from tests.support.world import ADMIN, BOT_TOKEN, OWNER, World, running_bot, until


async def cards(chat: Chat, words: str) -> list[Message]:
    """The bot's messages in the chat that hold this."""
    return [message for message in await chat.history() if message["from_bot"] and words in message["content"]]


@pytest.mark.usefixtures("bot")
async def test_a_campaign_that_is_opened_again_has_one_card(chat: Chat) -> None:
    """Opened thrice from /campaigns, it stands at the end of the chat, and nowhere else."""
    await ordered(chat, column(1))
    old = await finished(chat, "delivered: 1")
    for _ in range(3):
        await chat.says(OWNER, "/campaigns")
        await chat.presses(OWNER, await chat.wait_for("Campaigns."), "🏁 1")
        opened = await chat.wait_for("Salom")
        assert opened["message_id"] > old["message_id"]

        async def is_alone(card: Message = opened) -> bool:
            return [one["message_id"] for one in await cards(chat, "delivered: 1")] == [card["message_id"]]

        await until(is_alone)
        old = opened


async def test_a_deleted_card_is_edited_no_more(world: World, chat: Chat) -> None:
    """However often its campaign moves; nor does it come back by itself."""
    async with running_bot(world, SEND_RATE="20"):
        await ordered(chat, column(50))
        running = await chat.wait_for_button("Stop", since=0)
        before = (await chat.calls())[-1]["id"]
        async with httpx.AsyncClient(base_url=f"{world.address}/telegram/bot{BOT_TOKEN}/") as http:
            place = {"chat_id": OWNER, "message_id": running["message_id"]}
            (await http.post("deleteMessage", json=place)).raise_for_status()
        await until(lambda: _is_over(chat))
    edits = await chat.calls("editMessageText", before)
    assert sum(not edit["ok"] for edit in edits) <= 1
    assert await cards(chat, "delivered: 50") == []


async def _is_over(chat: Chat) -> bool:
    await chat.says(OWNER, "/campaigns")
    return offers(await chat.wait_for("Campaigns."), "🏁 1")


@pytest.mark.usefixtures("bot")
async def test_an_old_card_goes_when_telegram_is_itself_again(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken away as soon as Telegram lets us: two cards for one thing would be pressed twice."""
    works, refusals = methods._BY_LOWER["deletemessage"], iter((too_many(1), ApiError(502, "Bad Gateway")))

    async def at_last(*arguments: Any) -> Any:
        for refusal in refusals:
            raise refusal
        return await works[1](*arguments)

    monkeypatch.setitem(methods._BY_LOWER, "deletemessage", ("deleteMessage", at_last))
    await chat.sends_file(OWNER, "list.csv", column(1))
    await chat.wait_for("What shall it say?")
    await chat.says(OWNER, "Salom")
    await chat.wait_for_button("Send (")

    async def is_gone() -> bool:
        return not await cards(chat, "What shall it say?")

    await until(is_gone)


@pytest.mark.usefixtures("bot")
async def test_a_card_that_cannot_be_deleted_loses_its_buttons(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 48 hours Telegram lets nobody delete it: it must not stay there to be pressed."""

    async def too_old(*_: Any) -> bool:
        raise bad("message can't be deleted")

    monkeypatch.setitem(methods._BY_LOWER, "deletemessage", ("deleteMessage", too_old))
    await chat.sends_file(OWNER, "list.csv", column(1))
    asked = await chat.wait_for("What shall it say?")
    assert offers(asked, "Drop")
    await chat.says(OWNER, "Salom")
    await chat.wait_for_button("Send (")
    bare = await chat.wait_for(lambda message: message["message_id"] == asked["message_id"] and not message["buttons"])
    assert "What shall it say?" in bare["content"]


@pytest.mark.usefixtures("bot")
async def test_the_rows_left_out_are_their_authors(chat: Chat) -> None:
    """Another admin who asks for them is refused with a word; the author gets them under whatever name the list has."""
    name = "🎉" * 60 + ".csv"
    await chat.says(OWNER, "/campaigns", chat="group")
    said = await chat.wait_for("no campaign so far")
    await chat.sends_file(OWNER, name, column(1) + b"12345\n", "Salom", said["message_id"], "group")
    preview = await chat.wait_for_button("Rows left out")
    answer = await chat.presses(ADMIN, preview, "Rows left out", "group")
    assert answer is not None
    assert answer["show_alert"]
    assert "not yours" in answer["text"]
    await chat.presses(OWNER, preview, "Rows left out", "group")
    file = await chat.wait_for(lambda message: bool(message.get("document")))
    assert file["document"]["file_name"].endswith("🎉-rest.csv")
    assert b"12345" in await chat.downloads(file)


@pytest.mark.usefixtures("bot")
async def test_a_list_that_lacks_its_text_outlives_what_else_is_sent(world: World, chat: Chat) -> None:
    """A /send in between goes out by itself; the next word is the list's text. With a text it would not wait at all."""
    await chat.sends_file(OWNER, "list.csv", column(1))
    await chat.wait_for("What shall it say?")
    await chat.says(OWNER, "/send 900000009 in between")
    await chat.wait_for("Delivered")
    await chat.says(OWNER, "text of the list")
    preview = await chat.wait_for_button("Send (")
    assert "text of the list" in preview["content"]
    await chat.presses(OWNER, preview, "Text…")
    await chat.wait_for("What shall it say?")
    await drafted(chat, column(1, 2), "another")
    [back] = await cards(chat, "text of the list")
    assert offers(back, "Send (")
    assert await world.received() == [("992900000009", "in between")]
