"""What people do that a bot has to bear: they quote a part of its message, block it, delete their account."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram import DEFAULT_TOKEN, GROUP_ID
from bot.sandbox.telegram.quotes import quote_of
from tests.support.chat import Chat, telegram
from tests.support.pictures import png

OWNER, ADMIN, NOBODY = 900000001, 900000002, 900000099
CARD = "📊 <b>Report</b>\n1. <code>992900000001</code> — <i>delivered</i>\n2. <code>992900000002</code> — failed"
PNG = png(60, 40)


class Bot:
    """The bot, over plain HTTP."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=f"{url}/bot{DEFAULT_TOKEN}/")

    async def says(self, text: str, chat_id: int = OWNER) -> int:
        """Send a text; its message_id."""
        body = await self.answer("sendMessage", chat_id=chat_id, text=text, parse_mode="HTML")
        return int(body["result"]["message_id"])

    async def answer(self, method: str, files: Any = None, **params: Any) -> dict[str, Any]:
        """The whole answer to a call."""
        body: dict[str, Any] = (await self.http.post(method, data=params, files=files)).json()
        return body

    async def hears(self) -> dict[str, Any]:
        """The last update."""
        update: dict[str, Any] = (await self.answer("getUpdates", offset=-1))["result"][0]
        return update


@pytest.fixture
async def chat() -> AsyncIterator[tuple[Bot, Chat]]:
    """The bot, and the owner and an admin, who have written once each."""
    async with telegram() as url, Chat(url) as chat:
        bot = Bot(url)
        for user in ("admin", "owner"):
            await chat.says(user, "hi")
        yield bot, chat
        await bot.http.aclose()


async def test_a_line_is_quoted(chat: tuple[Bot, Chat]) -> None:
    """The update has the quoted words with their place in UTF-16 units, and the whole message beside them."""
    bot, owner = chat
    card = await bot.says(CARD)
    await owner.says("owner", "why?", reply_to=card, quote="2. 992900000002 — failed")
    heard = (await bot.hears())["message"]
    whole = heard["reply_to_message"]
    quote = heard["quote"]
    assert whole["text"] == "📊 Report\n1. 992900000001 — delivered\n2. 992900000002 — failed"
    assert quote == {"text": "2. 992900000002 — failed", "position": 38, "is_manual": True}
    units = whole["text"].encode("utf-16-le")
    assert units[quote["position"] * 2 :].decode("utf-16-le") == quote["text"]
    assert (await owner.history())[-1]["quote"] == quote


async def test_entities_of_a_quote(chat: tuple[Bot, Chat]) -> None:
    """Of its entities a quote keeps those that Telegram keeps (code is not among them), cut to it."""
    bot, owner = chat
    card = await bot.says(CARD)
    await owner.says("owner", "?", reply_to=card, quote="port\n1. 992900000001 — deliv")
    quote = (await bot.hears())["message"]["quote"]
    assert quote["entities"] == [
        {"type": "bold", "offset": 0, "length": 4},
        {"type": "italic", "offset": 23, "length": 5},
    ]


async def test_words_that_stand_twice(chat: tuple[Bot, Chat]) -> None:
    """Without a place the first is meant, with one the nearest."""
    bot, owner = chat
    card = await bot.says("😀 one\n😀 one\n😀 one")
    for more, position in (({}, 3), ({"quote_position": 10}, 10), ({"quote_position": 16}, 17)):
        await owner.says("owner", "?", reply_to=card, quote="one", **more)
        assert (await bot.hears())["message"]["quote"]["position"] == position


async def test_captions_are_quoted_and_files_quote(chat: tuple[Bot, Chat]) -> None:
    """The words may be a picture's caption, the reply a file; an edited reply keeps its quote, no other gets one."""
    bot, owner = chat
    sent = await bot.answer("sendPhoto", chat_id=OWNER, caption="A\nB", files={"photo": ("a.png", PNG)})
    picture = sent["result"]["message_id"]
    reply = await owner.says("owner", "?", reply_to=picture, quote="B")
    heard = (await bot.hears())["message"]
    assert (heard["quote"]["position"], heard["reply_to_message"]["caption"]) == (2, "A\nB")
    await owner.edits("owner", reply, "??")
    assert (await bot.hears())["edited_message"]["quote"] == heard["quote"]
    facts = {"user": "owner", "reply_to": str(picture), "quote": "A"}
    await owner.control("document", data=facts, files={"file": ("a.csv", b"x")})
    assert (await bot.hears())["message"]["quote"]["text"] == "A"
    await owner.says("owner", "?", reply_to=picture)
    assert "quote" not in (await bot.hears())["message"]
    await owner.says("owner", "?", reply_to=reply)
    assert "quote" not in (await bot.hears())["message"]["reply_to_message"]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"reply_to": 2, "quote": "hello"}, "the quoted words are not in that message"),
        ({"reply_to": 2, "quote": "HI"}, "the quoted words are not in that message"),
        ({"reply_to": 2, "quote": "x" * 1025}, "a quote has at most 1024 units"),
        ({"quote": "hi"}, "a quote needs reply_to"),
    ],
)
async def test_impossible_quotes(chat: tuple[Bot, Chat], facts: dict[str, Any], reason: str) -> None:
    """Words that are not in the message, word by word, cannot be quoted; nothing is then written."""
    bot, owner = chat
    assert await bot.says("hi") == 2
    with pytest.raises(ValueError, match=reason):
        await owner.says("owner", "?", **facts)
    assert len(await owner.history()) == 2


