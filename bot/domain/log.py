"""What the log is told and what it tells: an outcome to record, a line of history, a pause."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.gateway import DeliveryStatus
from bot.domain.message import State


@dataclass(frozen=True, slots=True)
class Sent:
    """The outcome of one attempt to send, as it is to be recorded."""

    id: int
    attempt: int
    """The attempt it belongs to: the fence that turns a late outcome away."""
    state: State
    reason: str
    """Why: the error's class name, or `accepted`."""
    may_have_arrived: bool
    retries: int
    due_at: datetime | None
    """When the next step is due: the repeat of a queued one, the first question for the status of an accepted one."""
    msg_id: int | None = None
    parts: int | None = None
    name: str | None = None
    """A bulk's name."""
    http_status: int | None = None
    code: int | None = None
    text: str | None = None
    """The gateway's own words."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer to the question for a delivery status."""

    id: int
    asked: State
    """Where the message stood when the question was asked: silence tells nothing of it once it stands elsewhere."""
    status: DeliveryStatus | None
    """None: no answer, or one without a status."""
    reason: str
    due_at: datetime | None
    """When to ask next; None: never again."""
    state: State | None = None
    """The state it means, where that is a new one."""
    code: int | None = None
    text: str | None = None
    counts: bool = True
    """Whether the next question is put off by it; one asked by hand does not."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a message's history."""

    at: datetime
    from_state: State | None
    to_state: State
    why: str
    http_status: int | None
    code: int | None
    text: str | None
    attempt: int | None = None
    """Which attempt this is the outcome of."""
    actor_id: int | None = None
    """Who did it by hand."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop of all sending, from the gateway's refusal of the account until it is mended."""

    id: int
    reason: str
    """The error's class name."""
    code: int | None
    text: str | None
    since: datetime
    resumed_at: datetime | None
    low_balance: Decimal | None
    """The lowest balance seen since, in TJS; more than that means that somebody topped it up."""
