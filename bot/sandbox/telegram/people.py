"""Who lives in the stand-in: the people, the bot, and the chats they share. Ids are in nobody's real use."""

from dataclasses import dataclass
from typing import Any, Literal

JSON = dict[str, Any]
"""An object as it travels; what is in it, the Bot API says."""

DEFAULT_TOKEN = "1000000001:demo-token-for-the-sandbox-only"  # noqa: S105 (opens nothing but this stand-in)
GROUP_ID = -1001900000001
CHANNEL_ID = -1001900000002
ANONYMOUS: JSON = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
"""The account that Telegram shows in place of an admin who writes in the group's name."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a Telegram account."""

    key: str
    """A short name for tests and the page: `owner`, `admin`, `stranger`."""
    id: int
    first_name: str
    username: str
    language_code: str
    status: Literal["creator", "administrator", "member"]
    """What they are in the group."""

    def user(self) -> JSON:
        """As the Bot API's `User`."""
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "username": self.username,
            "language_code": self.language_code,
        }


PEOPLE = (
    Person("owner", 900000001, "Madina", "madina_demo", "ru", "creator"),
    Person("admin", 900000002, "Rustam", "rustam_demo", "tg", "administrator"),
    Person("stranger", 900000003, "Stranger", "stranger_demo", "en", "member"),
)


@dataclass(slots=True)
class Chat:
    """A place where messages stand, and the bot's standing in it."""

    id: int
    type: Literal["private", "supergroup", "channel"]
    title: str
    """The person's first name in a private chat."""
    username: str = ""
    started: bool = True
    """Private only: whether the person has ever written; before that a bot may not."""
    blocked: bool = False
    """Private only: whether the person has blocked the bot."""
    deactivated: bool = False
    """Private only: whether the person's account is deleted."""
    last_message_id: int = 0
    action: str = ""
    """What the bot says that it is doing, such as `typing`."""
    action_until: float = 0.0
    """Until when clients show it, by the clock of `time.time`."""

    def brief(self) -> JSON:
        """As the Bot API's `Chat`."""
        name: JSON = {"first_name": self.title} if self.type == "private" else {"title": self.title}
        if self.username:
            name["username"] = self.username
        return {"id": self.id, **name, "type": self.type}


def chats_of(people: tuple[Person, ...], group_title: str) -> dict[int, Chat]:
    """A private chat for each person, the group that holds all, and a channel."""
    private = [Chat(one.id, "private", one.first_name, one.username, started=False) for one in people]
    shared = [Chat(GROUP_ID, "supergroup", group_title), Chat(CHANNEL_ID, "channel", "News")]
    return {chat.id: chat for chat in (*private, *shared)}
