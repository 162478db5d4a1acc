"""A button that is pressed twice: the second tap changes nothing, and is no failure."""

import pytest
from structlog.testing import capture_logs

from tests.support.chat import Chat, Message
from tests.support.world import OWNER, World, until

pytestmark = pytest.mark.usefixtures("bot")

BUTTONS = {
    "/export": ("export:week:", "editMessageText"),
    "/history": ("narrow:1:kind:?", "editMessageText"),
    "/notify": ("wish:hour:?", "editMessageText"),
    "/language": ("lang:en", "editMessageText"),
    "/uncertain": ("p:inbox_older:1", "editMessageText"),
    "/balance": ("p:balance:0", "editMessage"),
    "/stats today": ("stats:week", "editMessageMedia"),
}
"""What stands in its place afterwards shows the same however often it is pressed."""


@pytest.mark.parametrize("command", BUTTONS)
async def test_a_second_tap_is_no_failure(chat: Chat, command: str) -> None:
    """Telegram refuses to show the same once more; that is nobody's trouble."""
    data, method = BUTTONS[command]
    await chat.says(OWNER, command)
    message = await chat.wait_for(lambda message: command != "/stats today" or bool(message.get("photo")))
    before = len(await _edits(chat, method))

    async def edited(times: int) -> bool:
        return len(await _edits(chat, method)) >= before + times

    with capture_logs() as lines:
        for times in (1, 2):
            await chat.presses(OWNER, message, data, forged=True)
            await until(lambda times=times: edited(times))  # type: ignore[misc]  # bound now, not when it is called
        await chat.says(OWNER, "/help")
        await chat.wait_for("SMS through OsonSMS")
    assert "update failed" not in [line["event"] for line in lines]


async def _edits(chat: Chat, method: str) -> list[int]:
    return [call["id"] for call in await chat.calls() if call["method"].startswith(method)]


async def test_what_the_first_tap_did_stays_readable(world: World, chat: Chat) -> None:
    """/block and /unblock by button: a second tap is answered above the chat, and the text stays."""
    await world.fault("bad_authorization", call="send")
    await chat.says(OWNER, "/send 900000001 waits")
    await chat.wait_for("All sending is stopped", since=0)
    await chat.says(OWNER, "/send 900000002 waits")
    await chat.wait_for("Queued · #2")
    await chat.says(OWNER, "/history")
    listed = await chat.wait_for("#2 ")
    await chat.says(OWNER, "/block", reply_to=listed["message_id"])
    asked = await chat.wait_for("Which one?")
    for toast in ("", "+992 90 000 00 01 is on the stop list already."):
        answer = await chat.presses(OWNER, asked, "p:block_to:1", forged=True)
        assert answer is not None
        assert answer.get("text", "") == toast
    stands = await _message(chat, asked["message_id"])
    assert "Waiting messages cancelled: 1" in stands["content"]
    for toast in ("", "+992 90 000 00 01 is not on the stop list."):
        answer = await chat.presses(OWNER, asked, "p:unblock:992900000001", forged=True)
        assert answer is not None
        assert answer.get("text", "") == toast
    assert "may be sent to again" in (await _message(chat, asked["message_id"]))["content"]


async def _message(chat: Chat, message_id: int) -> Message:
    return next(message for message in await chat.history() if message["message_id"] == message_id)
