"""The chat page: nothing but text gets in, and every control does what it says, in a real browser."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Locator, Page, Route, expect

from bot.sandbox import page as chat_page
from bot.sandbox.telegram import DEFAULT_TOKEN, PREFIX, Person, create_app
from tests.support.chat import Chat
from tests.support.chromium import in_browser, in_session
from tests.support.pictures import png

OWNER = 900000001
HOSTILE = "<img src=x onerror=hacked()><script>hacked()</script>&amp;<b>"
"""Markup in every field that comes from outside."""


@in_session
async def origin() -> AsyncIterator[str]:
    """The page with a stand-in whose people and group have hostile names."""
    people = (
        Person("owner", OWNER, HOSTILE, "owner_demo", "ru", "creator"),
        Person("admin", 900000002, "R", "r", "tg", "administrator"),
    )
    app = web.Application()
    app.add_routes(chat_page.routes())
    app.add_subapp(PREFIX, create_app(people=people, group_title=HOSTILE))
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.05)
    yield str(server.make_url("")).rstrip("/")
    await server.close()


@in_session
async def chat(origin: str) -> AsyncIterator[Chat]:
    """People with clients of their own."""
    async with Chat(origin + PREFIX) as chat:
        yield chat


@in_session
async def api(origin: str) -> AsyncIterator[httpx.AsyncClient]:
    """The bot."""
    async with httpx.AsyncClient(base_url=f"{origin}{PREFIX}/bot{DEFAULT_TOKEN}/") as api:
        yield api


class Gateway:
    """What the page asks of the gateway, answered here; notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.sms = [{"id": 1, "phone": HOSTILE, "from": HOSTILE, "text": HOSTILE, "at": HOSTILE, "channel": "telegram"}]
        self.state = {
            "login": HOSTILE, "senders": [HOSTILE], "balance": "100.00", "price": HOSTILE, "currency": HOSTILE,
            "fault": {"mode": HOSTILE, "times": 2}, "active": True, "whitelisted": True,
            "faults": [HOSTILE, "no_balance"],
            "magic": [{"phone": "992900008100", "meaning": HOSTILE}],
        }  # fmt: skip

    async def answer(self, route: Route) -> None:
        """One request."""
        what = route.request.url.partition("/control/")[2]
        if route.request.method == "POST":
            self.told.append((what, json.loads(route.request.post_data or "{}")))
        sms = [one for one in self.sms if int(str(one["id"])) > int(what.partition("after=")[2] or 0)]
        await route.fulfill(json={"sms": sms} if what.startswith("handset") else self.state)


@pytest.fixture
def gateway() -> Gateway:
    """A gateway with hostile words in all that it says."""
    return Gateway()


@pytest.fixture
def problems() -> list[str]:
    """What the page complains of in its console."""
    return []


@in_session
async def page(browser: Browser, origin: str, gateway: Gateway, problems: list[str]) -> AsyncIterator[Page]:
    """The page, open; whatever it complains of fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    await context.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)
    page = await context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda note: problems.append(note.text) if note.type in {"error", "warning"} else None)
    await page.route("**/gateway/control/**", gateway.answer)
    await page.goto(origin)
    yield page
    await context.close()
    assert problems == []


def test_nothing_is_parsed_as_markup() -> None:
    """The scripts never hand a string to the HTML parser, and nothing is fetched from elsewhere."""
    for path in chat_page.STATIC.iterdir():
        source = path.read_text("utf-8")
        parsers = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|\beval\(|new Function"
        assert re.findall(parsers, source) == [], path.name
        assert set(re.findall(r"https?://[^\s\"'`]+", source)) <= {"http://www.w3.org/2000/svg"}, path.name


@pytest.mark.asyncio(loop_scope="session")
async def test_files(origin: str) -> None:
    """The page's own files are served, with a policy that lets nothing else run; nothing else is served."""
    async with httpx.AsyncClient(base_url=origin) as http:
        for path in ("/", *(f"/page/{file.name}" for file in chat_page.STATIC.iterdir())):
            response = await http.get(path)
            assert response.status_code == 200
            assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        for path in ("/page/__init__.py", "/page/..%2f__init__.py", "/page/none.js"):
            assert (await http.get(path)).status_code == 404


