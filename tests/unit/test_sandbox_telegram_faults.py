"""The switches, the pace, the webhook and the control API of the stand-in."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.telegram import CHANNEL_ID, DEFAULT_TOKEN, GROUP_ID
from tests.support.chat import Chat, telegram
from tests.support.world import START

OWNER = 900000001


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A stand-in that repeats a delivery at once."""
    async with telegram(webhook_retry_seconds=0.01) as url:
        yield url


@pytest.fixture
async def chat(url: str) -> AsyncIterator[Chat]:
    """The owner, who has written once."""
    async with Chat(url) as chat:
        await chat.says("owner", "hi")
        yield chat


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The bot."""
    async with httpx.AsyncClient(base_url=f"{url}/bot{DEFAULT_TOKEN}/") as http:
        yield http


async def send(http: httpx.AsyncClient, text: str = "x", chat_id: int = OWNER) -> dict[str, Any]:
    """One sendMessage; its whole answer."""
    body: dict[str, Any] = (await http.post("sendMessage", json={"chat_id": chat_id, "text": text})).json()
    return body


ANSWERS = {
    "429": {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 3",
        "parameters": {"retry_after": 3},
    },
    "500": {"ok": False, "error_code": 500, "description": "Internal Server Error"},
    "blocked": {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"},
}


@pytest.mark.parametrize("mode", ANSWERS)
async def test_refusing_faults(chat: Chat, http: httpx.AsyncClient, mode: str) -> None:
    """A fault spoils as many calls as it says, leaves the chat alone and is seen in the log of calls."""
    await chat.control("faults", json={"mode": mode, "times": 2, "retry_after": 3})
    assert [await send(http), await send(http)] == [ANSWERS[mode]] * 2
    assert len(await chat.history()) == 1
    assert (await send(http))["ok"]
    calls = [
        (call["chat_id"], call["ok"], call["error_code"], call["fault"]) for call in await chat.calls("sendMessage")
    ]
    code = ANSWERS[mode]["error_code"]
    assert calls == [(OWNER, False, code, mode), (OWNER, False, code, mode), (OWNER, True, None, None)]


@pytest.mark.parametrize(("mode", "arrived"), [("reset", 0), ("drop", 1)])
async def test_torn_connections(chat: Chat, http: httpx.AsyncClient, mode: str, arrived: int) -> None:
    """Either way the bot hears nothing; after `drop` the message stands in the chat all the same."""
    await chat.control("faults", json={"mode": mode, "method": "sendMessage"})
    with pytest.raises(httpx.TransportError):
        await send(http)
    assert len(await chat.history()) == 1 + arrived
    assert (await send(http))["ok"]


async def test_fault_of_one_method(chat: Chat, http: httpx.AsyncClient) -> None:
    """A fault of one method leaves others alone; one of any method leaves listening alone; "none" clears all."""
    await chat.control("faults", json={"mode": "500", "method": "getMe", "times": 1})
    assert (await send(http))["ok"]
    assert (await http.get("getMe")).status_code == 500
    await chat.control("faults", json={"mode": "500", "times": 9})
    assert (await http.get("getUpdates")).status_code == 200
    await chat.control("faults", json={"mode": "none"})
    assert (await http.get("getMe")).status_code == 200
    with pytest.raises(ValueError, match="nonsense"):
        await chat.control("faults", json={"mode": "nonsense"})


async def test_pace(chat: Chat, http: httpx.AsyncClient) -> None:
    """With limits on, a second message in a second is one too many, and a group's twenty-first in a minute."""
    await chat.control("limits", json={"on": True})
    assert (await send(http))["ok"]
    assert (await send(http))["parameters"] == {"retry_after": 1}
    answers = [await send(http, chat_id=GROUP_ID) for _ in range(21)]
    assert [answer["ok"] for answer in answers] == [True] * 20 + [False]
    assert answers[-1]["parameters"]["retry_after"] > 50


