"""A message as a row of a sheet. Its cells keep their kinds; each form of file writes them in its own way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.domain.message import Message, State


class Digits(str):
    """Digits that are no number: a sheet would make 9.9E+11 of a phone."""

    __slots__ = ()


Cell: TypeAlias = Digits | str | int | datetime | None
"""A time stands on the clock of the reader's zone."""
Row: TypeAlias = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a sheet is for: the words of states, channels and reasons, and the zone whose clock the times follow."""

    names: Mapping[str, str]
    zone: ZoneInfo


def message_row(message: Message, columns: Sequence[str], reader: Reader) -> list[Cell]:
    """The row of a message under `columns`, which are some of `CELLS`."""
    return [CELLS[column](message, reader) for column in columns]


def _reason(message: Message, reader: Reader) -> str | None:
    """Why it stands where it stands, in the reader's language; what the gateway said of it stands behind."""
    if message.state is State.DELIVERED:
        return None
    words = reader.names.get(message.reason or "")
    if words is None:
        return message.gateway_text or message.reason
    return f"{words} ({message.gateway_text})" if message.gateway_text and not message.settlement else words


def _text(message: Message, _reader: Reader) -> str | None:
    """What is confidential stays out, even while it waits to be sent."""
    return None if message.confidential else message.text


def _time(moment: datetime | None, reader: Reader) -> datetime | None:
    return moment.astimezone(reader.zone) if moment else None


CELLS: dict[str, Callable[[Message, Reader], Cell]] = {
    "number": lambda message, _: message.id,
    "ordered": lambda message, reader: _time(message.created_at, reader),
    "phone": lambda message, _: Digits(message.phone),
    "state": lambda message, reader: reader.names[message.state],
    "heard": lambda message, _: message.status,
    "text": _text,
    "sender": lambda message, _: message.sender,
    "channel": lambda message, reader: reader.names[message.channel],
    "campaign": lambda message, _: message.campaign_id,
    "actor": lambda message, _: message.actor_id,
    "parts": lambda message, _: message.gateway_parts or message.parts,
    "txn_id": lambda message, _: message.txn_id,
    "msg_id": lambda message, _: message.msg_id,
    "code": lambda message, _: message.code,
    "reason": _reason,
    "accepted": lambda message, reader: _time(message.accepted_at, reader),
    "final": lambda message, reader: _time(message.final_at, reader),
}
"""Every column that there is, and what stands in it."""
