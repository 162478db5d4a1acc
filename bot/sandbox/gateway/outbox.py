"""The messages that the gateway took, how each comes along by the clock, and the phones where they arrive."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from operator import attrgetter

from bot.sandbox.gateway.journal import Journal
from bot.sandbox.gateway.replies import DUSHANBE, Status

FIRST_MSG_ID = 169_000_001


def iso(at: float) -> str:
    """A time (seconds since 1970) for the control API: ISO 8601 with its zone."""
    return datetime.fromtimestamp(at, DUSHANBE).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery status that was told of a message."""

    status: Status
    at: float
    """When the answer was written."""

    def as_dict(self) -> dict[str, object]:
        """As the control API shows it."""
        return {"status": self.status, "at": iso(self.at)}


@dataclass(slots=True)
class Message:
    """One message that the gateway took."""

    id: int
    msg_id: int
    txn_id: str
    sender: str
    phone: str = field(repr=False)
    text: str | None = field(repr=False)
    """What the gateway keeps: None when confidential."""
    in_flight: str | None = field(repr=False)
    """What travels to the phone: None once it arrived."""
    parts: int
    channel: str
    confidential: bool
    at: float
    bulk: str | None
    accepted_at: float
    final_at: float
    final: Status
    forced: Status | None = None
    """The status set by hand, which overrides the clock."""
    told: list[Told] = field(default_factory=list)
    """Every status told of it, in the order of the questions."""

    def status(self, now: float) -> Status:
        """Where the message is."""
        if self.forced is not None:
            return self.forced
        if now >= self.final_at:
            return self.final
        return Status.ACCEPTED if now >= self.accepted_at else Status.ENROUTE

    def as_dict(self, now: float) -> dict[str, object]:
        """As the control API shows it."""
        return {
            "id": self.id,
            "txn_id": self.txn_id,
            "msg_id": self.msg_id,
            "from": self.sender,
            "phone": self.phone,
            "text": self.text,
            "parts": self.parts,
            "channel": self.channel,
            "confidential": self.confidential,
            "status": self.status(now),
            "at": iso(self.at),
            "bulk": self.bulk,
            "told": [told.as_dict() for told in sorted(self.told, key=attrgetter("at"))],
        }


@dataclass(frozen=True, slots=True)
class Arrival:
    """An SMS on a phone."""

    id: int
    phone: str = field(repr=False)
    sender: str
    text: str = field(repr=False)
    at: float
    channel: str

    def as_dict(self) -> dict[str, object]:
        """As the control API shows it."""
        return {
            "id": self.id,
            "phone": self.phone,
            "from": self.sender,
            "text": self.text,
            "at": iso(self.at),
            "channel": self.channel,
        }


@dataclass(frozen=True, slots=True)
class Letter:
    """What is put in: one text to one phone."""

    txn_id: str
    sender: str
    phone: str = field(repr=False)
    text: str = field(repr=False)
    parts: int
    final: Status
    channel: str = "sms"
    confidential: bool = False
    bulk: str | None = None


class Outbox:
    """All messages and arrivals. Nothing runs in it: `settle` brings it up to the clock whenever it is looked at."""

    def __init__(self) -> None:
        self.messages: Journal[Message] = Journal()
        self.handset: Journal[Arrival] = Journal()
        self.by_txn_id: dict[str, Message] = {}
        """Single messages only; those of a bulk share its txn_id."""
        self.by_msg_id: dict[str, Message] = {}
        self._travelling: list[tuple[float, int, Message]] = []

    def put(self, letter: Letter, *, now: float, leaves: float, enroute: float, delivered: float) -> Message:
        """Take a message now that sets out at `leaves` and then needs `enroute` and `delivered` seconds."""
        number = self.messages.next_id
        stuck = letter.final is Status.ENROUTE
        message = Message(
            id=number,
            msg_id=FIRST_MSG_ID + number,
            txn_id=letter.txn_id,
            sender=letter.sender,
            phone=letter.phone,
            text=None if letter.confidential else letter.text,
            in_flight=letter.text,
            parts=letter.parts,
            channel=letter.channel,
            confidential=letter.confidential,
            at=now,
            bulk=letter.bulk,
            accepted_at=inf if stuck else leaves + enroute,
            final_at=inf if stuck else leaves + max(enroute, delivered),
            final=letter.final,
        )
        self._file(message)
        return message

    def settle(self, now: float) -> None:
        """Let everything arrive that is due."""
        while self._travelling and self._travelling[0][0] <= now:
            due, _, message = heapq.heappop(self._travelling)
            if message.forced is None:
                self._arrive(message, due)

    def force(self, message: Message, status: Status, now: float) -> None:
        """Set a status by hand, for good; DELIVERED arrives at once. What was due by `now` must be settled."""
        message.forced = status
        if status is Status.DELIVERED:
            self._arrive(message, now)
        if message.final_at > now:
            message.final_at = now

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self.messages.clear()
        self.handset.clear()
        self.by_txn_id.clear()
        self.by_msg_id.clear()
        self._travelling.clear()

    def _file(self, message: Message) -> None:
        self.messages.add(message)
        self.by_msg_id[str(message.msg_id)] = message
        if message.bulk is None:
            self.by_txn_id[message.txn_id] = message
        if message.final is Status.DELIVERED:
            heapq.heappush(self._travelling, (message.final_at, message.id, message))

    def _arrive(self, message: Message, at: float) -> None:
        """Onto the phone, once ever."""
        if message.in_flight is not None:
            text, message.in_flight = message.in_flight, None
            self.handset.add(Arrival(self.handset.next_id, message.phone, message.sender, text, at, message.channel))
