"""Stories of the command line: check, migrate, backup."""

import asyncio
import os
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.support.chat import Chat
from tests.support.world import BOT_TOKEN, OWNER, REPOSITORY, World, running_bot


async def command(world: World, *words: str, **changes: str) -> tuple[int, str]:
    """Run `python -m bot …`; give its exit code and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        env=os.environ | world.environment(**changes) | {"PYTHONPATH": str(REPOSITORY)},
        cwd=world.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode()


async def test_check_tells_that_all_is_well(world: World) -> None:
    """Every setting, Telegram, OsonSMS with its balance, and the database stand in the table; no secret does."""
    code, said = await command(world, "check")
    assert code == 0
    lines = {line.split()[1]: line for line in said.splitlines()}
    assert all(line.startswith("ok") for line in lines.values())
    assert "@osonsms_demo_bot" in lines["Telegram"]
    assert "100.0 TJS" in lines["OsonSMS"]
    assert "ready" in lines["database"]
    assert "OSONSMS_SENDER" in lines
    assert BOT_TOKEN not in said
    assert "demo-token" not in said


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"BOT_TOKEN": "1:wrong"}, "BAD  Telegram"),
        ({"TELEGRAM_API_URL": "http://127.0.0.1:1"}, "BAD  Telegram"),
        ({"OSONSMS_TOKEN": "wrong"}, "BAD  OsonSMS"),
        ({"OSONSMS_LOGIN": "nobody"}, "BAD  OsonSMS"),
        ({"OSONSMS_API_URL": "http://127.0.0.1:1"}, "BAD  OsonSMS"),
        ({"DATABASE_URL": "postgresql+asyncpg://nobody@127.0.0.1:1/none"}, "BAD  database"),
        ({"TIMEZONE": "Mars"}, "BAD  TIMEZONE"),
    ],
)
async def test_check_tells_what_is_not_well(world: World, changes: dict[str, str], line: str) -> None:
    """What does not work is marked, with what to do; the rest is told all the same; the exit code is 1."""
    code, said = await command(world, "check", **changes)
    assert code == 1
    [bad] = [found for found in said.splitlines() if found.startswith("BAD")]
    assert bad.startswith(line)
    assert "Traceback" not in said


async def test_a_wrong_bot_token_stops_the_start_with_one_line(world: World) -> None:
    """Telegram's 401 is a wrong setting: one line, exit code 2."""
    code, said = await command(world, "run", BOT_TOKEN="1:wrong")
    assert code == 2
    assert said.strip().splitlines()[-1].startswith("BOT_TOKEN is wrong: Telegram does not know it")
    assert "Traceback" not in said


async def test_a_backup_is_whole_while_the_bot_runs(world: World, chat: Chat) -> None:
    """The copy holds what was sent, is a database that stands by itself, and does not overwrite a file."""
    async with running_bot(world):
        await chat.says(OWNER, "/send 900000001 to be kept")
        await chat.wait_for("✅ Delivered")
        code, said = await command(world, "backup", "copy.db")
        assert (code, said.strip()) == (0, "copy.db: 1 messages")
        code, said = await command(world, "backup", "copy.db")
        assert code == 1
        assert "exists" in said
    copy = sqlite3.connect(Path(world.folder, "copy.db"))
    assert copy.execute("SELECT text, state FROM messages").fetchall() == [("to be kept", "delivered")]
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()


async def test_a_worker_sends_what_the_bot_took(world: World, chat: Chat) -> None:
    """`worker` has no Telegram and sends all the same: what the bot queued before it stopped goes out."""
    async with running_bot(world):
        await world.fault("no_balance", call="send")
        await chat.says(OWNER, "/send 900000001 by the worker")
        await chat.wait_for("All sending is stopped", since=0)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "worker"),
        env=os.environ | world.environment() | {"PYTHONPATH": str(REPOSITORY)},
        cwd=world.folder,
    )
    try:
        await world.gateway("balance", balance="900")
        async with asyncio.timeout(40):
            while not await world.arrived():
                await asyncio.sleep(0.1)
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)
    assert process.returncode == 0
