"""From a reply's bytes to values that may be trusted. Everything here gives None for what it will not take.

The bytes are hostile until read: HTML, half a document, a number of a million digits, brackets a million deep.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import NoReturn

GATEWAY_ZONE = timezone(timedelta(hours=5), "Asia/Dushanbe")
"""The gateway's clock; Tajikistan keeps no summer time."""

_MOST_MONEY = Decimal(10) ** 12
_LEAST_MONEY = Decimal(10) ** -9
_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_YEARS = range(2000, 2100)


def json_object(body: bytes) -> dict[str, object] | None:
    """The JSON object that `body` holds. A number with a point becomes the Decimal it spells, never a float.

    None for anything else, for NaN and Infinity, and for a name given twice: which of the two would be meant?
    """
    try:
        reply = json.loads(
            body.decode("utf-8-sig"),  # PHP files saved with a byte order mark print it
            parse_float=Decimal,
            parse_constant=_refuse,
            object_pairs_hook=_unique,
        )
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return reply if isinstance(reply, dict) else None


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is given twice")
    return members


def whole(value: object, largest: int) -> int | None:
    """A whole number from 1 to `largest`, given as a number or as digits in a string."""
    if isinstance(value, str) and len(value) <= len(str(largest)) and value.isascii() and value.isdigit():
        value = int(value)
    return value if type(value) is int and 1 <= value <= largest else None


def money(value: object) -> Decimal | None:
    """An amount given as a number or as one in a string, exactly as it is spelled; below zero is an overdraft."""
    if isinstance(value, str) and _AMOUNT.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if type(value) is int:
        value = Decimal(value) if abs(value) < _MOST_MONEY else None
    if not isinstance(value, Decimal) or (value and not _LEAST_MONEY <= abs(value) < _MOST_MONEY):
        return None
    return value


def moment(value: object) -> datetime | None:
    """A `YYYY-MM-DD HH:MM:SS` of the gateway's clock, with its zone."""
    if not isinstance(value, str) or len(value) != len("YYYY-MM-DD HH:MM:SS"):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    # A year at the edge of the calendar would overflow as soon as somebody turns it into another zone.
    return read.replace(tzinfo=GATEWAY_ZONE) if read.tzinfo is None and read.year in _YEARS else None


def word(value: object) -> str:
    """A word such as a status, in capitals; empty for what is no string."""
    return value.strip().upper() if isinstance(value, str) else ""