@in_browser
async def test_markup_stays_text(page: Page, chat: Chat, api: httpx.AsyncClient, gateway: Gateway) -> None:
    """Markup in any field of any message, name, answer, file or SMS is shown as it is written and never runs."""
    await page.get_by_test_id("start-button").click()
    await page.get_by_test_id("compose-input").fill(HOSTILE)
    await page.get_by_test_id("send-button").click()
    await page.get_by_test_id("file-input").set_input_files({"name": "<i>.csv", "mimeType": "text/csv", "buffer": b"x"})
    await page.get_by_test_id("send-button").click()
    await expect(page.get_by_test_id("message-3")).to_be_visible()
    await chat.control("contact", json={"user": "owner", "phone_number": HOSTILE, "first_name": HOSTILE})
    buttons = [[{"text": HOSTILE, "callback_data": "x"}, {"text": HOSTILE, "copy_text": {"text": HOSTILE}}]]
    await api.post("setMyCommands", json={"commands": [{"command": "send", "description": HOSTILE}]})
    await api.post(
        "sendMessage",
        json={
            "chat_id": OWNER,
            "text": HOSTILE + "javascript:hacked()",
            "entities": [{"type": "text_link", "offset": 0, "length": 5, "url": "javascript:hacked()"}],
            "reply_parameters": {"message_id": 2},
            "reply_markup": {"inline_keyboard": buttons},
        },
    )
    await api.post("sendMessage", json={"chat_id": OWNER, "text": "k", "reply_markup": {"keyboard": [[HOSTILE]]}})
    await page.get_by_test_id("inline-button").first.click()
    await _answer(api, HOSTILE, show_alert=True)
    await expect(page.get_by_test_id("alert")).to_contain_text(HOSTILE)
    await page.get_by_test_id("alert-ok").click()
    await page.get_by_test_id("message-5").locator(".tool").first.click()
    await page.get_by_test_id("menu-button").click()
    for test_id in ("message-2", "message-4", "message-5", "chat-group", "person-owner", "sms", "gateway", "magic"):
        await expect(page.get_by_test_id(test_id)).to_contain_text(
            "<img src=x onerror=hacked()><script>hacked()</script>&amp;<b>"
        )
    for test_id in ("reply-bar", "command-send", "reply-keyboard", "fault-select"):
        await expect(page.get_by_test_id(test_id)).to_contain_text(HOSTILE)
    await expect(page.get_by_test_id("message-3")).to_contain_text("<i>.csv")
    assert await page.locator("img[src=x], script:not([src]), a[href^=javascript]").count() == 0


async def _answer(api: httpx.AsyncClient, text: str, **more: Any) -> None:
    """Answer the last press, as soon as it is there."""
    updates = (await api.post("getUpdates", json={"offset": -1, "timeout": 5})).json()["result"]
    while "callback_query" not in updates[-1]:
        offset = updates[-1]["update_id"] + 1
        updates = (await api.post("getUpdates", json={"offset": offset, "timeout": 5})).json()["result"]
    query = updates[-1]["callback_query"]["id"]
    await api.post("answerCallbackQuery", json={"callback_query_id": query, "text": text, **more})


@in_browser
async def test_talking(page: Page, chat: Chat, api: httpx.AsyncClient) -> None:
    """Enter sends, Shift+Enter breaks the line; replies, edits, toasts and copies are as in Telegram."""
    await page.get_by_test_id("start-button").click()
    await expect(page.get_by_test_id("message-1")).to_contain_text("/start")
    text = page.get_by_test_id("compose-input")
    await text.click()  # it comes up a moment after the first message
    await text.press_sequentially("one")
    await text.press("Shift+Enter")
    await text.press_sequentially("two")
    await text.press("Enter")
    await expect(page.get_by_test_id("message-2")).to_contain_text("one\ntwo")
    await expect(text).to_have_value("")
    await page.get_by_test_id("message-2").get_by_test_id("text").click()
    await text.fill("to that")
    await text.press("Enter")
    await expect(page.get_by_test_id("message-3").locator(".quote")).to_contain_text("one")
    await text.press("ArrowUp")
    await text.fill("to this")
    await text.press("Enter")
    await expect(page.get_by_test_id("message-3")).to_contain_text("to this")
    await expect(page.get_by_test_id("message-3")).to_contain_text("edited")
    rows = [[{"text": "Go", "callback_data": "go", "style": "success"}, {"text": "Copy", "copy_text": {"text": "01J"}}]]
    sent = {
        "chat_id": OWNER,
        "text": "<code>42</code>",
        "parse_mode": "HTML",
        "reply_markup": {"inline_keyboard": rows},
    }
    await api.post("sendMessage", json=sent)
    await page.get_by_role("button", name="Go").click()
    await _answer(api, "Gone")
    await expect(page.get_by_test_id("toast")).to_contain_text("Gone")
    await api.post(
        "editMessageText",
        json={"chat_id": OWNER, "message_id": 4, "text": "done", "reply_markup": {"inline_keyboard": rows[:1]}},
    )
    await expect(page.get_by_test_id("message-4")).to_contain_text("done")
    await page.get_by_role("button", name="Copy", exact=True).click()
    await expect(page.get_by_test_id("toast")).to_contain_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "01J"


