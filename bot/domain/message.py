"""A message, its states and the moves that are lawful between them.

queued ──claim──▶ sending ──201──▶ accepted ──▶ delivered | undeliverable | expired | rejected | deleted | unknown
  ▲  │               │ ├──409 after an attempt that may have arrived──▶ accepted (msg_id unknown)
  │  └─▶ cancelled   │ ├──definite refusal──▶ failed
  │                  │ ├──409 on what we believe is the first attempt──▶ uncertain
  └──same txn_id─────┘ └──still ambiguous when attempts run out──▶ uncertain (a human decides)

Not drawn: sending → sending (a lease that ran out is claimed again), accepted → accepted (its status is still open),
uncertain → accepted, and from uncertain to whatever the gateway says of it when it is asked.
"""

import os
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.domain.gateway import Channel, DeliveryStatus
from bot.domain.text import check_text


class State(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    EXPIRED = "expired"
    REJECTED = "rejected"
    DELETED = "deleted"
    UNKNOWN = "unknown"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


FINAL_BY_STATUS = {
    DeliveryStatus.DELIVERED: State.DELIVERED,
    DeliveryStatus.UNDELIVERABLE: State.UNDELIVERABLE,
    DeliveryStatus.EXPIRED: State.EXPIRED,
    DeliveryStatus.REJECTED: State.REJECTED,
    DeliveryStatus.DELETED: State.DELETED,
    DeliveryStatus.UNKNOWN: State.UNKNOWN,
}
"""The state that each final delivery status means."""

DELIVERY_STATES = frozenset(FINAL_BY_STATUS.values())

LAWFUL: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.CANCELLED}),
    # A lease that ran out is claimed again: sending → sending.
    State.SENDING: frozenset({State.SENDING, State.QUEUED, State.ACCEPTED, State.FAILED, State.UNCERTAIN}),
    State.ACCEPTED: DELIVERY_STATES | {State.ACCEPTED},
    # Asked for, the gateway may turn out to know the message after all.
    State.UNCERTAIN: DELIVERY_STATES | {State.ACCEPTED},
    **{final: frozenset() for final in (*DELIVERY_STATES, State.FAILED, State.CANCELLED)},
}
"""From each state, the states it may move to. A state that leads nowhere is final."""

FINAL = frozenset(state for state, targets in LAWFUL.items() if not targets)
UNSENT = frozenset({State.QUEUED, State.SENDING})
"""States in which the text is still needed."""


class Settlement(StrEnum):
    """What a human decides about an uncertain message; it stands as the reason from then on."""

    MARKED_SENT = "marked_sent"
    """It went: somebody has the SMS, or saw it at OsonSMS."""
    SENT_AGAIN = "sent_again"
    """Another message, under a txn_id of its own, takes its place. This one stays uncertain."""
    CLOSED = "closed"
    """Nothing more is to be done. It stays uncertain."""


_SETTLEMENTS = {each.value: each for each in Settlement}


def settlement_of(reason: str | None) -> Settlement | None:
    """What somebody has decided, if that is the reason."""
    return _SETTLEMENTS.get(reason or "")


BLOCKED = "blocked"
"""The reason of what is not sent since its phone is on the stop list."""


def sources(target: State) -> frozenset[State]:
    """The states from which `target` may be reached."""
    return frozenset(state for state, targets in LAWFUL.items() if target in targets)


# A ULID is 10 digits of time and 16 of chance (80 bits), in Crockford's base 32; its digits are not those of RFC 4648.
_TIME_DIGITS, _RANDOM_DIGITS, _RANDOM_BYTES = 10, 16, 10
_ULID_DIGITS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def new_txn_id() -> str:
    """A new txn_id: a ULID, 26 characters of `[0-9A-Z]`.

    Its time keeps the log's index compact; its 80 random bits keep it unique over machines and over a lost database,
    where a counter would start again at numbers that the gateway has seen.
    """
    from ulid import ULID  # 40 ms, which the process that reads a list has no use for

    return str(ULID())


def new_txn_ids(count: int) -> list[str]:
    """So many new txn_ids of this moment, each with 80 random bits of its own; a tenth of the time of one by one."""
    moment = new_txn_id()[:_TIME_DIGITS]
    digits = b32encode(os.urandom(_RANDOM_BYTES * count)).translate(_ULID_DIGITS).decode()
    return [moment + digits[start : start + _RANDOM_DIGITS] for start in range(0, len(digits), _RANDOM_DIGITS)]


@dataclass(frozen=True, slots=True)
class Message:
    """One SMS to one recipient as the txn log holds it. Times are aware, in UTC."""

    id: int
    txn_id: str
    state: State
    phone: str = field(repr=False)
    text: str | None = field(repr=False)
    """None once a confidential message has left."""
    sender: str
    channel: Channel
    confidential: bool
    length: int
    """Characters of the text."""
    encoding: str
    parts: int
    """As we counted them; `gateway_parts` is what is billed."""
    actor_id: int
    campaign_id: int | None
    created_at: datetime
    due_at: datetime | None
    """When the next step is due: to be sent, to be taken back from a lost worker, to be asked for."""
    attempts: int
    """Times it was claimed for sending; the fence against late outcomes."""
    retries: int
    """Attempts that went wrong without a verdict; bounded."""
    may_have_arrived: bool
    """Whether an earlier attempt may have reached the gateway."""
    msg_id: int | None
    gateway_parts: int | None
    status: DeliveryStatus | None
    """The last delivery status that was heard."""
    status_at: datetime | None
    """When it was heard."""
    polls: int
    reason: str | None
    """Why it stands where it stands: an error's class name, or a word of ours."""
    code: int | None
    gateway_text: str | None
    accepted_at: datetime | None
    final_at: datetime | None

    @property
    def settlement(self) -> Settlement | None:
        """What somebody has decided about it, if nothing has been heard of it since."""
        return settlement_of(self.reason)

    @property
    def is_unsettled(self) -> bool:
        """Whether nobody knows if it went, and nobody has decided about it."""
        return self.state is State.UNCERTAIN and self.final_at is None


class Outgoing(NamedTuple):
    """A claimed message: what the sending of it needs. There are many, so it is no more than a tuple."""

    id: int
    txn_id: str
    phone: str
    text: str | None
    sender: str
    channel: Channel
    confidential: bool
    campaign_id: int | None
    attempts: int
    retries: int
    may_have_arrived: bool

    def __repr__(self) -> str:
        return f"Outgoing(id={self.id})"  # reprs reach logs, phones and texts do not


class NewText(NamedTuple):
    """What is its own in a message of a campaign; there are many, so it is no more than a tuple."""

    txn_id: str
    phone: str
    text: str
    encoding: str
    parts: int

    def __repr__(self) -> str:
        return f"NewText(txn_id={self.txn_id!r})"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What a message is queued with. TextError where its text can be neither sent nor stored."""

    txn_id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)
    sender: str
    channel: Channel
    confidential: bool
    encoding: str
    parts: int
    actor_id: int
    origin: str | None = None
    campaign_id: int | None = None

    def __post_init__(self) -> None:
        check_text(self.text)
