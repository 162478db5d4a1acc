"""Telegram's refusals, word by word, over plain HTTP."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.sandbox.telegram import DEFAULT_TOKEN, GROUP_ID
from tests.support.chat import Chat, telegram

OWNER, ADMIN = 900000001, 900000002
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (40).to_bytes(4, "big") + (30).to_bytes(4, "big")


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A stand-in whose presses may be answered for a twentieth of a second."""
    async with telegram(callback_seconds=0.05) as url:
        yield url


@pytest.fixture
async def chat(url: str) -> AsyncIterator[Chat]:
    """The owner, who has written once (message 1), so that the bot may answer."""
    async with Chat(url) as chat:
        await chat.says("owner", "hi")
        yield chat


class Caller:
    """Calls methods with JSON and gives what was refused."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=f"{url}/bot{DEFAULT_TOKEN}/")

    async def result(self, method: str, **params: Any) -> Any:
        """The result of a call that succeeds."""
        body = (await self.http.post(method, json=params)).json()
        assert body["ok"], body
        return body["result"]

    async def refusal(self, method: str, **params: Any) -> tuple[int, str]:
        """The code and description of a call that is refused."""
        response = await self.http.post(method, json=params)
        body = response.json()
        assert response.status_code == body["error_code"]
        assert body["ok"] is False
        return body["error_code"], body["description"]


@pytest.fixture
async def api(url: str, chat: Chat) -> AsyncIterator[Caller]:
    """The bot; its message 2 in the owner's chat is a text, 3 a document, 4 has a reply keyboard."""
    api = Caller(url)
    await api.result("sendMessage", chat_id=OWNER, text="text", reply_markup=keyboard(callback_data="yes"))
    response = await api.http.post("sendDocument", data={"chat_id": OWNER}, files={"document": ("a.csv", b"x")})
    assert response.json()["ok"]
    await api.result("sendMessage", chat_id=OWNER, text="keys", reply_markup={"keyboard": [["Yes"]]})
    yield api
    await api.http.aclose()


def keyboard(**button: Any) -> dict[str, Any]:
    """One inline button."""
    return {"inline_keyboard": [[{"text": "Button", **button}]]}


SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {"chat_id": OWNER}, "message text is empty"),
    ("sendMessage", {"chat_id": OWNER, "text": " \n "}, "message text is empty"),
    ("sendMessage", {"chat_id": OWNER, "text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
    ("sendMessage", {"chat_id": OWNER, "text": "x" * 4097}, "message is too long"),
    ("sendMessage", {"chat_id": OWNER, "text": "😀" * 2049}, "message is too long"),
    ("sendMessage", {"text": "x"}, "chat_id is empty"),
    ("sendMessage", {"chat_id": 1, "text": "x"}, "chat not found"),
    ("sendMessage", {"chat_id": "@nobody", "text": "x"}, "chat not found"),
    ("sendMessage", {"chat_id": OWNER, "text": "x", "parse_mode": "XML"}, "unsupported parse_mode"),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "<b>x", "parse_mode": "HTML"},
        "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    ("sendMessage", {"chat_id": OWNER, "text": "x", "reply_to_message_id": 99}, "message to be replied not found"),
    (
        "sendMessage",
        {"chat_id": OWNER, "text": "x", "reply_parameters": {"message_id": 99}},
        "message to be replied not found",
    ),
    ("sendDocument", {"chat_id": OWNER}, "there is no document in the request"),
    ("sendDocument", {"chat_id": OWNER, "document": "nonsense"}, "wrong file identifier/HTTP URL specified"),
    ("editMessageText", {"chat_id": OWNER, "text": "x"}, "message identifier is not specified"),
    ("editMessageText", {"chat_id": OWNER, "message_id": 99, "text": "x"}, "message to edit not found"),
    ("editMessageText", {"chat_id": OWNER, "message_id": 1, "text": "x"}, "message can't be edited"),
    ("editMessageText", {"chat_id": OWNER, "message_id": 4, "text": "x"}, "message can't be edited"),
    ("editMessageText", {"chat_id": OWNER, "message_id": 3, "text": "x"}, "there is no text in the message to edit"),
    ("editMessageText", {"chat_id": OWNER, "message_id": 2, "text": ""}, "message text is empty"),
    ("editMessageText", {"chat_id": OWNER, "message_id": 2, "text": "x" * 4097}, "MESSAGE_TOO_LONG"),
    (
        "editMessageCaption",
        {"chat_id": OWNER, "message_id": 2, "caption": "x"},
        "there is no caption in the message to edit",
    ),
    ("editMessageCaption", {"chat_id": OWNER, "message_id": 3, "caption": "x" * 1025}, "MEDIA_CAPTION_TOO_LONG"),
    ("editMessageReplyMarkup", {"chat_id": OWNER, "message_id": 99}, "message to edit not found"),
    ("deleteMessage", {"chat_id": OWNER, "message_id": 99}, "message to delete not found"),
    ("deleteMessages", {"chat_id": OWNER, "message_ids": []}, "message identifiers are not specified"),
    ("sendChatAction", {"chat_id": OWNER, "action": "dancing"}, "wrong parameter action in request"),
    ("answerCallbackQuery", {"callback_query_id": "1"}, TOO_OLD),
    ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "MESSAGE_TOO_LONG"),
    ("getFile", {"file_id": "nonsense"}, "invalid file_id"),
    ("getChat", {"chat_id": 1}, "chat not found"),
    ("getChatMember", {"chat_id": GROUP_ID, "user_id": 1}, "invalid user_id specified"),
    ("setMyCommands", {"commands": [{"command": "Send", "description": "x"}]}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": [{"command": "send", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ("setMyCommands", {"commands": [], "scope": {"type": "all"}}, "unsupported bot command scope type"),
    ("setMyCommands", {"commands": [], "language_code": "rus"}, "invalid language code specified"),
    ("setMyName", {"name": "x" * 65}, "name is too long"),
    ("setWebhook", {"url": "https://example.com/"}, "bad webhook: the stand-in delivers to this machine only"),
    ("setWebhook", {"url": "http://127.0.0.1:1/", "secret_token": "a b"}, "secret token contains unallowed characters"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "params", "reason"), BAD)
