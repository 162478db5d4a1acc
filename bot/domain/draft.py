"""A draft: what an admin has begun to send and not yet confirmed. It lives in the database; a restart loses none."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.campaign import Way
from bot.domain.gateway import Channel
from bot.domain.text import check_text
from bot.domain.wording import Wording


class Step(StrEnum):
    """What a draft waits for."""

    READING = "reading"
    """Its file is being read."""
    PHONE = "phone"
    TEXT = "text"
    SEND_AT = "send_at"
    SENDER = "sender"
    TEST = "test"
    """A phone to try the text on."""
    CONFIRM = "confirm"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a draft ended."""

    SENT = "sent"
    DROPPED = "dropped"
    OUTDATED = "outdated"
    REFUSED = "refused"
    """Its file is no list of phones."""


class PieceKind(StrEnum):
    """What stands in a piece of a list."""

    RECIPIENTS = "recipients"
    """CSV in UTF-8 without a header: phone, values in the order of the columns, the row's number in the file."""
    REJECTED = "rejected"
    """CSV in UTF-8 without a header: the row's number in the file, faults parted by spaces, the cells as given."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some hundred rows of a list: a list is kept and worked off in pieces, so that memory does not grow with it."""

    kind: PieceKind
    first: int
    """Rows of its kind in the pieces before it."""
    rows: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PhoneList:
    """What was read from a file of phones, less the phones themselves, which are in its pieces."""

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
    """Names of the columns of its recipients; the first holds the phones."""
    samples: tuple[tuple[str, ...], ...] = field(repr=False)
    """The first recipients."""
    parts: tuple[int, int, int] = (0, 0, 0)
    """Least, most and total parts, once the text is known."""
    encoding: str = ""
    header: tuple[str, ...] = ()
    """Names of the columns of the file itself, in its order; empty where it has no header."""
    phone_at: int = 0
    """Index of the phones' column in the file."""
    operators: dict[str, int] = field(default_factory=dict)
    """Recipients by operator (`bot.domain.operators`)."""
    missing: int = 0
    """Recipients left out for want of a value that the text needs; not among `recipients`, and among the `faults`."""
    blocked: int = 0
    """Recipients that were on the stop list when it was read; they are left out when it goes."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent, as far as it is known. TextError where its text can be neither sent nor stored."""

    phones: tuple[str, ...] = field(default=(), repr=False)
    text: str = field(default="", repr=False)
    sender: str = ""
    channel: Channel = Channel.SMS
    confidential: bool = False
    file_name: str = ""
    """For a file: its name; a list that was pasted has none."""
    phone_list: PhoneList | None = None
    """For a file: what is in it, once it is read."""
    send_at: datetime | None = None
    """For a file: when it is to go out; None is at once."""
    questions: tuple[str, ...] = ()
    """What made us ask before sending: `parts`, `repeat`, `several`, `blocked`, or one of `again_`."""
    way: Way = Way.TRACKED
    """For a file: how it goes out."""
    latin: bool = False
    plain: bool = False
    """As in `Wording`."""
    day: date | None = None
    """For a file: the day chosen, while its hour is asked for."""
    unknown: tuple[str, str | None] | None = None
    """A placeholder that is no column's, and the column most like it, while another text is asked for."""
    refused: str = field(default="", repr=False)
    """The text that it stood in, to be mended."""
    balance: Decimal | None = None
    """What was on the account when the list was read, in TJS; None where it is not known, or not needed."""
    again_of: int | None = None
    """The campaign whose failed messages these are, to be sent again."""
    settles: int | None = None
    """The uncertain message in whose place this one goes; it goes only if nobody has decided about that one."""
    blocked: tuple[str, ...] = field(default=(), repr=False)
    """Phones of the stop list that were to have it, and are left out."""

    def __post_init__(self) -> None:
        check_text(self.text)

    @property
    def wording(self) -> Wording:
        """What recipients are told."""
        return Wording(self.text, self.latin, self.plain)


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
    fault: str | None = None
    """Why its file is no list of phones."""
