"""Stories of a CSV file: checked, shown, confirmed, handed to OsonSMS in one call."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.chat import Chat
from tests.support.world import OWNER, World, running_bot

NAMES = "Телефон;Имя\n900000001;Анна\n+992 90 000 00 02;Зафар\n900000001;Анна ещё раз\n12345;Коротко\n"


@pytest.mark.usefixtures("bot")
async def test_a_list_with_names_is_filled_by_the_gateway(world: World, chat: Chat) -> None:
    """Caption with placeholders: counts, samples and faults in the preview; with_params and the columns in the call."""
    await chat.sends_file(OWNER, "clients.csv", NAMES.encode("cp1251"), "Салом, {имя}!")
    preview = await chat.wait_for("2 recipients")
    for words in ("4 rows", "Duplicates: 1", "digits are lacking: 1", "Rows: 5", "Салом, Анна!", "no report for each"):
        assert words in preview["content"], words
    assert await world.requests("bulk") == []
    await chat.presses(OWNER, preview, "Send now")
    card = await chat.wait_for("OsonSMS took the list")
    [bulk] = (await world.gateway("bulks"))["bulks"]
    assert bulk["with_params"]
    assert bulk["name"] in card["content"]
    assert bulk["txn_id"] in card["content"]
    assert [(sms["phone"], sms["text"]) for sms in await world.arrived()] == [
        ("992900000001", "Салом, Анна!"),
        ("992900000002", "Салом, Зафар!"),
    ]
    await chat.says(OWNER, f"/status {bulk['txn_id']}")
    await chat.wait_for("OsonSMS took the list")


@pytest.mark.usefixtures("bot")
async def test_a_plain_list_asks_for_its_text(world: World, chat: Chat) -> None:
    """Without a caption the text is asked for; without placeholders the phones alone are handed over."""
    await chat.sends_file(OWNER, "phones.csv", b"900000001\n900000002\n")
    await chat.wait_for("What text shall go out?")
    await chat.says(OWNER, "Hello {nobody}")
    await chat.wait_for("no column “nobody”")
    await chat.says(OWNER, "Hello all")
    preview = await chat.wait_for("2 recipients")
    await asyncio.gather(chat.presses(OWNER, preview, "Send now"), chat.presses(OWNER, preview, "Send now"))
    await chat.wait_for("OsonSMS took the list", since=0)
    [bulk] = (await world.gateway("bulks"))["bulks"]
    assert not bulk["with_params"]
    assert bulk["file"].split() == ["992900000001", "992900000002"]
    assert len(await world.arrived()) == 2


async def test_a_list_for_later_names_its_time_in_dushanbe(world: World, chat: Chat) -> None:
    """A time is asked for in TIMEZONE and handed over in the gateway's; nothing arrives before it."""
    async with running_bot(world, TIMEZONE="Europe/Moscow"):
        await chat.sends_file(OWNER, "phones.csv", b"900000001\n", "Tomorrow")
        preview = await chat.wait_for("1 recipient")
        await chat.presses(OWNER, preview, "Later…")
        await chat.wait_for(lambda card: "Tomorrow 9:00" in Chat.buttons(card))
        await chat.says(OWNER, "yesterday")
        await chat.wait_for("I cannot read the time")
        tomorrow = datetime.now(ZoneInfo("Europe/Moscow")) + timedelta(days=1)
        await chat.says(OWNER, f"{tomorrow:%d.%m} 9:30")
        ready = await chat.wait_for("Goes out")
        assert f"{tomorrow:%d.%m.%Y} 09:30" in ready["content"]
        await chat.presses(OWNER, ready, "Schedule")
        await chat.wait_for("OsonSMS took the list")
    [bulk] = (await world.gateway("bulks"))["bulks"]
    assert bulk["send_at"].startswith(f"{tomorrow:%Y-%m-%d}T11:30:00")  # Dushanbe is two hours ahead of Moscow
    assert await world.arrived() == []


