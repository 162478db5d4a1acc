"""What is asked of the gateway and what it answers, in our words.

The adapter (`bot.osonsms`) turns these into requests of the contract (OsonSMS protocol 2.0.2) and replies into these; a
reply that is none of them is raised as one of `bot.domain.errors`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Channel(StrEnum):
    """Where the gateway delivers to: the contract's `channel`; SMS is what it does without one."""

    SMS = "sms"
    TELEGRAM = "telegram"


class DeliveryStatus(StrEnum):
    """The eight statuses of the contract, spelled as it spells them."""

    ENROUTE = "ENROUTE"
    ACCEPTED = "ACCEPTED"
    DELIVERED = "DELIVERED"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
    UNDELIVERABLE = "UNDELIVERABLE"
    UNKNOWN = "UNKNOWN"
    REJECTED = "REJECTED"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be heard of the message."""
        return self not in (DeliveryStatus.ENROUTE, DeliveryStatus.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Sms:
    """One SMS to one phone, as the send call takes it. Phone and text stay out of its repr: reprs reach logs."""

    txn_id: str
    phone: str = field(repr=False)
    """`992XXXXXXXXX`, without a plus."""
    text: str = field(repr=False)
    sender: str
    channel: Channel = Channel.SMS
    confidential: bool = False
    """The gateway then neither keeps nor shows the text (`is_confidential`)."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway took the message for sending. It says nothing of delivery."""

    msg_id: int
    parts: int | None
    """Parts as the gateway counted them; None where it did not say."""
    timestamp: datetime | None
    """The gateway's own clock, with its zone (UTC+5)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the gateway says became of a message."""

    status: DeliveryStatus
    timestamp: datetime | None


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left on the account."""

    amount: Decimal
    """In somoni (TJS)."""
    timestamp: datetime | None


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """One list of phones for the gateway's own bulk call. The text and the file stay out of its repr."""

    txn_id: str
    text: str = field(repr=False)
    sender: str
    send_at: datetime
    """When it is to go out; aware. The adapter writes it in the gateway's zone."""
    file: bytes = field(repr=False)
    """CSV, at most 5 MB."""
    file_name: str = "recipients.csv"
    with_params: bool = False
    """Whether placeholders in the text are filled from the columns of the file."""


@dataclass(frozen=True, slots=True)
class BulkAccepted:
    """The gateway made a bulk of the list; it answers with a name, and nothing of any single phone."""

    name: str
    """`sms_bulk_name`."""