class Receiver:
    """A bot behind a webhook, which refuses the first delivery."""

    def __init__(self) -> None:
        self.deliveries: list[tuple[str, str]] = []
        self.three = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        """Note it; answer a text by a call in the reply."""
        text = (await request.json())["message"]["text"]
        self.deliveries.append((text, request.headers["X-Telegram-Bot-Api-Secret-Token"]))
        if len(self.deliveries) == 3:
            self.three.set()
        if len(self.deliveries) == 1:
            return web.Response(status=503)
        return web.json_response({"method": "sendMessage", "chat_id": OWNER, "text": f"re {text}"})


async def test_webhook(chat: Chat, http: httpx.AsyncClient) -> None:
    """Updates come in order, with the secret, again until they are taken; a reply may be a call; polling is refused."""
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/", receiver.take)
    server = TestServer(app)
    await server.start_server()
    await chat.says("owner", "two")
    hook = {"url": str(server.make_url("/")), "secret_token": "s3cret"}
    assert (await http.post("setWebhook", json=hook)).json()["result"] is True
    await asyncio.wait_for(receiver.three.wait(), 5)
    assert receiver.deliveries == [("hi", "s3cret"), ("hi", "s3cret"), ("two", "s3cret")]
    await chat.wait_for("re two", since=0)
    poll = (await http.post("getUpdates")).json()
    assert poll["error_code"] == 409
    assert poll["description"].startswith("Conflict: can't use getUpdates method while webhook is active")
    info = (await http.post("getWebhookInfo")).json()["result"]
    assert (info["pending_update_count"], info["last_error_message"]) == (
        0,
        "Wrong response from the webhook: 503 Service Unavailable",
    )
    assert (await http.post("deleteWebhook")).json()["result"] is True
    assert (await http.post("getUpdates")).json()["result"] == []
    await server.close()