@pytest.mark.usefixtures("bot")
async def test_a_lost_answer_is_repeated_under_the_same_txn_id(world: World, chat: Chat) -> None:
    """The bulk call times out after acceptance: the repeat is refused as known; accepted, and one SMS for each."""
    await world.fault("timeout_after", call="bulk", delay=2)
    await chat.sends_file(OWNER, "phones.csv", b"900000001\n", "Once")
    preview = await chat.wait_for("1 recipient")
    await chat.presses(OWNER, preview, "Send now")
    await chat.wait_for("OsonSMS took the list")
    requests = await world.requests("bulk")
    assert len(requests) == 2
    assert len({request["txn_id"] for request in requests}) == 1
    assert len(await world.arrived()) == 1


@pytest.mark.usefixtures("bot")
async def test_a_list_whose_fate_is_not_known_says_so(world: World, chat: Chat) -> None:
    """No answer until attempts run out: uncertain, with the advice not to send again."""
    await world.fault("http_500", times=None, call="bulk")
    await chat.sends_file(OWNER, "phones.csv", b"900000001\n", "Maybe")
    preview = await chat.wait_for("1 recipient")
    await chat.presses(OWNER, preview, "Send now")
    card = await chat.wait_for("Not known whether OsonSMS took the list")
    assert "Do not send again" in card["content"]


@pytest.mark.usefixtures("bot")
async def test_a_dropped_list_is_not_sent(world: World, chat: Chat) -> None:
    """The red button drops the draft; its buttons are dead then."""
    await chat.sends_file(OWNER, "phones.csv", b"900000001\n", "No")
    preview = await chat.wait_for("1 recipient")
    await chat.presses(OWNER, preview, "Drop")
    await chat.wait_for("Dropped. Nothing was sent.", since=0)
    answer = await chat.presses(OWNER, preview["message_id"], f"p:send:{1}", forged=True)
    assert answer is not None
    assert "closed already" in answer["text"]
    assert await world.requests("bulk") == []


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b" \n", "The file is empty"),
        ("book.xlsx", b"PK\x03\x04" + bytes(100), "Excel"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "not"),
        ("words.csv", b"hello;world\nno;phones\n", "no phones"),
        ("big.csv", b"900000001\n" * 500_001, "larger than 5 MB"),
    ],
)
async def test_a_file_that_is_no_list_is_refused_with_a_cure(
    world: World, chat: Chat, name: str, content: bytes, said: str
) -> None:
    """Wrong files get one clear sentence, and nothing leaves."""
    await chat.sends_file(OWNER, name, content, "hi")
    await chat.wait_for(said)
    assert await world.requests("bulk") == []


@pytest.mark.usefixtures("bot")
async def test_an_old_schedule_button_does_not_send_now(world: World, chat: Chat) -> None:
    """A list that waits for another time, or is to go at once by now, is not sent by a button that said «Schedule»."""
    await chat.sends_file(OWNER, "phones.csv", b"900000001\n", "Later")
    preview = await chat.wait_for("1 recipient")
    await chat.presses(OWNER, preview, "Later…")
    shown = await chat.wait_for(lambda card: "In an hour" in Chat.buttons(card))
    await chat.presses(OWNER, shown, "In an hour")
    await chat.wait_for(lambda card: "Schedule" in Chat.buttons(card))
    for press in ("p:later:1", "p:schedule:1", "p:now:1", "p:schedule:1"):
        answer = await chat.presses(OWNER, preview["message_id"], press, forged=True)
        assert answer is not None
        assert ("has changed since" in answer["text"]) == (press == "p:schedule:1")
    assert await world.requests("bulk") == []


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("caption", ["confidential code 1234", "channel=telegram hi"])
async def test_a_list_takes_no_option_that_the_bulk_call_has_not(world: World, chat: Chat, caption: str) -> None:
    """confidential and channel are refused for a list, not dropped in silence."""
    await chat.sends_file(OWNER, "phones.csv", b"900000001\n", caption)
    await chat.wait_for("neither confidential nor channel")
    assert await world.requests("bulk") == []


@pytest.mark.usefixtures("bot")
async def test_a_caption_is_never_a_command(world: World, chat: Chat) -> None:
    """A file whose caption begins with /send is a file: nothing leaves without its preview."""
    await chat.sends_file(OWNER, "phones.csv", b"900000001\n900000002\n", "/send 900000009 hi")
    await chat.wait_for("2 recipients")
    assert await world.taken() == []
