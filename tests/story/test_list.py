"""Stories of a file of phones: read, shown, asked about, refused; and of a list that goes by OsonSMS in one call."""

import asyncio
import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from tests.story.lists import column, drafted
from tests.support.chat import Chat, Message
from tests.support.world import ADMIN, OWNER, World, running_bot

NAMES = "Телефон;Имя\n900000001;Анна\n+992 90 000 00 02;Зафар\n900000001;Анна ещё раз\n12345;Коротко\n"


async def by_osonsms(chat: Chat, file: bytes, text: str = "Salom") -> Message:
    """Send a file with its text, and let it go by OsonSMS; gives the preview."""
    preview = await drafted(chat, file, text)
    await chat.presses(OWNER, preview, "As a list")
    return await chat.wait_for_button("One by one")


@pytest.mark.usefixtures("bot")
async def test_a_list_with_names_is_filled_by_the_gateway(world: World, chat: Chat) -> None:
    """Caption with placeholders: counts, samples and faults in the preview; with_params and the columns in the call."""
    preview = await by_osonsms(chat, NAMES.encode("cp1251"), "Салом, {имя}!")
    for words in (
        "2 recipients",
        "4 rows",
        "Duplicates: 1",
        "digits are lacking: 1",
        "Rows: 5",
        "Салом, Анна!",
        "no report for each",
    ):
        assert words in preview["content"], words
    assert await world.requests("bulk") == []
    await chat.presses(OWNER, preview, "Send (")
    card = await chat.wait_for("OsonSMS took the list")
    [bulk] = (await world.gateway("bulks"))["bulks"]
    assert bulk["with_params"]
    assert bulk["name"] in card["content"]
    assert bulk["txn_id"] in card["content"]
    assert await world.received() == [("992900000001", "Салом, Анна!"), ("992900000002", "Салом, Зафар!")]
    await chat.says(OWNER, f"/status {bulk['txn_id']}")
    await chat.wait_for("OsonSMS took the list")


@pytest.mark.usefixtures("bot")
async def test_a_plain_list_asks_for_its_text(world: World, chat: Chat) -> None:
    """Without a caption the text is asked for; without placeholders the phones alone are handed over."""
    await chat.sends_file(OWNER, "phones.csv", b"900000001\n900000002\n")
    await chat.wait_for("What shall it say?")
    await chat.says(OWNER, "Hello {nobody}")
    await chat.wait_for("no column “nobody”")
    await chat.says(OWNER, "Hello all")
    preview = await chat.wait_for_button("As a list")
    await chat.presses(OWNER, preview, "As a list")
    preview = await chat.wait_for_button("One by one")
    await asyncio.gather(chat.presses(OWNER, preview, "Send ("), chat.presses(OWNER, preview, "Send ("))
    await chat.wait_for("OsonSMS took the list", since=0)
    [bulk] = (await world.gateway("bulks"))["bulks"]
    assert not bulk["with_params"]
    assert bulk["file"].split() == ["992900000001", "992900000002"]
    assert len(await world.arrived()) == 2


async def test_a_list_by_osonsms_names_its_time_in_dushanbe(world: World, chat: Chat) -> None:
    """A time is asked for in TIMEZONE and handed over in the gateway's; nothing arrives before it."""
    async with running_bot(world, TIMEZONE="Europe/Moscow"):
        preview = await by_osonsms(chat, column(1), "Tomorrow")
        await chat.presses(OWNER, preview, "Later…")
        await chat.wait_for_button("Tomorrow")
        await chat.says(OWNER, "yesterday")
        await chat.wait_for("I cannot read the time")
        tomorrow = datetime.now(ZoneInfo("Europe/Moscow")) + timedelta(days=1)
        await chat.says(OWNER, f"{tomorrow:%d.%m} 9:30")
        ready = await chat.wait_for_button("Schedule")
        assert f"Goes out {tomorrow:%d.%m} 9:30" in ready["content"]
        await chat.presses(OWNER, ready, "Schedule")
        await chat.wait_for("OsonSMS took the list")
    [bulk] = (await world.gateway("bulks"))["bulks"]
    assert bulk["send_at"].startswith(f"{tomorrow:%Y-%m-%d}T11:30:00")  # Dushanbe is two hours ahead of Moscow
    assert await world.arrived() == []


@pytest.mark.usefixtures("hasty_bot")
async def test_a_lost_answer_is_repeated_under_the_same_txn_id(world: World, chat: Chat) -> None:
    """The bulk call times out after acceptance: the repeat is refused as known; accepted, and one SMS for each."""
    await world.fault("timeout_after", call="bulk", delay=2)
    await chat.presses(OWNER, await by_osonsms(chat, column(1)), "Send (")
    await chat.wait_for("OsonSMS took the list")
    requests = await world.requests("bulk")
    assert len(requests) == 2
    assert len({request["txn_id"] for request in requests}) == 1
    assert len(await world.arrived()) == 1


@pytest.mark.usefixtures("bot")
async def test_a_list_whose_fate_is_not_known_says_so(world: World, chat: Chat) -> None:
    """No answer until attempts run out: uncertain, with the advice not to send again, and no button to do so."""
    await world.fault("http_500", times=None, call="bulk")
    await chat.presses(OWNER, await by_osonsms(chat, column(1)), "Send (")
    card = await chat.wait_for("Not known whether OsonSMS took the list")
    assert "Do not send again" in card["content"]
    assert not any("again" in button for button in chat.buttons(card))