@in_browser
async def test_choosing(page: Page, chat: Chat, api: httpx.AsyncClient) -> None:
    """Another person in the group writes as themselves, with their own commands; an admin may write as the group."""
    await api.post(
        "setMyCommands", json={"commands": [{"command": "send", "description": "Фиристодан"}], "language_code": "tg"}
    )
    await page.get_by_test_id("person-admin").click()
    await page.get_by_test_id("chat-group").click()
    text = page.get_by_test_id("compose-input")
    await text.press_sequentially("/")
    await expect(page.get_by_test_id("command-send")).to_contain_text("Фиристодан")
    await text.press("Tab")
    await expect(text).to_have_value("/send ")
    await text.press("Enter")
    await page.get_by_test_id("anonymous").check()
    await text.fill("all of us")
    await text.press("Enter")
    await expect(page.get_by_test_id("message-2")).to_contain_text("all of us")
    heard = (await api.post("getUpdates")).json()["result"]
    assert [update["message"]["from"]["first_name"] for update in heard] == ["R", "Group"]
    await page.reload()
    await expect(page.get_by_test_id("person-admin")).to_have_attribute("aria-checked", "true")
    await expect(page.get_by_test_id("message-2")).to_be_visible()


@in_browser
async def test_phone_and_gateway(page: Page, gateway: Gateway) -> None:
    """An SMS appears by itself; balance, account and faults are set as the gateway's control API takes them."""
    await expect(page.get_by_test_id("sms")).to_have_count(1)
    gateway.sms.append(
        {"id": 2, "phone": "992900000001", "from": "OsonSMS", "text": "Code 4821", "at": 1, "channel": "sms"}
    )
    await expect(page.get_by_test_id("sms").first).to_contain_text("Code 4821")
    await expect(page.get_by_test_id("sms").first).to_contain_text("+992 90 000 00 01")
    await expect(page.get_by_test_id("balance")).to_have_text("100.00")
    await page.get_by_test_id("balance-input").fill("5,00")
    await page.get_by_test_id("balance-set").click()
    await expect(page.get_by_test_id("balance-input")).to_have_value("")
    await page.get_by_test_id("account-active").uncheck()
    await page.get_by_test_id("fault-select").select_option("no_balance")
    await page.get_by_test_id("fault-times").fill("3")
    await page.get_by_test_id("fault-set").click()
    await page.get_by_test_id("fault-clear").click()
    await expect(page.get_by_test_id("fault-now")).to_be_visible()
    assert gateway.told == [
        ("balance", {"balance": "5.00"}),
        ("account", {"active": False, "whitelisted": True}),
        ("faults", {"mode": "no_balance", "times": 3}),
        ("faults", {"mode": "none"}),
    ]


@in_browser
async def test_narrow(page: Page, chat: Chat) -> None:
    """At 390 pixels nothing sticks out, and the phone is behind a tab that counts what came."""
    await page.set_viewport_size({"width": 390, "height": 844})
    await chat.says("owner", "x" * 400)
    await expect(page.get_by_test_id("message-1")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await expect(page.get_by_test_id("handset")).to_be_hidden()
    await page.get_by_test_id("tab-handset").click()
    await expect(page.get_by_test_id("handset")).to_be_visible()
    await expect(page.get_by_test_id("compose-input")).to_be_hidden()


_BOXES = """message => ['.bubble', '[data-testid=picture] img', '[data-testid=text]', '.key']
.map(part => message.querySelector(part).getBoundingClientRect().toJSON())"""
"""Where a bubble, its picture, words and first button stand, at one moment: the page may be scrolling."""


async def _picture(api: httpx.AsyncClient, content: bytes, caption: str) -> None:
    """Put a picture, with a button, in message 2's place."""
    media = {"type": "photo", "media": "attach://chart", "caption": caption}
    rows = [[{"text": "Week", "callback_data": "week"}]]
    data = {"chat_id": OWNER, "message_id": 2, "media": json.dumps(media)}
    data["reply_markup"] = json.dumps({"inline_keyboard": rows})
    await api.post("editMessageMedia", data=data, files={"chart": ("chart.png", content)})


@in_browser
async def test_pictures(page: Page, chat: Chat, api: httpx.AsyncClient) -> None:
    """On a phone a picture fills its bubble, words and buttons stand below; edits show, and a tap shows it whole."""
    await page.set_viewport_size({"width": 390, "height": 844})
    await chat.says("owner", "hi")
    await api.post("sendMessage", json={"chat_id": OWNER, "text": "drawing…"})
    message = page.get_by_test_id("message-2")
    image = message.get_by_test_id("picture").locator("img")
    for width, height in ((1280, 720), (60, 40), (300, 1500)):
        await _picture(api, png(width, height), f"{width} pixels")
        await expect(message.get_by_test_id("text")).to_contain_text(f"{width} pixels")
        await expect(image).to_have_js_property("naturalWidth", width)
        bubble, picture, text, key = await message.evaluate(_BOXES)
        assert (picture["width"], picture["y"]) == (bubble["width"], bubble["y"])
        assert picture["bottom"] <= text["bottom"] <= key["bottom"]
        assert bubble["width"] > 390 * 0.8
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await image.click()
    whole = page.get_by_test_id("viewer-picture")
    await expect(whole).to_have_js_property("naturalHeight", 1500)
    fitted = await whole.bounding_box()
    assert fitted
    assert fitted["height"] == 844
    await whole.click()
    await expect(whole).to_have_js_property("height", 1500)
    await page.get_by_test_id("viewer-close").click()
    await expect(page.get_by_test_id("viewer")).to_be_hidden()


async def _draw_over_line(page: Page, words: Locator, number: int) -> None:
    """Select a line (0 is the first) with the mouse."""
    box = await words.bounding_box()
    assert box
    y = box["y"] + 21 * (number + 0.5)  # a line is 21 pixels high
    await page.mouse.move(box["x"] + 1, y)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] - 1, y, steps=3)
    await page.mouse.up()


