"""Stories of /export: what is asked, what stands in the files, and what is said while they are written."""

import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from bot.domain.message import State
from bot.services.sheets import Limits
from bot.store import Store
from bot.store.database import Database
from tests.story.lists import column, finished, ordered, phones, read_csv
from tests.support.chat import Chat, Message
from tests.support.log import new_message, put
from tests.support.timing import QUICK
from tests.support.world import ADMIN, OWNER, World, running_bot, until

DUSHANBE = ZoneInfo("Asia/Dushanbe")
TODAY = datetime.now(DUSHANBE).date()
AGO = (0, 1, 5, 20, 200, 400)
"""Days before today, on each of which one message was ordered; its text is the number."""
HURRIED = replace(QUICK, progress=0.1, progress_again=0.1)


def day(ago: int) -> datetime:
    """A moment of the day so many days ago, that is past."""
    now = datetime.now(DUSHANBE)
    return now if ago == 0 else datetime.combine(TODAY - timedelta(days=ago), time(12, 30, 15), DUSHANBE)


async def log_of(world: World, *orders: tuple[datetime, dict[str, Any]]) -> None:
    """A log of messages that were delivered, each ordered at its time."""
    url = world.environment()["DATABASE_URL"]
    store, database = Store(url), Database(url)
    await store.migrate()
    for at, changes in orders:
        async with store.write() as tx:
            [id_] = await tx.add_messages([new_message(**changes)], at.astimezone(UTC))
        await put(database, id_, state=State.DELIVERED, due_at=None, attempts=1, final_at=at.astimezone(UTC))
    await store.close()
    await database.close()


@pytest.fixture
async def old_log(world: World) -> None:
    """A message of each of the days `AGO`, the oldest first."""
    await log_of(world, *[(day(ago), {"text": str(ago)}) for ago in sorted(AGO, reverse=True)])


async def file_of(chat: Chat) -> Message:
    """The file that comes."""
    return await chat.wait_for(lambda message: bool(message.get("document")))


async def rows_of(chat: Chat, file: Message) -> list[dict[str, str]]:
    """Its rows, whatever form it has, each cell as words."""
    raw, name = await chat.downloads(file), file["document"]["file_name"]
    if name.endswith(".xlsx"):
        header, *rows = CalamineWorkbook.from_filelike(BytesIO(raw)).get_sheet_by_index(0).to_python()
        return [dict(zip(map(str, header), map(str, row), strict=True)) for row in rows]
    if name.endswith(".zip"):
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            raw = archive.read(name.replace(".zip", ".csv"))
    return read_csv(raw)


async def texts_of(chat: Chat, file: Message) -> list[str]:
    """The texts in it, in order."""
    return [row["text"] for row in await rows_of(chat, file)]


def days_within(most: int) -> list[str]:
    """The texts of the messages that were ordered up to so many days ago."""
    return [str(ago) for ago in sorted(AGO, reverse=True) if ago <= most]


@pytest.mark.usefixtures("old_log", "bot")
async def test_the_period_and_the_form_are_asked_for_by_button(chat: Chat) -> None:
    """/export alone asks for both; the question goes, and the file comes with its days and its count."""
    await chat.says(OWNER, "/export")
    asked = await chat.wait_for("what period?")
    assert chat.buttons(asked) == ["today", "7 days", "30 days", "a year", "the whole log"]
    await chat.presses(OWNER, asked, "7 days")
    again = await chat.wait_for("what kind of file?")
    assert again["message_id"] == asked["message_id"]
    assert chat.buttons(again) == ["CSV", "Excel"]
    await chat.presses(OWNER, again, "CSV")
    file = await file_of(chat)
    first = TODAY - timedelta(days=6)
    assert file["content"] == f"3 messages · {first:%d.%m.%Y} – {TODAY:%d.%m.%Y}"
    assert file["document"]["file_name"] == f"osonsms-{first}-{TODAY}.csv"
    assert await texts_of(chat, file) == days_within(6)
    assert all(message["message_id"] != asked["message_id"] for message in await chat.history())


