"""A time as people type it on a phone: `18:30`, `25.11 9:00`, `25.11.2026 09:00`, `2026-11-25 09:00`."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_TIME = r"(?P<hour>\d{1,2})[:.\-](?P<minute>\d{2})"
DATE = r"(?P<day>\d{1,2})[./\-](?P<month>\d{1,2})(?:[./\-](?P<year>\d{4}))?"
ISO = r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_SHAPES = [re.compile(shape) for shape in (_TIME, rf"{DATE}[ ,]+{_TIME}", rf"{ISO}[ T]+{_TIME}")]
DASHES = str.maketrans("‐‑‒–—−", "------")
FARTHEST = timedelta(days=365)


class WhenFault(StrEnum):
    """Why a text is not a time to send at."""

    UNREADABLE = "unreadable"
    PAST = "past"
    TOO_FAR = "too_far"


class WhenError(ValueError):
    """The text is not a time to send at."""

    def __init__(self, fault: WhenFault) -> None:
        self.fault = fault
        super().__init__(fault.value)


def parse_when(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Read a time in `zone`; without a date the next such time, without a year the next such day.

    Raises:
        WhenError: with the reason.
    """
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(text.translate(DASHES).strip()))), None)
    if found is None:
        raise WhenError(WhenFault.UNREADABLE)
    moment = _moment(found.groupdict(), now.astimezone(zone))
    if moment <= now:
        raise WhenError(WhenFault.PAST)
    if moment > now + FARTHEST:
        raise WhenError(WhenFault.TOO_FAR)
    return moment


def _moment(parts: dict[str, str | None], now: datetime) -> datetime:
    numbers = {name: int(value) for name, value in parts.items() if value}
    try:
        moment = now.replace(second=0, microsecond=0, **numbers)  # type: ignore[arg-type]  # names are fixed by the shapes
        if moment > now or "year" in numbers:
            return moment
        return moment + timedelta(days=1) if "day" not in numbers else moment.replace(year=moment.year + 1)
    except ValueError as error:  # the 31st of February, 25 o'clock
        raise WhenError(WhenFault.UNREADABLE) from error
