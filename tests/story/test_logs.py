"""No log line holds a secret: the bot runs at DEBUG, through what goes well and what does not, and its log is read."""

import re
from pathlib import Path
from urllib.parse import quote

from tests.support.chat import Chat
from tests.support.lives import bot_process
from tests.support.world import BOT_TOKEN, OWNER, START, World

TEXT = "Сирри ман secret-words"
FAULTS = ("timeout_after", "reset_before", "http_500", "html_200", "bad_sender", "bad_authorization", "duplicate")


async def test_no_log_line_holds_the_token_a_phone_or_a_text(world: World, chat: Chat, tmp_path: Path) -> None:
    """At DEBUG, with every kind of fault, a list, a search and a wrong file: no token, no whole phone, no text."""
    log = tmp_path / "log"
    async with bot_process(world, log, LOG_LEVEL="DEBUG") as process:
        await chat.says(OWNER, "/help")
        await chat.wait_for("SMS through OsonSMS", START)
        for number, mode in enumerate(FAULTS):
            await world.fault(mode, call="send", delay=2 if mode == "timeout_after" else None)
            await chat.says(OWNER, f"/send 90000000{number} {TEXT} {number}")
            await chat.wait_for(lambda card: any(word in card["content"] for word in ("Delivered", "Not", "Queued")))
        await chat.says(OWNER, "/resume")
        await chat.says(OWNER, f"/send confidential 900000099 {TEXT}")
        await chat.wait_for("✅ Delivered")
        await chat.sends_file(OWNER, "a.csv", f"900000011;{TEXT}\n900000012;b\n".encode(), TEXT)
        preview = await chat.wait_for_button("Send (", START)
        await chat.presses(OWNER, preview, "Send (")
        await chat.wait_for("🏁 Done", START)
        await chat.sends_file(OWNER, "a.csv", f"900000011;{TEXT}\n900000012;b\n".encode(), TEXT)
        preview = await chat.wait_for_button("As a list", START)
        await chat.presses(OWNER, preview, "As a list")
        preview = await chat.wait_for_button("One by one")
        await world.fault("http_500", call="bulk")
        await chat.presses(OWNER, preview, "Send (")
        await chat.wait_for("OsonSMS took the list", START)
        await chat.says(OWNER, "/status 90 000 00 01")
        await chat.wait_for("+992 90 000 00 01")
        await chat.says(OWNER, "/balance")
        await chat.wait_for("TJS")
        await chat.control("faults", json={"method": "sendMessage", "mode": "reset", "times": 2})
        await chat.says(OWNER, "/send 900000021 " + TEXT)
        await chat.wait_for("✅ Delivered", START)
        process.terminate()
        await process.wait(START)
    lines = log.read_text("utf-8")
    assert "bot.osonsms" in lines  # it did run at DEBUG
    for secret in (
        BOT_TOKEN,
        BOT_TOKEN.partition(":")[2],
        "demo-token",
        TEXT,
        "secret-words",
        quote(TEXT),
        quote("Сирри"),
    ):
        assert secret not in lines, secret
    assert re.findall(r"(?:992)?9000000\d\d", lines) == []
