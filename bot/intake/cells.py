"""One cell → the phones in it and what is wrong with the rest; or a value, made fit to stand in an SMS."""

import re
from collections.abc import Sequence
from typing import TypeAlias

from bot.domain.phone import COUNTRY, FULL_DIGITS, LOCAL_DIGITS, PhoneError, PhoneFault, parse_phone
from bot.intake.faults import RowFault

Fault: TypeAlias = PhoneFault | RowFault

_EXCEL = "=\"'`’ "
"""What Excel and its users put round a number to keep it a text: `="992…"`, `'992…`."""
_FLOAT = re.compile(rf"(\+?(?:{COUNTRY})?[0-9]{{{LOCAL_DIGITS}}})[.,]0+")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[Ee]\+?[0-9]+")
_BETWEEN_PHONES = re.compile(r"[,;|/\n]+|\s(?:и|ва|or|или)\s")

_CONTROL = re.compile(r"[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufeff]")


Found: TypeAlias = tuple[Sequence[str], Sequence[Fault]]
"""Phones as `992XXXXXXXXX`, and a fault for each part that is none."""
NO_CELL: Found = ((), (PhoneFault.EMPTY,))


def _is_mobile(prefix: str) -> bool:
    try:
        parse_phone(prefix + "000000")
    except PhoneError:
        return False
    return True


_LOCAL = frozenset(prefix for number in range(1000) if _is_mobile(prefix := f"{number:03}"))
"""Nine digits are a mobile phone by their first three; a test holds this to what `parse_phone` says."""
_FULL = frozenset(COUNTRY + prefix for prefix in _LOCAL)


def read_phones(cell: str) -> Found:
    """The phones in `cell`, and what is wrong with the rest.

    A cell may hold several, parted by a comma, semicolon, bar, slash, line break or «and».
    """
    if cell.isdigit() and cell.isascii():  # nearly every row: ten times as fast
        if len(cell) == FULL_DIGITS and cell[:6] in _FULL:
            return (cell,), ()
        if len(cell) == LOCAL_DIGITS and cell[:3] in _LOCAL:
            return (COUNTRY + cell,), ()
    whole = _read_one(cell)
    if not isinstance(whole, Fault):
        return (whole,), ()
    pieces = [piece for piece in _BETWEEN_PHONES.split(cell) if piece.strip()]
    if len(pieces) < 2 or whole is RowFault.SCIENTIFIC:  # Excel's 9,9E+11 has a comma, and is one number
        return (), (whole,)
    parts = [_read_one(piece) for piece in pieces]
    phones = [part for part in parts if not isinstance(part, Fault)]
    if not phones:
        return (), (whole,)
    return phones, [part for part in parts if isinstance(part, Fault)]


def _read_one(text: str) -> str | Fault:
    bare = clean_value(text).strip(_EXCEL)
    if _SCIENTIFIC.fullmatch(bare):
        return RowFault.SCIENTIFIC
    if real := _FLOAT.fullmatch(bare):
        bare = real[1]
    try:
        return parse_phone(bare)
    except PhoneError as error:
        return error.fault


def clean_value(cell: str) -> str:
    """`cell` on one line, without control characters and outer spaces.

    A line break becomes a space: the gateway may read the file line by line, and it is cut into files by lines.
    """
    value = cell.strip()
    return value if value.isprintable() else " ".join(_CONTROL.sub("", value).split())
