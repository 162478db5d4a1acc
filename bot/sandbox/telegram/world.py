"""The state of the stand-in, whole: who is there, what stands in the chats, what the bot has not heard yet."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .bell import Bell
from .calls import CallLog
from .errors import bad, forbidden
from .faults import Faults
from .files import Files
from .flood import Flood
from .menu import Menu
from .messages import Message
from .params import Params
from .people import JSON, Chat, Person, chats_of
from .queries import Queries
from .updates import Updates
from .webhook import Webhook


@dataclass(frozen=True, slots=True)
class Options:
    """What can be told to `create_app`."""

    token: str
    people: tuple[Person, ...]
    group_title: str
    flood_limits: bool
    callback_seconds: float
    webhook_retry_seconds: float


class World:
    """Everything that the methods and the control API read and change."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.me: JSON = {
            "id": int(options.token.partition(":")[0]),
            "is_bot": True,
            "first_name": "OsonSMS",
            "username": "osonsms_demo_bot",
        }
        self.updates = Updates()
        self.webhook = Webhook(self.updates, options.webhook_retry_seconds)
        self.menu = Menu()
        self.bell = Bell()
        self.version = 0
        self.epoch = int(time.time())
        """Another number after every reset and every start: what a reader has kept is then worth nothing."""
        self.closed = False
        self.reset()

    def reset(self) -> None:
        """Back to the first day, but for what the bot itself has set up (commands, webhook) and for `version`."""
        self.people = {person.id: person for person in self.options.people}
        last_ids = {chat.id: chat.last_message_id for chat in getattr(self, "chats", {}).values()}
        self.chats = chats_of(self.options.people, self.options.group_title)
        for chat in self.chats.values():  # Telegram never gives a message's id twice, and bots rely on it
            chat.last_message_id = last_ids.get(chat.id, 0)
        self.messages: dict[tuple[int, int], Message] = {}
        self.files = Files()
        self.queries = Queries(self.options.callback_seconds)
        self.faults = Faults()
        self.calls = CallLog()
        self.flood = Flood(on=self.options.flood_limits)
        self.updates.pending.clear()
        self.epoch += 1
        self.changed()

    def changed(self, message: Message | None = None) -> None:
        """Number the change and tell those who wait."""
        self.version += 1
        if message is not None:
            message.version = self.version
        self.bell.ring()

    def close(self) -> None:
        """Let nobody wait any longer."""
        self.closed = True
        self.bell.ring()
        self.updates.close()

    def chat(self, params: Params, name: str = "chat_id") -> Chat:
        """The chat that a call names. Raises ApiError where there is none such."""
        value = params.text(name).strip()
        if not value:
            raise bad(f"{name} is empty")
        chat = self.chats.get(int(value)) if value.removeprefix("-").isdecimal() else None
        if chat is None:
            raise bad("chat not found")
        return chat

    def open_chat(self, params: Params) -> Chat:
        """The chat that a call wants to write in. Raises ApiError where the bot may not."""
        chat = self.chat(params)
        if chat.deactivated:
            raise forbidden("user is deactivated")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def message(self, chat: Chat, message_id: int | None) -> Message | None:
        """A message that stands, or None."""
        message = self.messages.get((chat.id, message_id or 0))
        return None if message is None or message.deleted else message

    def post(self, chat: Chat, sender: JSON | None, **content: Any) -> Message:
        """Put a message in a chat; `content` are fields of Message."""
        chat.last_message_id += 1
        message = Message(chat.last_message_id, chat, int(time.time()), sender, **content)
        self.messages[chat.id, message.message_id] = message
        self.changed(message)
        return message

    def since(self, chat_id: int, version: int) -> Iterable[Message]:
        """The messages of a chat that were changed after this version, deleted ones too, in the order they stand."""
        return [
            message for (chat, _), message in self.messages.items() if chat == chat_id and message.version > version
        ]

    @property
    def pending(self) -> deque[JSON]:
        """Updates that the bot has not acknowledged."""
        return self.updates.pending