async def test_bad_requests(api: Caller, method: str, params: dict[str, Any], reason: str) -> None:
    """What Telegram calls a bad request is one here, in the same words."""
    assert await api.refusal(method, **params) == (400, f"Bad Request: {reason}")


WRONG_BUTTONS: list[tuple[dict[str, Any], str]] = [
    ({"callback_data": ""}, "BUTTON_DATA_INVALID"),
    ({"callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
    ({"callback_data": "я" * 33}, "BUTTON_DATA_INVALID"),
    ({"copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
    ({"copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
    ({"url": "http://localhost/"}, "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL"),
    ({}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    ({"callback_data": "x", "url": "https://osonsms.com"}, "BUTTON_TYPE_INVALID"),
    ({"pay": True}, "BUTTON_TYPE_INVALID"),
    ({"callback_data": "x", "style": "link"}, "can't parse inline keyboard button: invalid button style specified"),
    ({"callback_data": "x", "text": ""}, "BUTTON_TEXT_INVALID"),
    ({"disabled": True}, "can't parse inline keyboard button: DisabledButton holds nothing"),
]


@pytest.mark.parametrize(("button", "reason"), WRONG_BUTTONS)
async def test_wrong_buttons(api: Caller, button: dict[str, Any], reason: str) -> None:
    """A button that Telegram refuses is refused when it is sent and when it is edited in."""
    markup = keyboard(**button)
    expected = (400, f"Bad Request: {reason}")
    assert await api.refusal("sendMessage", chat_id=OWNER, text="x", reply_markup=markup) == expected
    assert await api.refusal("editMessageReplyMarkup", chat_id=OWNER, message_id=2, reply_markup=markup) == expected


RIGHT_BUTTONS: list[dict[str, Any]] = [
    *({"callback_data": "x" * 64, "style": style} for style in ("success", "danger", "primary")),
    {"copy_text": {"text": "x" * 256}},
    {"url": "https://osonsms.com/docs?x=1"},
    {"disabled": {}},
]


@pytest.mark.parametrize("button", RIGHT_BUTTONS)
async def test_right_buttons(api: Caller, chat: Chat, button: dict[str, Any]) -> None:
    """Each kind of button that the bot may use comes back as it was sent, to the bot and to the person."""
    sent = await api.result("sendMessage", chat_id=OWNER, text="x", reply_markup=keyboard(**button))
    assert sent["reply_markup"] == keyboard(**button)
    assert (await chat.last())["buttons"] == keyboard(**button)["inline_keyboard"]


async def test_limits_are_taken(api: Caller) -> None:
    """A text of exactly 4096 and a caption of exactly 1024 units are sent."""
    await api.result("sendMessage", chat_id=OWNER, text="<b>" + "😀" * 2048 + "</b>", parse_mode="HTML")
    await api.result("editMessageCaption", chat_id=OWNER, message_id=3, caption="x" * 1024)


async def test_not_modified(api: Caller) -> None:
    """An edit that changes neither text nor buttons is refused; one that changes either is not."""
    same = {"chat_id": OWNER, "message_id": 2, "text": "text"}
    assert await api.refusal("editMessageText", **same, reply_markup=keyboard(callback_data="yes")) == (
        400,
        f"Bad Request: {SAME}",
    )
    edited = await api.result("editMessageText", **same)
    assert "reply_markup" not in edited
    assert await api.refusal("editMessageReplyMarkup", chat_id=OWNER, message_id=2) == (400, f"Bad Request: {SAME}")


async def test_gone(api: Caller, chat: Chat) -> None:
    """A deleted message cannot be edited, deleted again or replied to, and the person no longer sees it."""
    await api.result("deleteMessages", chat_id=OWNER, message_ids=[2, 98, 99])
    assert await api.refusal("editMessageText", chat_id=OWNER, message_id=2, text="x") == (
        400,
        "Bad Request: message to edit not found",
    )
    assert [message["message_id"] for message in await chat.history()] == [1, 3, 4]
    reply = {"message_id": 2, "allow_sending_without_reply": True}
    assert "reply_to_message" not in await api.result("sendMessage", chat_id=OWNER, text="x", reply_parameters=reply)


async def test_forbidden(api: Caller, chat: Chat) -> None:
    """A bot may not write first, nor to who blocked it; who writes again unblocks it."""
    first = (403, "Forbidden: bot can't initiate conversation with a user")
    assert await api.refusal("sendMessage", chat_id=ADMIN, text="x") == first
    await chat.control("block", json={"user": "owner", "blocked": True})
    blocked = (403, "Forbidden: bot was blocked by the user")
    assert await api.refusal("sendMessage", chat_id=OWNER, text="x") == blocked
    assert await api.refusal("editMessageText", chat_id=OWNER, message_id=2, text="x") == blocked
    await chat.says("owner", "/start")
    await api.result("sendMessage", chat_id=OWNER, text="x")
    kinds = [next(kind for kind in update if kind != "update_id") for update in await api.result("getUpdates")]
    assert kinds == ["message", "my_chat_member", "my_chat_member", "message"]


async def test_doors(url: str, api: Caller) -> None:
    """A wrong token is 401 and an unknown method 404; a method's name may be in any case."""
    async with httpx.AsyncClient(base_url=url) as http:
        for path in ("/bot1:wrong/getMe", "/file/bot1:wrong/documents/file_0.csv"):
            response = await http.get(path)
            assert response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await api.refusal("sendTelepathy") == (404, "Not Found: method not found")
    assert (await api.result("GETME"))["is_bot"]


async def test_all_kinds_of_body(api: Caller, chat: Chat) -> None:
    """Query, JSON, form and multipart say the same."""
    fields = {"chat_id": str(OWNER), "text": "hi", "reply_markup": json.dumps(keyboard(callback_data="x"))}
    parts = {name: (None, value) for name, value in fields.items()}
    for request in ({"params": fields}, {"json": fields}, {"data": fields}, {"files": parts}):
        response = await api.http.post("sendMessage", **request)
        assert response.json()["result"]["reply_markup"] == keyboard(callback_data="x")
    assert (await api.http.post("sendMessage", content=b"{", headers={"Content-Type": "application/json"})).is_error


async def test_pictures(api: Caller, chat: Chat) -> None:
    """A photo must be a picture; it may replace a document, and be sent again by its file_id."""
    response = await api.http.post("sendPhoto", data={"chat_id": OWNER}, files={"photo": ("a.png", b"no picture")})
    assert response.json()["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    media = {"type": "photo", "media": "attach://chart", "caption": "<b>Chart</b>", "parse_mode": "HTML"}
    data = {"chat_id": OWNER, "message_id": 3, "media": json.dumps(media)}
    response = await api.http.post("editMessageMedia", data=data, files={"chart": ("chart.png", PNG)})
    photo = response.json()["result"]["photo"][0]
    assert (photo["width"], photo["height"]) == (40, 30)
    seen = await chat.wait_for("Chart")
    assert "document" not in seen
    assert await chat.downloads(seen) == PNG
    await api.result("sendPhoto", chat_id=OWNER, photo=photo["file_id"])
    document = {"chat_id": OWNER, "message_id": 2, "media": {"type": "document", "media": photo["file_id"]}}
    assert await api.refusal("editMessageMedia", **document) == (
        400,
        "Bad Request: can't use file of type Photo as Document",
    )


async def test_press_is_answered_once_and_soon(api: Caller, chat: Chat) -> None:
    """A second answer, and one that comes late, find no query; the person then sees nothing."""
    assert await chat.presses("owner", 2, "Button") is None
    query = (await api.result("getUpdates", offset=-1))[0]["callback_query"]
    too_old = (400, f"Bad Request: {TOO_OLD}")
    assert await api.refusal("answerCallbackQuery", callback_query_id=query["id"]) == too_old
    assert await api.refusal("answerCallbackQuery", callback_query_id=query["id"]) == too_old


async def test_keyboards(api: Caller, chat: Chat) -> None:
    """A phone number is asked for in private only; a reply keyboard is the person's to see, not the bot's."""
    ask = {"keyboard": [[{"text": "My number", "request_contact": True}]], "resize_keyboard": True}
    assert await api.refusal("sendMessage", chat_id=GROUP_ID, text="x", reply_markup=ask) == (
        400,
        "Bad Request: phone number can be requested in private chats only",
    )
    assert "reply_markup" not in await api.result("sendMessage", chat_id=OWNER, text="x", reply_markup=ask)
    assert (await chat.last())["keyboard"] == ask
    for markup in ({"remove_keyboard": True}, {"force_reply": True, "input_field_placeholder": "992…"}):
        await api.result("sendMessage", chat_id=OWNER, text="x", reply_markup=markup)
        assert (await chat.last())["keyboard"] == markup


async def test_commands_by_scope_and_language(api: Caller, chat: Chat) -> None:
    """The narrowest scope counts, in it the person's language; what is deleted gives way to the next."""
    for scope, language, name in (
        ({"type": "default"}, "", "default"),
        ({"type": "default"}, "ru", "russian"),
        ({"type": "all_private_chats"}, "", "private"),
        ({"type": "chat", "chat_id": OWNER}, "ru", "owner"),
        ({"type": "all_chat_administrators"}, "", "admins"),
    ):
        commands = [{"command": name, "description": name}]
        await api.result("setMyCommands", commands=commands, scope=scope, language_code=language)

    async def shown(user: str, where: str = "") -> str:
        return str((await chat.reads("commands", user=user, chat=where))["commands"][0]["command"])

    assert [await shown("owner"), await shown("admin")] == ["owner", "private"]
    assert [await shown("admin", "group"), await shown("stranger", "group")] == ["admins", "default"]
    await api.result("deleteMyCommands", scope={"type": "chat", "chat_id": OWNER}, language_code="ru")
    assert await shown("owner") == "private"
    assert await api.result("getMyCommands", scope={"type": "chat", "chat_id": OWNER}) == []


async def test_profile(api: Caller) -> None:
    """Names, descriptions and menu buttons come back as they were set, by language, with the default behind."""
    for what in ("Name", "Description", "ShortDescription"):
        field = {"Name": "name", "Description": "description", "ShortDescription": "short_description"}[what]
        await api.result(f"setMy{what}", **{field: "SMS", "language_code": "ru"})
        await api.result(f"setMy{what}", **{field: "Any"})
        assert await api.result(f"getMy{what}", language_code="ru") == {field: "SMS"}
        assert await api.result(f"getMy{what}", language_code="tg") == {field: "Any"}
    await api.result("setChatMenuButton", menu_button={"type": "commands"})
    assert await api.result("getChatMenuButton", chat_id=OWNER) == {"type": "commands"}


async def test_who_is_what(api: Caller) -> None:
    """The group knows its creator, its admin and its member; the bot may ask for each."""
    members = [await api.result("getChatMember", chat_id=GROUP_ID, user_id=OWNER + i) for i in range(3)]
    assert [member["status"] for member in members] == ["creator", "administrator", "member"]
    assert len(await api.result("getChatAdministrators", chat_id=GROUP_ID)) == 2
    assert await api.result("getChatMemberCount", chat_id=GROUP_ID) == 4
    assert (await api.result("getChat", chat_id=OWNER))["first_name"] == "Madina"