async def updates(http: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    """What the bot hears."""
    result: list[dict[str, Any]] = (await http.post("getUpdates", json=params)).json()["result"]
    return result


async def test_group(chat: Chat, http: httpx.AsyncClient) -> None:
    """In the group each writes as themselves, or an admin in the group's name; messages have the group's numbers."""
    await chat.says("stranger", "hello", chat="group")
    await chat.says("owner", "secretly", chat="group", anonymous=True)
    heard = [update["message"] for update in await updates(http, offset=-2)]
    assert [message["from"]["id"] for message in heard] == [900000003, 1087968824]
    assert "sender_chat" not in heard[0]
    assert heard[1]["sender_chat"]["id"] == GROUP_ID
    assert [(message["chat"]["type"], message["message_id"]) for message in heard] == [
        ("supergroup", 1),
        ("supergroup", 2),
    ]


async def test_other_updates(chat: Chat, http: httpx.AsyncClient) -> None:
    """A changed message, a contact, a forwarded file, a channel's post and an inline query come as Telegram's kinds."""
    await chat.edits("owner", 1, "/help")
    await chat.shares_contact("owner", "992900000001")
    await chat.shares_contact("owner", "992900000002", "Somebody")
    await chat.control("channel_post", json={"text": "news"})
    await chat.control("inline", json={"user": "admin", "query": "?"})
    heard = (await updates(http))[1:]
    assert heard[0]["edited_message"]["entities"][0]["type"] == "bot_command"
    assert heard[0]["edited_message"]["edit_date"]
    assert heard[1]["message"]["contact"]["user_id"] == OWNER
    assert "user_id" not in heard[2]["message"]["contact"]
    assert heard[3]["channel_post"]["sender_chat"]["id"] == CHANNEL_ID
    assert "from" not in heard[3]["channel_post"]
    assert heard[4]["inline_query"]["query"] == "?"


async def test_unasked_kinds(chat: Chat, http: httpx.AsyncClient) -> None:
    """Kinds that are not in allowed_updates are never queued; the list is remembered until another comes."""
    await updates(http, allowed_updates=["message"], offset=-1)
    await chat.edits("owner", 1, "again")
    await chat.says("owner", "new")
    assert [set(update) - {"update_id"} for update in await updates(http)] == [{"message"}, {"message"}]


@pytest.mark.parametrize(
    ("act", "body", "reason"),
    [
        ("send", {"user": "nobody", "text": "x"}, "no such person"),
        ("send", {"user": "owner", "text": " "}, "an empty text cannot be sent"),
        ("send", {"user": "owner", "text": "x", "chat": 900000002}, "no such chat for this person"),
        ("send", {"user": "owner", "text": "x", "reply_to": 99}, "no such message"),
        ("send", {"user": "owner", "text": "x", "anonymous": True}, "only a group has anonymous admins"),
        ("press", {"user": "owner", "message_id": 1, "data": "x"}, "no such button"),
        ("edit", {"user": "admin", "chat": "group", "message_id": 1, "text": "x"}, "no such message"),
        ("document", {"user": "owner"}, "a file is needed"),
    ],
)
async def test_impossible_acts(chat: Chat, act: str, body: dict[str, Any], reason: str) -> None:
    """What nobody could do in Telegram is refused to tests too, with its reason."""
    with pytest.raises(ValueError, match=reason):
        await chat.control(act, json=body)


async def test_forged_press(chat: Chat, http: httpx.AsyncClient) -> None:
    """A hostile client may press what no button says; the bot hears it like any other press."""
    await send(http)
    press = asyncio.create_task(chat.presses("owner", 2, "cancel:99", forged=True))
    heard = await updates(http, offset=500000002, timeout=5)
    assert heard[0]["callback_query"]["data"] == "cancel:99"
    await http.post("answerCallbackQuery", json={"callback_query_id": heard[0]["callback_query"]["id"]})
    assert await press == {"text": "", "show_alert": False, "url": ""}


async def test_reset(chat: Chat, http: httpx.AsyncClient) -> None:
    """A reset empties chats, updates, switches and calls; versions go on, so that nobody waits for the past."""
    await http.post("setMyCommands", json={"commands": [{"command": "send", "description": "x"}]})
    await chat.control("faults", json={"mode": "500"})
    before = await chat.reads("state")
    await chat.control("reset")
    after = await chat.reads("state")
    assert after["version"] > before["version"]
    assert after["epoch"] == before["epoch"] + 1
    assert after["commands"] == before["commands"]
    assert (await chat.reads("pending"))["pending"] == 0
    assert await chat.history() == []
    assert (await send(http))["description"] == "Forbidden: bot can't initiate conversation with a user"


async def test_waiting_for_news(chat: Chat, http: httpx.AsyncClient) -> None:
    """wait_for ends as soon as the bot writes, sees edits as they stand, and says what it saw when it waits in vain."""
    waiting = asyncio.create_task(chat.wait_for("sent"))
    await send(http, "sending…")
    edit = {"chat_id": OWNER, "message_id": 2, "text": "sent"}
    await http.post("editMessageText", json=edit)
    assert (await waiting)["edit_date"]
    with pytest.raises(AssertionError, match=r"the bot said \['sent'\]"):
        await chat.wait_for("failed", timeout=0.05)


async def test_other_sites_are_refused(url: str) -> None:
    """A page of another site, or a name that only leads here, may not press buttons in somebody's browser."""
    async with httpx.AsyncClient(base_url=f"{url}/control/") as http:
        assert (await http.get("state", headers={"Origin": "https://example.com"})).status_code == 403
        assert (await http.get("state", headers={"Host": "example.com"})).status_code == 403
        assert (
            await http.get("state", headers={"Origin": str(http.base_url.copy_with(path="/")).rstrip("/")})
        ).is_success


async def test_files_are_no_pages(chat: Chat, url: str) -> None:
    """A file that somebody sent is downloaded, never shown as a page of ours."""
    await chat.sends_file("owner", "x.html", b"<script>alert(1)</script>")
    file = (await chat.history())[-1]["document"]
    async with httpx.AsyncClient() as http:
        response = await http.get(httpx.URL(url).join(file["url"]))
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''x.html"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_served_alone(how: signal.Signals) -> None:
    """The command says where it listens, serves there, and ends when it is told to."""
    command = (sys.executable, "-m", "bot.sandbox.telegram", "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    name, url = (await process.stdout.readline()).decode().split()
    async with httpx.AsyncClient(base_url=url) as http:
        me = (await http.get(f"/bot{DEFAULT_TOKEN}/getMe")).json()
    process.send_signal(how)
    async with asyncio.timeout(START):
        code = await process.wait()
    assert (name, me["ok"], code) == ("telegram", True, 0)
