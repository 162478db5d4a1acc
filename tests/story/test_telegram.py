"""Stories of Telegram itself: it is slow, it says 429, it calls back, it loses messages."""

import asyncio
import socket

import httpx
import pytest

from tests.support.chat import Chat
from tests.support.world import OWNER, World, running_bot


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("method", ["sendMessage", "editMessageText"])
@pytest.mark.parametrize("mode", ["429", "500", "reset"])
async def test_what_telegram_does_not_take_now_it_gets_later(world: World, chat: Chat, method: str, mode: str) -> None:
    """A card or an edit that meets a 429, a 500 or a reset comes later; the SMS does not wait for it."""
    await chat.control("faults", json={"method": method, "mode": mode, "times": 2, "retry_after": 1})
    await chat.says(OWNER, "/send 900000001 patience")
    await chat.wait_for("✅ Delivered", 20)
    assert len(await world.arrived()) == 1


@pytest.mark.usefixtures("bot")
async def test_an_answer_waits_out_a_429(chat: Chat) -> None:
    """An answer that is no card is repeated after the time that Telegram asks for."""
    await chat.control("faults", json={"method": "sendMessage", "mode": "429", "times": 2, "retry_after": 1})
    await chat.says(OWNER, "/help")
    await chat.wait_for("SMS through OsonSMS")


@pytest.mark.usefixtures("bot")
async def test_a_lost_answer_to_an_edit_is_no_second_card(world: World, chat: Chat) -> None:
    """The edit took effect and its answer was lost: the next edit finds it unmodified, and that is well."""
    await chat.says(OWNER, "/send 900000001 one card")
    await chat.control("faults", json={"method": "editMessageText", "mode": "drop", "times": 1})
    await chat.wait_for("✅ Delivered", 20)
    await asyncio.sleep(1)
    said = [message for message in await chat.history() if message["from_bot"]]
    assert len(said) == 1
    assert len(await world.arrived()) == 1


async def test_by_webhook_an_order_delivered_twice_is_sent_once(world: World, chat: Chat) -> None:
    """With WEBHOOK_URL Telegram calls the bot; a call without the secret is refused; a repeated one sends once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    async with (
        running_bot(world, WEBHOOK_URL=url, WEBHOOK_SECRET="hush", HTTP_PORT=str(port)),
        httpx.AsyncClient() as client,
    ):
        await chat.says(OWNER, "/send 900000001 called back")
        await chat.wait_for("✅ Delivered")
        update = {
            "update_id": 7,
            "message": {
                "message_id": 990,
                "date": 1,
                "chat": {"id": OWNER, "type": "private"},
                "from": {"id": OWNER, "is_bot": False, "first_name": "M"},
                "text": "/send 900000002 twice",
                "entities": [{"type": "bot_command", "offset": 0, "length": 5}],
            },
        }
        assert (await client.post(f"{url}/telegram", json=update)).status_code == 401
        secret = {"X-Telegram-Bot-Api-Secret-Token": "hush"}
        for _ in range(2):
            assert (await client.post(f"{url}/telegram", json=update, headers=secret)).status_code == 200
        await chat.wait_for(lambda card: "✅ Delivered" in card["content"] and "twice" in card["content"])
        assert [sms["text"] for sms in await world.arrived()] == ["called back", "twice"]
        health = await client.get(f"{url}/health")
        assert (health.status_code, health.json()) == (200, {"status": "ok"})
        metrics = await client.get(f"{url}/metrics")
        assert 'osonsms_call_seconds_count{call="send",outcome="ok"} 2.0' in metrics.text


async def test_sending_goes_on_while_telegram_is_away(world: World, chat: Chat) -> None:
    """With Telegram down at the start, what is queued still goes out."""
    async with running_bot(world):
        await world.fault("no_balance", call="send")
        await chat.says(OWNER, "/send 900000001 waits")
        await chat.wait_for("All sending is stopped", since=0)
        await world.fault("no_balance", times=None, call="send")
    await world.fault("none", times=None)
    async with running_bot(world, TELEGRAM_API_URL="http://127.0.0.1:1"):
        await world.gateway("balance", balance="500")
        async with asyncio.timeout(10):
            while not await world.arrived():
                await asyncio.sleep(0.05)
