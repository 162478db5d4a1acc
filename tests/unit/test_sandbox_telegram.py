"""The stand-in as a bot sees it through aiogram, which knows nothing of the stand-in."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramConflictError
from aiogram.types import BufferedInputFile, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.sandbox.telegram import DEFAULT_TOKEN
from tests.support.chat import Chat, telegram

OWNER = 900000001


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A stand-in, mounted as in the demo."""
    async with telegram() as url:
        yield url


@pytest.fixture
async def bot(url: str) -> AsyncIterator[Bot]:
    """aiogram's own client, pointed at it."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    bot = Bot(DEFAULT_TOKEN, session=session, default=DefaultBotProperties(parse_mode="HTML"))
    yield bot
    await bot.session.close()


@pytest.fixture
async def chat(url: str) -> AsyncIterator[Chat]:
    """The owner with a Telegram client."""
    async with Chat(url) as chat:
        yield chat


async def test_talk(bot: Bot, chat: Chat) -> None:
    """What a person writes reaches the bot; what it answers and edits reaches the person."""
    assert (await bot.me()).id == 1000000001
    await chat.says("owner", "/start now")
    update = (await bot.get_updates())[0]
    assert update.message
    assert update.message.entities
    assert update.message.entities[0].type == "bot_command"
    assert update.message.from_user
    assert update.message.from_user.language_code == "ru"
    answer = await bot.send_message(OWNER, "Hello, <b>Madina</b> &amp; all")
    assert answer.text == "Hello, Madina & all"
    seen = await chat.wait_for("Hello")
    assert seen["text_html"] == "Hello, <b>Madina</b> &amp; all"
    await bot.edit_message_text("<code>42</code>", chat_id=OWNER, message_id=answer.message_id)
    edited = await chat.wait_for("42")
    assert edited["message_id"] == answer.message_id


async def test_press(bot: Bot, chat: Chat) -> None:
    """A press reaches the bot as a callback query, and its answer reaches who pressed."""
    await chat.says("owner", "hi")
    rows = [
        [InlineKeyboardButton(text="Yes", callback_data="yes:1", style="success")],
        [InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="x"))],
    ]
    sent = await bot.send_message(OWNER, "Sure?", reply_markup=InlineKeyboardMarkup(inline_keyboard=rows))
    assert chat.buttons(await chat.last()) == ["Yes", "Copy"]
    press = asyncio.create_task(chat.presses("owner", sent.message_id, "Yes"))
    updates = await bot.get_updates(offset=-1, timeout=5)
    while not updates[-1].callback_query:
        updates = await bot.get_updates(offset=updates[-1].update_id + 1, timeout=5)
    query = updates[-1].callback_query
    assert query.data == "yes:1"
    await bot.answer_callback_query(query.id, "Done", show_alert=True)
    assert await press == {"text": "Done", "show_alert": True, "url": ""}


async def test_files(bot: Bot, chat: Chat) -> None:
    """A document goes both ways, byte by byte, with its name and caption."""
    await chat.sends_file("owner", "номера.csv", b"992900000001\n", caption="/bulk")
    update = (await bot.get_updates())[0]
    assert update.message
    assert update.message.document
    assert update.message.caption == "/bulk"
    assert update.message.document.file_name == "номера.csv"
    content = await bot.download(update.message.document)
    assert content
    assert content.read() == b"992900000001\n"
    await bot.send_document(OWNER, BufferedInputFile(b"a,b\n", "report.csv"), caption="<i>Report</i>")
    seen = await chat.wait_for("Report")
    assert seen["document"]["file_name"] == "report.csv"
    assert await chat.downloads(seen) == b"a,b\n"


async def test_updates_stay_until_acknowledged(bot: Bot, chat: Chat) -> None:
    """An update is told again until a higher offset acknowledges it."""
    await chat.says("owner", "one")
    await chat.says("owner", "two")
    first = await bot.get_updates()
    assert [update.message and update.message.text for update in first] == ["one", "two"]
    assert await bot.get_updates() == first
    assert await bot.get_updates(offset=first[0].update_id + 1) == first[1:]
    assert (await chat.reads("pending"))["pending"] == 1
    assert await bot.get_updates(offset=first[1].update_id + 1) == []


async def test_one_listener_only(bot: Bot, chat: Chat) -> None:
    """A second getUpdates ends the first with 409, and hears what comes."""
    polls = {asyncio.create_task(bot.get_updates(timeout=20)) for _ in range(2)}
    ended, listening = await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await ended.pop()
    await chat.says("owner", "hi")
    assert len(await listening.pop()) == 1