@given(before=st.text(), words=st.text(min_size=1), after=st.text(), near=st.integers())
def test_position(before: str, words: str, after: str, near: int) -> None:
    """Wherever words stand in a text, the position leads to them; what is not in it is no quote."""
    text = before + words + after
    quote = quote_of(text, [], words, near)
    assert quote
    units = text.encode("utf-16-le", "surrogatepass")
    assert units[quote["position"] * 2 :].startswith(words.encode("utf-16-le", "surrogatepass"))
    assert quote_of(text, [], text + "x", near) is None


REFUSED = {
    "blocked": {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"},
    "deleted": {"ok": False, "error_code": 403, "description": "Forbidden: user is deactivated"},
    "unknown": {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"},
}
BUTTON = '{"inline_keyboard": [[{"text": "b", "callback_data": "b"}]]}'
MEDIA = '{"type": "photo", "media": "attach://a"}'
WRITING: list[tuple[str, dict[str, Any]]] = [
    ("sendMessage", {"text": "x"}),
    ("sendPhoto", {"files": {"photo": ("a.png", PNG)}}),
    ("sendDocument", {"files": {"document": ("a.csv", b"x")}}),
    ("sendChatAction", {"action": "typing"}),
    ("editMessageText", {"message_id": 2, "text": "y"}),
    ("editMessageCaption", {"message_id": 3, "caption": "y"}),
    ("editMessageReplyMarkup", {"message_id": 2, "reply_markup": BUTTON}),
    ("editMessageMedia", {"message_id": 2, "media": MEDIA, "files": {"a": ("a.png", PNG)}}),
]


@pytest.mark.parametrize(("method", "params"), WRITING)
async def test_whom_the_bot_cannot_reach(chat: tuple[Bot, Chat], method: str, params: dict[str, Any]) -> None:
    """All that is written to somebody who blocked the bot, is gone, or never was, is refused; others hear it."""
    bot, people = chat
    for user in (ADMIN, OWNER):
        await bot.says("x", user)
        assert (await bot.answer("sendDocument", chat_id=user, files={"document": ("a.csv", b"x")}))["ok"]
    await people.blocks("admin")
    assert await bot.answer(method, chat_id=ADMIN, **params) == REFUSED["blocked"]
    await people.deletes_account("admin")
    assert await bot.answer(method, chat_id=ADMIN, **params) == REFUSED["deleted"]
    assert await bot.answer(method, chat_id=NOBODY, **params) == REFUSED["unknown"]
    assert (await bot.answer(method, chat_id=OWNER, **params))["ok"]
    people.user = "admin"
    assert [message["content"] for message in await people.history()] == ["hi", "x", ""]
    assert not any("edit_date" in message for message in await people.history())


async def test_blocking_and_coming_back(chat: tuple[Bot, Chat]) -> None:
    """The bot is told of a block and of its end, once each; then it may write again, and that is news."""
    bot, people = chat
    for _ in range(2):
        await people.blocks("owner")
    change = (await bot.hears())["my_chat_member"]
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "kicked")
    await people.unblocks("owner")
    change = (await bot.hears())["my_chat_member"]
    assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("kicked", "member")
    assert (await people.reads("pending"))["pending"] == 1
    await bot.says("welcome back")
    assert (await people.wait_for("welcome back"))["chat"]["id"] == OWNER


async def test_a_deleted_account(chat: tuple[Bot, Chat]) -> None:
    """Telegram tells the bot nothing of it; the account does nothing more, anywhere, until it is given back."""
    bot, people = chat
    await people.deletes_account("owner")
    for where in (None, "group"):
        with pytest.raises(ValueError, match="this account is deleted"):
            await people.says("owner", "hi", chat=where)
    owner, admin, _ = (await people.reads("state"))["people"]
    assert (owner["deactivated"], admin["deactivated"]) == (True, False)
    assert "my_chat_member" not in await bot.hears()
    await bot.says("to the others", GROUP_ID)
    await people.control("deactivate", json={"user": "owner", "deactivated": False})
    await people.says("owner", "here again")
    assert await bot.says("hi") == 3