@pytest.mark.usefixtures("old_log", "bot")
async def test_words_go_as_far_as_they_say(chat: Chat) -> None:
    """A period alone asks for the form, a form alone for the period; each keeps what was said."""
    await chat.says(OWNER, "/export месяц")
    await chat.presses(OWNER, await chat.wait_for("what kind of file?"), "Excel")
    file = await file_of(chat)
    assert file["document"]["file_name"].endswith(".xlsx")
    assert await texts_of(chat, file) == days_within(29)
    await chat.says(OWNER, "/export xlsx")
    await chat.presses(OWNER, await chat.wait_for("what period?"), "the whole log")
    file = await file_of(chat)
    assert file["document"]["file_name"] == f"osonsms-all-{TODAY}.xlsx"
    assert file["content"] == "6 messages · the whole log"
    assert await texts_of(chat, file) == days_within(400)


@pytest.mark.usefixtures("old_log", "bot")
async def test_every_way_to_say_a_time_gives_its_messages(chat: Chat) -> None:
    """Three languages, days with and without a year, the form before or behind; the file is named for what is in it."""
    yesterday = TODAY - timedelta(days=1)
    periods = {"today": (0, 0), "week": (6, 0), "month": (29, 0), "year": (364, 0), "all": (400, 0), "day": (1, 1)}
    said = {
        "today": ["today csv", "csv сегодня", "excel имрӯз"],
        "week": ["week xlsx", "за неделю csv", "csv ҳафта"],
        "month": ["csv month", "месяц csv", "моҳ csv"],
        "year": ["csv year", "csv год", "csv сол"],
        "all": ["csv all", "csv всё", "csv ҳама"],
        "day": [f"csv {yesterday:%d.%m}", f"{yesterday:%d.%m.%Y} xlsx", f"csv {yesterday}", "csv вчера"],
    }
    file: Message = {}
    for period, (most, least) in periods.items():
        for words in said[period]:
            await chat.says(OWNER, f"/export {words}")
            file = await file_of(chat)
            wanted = [text for text in days_within(most) if int(text) >= least]
            assert await texts_of(chat, file) == wanted, words
    assert file["document"]["file_name"] == f"osonsms-{yesterday}.csv"
    assert file["content"] == f"1 message · {yesterday:%d.%m.%Y}"


@pytest.mark.usefixtures("old_log", "bot")
async def test_what_cannot_be_read_is_told_with_what_can_be_said(chat: Chat) -> None:
    """Words that are no time, a day that there is not, one that has not come; an empty day; a button of nobody's."""
    tomorrow = TODAY + timedelta(days=1)
    for words in ("soon", "31.02", f"{tomorrow:%d.%m.%Y}", "week pdf"):
        await chat.says(OWNER, f"/export {words}")
        assert "Write today, week, month, year" in (await chat.wait_for("cannot read the period"))["content"]
    await chat.says(OWNER, f"/export csv {TODAY - timedelta(days=3)}")
    await chat.wait_for(f"No messages: {TODAY - timedelta(days=3):%d.%m.%Y}")
    for data in ("export:week:pdf", "export:2026-13-01:csv", "export:9999-12-31:csv", "export::csv", "export:soon:"):
        answer = await chat.presses(OWNER, (await chat.last())["message_id"], data, forged=True)
        assert answer is not None
        assert "no longer works" in answer["text"], data
    assert not any(message.get("document") for message in await chat.history())