@pytest.mark.usefixtures("bot")
async def test_a_dropped_list_is_not_sent(world: World, chat: Chat) -> None:
    """The red button drops the draft; its buttons are dead then."""
    preview = await drafted(chat, column(1), "No")
    await chat.presses(OWNER, preview, "Drop")
    dropped = await chat.wait_for("Dropped. Nothing was sent.", since=0)
    assert dropped["message_id"] == preview["message_id"]
    for verb in ("send", "canary", "way", "latin", "later", "test", "sender", "text", "drop"):
        answer = await chat.presses(OWNER, preview["message_id"], f"p:{verb}:1", forged=True)
        assert answer is not None
        assert "closed already" in answer["text"], verb
    assert await world.requests("bulk") + await world.requests("send") == []


@pytest.mark.usefixtures("bot")
async def test_an_old_schedule_button_does_not_send_now(world: World, chat: Chat) -> None:
    """A list that waits for another time, or is to go at once by now, is not sent by a button that said «Schedule»."""
    preview = await drafted(chat, column(1), "Later")
    await chat.presses(OWNER, preview, "Later…")
    await chat.presses(OWNER, await chat.wait_for_button("Tomorrow"), "Tomorrow")
    await chat.presses(OWNER, await chat.wait_for_button("9:00"), "9:00")
    await chat.wait_for_button("Schedule")
    for press in ("p:send:1", "p:later:1", "p:schedule:1", "p:now:1", "p:schedule:1", "p:canary:999"):
        answer = await chat.presses(OWNER, preview["message_id"], press, forged=True)
        assert answer is not None
        changes = press in ("p:later:1", "p:now:1")
        assert ("has changed since" in answer["text"]) != changes, press
    assert await world.gateway("messages") == {"messages": []}


@pytest.mark.usefixtures("bot")
async def test_a_list_is_never_confidential(world: World, chat: Chat) -> None:
    """confidential is refused for a list, not dropped in silence: the list itself would still tell."""
    await chat.sends_file(OWNER, "phones.csv", column(1), "confidential code 1234")
    await chat.wait_for("cannot be confidential")
    assert await world.taken() == []


@pytest.mark.usefixtures("bot")
async def test_a_channel_holds_for_a_list_and_only_for_the_tracked_way(world: World, chat: Chat) -> None:
    """channel=telegram is obeyed for each message, and the bulk call, which knows no channel, is not offered."""
    preview = await drafted(chat, column(2), "channel=telegram hi")
    assert "Telegram" in preview["content"]
    assert not any("Way" in button for button in chat.buttons(preview))
    await chat.presses(OWNER, preview, "Send (")
    await chat.wait_for("delivered: 2")
    assert {(taken["channel"], taken["text"]) for taken in await world.taken()} == {("telegram", "hi")}


@pytest.mark.usefixtures("bot")
async def test_a_caption_is_never_a_command(world: World, chat: Chat) -> None:
    """A file whose caption begins with /send is a file: nothing leaves without its preview."""
    await chat.sends_file(OWNER, "phones.csv", b"900000001\n900000002\n", "/send 900000009 hi")
    await chat.wait_for("2 recipients")
    assert await world.taken() == []


def workbook() -> bytes:
    """A book of one phone."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet().write("A1", 900000001)
    return out.getvalue()


def bomb() -> bytes:
    """A book of 300 KB that unpacks to more than 300 MB."""
    out = io.BytesIO()
    packed = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with packed as archive, archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
        for _ in range(310):
            sheet.write(bytes(1_000_000))
    return out.getvalue()


REFUSED: list[tuple[str, Callable[[], bytes], str]] = [
    ("empty.csv", lambda: b" \n", "There is nothing in it"),
    ("damaged.xlsx", lambda: workbook()[:-1500], "damaged. Open it in Excel, save it anew"),
    ("locked.xlsx", lambda: b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password off"),
    ("bomb.xlsx", bomb, "unpacks to far more than it weighs"),
    ("picture.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "This is no table"),
    ("letter.pdf", lambda: b"%PDF-1.7\n900000001\n", "This is no table"),
    ("words.csv", lambda: b"hello;world\nno;phones\n", "no phones"),
    ("big.csv", lambda: b"900000001\n" * 2_000_001, "larger than 20 MB"),
]


@pytest.mark.usefixtures("bot")
async def test_a_file_that_is_no_list_is_refused_with_a_cure(world: World, chat: Chat) -> None:
    """Wrong files get one clear sentence each, nothing leaves, and the bot goes on reading the next one."""
    for name, content, said in REFUSED:
        await chat.sends_file(OWNER, name, content(), "hi")
        refusal = await chat.wait_for(said)
        assert chat.buttons(refusal) == [], name
    await drafted(chat, workbook(), "hi", "good.xlsx")
    assert await world.gateway("messages") == {"messages": []}


@pytest.mark.usefixtures("bot")
async def test_a_heavy_file_holds_up_nobody(world: World, chat: Chat) -> None:
    """While a file of 8 MB is read, another admin's /send goes out; a file that is dropped meanwhile stays dropped."""
    heavy = b"900000001;" + b"x" * 28 + b"\n"
    await chat.sends_file(OWNER, "heavy.csv", heavy * (8_000_000 // len(heavy)), "hi")
    reading = await chat.wait_for("Reading heavy.csv")
    await chat.says(ADMIN, "/send 900000009 at once")
    await chat.wait_for("Delivered")
    await chat.presses(OWNER, reading, "Drop")
    await chat.wait_for("Dropped. Nothing was sent.", since=0)
    await drafted(chat, column(1), "next", seconds=30)  # lists are read one after the other: the heavy one is through
    heavy_card = next(one for one in await chat.history() if one["message_id"] == reading["message_id"])
    assert heavy_card["content"] == "Dropped. Nothing was sent."
    assert await world.received() == [("992900000009", "at once")]
