"""A draft: what an admin has begun to send and not yet confirmed. It lives in the database; a restart loses none."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.gateway import Channel
from bot.domain.text import check_text


class Step(StrEnum):
    """What a draft waits for."""

    PHONE = "phone"
    TEXT = "text"
    SEND_AT = "send_at"
    CONFIRM = "confirm"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a draft ended."""

    SENT = "sent"
    DROPPED = "dropped"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class PhoneList:
    """What was read from a file of phones, less the phones themselves, which are in the cleaned file beside it."""

    file_name: str
    rows: int
    """Rows that hold something."""
    recipients: int
    duplicates: int
    faults: dict[str, int]
    """Rows left out, counted by reason."""
    fault_rows: tuple[tuple[int, str], ...]
    """The first of them: (row number in the file, reason)."""
    columns: tuple[str, ...]
    """Names of the columns of the cleaned file; the first holds the phones."""
    samples: tuple[tuple[str, ...], ...] = field(repr=False)
    """The first rows of the cleaned file."""
    parts: tuple[int, int, int] = (0, 0, 0)
    """Least, most and total parts, once the text is known."""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent, as far as it is known. TextError where its text can be neither sent nor stored."""

    phones: tuple[str, ...] = field(default=(), repr=False)
    text: str = field(default="", repr=False)
    sender: str = ""
    channel: Channel = Channel.SMS
    confidential: bool = False
    phone_list: PhoneList | None = None
    """For a file: what is in it."""
    with_params: bool = False
    """For a file: whether the text has placeholders that its columns fill."""
    send_at: datetime | None = None
    """For a file: when it is to go out; None is at once."""
    questions: tuple[str, ...] = ()
    """What made us ask before sending: `parts`, `repeat`, `several`."""

    def __post_init__(self) -> None:
        check_text(self.text)


@dataclass(frozen=True, slots=True)
class Draft:
    """An order with its place in the conversation."""

    id: int
    chat_id: int
    actor_id: int
    step: Step
    order: Order
    outcome: Outcome | None
    created_at: datetime
    answered: int = 0
    """The chat's message that answered last: it may be delivered again, and is no answer to the next question."""
