"""One cell → the phones in it and what is wrong with the rest; or a value, made fit to stand in an SMS."""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from bot.domain.phone import COUNTRY, FULL_DIGITS, LOCAL_DIGITS, PhoneError, PhoneFault, parse_phone
from bot.intake.faults import RowFault

Fault: TypeAlias = PhoneFault | RowFault

_EXCEL = "=\"'`’ "
"""What Excel and its users put round a number to keep it a text: `="992…"`, `'992…`."""
_FLOAT = re.compile(rf"(\+?(?:{COUNTRY})?[0-9]{{{LOCAL_DIGITS}}})[.,]0+")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[Ee]\+?[0-9]+")
_BETWEEN_PHONES = re.compile(r"[,;|/\n]+|\s(?:и|ва|or|или)\s")

_USUAL = str.maketrans("", "", " -()\u00a0")
"""Of all that may stand between digits, the usual."""

_CONTROL = re.compile(r"[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufeff]")
_KEPT_AS_TEXT = re.compile(r"'(?=[=+\-@])")
"""What keeps Excel from taking a cell for a formula; our own file of rejected rows has it too."""
_NO_VALUE = frozenset(
    "#N/A #DIV/0! #NAME? #NULL! #NUM! #REF! #VALUE! #Н/Д #ДЕЛ/0! #ИМЯ? #ПУСТО! #ЧИСЛО! #ССЫЛКА! #ЗНАЧ!".split()  # noqa: SIM905 # a list of so many signs is read no easier
)
"""Errors of Excel's formulas: nobody is to read them in an SMS."""

_EXACT = 10**15
"""Below it a float holds every whole number."""

CellValue: TypeAlias = str | float | bool | datetime | date | time | timedelta
"""What a workbook has in a cell."""
Found: TypeAlias = tuple[Sequence[str], Sequence[Fault]]
"""Phones as `992XXXXXXXXX`, and a fault for each part that is none."""


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

    A cell may hold several, parted by a comma, semicolon, bar, slash, line break or «and»; by spaces if each is whole.
    """
    if phone := _at_first_sight(cell):
        return (phone,), ()
    whole = _read_one(cell)
    if not isinstance(whole, Fault):
        return (whole,), ()
    # Excel's 9,9E+11 has a comma, and is one number.
    texts = _parts(cell) if whole is not RowFault.SCIENTIFIC and len(cell) > LOCAL_DIGITS else []
    parts = [_read_one(text) for text in texts if len(texts) > 1]
    phones = [part for part in parts if not isinstance(part, Fault)]
    return (phones, [part for part in parts if isinstance(part, Fault)]) if phones else ((), (whole,))


def _at_first_sight(cell: str) -> str | None:
    """Nearly every phone is so, and is read in a tenth of the time."""
    digits = cell if cell.isdigit() else cell.translate(_USUAL)
    if digits[:1] == "+" and len(digits) > FULL_DIGITS:
        digits = digits[1:]
    if digits.isdigit() and digits.isascii():
        if len(digits) == FULL_DIGITS and digits[:6] in _FULL:
            return digits
        if len(digits) == LOCAL_DIGITS and digits[:3] in _LOCAL:
            return COUNTRY + digits
    return None


def without_phones(cell: str, taken: Collection[str]) -> str:
    """What stays of `cell` when each of the phones `taken` out of it is left out once."""
    left, rest = set(taken), []
    for part in _parts(cell):
        phone = _read_one(part)
        if phone in left:
            left.remove(phone)
        else:
            rest.append(part.strip())
    return ", ".join(rest)


def _parts(cell: str) -> list[str]:
    pieces = [piece for piece in _BETWEEN_PHONES.split(cell) if piece.strip()]
    return [part for piece in pieces for part in _words(piece)]


def _words(piece: str) -> list[str]:
    """Phones that only spaces part; else the piece as it is, for a phone may have spaces within."""
    words = piece.split()
    if (
        len(words) > 1
        and isinstance(_read_one(piece), Fault)
        and not any(isinstance(_read_one(w), Fault) for w in words)
    ):
        return words
    return [piece]


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


def sms_value(cell: str) -> str:
    """`cell` as it is to stand in an SMS; empty where Excel has an error in it."""
    value = clean_value(cell)
    if value[:1] == "#" and value.upper() in _NO_VALUE:
        return ""
    return value[1:] if value[:1] == "'" and _KEPT_AS_TEXT.match(value) else value


def cell_text(value: CellValue) -> str:
    """A workbook's value as people read it here: `992900000001`, `150.5`, `25.11.2026 14:30`."""
    match value:
        case str():
            return value
        case bool():
            return str(value).upper()
        case int() | float():
            return str(int(value)) if abs(value) < _EXACT and value == int(value) else format(value, ".15g")
        case datetime():
            return f"{value:%d.%m.%Y} {cell_text(value.time())}".removesuffix(" 00:00")
        case date():
            return f"{value:%d.%m.%Y}"
        case time():
            return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
        case timedelta():
            minutes = round(value.total_seconds()) // 60
            return f"{minutes // 60}:{minutes % 60:02}"
