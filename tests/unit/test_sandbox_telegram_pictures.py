"""Pictures in the stand-in, as a bot sends and edits them through aiogram, which knows nothing of the stand-in."""

from collections.abc import AsyncIterator, Awaitable

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Message

from bot.sandbox.telegram import DEFAULT_TOKEN
from tests.support.chat import Chat, telegram
from tests.support.pictures import png

OWNER = 900000001
FIRST, SECOND = png(60, 40), png(60, 40, (201, 52, 52))
BUTTONS = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Again", callback_data="again:1")]])


@pytest.fixture
async def chat() -> AsyncIterator[tuple[Bot, Chat]]:
    """The bot, and the owner, who has written once."""
    async with telegram() as url, Chat(url) as chat:
        session = AiohttpSession(api=TelegramAPIServer.from_base(url))
        async with Bot(DEFAULT_TOKEN, session=session, default=DefaultBotProperties(parse_mode="HTML")) as bot:
            await chat.says("owner", "hi")
            yield bot, chat


def uploaded(content: bytes) -> BufferedInputFile:
    """A file that goes with the call."""
    return BufferedInputFile(content, "chart.png")


def shown(content: bytes, caption: str = "<b>Chart</b>") -> InputMediaPhoto:
    """A picture to edit in."""
    return InputMediaPhoto(media=uploaded(content), caption=caption)


async def edited(bot: Bot, message: Message, media: InputMediaPhoto) -> Message:
    """The message after editMessageMedia, with its button."""
    done = await bot.edit_message_media(media, chat_id=OWNER, message_id=message.message_id, reply_markup=BUTTONS)
    assert isinstance(done, Message)
    return done


async def refusal(call: Awaitable[object]) -> str:
    """The words in which a call is refused."""
    with pytest.raises(TelegramBadRequest) as refused:
        await call
    return refused.value.message


async def test_a_picture_is_sent(chat: tuple[Bot, Chat]) -> None:
    """An uploaded picture arrives byte by byte with caption and buttons, and can be downloaded by the bot too."""
    bot, owner = chat
    sent = await bot.send_photo(OWNER, uploaded(FIRST), caption="<b>Chart</b> &amp; figures", reply_markup=BUTTONS)
    assert (sent.text, sent.caption) == (None, "Chart & figures")
    assert sent.reply_markup
    assert sent.photo
    assert (sent.photo[-1].width, sent.photo[-1].height, sent.photo[-1].file_size) == (60, 40, len(FIRST))
    file = await bot.get_file(sent.photo[-1].file_id)
    assert file.file_path
    assert file.file_path.startswith("photos/")
    content = await bot.download(sent.photo[-1])
    assert content
    assert content.read() == FIRST
    seen = await owner.wait_for("figures")
    assert seen["text_html"] == "<b>Chart</b> &amp; figures"
    assert Chat.buttons(seen) == ["Again"]
    assert {"file_id", "file_size", "width", "height", "url"} <= set(seen["photo"])
    assert await owner.picture(seen) == FIRST


async def test_a_text_becomes_a_picture_and_another(chat: tuple[Bot, Chat]) -> None:
    """editMessageMedia puts a picture in a text's place, then another in that one's; text and old picture are gone."""
    bot, owner = chat
    text = await bot.send_message(OWNER, "drawing…")
    done = await edited(bot, text, shown(FIRST))
    assert (done.message_id, done.text, done.entities, done.caption) == (text.message_id, None, None, "Chart")
    assert done.edit_date
    first = await owner.wait_for("Chart")
    assert await owner.picture(first) == FIRST
    await edited(bot, text, shown(SECOND, "Newer"))
    second = await owner.wait_for("Newer")
    assert await owner.picture(second) == SECOND
    assert second["photo"]["url"] != first["photo"]["url"]  # a client that keeps pictures by address shows the new one
    assert [message["message_id"] for message in await owner.history()] == [1, text.message_id]
    with pytest.raises(LookupError, match="no photo"):
        await owner.picture((await owner.history())[0])


async def test_what_counts_as_modified(chat: tuple[Bot, Chat]) -> None:
    """The same file_id, caption and buttons change nothing; a picture that is uploaded anew is another one."""
    bot, _ = chat
    sent = await bot.send_photo(OWNER, uploaded(FIRST), caption="Chart", reply_markup=BUTTONS)
    assert sent.photo
    same = InputMediaPhoto(media=sent.photo[-1].file_id, caption="Chart")
    assert "message is not modified" in await refusal(edited(bot, sent, same))
    assert (await edited(bot, sent, shown(FIRST, "Chart"))).photo != sent.photo
    assert (await edited(bot, sent, same)).photo == sent.photo
    bare = await bot.edit_message_media(same, chat_id=OWNER, message_id=sent.message_id)
    assert isinstance(bare, Message)
    assert bare.reply_markup is None


async def test_words_of_a_picture(chat: tuple[Bot, Chat]) -> None:
    """A picture has no text to edit, but a caption, which may go; a text has no caption."""
    bot, owner = chat
    sent = await bot.send_photo(OWNER, uploaded(FIRST), caption="Chart")
    words = await refusal(bot.edit_message_text("Words", chat_id=OWNER, message_id=sent.message_id))
    assert words == "Bad Request: there is no text in the message to edit"
    await bot.edit_message_caption(chat_id=OWNER, message_id=sent.message_id, caption="<i>Words</i>")
    assert (await owner.wait_for("Words"))["text_html"] == "<i>Words</i>"
    bare = await bot.edit_message_caption(chat_id=OWNER, message_id=sent.message_id)
    assert isinstance(bare, Message)
    assert bare.caption is None
    text = await bot.send_message(OWNER, "text")
    words = await refusal(bot.edit_message_caption(chat_id=OWNER, message_id=text.message_id, caption="x"))
    assert words == "Bad Request: there is no caption in the message to edit"


TOO_BIG = "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"
NO_PICTURES = {
    "no picture": (b"no picture", "IMAGE_PROCESS_FAILED"),
    "too narrow": (png(1, 21), "PHOTO_INVALID_DIMENSIONS"),
    "too wide": (png(9500, 501), "PHOTO_INVALID_DIMENSIONS"),
    "too big": (FIRST.ljust(10_485_761, b"\0"), TOO_BIG),
}


@pytest.mark.parametrize(("content", "reason"), NO_PICTURES.values(), ids=NO_PICTURES)
async def test_no_pictures(chat: tuple[Bot, Chat], content: bytes, reason: str) -> None:
    """What Telegram takes for no picture is refused when it is sent and when it is edited in; the text then stays."""
    bot, owner = chat
    text = await bot.send_message(OWNER, "text")
    assert await refusal(bot.send_photo(OWNER, uploaded(content))) == f"Bad Request: {reason}"
    assert await refusal(edited(bot, text, shown(content))) == f"Bad Request: {reason}"
    assert [message["content"] for message in await owner.history()] == ["hi", "text"]


async def test_a_file_stays_what_it_was_sent_as(chat: tuple[Bot, Chat]) -> None:
    """A picture that was sent as a document is no photo, and a photo no document."""
    bot, _ = chat
    document = (await bot.send_document(OWNER, uploaded(FIRST))).document
    photo = (await bot.send_photo(OWNER, uploaded(FIRST))).photo
    assert document
    assert photo
    words = await refusal(bot.send_photo(OWNER, document.file_id))
    assert words == "Bad Request: can't use file of type Document as Photo"
    words = await refusal(bot.send_document(OWNER, photo[-1].file_id))
    assert words == "Bad Request: can't use file of type Photo as Document"
