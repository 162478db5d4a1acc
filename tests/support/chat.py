"""A person with a Telegram client: what story tests say to the bot and see of it, over the stand-in's control API."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import httpx
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.telegram import PREFIX, create_app

Message = dict[str, Any]
"""A message as the stand-in's control API shows it: the Bot API's fields and `content`, `text_html`, `buttons`, …"""
Wanted = str | Callable[[Message], bool]
User = int | str
"""A person's id, or their key: `owner`, `admin`, `stranger`."""


@asynccontextmanager
async def telegram(**options: Any) -> AsyncIterator[str]:
    """A stand-in of one's own with the options of `create_app`; gives its address, as TELEGRAM_API_URL has it."""
    app = web.Application()
    app.add_subapp(PREFIX, create_app(**options))
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.05)
    try:
        yield str(server.make_url(PREFIX))
    finally:
        await server.close()


class Chat:
    """Acts as people and reads what the bot wrote.

    `wait_for` looks only at what the bot wrote or edited after the last act made through this object, so an old
    message never passes for a new one.
    """

    def __init__(self, telegram_url: str, *, user: User = "owner", chat: int | str | None = None) -> None:
        """telegram_url: as the bot's TELEGRAM_API_URL; user: whose chat `wait_for` reads; chat: another chat."""
        self._http = httpx.AsyncClient(base_url=f"{telegram_url.rstrip('/')}/control/", timeout=40)
        self.user = user
        self.chat = chat
        self.version = 0
        """All that the bot did up to here is past."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def says(
        self,
        user: User,
        text: str,
        reply_to: int | None = None,
        chat: int | str | None = None,
        *,
        quote: str | None = None,
        **more: Any,
    ) -> int:
        """Write a text; gives its message_id. quote: words of the message that is replied to.

        `more`: quote_position=12, anonymous=True, forwarded=True. Raises ValueError on words that are not in it.
        """
        return await self._act(user, chat, "send", {"text": text, "reply_to": reply_to, "quote": quote, **more})

    async def sends_file(
        self,
        user: User,
        name: str,
        content: bytes,
        caption: str = "",
        reply_to: int | None = None,
        chat: int | str | None = None,
    ) -> int:
        """Send a document; gives its message_id."""
        self._turn_to(user, chat)
        fields = {"user": str(user), "caption": caption, "chat": self.chat, "reply_to": reply_to}
        data = {name: str(value) for name, value in fields.items() if value is not None}
        done = await self.control("document", data=data, files={"file": (name, content)})
        self.version = done["version"]
        return int(done["message_id"])

    async def shares_contact(
        self, user: User, phone_number: str, first_name: str = "", chat: int | str | None = None
    ) -> int:
        """Share a contact, one's own unless another first name is given; gives its message_id."""
        return await self._act(user, chat, "contact", {"phone_number": phone_number, "first_name": first_name})

    async def edits(self, user: User, message_id: int, text: str, chat: int | str | None = None) -> int:
        """Change one's own message."""
        return await self._act(user, chat, "edit", {"message_id": message_id, "text": text})

    async def blocks(self, user: User) -> None:
        """Block the bot: all that it writes to that person's chat is refused. Writing unblocks, too."""
        await self._stand(user, "block", blocked=True)

    async def unblocks(self, user: User) -> None:
        """Unblock the bot."""
        await self._stand(user, "block", blocked=False)

    async def deletes_account(self, user: User) -> None:
        """Delete one's account: who has done it can do nothing more."""
        await self._stand(user, "deactivate", deactivated=True)

    async def presses(
        self,
        user: User,
        message: int | Message,
        button: str,
        chat: int | str | None = None,
        *,
        forged: bool = False,
    ) -> dict[str, Any] | None:
        """Press the button with this text or data, or the only one that has this in its text.

        Gives the bot's answer (`text`, `show_alert`), None if none came. Raises LookupError where the message has no
        such button; `forged` sends the data all the same.
        """
        self._turn_to(user, chat)
        message_id = message if isinstance(message, int) else message["message_id"]
        data = button if forged else await self._data_of(message_id, button)
        body = {"user": user, "chat": self.chat, "message_id": message_id, "data": data, "forged": forged}
        done = await self.control("press", json=body)
        self.version = done["version"]
        answer: dict[str, Any] | None = done["answer"]
        return answer

    async def wait_for(self, wanted: Wanted, timeout: float = 10, *, since: int | None = None) -> Message:  # noqa: ASYNC109
        """The bot's newest message since the last act that holds the string, or satisfies the predicate.

        Edits count as they stand. since: a version to look from instead (0 looks at everything). Raises AssertionError
        after `timeout` seconds, with what the bot did say.
        """
        after = self.version if since is None else since
        seen: dict[int, Message] = {}
        deadline, cursor = time.monotonic() + timeout, after
        while (left := deadline - time.monotonic()) > 0:
            cursor, changed = await self._changes(cursor, min(left, 20))
            seen |= {message["message_id"]: message for message in changed if message["from_bot"]}
            found = [message for message in seen.values() if not message["deleted"] and _is_wanted(message, wanted)]
            if found:
                return max(found, key=lambda message: int(message["version"]))
        said = [message["content"] for message in seen.values()]
        raise AssertionError(f"waited {timeout} s for {wanted!r}; the bot said {said}")

    async def last(self) -> Message:
        """The bot's last message in the chat, whenever it came. Raises LookupError where there is none."""
        said = [message for message in await self.history() if message["from_bot"]]
        if not said:
            raise LookupError("the bot has said nothing here")
        return said[-1]

    async def history(self) -> list[Message]:
        """All messages that stand in the chat, oldest first."""
        return [message for message in (await self._changes(0, 0))[1] if not message["deleted"]]

    async def wait_for_button(self, button: str, timeout: float = 10, *, since: int | None = None) -> Message:  # noqa: ASYNC109
        """As `wait_for`, for a message that has a button with this in its text."""
        return await self.wait_for(lambda message: offers(message, button), timeout, since=since)

    @staticmethod
    def buttons(message: Message) -> list[str]:
        """The texts of a message's inline buttons, row by row."""
        return [button["text"] for row in message["buttons"] for button in row]

    async def calls(self, method: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """The Bot API calls that the bot made: `id`, `method`, `chat_id`, `at`, `ok`, `error_code`, `fault`."""
        calls: list[dict[str, Any]] = (await self.reads("calls", after=after))["calls"]
        return [call for call in calls if method in (None, call["method"])]

    async def control(self, act: str, **request: Any) -> dict[str, Any]:
        """Any act of the control API: `faults`, `block`, `limits`, `reset`, … Raises ValueError with its reason."""
        return _read(await self._http.post(act, **request))

    async def reads(self, what: str, **query: Any) -> dict[str, Any]:
        """Anything that the control API tells: `state`, `pending`, `commands`, …"""
        return _read(await self._http.get(what, params=query))

    async def downloads(self, message: Message) -> bytes:
        """The bytes of a message's document or picture. Raises LookupError where it has neither."""
        return await self._fetch(_file_of(message, "document", "photo"))

    async def picture(self, message: Message) -> bytes:
        """The bytes of a message's picture, as the bot sent them. Raises LookupError where it has none."""
        return await self._fetch(_file_of(message, "photo"))

    async def _fetch(self, file: dict[str, Any]) -> bytes:
        response = await self._http.get(httpx.URL(self._http.base_url).join(file["url"]))
        return response.raise_for_status().content

    def _turn_to(self, user: User, chat: int | str | None) -> None:
        self.user, self.chat = user, chat

    async def _act(self, user: User, chat: int | str | None, act: str, facts: dict[str, Any]) -> int:
        self._turn_to(user, chat)
        done = await self.control(act, json={"user": user, "chat": chat, **facts})
        self.version = done["version"]
        return int(done["message_id"])

    async def _stand(self, user: User, act: str, **facts: bool) -> None:
        """Let somebody's standing with the bot be another."""
        self._turn_to(user, None)
        self.version = (await self.control(act, json={"user": user, **facts}))["version"]

    async def _data_of(self, message_id: int, button: str) -> str:
        message = next((one for one in await self.history() if one["message_id"] == message_id), None)
        found = [one for row in (message or {"buttons": []})["buttons"] for one in row]
        pressable = [one for one in found if "callback_data" in one]
        exact = [one for one in pressable if button in (one["text"], one["callback_data"])]
        fitting = exact[:1] or [one for one in pressable if button in one["text"]]
        if len(fitting) == 1:
            return str(fitting[0]["callback_data"])
        raise LookupError(f"no button {button!r} in message {message_id}, only {[one['text'] for one in found]}")

    async def _changes(self, after: int, wait: float) -> tuple[int, list[Message]]:
        news = await self.reads(f"chats/{await self._chat_id()}/messages", after=after, wait=wait)
        return news["version"], news["messages"]

    async def _chat_id(self) -> int:
        state = await self.reads("state")
        if self.chat is not None and self.chat != "group":
            return int(self.chat)
        if self.chat == "group":
            return next(int(chat["id"]) for chat in state["chats"] if chat["type"] == "supergroup")
        return next(int(one["id"]) for one in state["people"] if self.user in (one["id"], one["key"]))


def offers(message: Message, button: str) -> bool:
    """Whether the message has a button with this in its text."""
    return any(button in text for text in Chat.buttons(message))


def _is_wanted(message: Message, wanted: Wanted) -> bool:
    return wanted in message["content"] if isinstance(wanted, str) else wanted(message)


def _file_of(message: Message, *kinds: str) -> dict[str, Any]:
    file: dict[str, Any] | None = next((message[kind] for kind in kinds if kind in message), None)
    if file is None:
        raise LookupError(f"the message has no {' or '.join(kinds)}")
    return file


def _read(response: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    if response.is_error:
        raise ValueError(body["error"])
    return body