@pytest.mark.usefixtures("bot")
async def test_an_empty_log_is_told(chat: Chat) -> None:
    """No file without a row."""
    await chat.says(OWNER, "/export csv all")
    await chat.wait_for("No messages: the whole log")


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_what_was_sent_stands_in_the_file_as_the_gateway_has_it(world: World, chat: Chat, form: str) -> None:
    """Ids, states, channel, sender, campaign and actor; a confidential text stays out, a formula is none."""
    await chat.says(OWNER, "/send from=Demo 900000001 =1+1")
    await chat.wait_for("Delivered")
    await chat.says(ADMIN, "/send confidential 900000002 code 1234")
    await chat.wait_for("Delivered")
    await ordered(chat, column(1, 3), "Салом")
    await finished(chat, "delivered: 1")
    await chat.says(OWNER, f"/export {form} today")
    file = await file_of(chat)
    raw = await chat.downloads(file)
    assert b"1234" not in raw
    rows = await rows_of(chat, file)
    taken = {one["phone"]: one for one in await world.taken()}
    assert [row["text"] for row in rows] == ["'=1+1", "", "Салом"]
    assert [int(float(row["ordered by (id)"])) for row in rows] == [OWNER, ADMIN, OWNER]
    assert [row["campaign"].partition(".")[0] for row in rows] == ["", "", "1"]
    for row, phone in zip(rows, phones(3), strict=True):
        assert row["phone"].replace(" ", "") == phone
        assert (row["state"], row["OsonSMS status"], row["sender"], row["channel"]) == (
            *("delivered", "DELIVERED"),
            *("Demo", "SMS"),
        )
        assert (row["txn_id"], int(float(row["msg_id"]))) == (taken[phone]["txn_id"], taken[phone]["msg_id"])
        assert row["ordered"][:10] == str(TODAY)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_large_log_comes_in_parts(world: World, chat: Chat, form: str, many: None) -> None:
    """Each is numbered and of a size that can be sent; each row is in one; at last it is said that it was all."""
    async with running_bot(world, limits=Limits(packed=20_000, unpacked=150_000, book_rows=1_000)):
        await chat.says(OWNER, f"/export {form} all")
        done = await chat.wait_for("That was all")
        files = [message for message in await chat.history() if message.get("document")]
    assert len(files) > 1
    assert f"{len(files)} files, rows in all: 3,000" in done["content"]
    suffix = "zip" if form == "csv" else "xlsx"
    names = [f"osonsms-all-{TODAY}{number}.{suffix}" for number in ("", *[f"-{n}" for n in range(2, len(files) + 1)])]
    assert [file["document"]["file_name"] for file in files] == names
    assert [file["content"].splitlines()[0] for file in files] == [f"Part {n}" for n in range(1, len(files) + 1)]
    texts = [text for file in files for text in await texts_of(chat, file)]
    assert texts == [f"text {number}" for number in range(3_000)]


@pytest.fixture
async def many(world: World) -> None:
    """Three thousand messages of yesterday."""
    await log_of(world, (day(1), {"text": "text 0"}))
    database = Database(world.environment()["DATABASE_URL"])
    async with database.write() as connection:
        await connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2999) "
            "INSERT INTO messages (txn_id, text, phone, sender, channel, confidential, length, encoding, parts,"
            " actor_id, created_at, state, attempts, retries, may_have_arrived, polls) "
            "SELECT printf('%026d', i), 'text ' || i, phone, sender, channel, confidential, length, encoding, parts,"
            " actor_id, created_at, state, attempts, retries, may_have_arrived, polls FROM messages, n"
        )
    await database.close()


async def test_a_large_result_comes_in_parts_too(world: World, chat: Chat) -> None:
    """The result of a campaign is written the same way."""
    async with running_bot(world, limits=Limits(full=1)):
        await ordered(chat, column(12), button="First 10")
        asking = await chat.wait_for_button("Cancel the rest", since=0)
        await chat.presses(OWNER, asking, "Cancel the rest")
        card = await chat.wait_for("What had left stays sent")
        await chat.presses(OWNER, card, "Result")
        await chat.wait_for("That was all: 2 files, rows in all: 12")
        files = [message for message in await chat.history() if message.get("document") and message["from_bot"]]
    assert [file["document"]["file_name"] for file in files] == ["campaign-1.csv", "campaign-1-2.csv"]
    told = [row["phone"].replace(" ", "") for file in files for row in await rows_of(chat, file)]
    assert told == phones(12)


@pytest.fixture
async def hurried(world: World) -> AsyncIterator[None]:
    """The bot, which tells early how far it is."""
    async with running_bot(world, HURRIED):
        yield


