"""What an admin looks for in the log, and what a look at it gives."""

import json
import re
import unicodedata
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.message import Message, State


class Kind(StrEnum):
    """How it went, as people ask."""

    ON_WAY = "on_way"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


STATES: dict[Kind, tuple[State, ...]] = {
    Kind.ON_WAY: (State.QUEUED, State.SENDING, State.ACCEPTED),
    Kind.DELIVERED: (State.DELIVERED,),
    Kind.UNDELIVERED: (State.UNDELIVERABLE, State.EXPIRED, State.REJECTED, State.DELETED, State.UNKNOWN),
    Kind.FAILED: (State.FAILED,),
    Kind.UNCERTAIN: (State.UNCERTAIN,),
    Kind.CANCELLED: (State.CANCELLED,),
}
"""Every state is of one kind."""
KIND_OF = {state: kind for kind, states in STATES.items() for state in states}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; what is None narrows nothing."""

    phone: str | None = field(default=None, repr=False)
    actor_id: int | None = None
    kind: Kind | None = None
    campaign_id: int | None = None
    period: str | None = None
    """`today`, `week` (the last seven days), `month`, `year`, or a day as `2026-11-25`."""

    def to_json(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self))


def wanted_from_json(kept: str) -> Wanted:
    """What `to_json` made."""
    read = json.loads(kept)
    return Wanted(**read | {"kind": Kind(read["kind"]) if read["kind"] else None})


@dataclass(frozen=True, slots=True)
class Glance:
    """A page of the log, newest first."""

    messages: tuple[Message, ...]
    older: int | None
    """Look on below this number; None: there is nothing older."""
    newer: int | None
    """Look on above this number; None: there is nothing newer."""
    cut: bool = False
    """Whether the look ended before the page was full, with more of the log to be gone through."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Messages in whose texts some words stand, newest first."""

    messages: tuple[Message, ...] = ()
    cut: bool = False
    """Whether the search ended before it had as many as were asked for, with more of the log to be gone through."""


Bounds = tuple[datetime | None, datetime | None]
"""From when, and before when; None is open."""
_BACK = {"today": 0, "week": 6, "month": 29, "year": 364}
PERIODS = tuple(_BACK)
YEARS = range(2000, 3000)
"""Years of days that may be asked for: beyond them a day less or more is none that a clock can tell."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def bounds(period: str | None, zone: ZoneInfo, now: datetime) -> Bounds:
    """The time that a period means now, on the clock of the zone.

    Raises:
        ValueError: there is no such period, or no such day in `YEARS`.
    """
    if period is None:
        return None, None
    today = now.astimezone(zone).date()
    if period in _BACK:
        return midnight(today - timedelta(days=_BACK[period]), zone), None
    if not _ISO.fullmatch(period):
        raise ValueError(period)
    day = date.fromisoformat(period)
    if day.year not in YEARS:
        raise ValueError(period)
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)


_FARTHEST = "\u0800"
"""Letters beyond (of scripts that nobody writes SMS in here) are unknown to one index or the other."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as both engines part them: letters and digits, but none of raised or broken ones."""
    known = "".join(sign if _is_of_words(sign) else " " for sign in unicodedata.normalize("NFC", text))
    return tuple(dict.fromkeys(known.split()))


def _is_of_words(sign: str) -> bool:
    return sign < _FARTHEST and (sign.isalpha() or sign.isdecimal())


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins."""
    return datetime.combine(day, time.min, zone)
