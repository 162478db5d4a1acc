"""A card: a message of ours in a chat that shows one thing and is kept true by edits in place."""

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What a card shows."""

    MESSAGE = "message"
    CAMPAIGN = "campaign"
    DRAFT = "draft"
    PAUSE = "pause"
    INBOX = "inbox"
    """The messages of which nobody knows whether they went."""
    LOW = "low"
    """A low balance."""
    DIGEST = "digest"
    """The day before in figures; its id is the day's ordinal."""


@dataclass(frozen=True, slots=True)
class Card:
    """`wanted` counts the changes of the subject, `shown` those that Telegram has taken; apart, the card is due."""

    id: int
    chat_id: int
    actor_id: int
    """In whose language it speaks."""
    subject: Subject
    subject_id: int
    telegram_id: int | None
    """The id of the message in the chat; None until Telegram has taken it."""
    reply_to: int | None
    wanted: int
    shown: int
    tries: int
    replaces: int | None
    """The message in the chat that it stood in before: deleted once the new one is there."""