@pytest.mark.usefixtures("old_log", "hurried")
async def test_what_takes_long_says_how_far_it_is_and_is_done_once(chat: Chat) -> None:
    """While Telegram holds the file up a note stands there, a second one is refused, another admin's is not."""
    await chat.control("faults", json={"mode": "429", "method": "sendDocument", "retry_after": 1})
    await chat.says(OWNER, "/export csv all")
    note = await chat.wait_for("Writing the file…")
    assert "99 %" in note["content"]
    await chat.says(OWNER, "/export csv all")
    await chat.wait_for("still being written")
    await chat.says(OWNER, "/export all")
    asked = await chat.wait_for("what kind of file?")
    answer = await chat.presses(OWNER, asked, "CSV")
    assert answer is not None
    assert "still being written" in answer["text"]
    await chat.says(ADMIN, "/export csv all")
    await file_of(chat)
    chat.user = "owner"
    await chat.wait_for(lambda message: bool(message.get("document")), since=0)
    await until(lambda: _is_gone(chat, note))
    await chat.presses(OWNER, asked, "CSV")
    await file_of(chat)


@pytest.mark.usefixtures("hurried")
async def test_a_result_says_how_far_it_is_and_is_done_once(chat: Chat) -> None:
    """Five taps are one file; it and /export have one turn together, and the note goes when the file is there."""
    await ordered(chat, column(3))
    card = await finished(chat, "delivered: 3")
    await chat.control("faults", json={"mode": "429", "method": "sendDocument", "retry_after": 2})
    toasts = [(await chat.presses(OWNER, card, "Result") or {}).get("text", "") for _ in range(5)]
    assert "The file is coming" in toasts[0]
    assert all("still being written" in toast for toast in toasts[1:])
    note = await chat.wait_for("Writing the file… 99 %", since=0)
    await chat.says(OWNER, "/export csv all")
    await chat.wait_for("still being written")
    await chat.wait_for(lambda message: bool(message.get("document")), since=0)
    await until(lambda: _is_gone(chat, note))
    assert len([message for message in await chat.history() if message.get("document") and message["from_bot"]]) == 1
    await chat.presses(OWNER, card, "Result")
    await file_of(chat)


async def _is_gone(chat: Chat, message: Message) -> bool:
    return all(one["message_id"] != message["message_id"] for one in await chat.history())


async def _nothing_is_written(chat: Chat) -> bool:
    return not any("Writing" in message["content"] for message in await chat.history())


@pytest.mark.usefixtures("old_log", "hurried")
async def test_a_file_that_cannot_be_sent_is_told(chat: Chat) -> None:
    """And the next one can be asked for at once."""
    await chat.control("faults", json={"mode": "500", "method": "sendDocument"})
    await chat.says(OWNER, "/export csv all")
    await chat.wait_for("could not be written or sent")
    await chat.says(OWNER, "/export csv all")
    await file_of(chat)
    await until(lambda: _nothing_is_written(chat))


@pytest.mark.usefixtures("old_log")
async def test_a_bot_that_stops_says_that_the_file_is_not_done(world: World, chat: Chat) -> None:
    """The note becomes its last word; nobody waits for a file that does not come."""
    async with running_bot(world, HURRIED):
        await chat.control("faults", json={"mode": "429", "method": "sendDocument", "retry_after": 20})
        await chat.says(OWNER, "/export csv all")
        note = await chat.wait_for("Writing the file…")
    last = await chat.wait_for("Ask for it again in a minute", since=0)
    assert last["message_id"] == note["message_id"]


@pytest.mark.usefixtures("old_log")
async def test_a_file_speaks_its_readers_language(world: World, chat: Chat) -> None:
    """Columns and states."""
    async with running_bot(world, LANGUAGE="ru"):
        await chat.says(OWNER, "/export csv сегодня")
        [row] = await rows_of(chat, await file_of(chat))
    assert (row["состояние"], row["канал"]) == ("доставлено", "SMS")