@in_browser
async def test_what_is_written_meanwhile_stays_and_what_was_refused_comes_back(page: Page, problems: list[str]) -> None:
    """Sending frees the field at once, for the next text; a text that was refused stands there again."""
    await page.get_by_test_id("start-button").click()
    text, held, go = page.get_by_test_id("compose-input"), asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        held.set()
        await go.wait()
        await route.continue_()

    await text.click()
    await page.route("**/control/send", hold)
    await text.press_sequentially("one")
    await text.press("Enter")
    await held.wait()
    await text.press_sequentially("two")
    go.set()
    await expect(page.get_by_test_id("message-2")).to_contain_text("one")
    await expect(text).to_have_value("two")
    await page.unroute("**/control/send")
    await page.route("**/control/send", lambda route: route.fulfill(status=400, json={"error": "not now"}))
    await text.press("Enter")
    await expect(page.get_by_test_id("toast")).to_contain_text("not now")
    await expect(text).to_have_value("two")
    assert len(problems) == 1, problems
    problems.clear()  # the browser itself tells of a refusal


@in_browser
async def test_quotes(page: Page, chat: Chat, api: httpx.AsyncClient) -> None:
    """What is selected of a message when a reply to it begins is quoted, to the bot and in the chat."""
    await chat.says("owner", "hi")
    await api.post("sendMessage", json={"chat_id": OWNER, "text": "Report of the week\n1. delivered\n2. failed"})
    words, text = page.get_by_test_id("message-2").get_by_test_id("text"), page.get_by_test_id("compose-input")
    for number, button in (
        (3, page.get_by_role("button", name="Reply").nth(1)),
        (4, page.get_by_test_id("quote-button")),
    ):
        await _draw_over_line(page, words, 1)
        await button.click()
        await expect(page.get_by_test_id("reply-bar")).to_contain_text("1. delivered")
        await expect(page.get_by_test_id("quote-button")).to_be_hidden()
        await page.keyboard.type("when?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id(f"message-{number}").locator(".quote span")).to_have_text("1. delivered")
        heard = (await api.post("getUpdates", json={"offset": -1})).json()["result"][0]["message"]
        assert heard["text"] == "when?"
        assert heard["quote"] == {"text": "1. delivered", "position": 19, "is_manual": True}
    await words.click()
    await expect(page.get_by_test_id("reply-bar")).to_contain_text("2. failed")
    await text.fill("all of it")
    await text.press("Enter")
    await expect(page.get_by_test_id("message-5").locator(".quote")).to_contain_text("Report")
    assert "quote" not in (await api.post("getUpdates", json={"offset": -1})).json()["result"][0]["message"]


@in_browser
async def test_whom_the_bot_cannot_reach(page: Page, chat: Chat, api: httpx.AsyncClient) -> None:
    """The page's switches block the bot and delete the account of who writes, and undo it."""
    await chat.says("owner", "hi")
    await page.get_by_test_id("telegram-switches").locator("summary").click()

    async def heard() -> str:
        return str((await api.post("sendMessage", json={"chat_id": OWNER, "text": "x"})).json().get("description"))

    for switch, refusal in (
        ("telegram-block", "Forbidden: bot was blocked by the user"),
        ("telegram-deleted", "Forbidden: user is deactivated"),
    ):
        for on, expected in ((True, refusal), (False, "None")):
            async with page.expect_response(re.compile(r"/control/(block|deactivate)$")):
                await page.get_by_test_id(switch).set_checked(on)
            assert await heard() == expected
