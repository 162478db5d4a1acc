"""How an SMS text is encoded and how many parts of it the gateway will bill.

3GPP TS 23.038 (the GSM 7-bit alphabet and its extension) and TS 23.040 (concatenation: six bytes of header leave 153
septets or 67 UTF-16 units a part).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = frozenset("^{}\\[~]|€\f")


UNSENDABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, for which PostgreSQL has no room, and half a surrogate pair, for which UTF-8 has none."""


class TextError(ValueError):
    """No SMS can carry the text. It does not carry the text either: texts stay out of logs."""

    def __init__(self) -> None:
        super().__init__("NUL or half a surrogate pair in a text")


def check_text(text: str) -> None:
    """Refuse what neither a request nor a database can hold, before it is on its way.

    Raises:
        TextError: it holds such a character.
    """
    if UNSENDABLE.search(text):
        raise TextError


class Encoding(StrEnum):
    """The two encodings of SMS."""

    GSM7 = "GSM-7"
    UCS2 = "Unicode"


_SINGLE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_PART = {Encoding.GSM7: 153, Encoding.UCS2: 67}


@dataclass(frozen=True, slots=True)
class Measure:
    """The size of a text: `units` are septets (GSM-7) or UTF-16 units (Unicode)."""

    encoding: Encoding
    units: int
    parts: int


_all_gsm7 = re.compile(f"[{re.escape(''.join(sorted(GSM7 | GSM7_EXTENSION)))}]*").fullmatch
_first_pair = {
    Encoding.GSM7: re.compile(f"[{re.escape(''.join(sorted(GSM7_EXTENSION)))}]").search,
    Encoding.UCS2: re.compile("[\U00010000-\U0010ffff]").search,
}
"""Finds a character that takes two units. Few texts have one, and without one a text is measured by its length."""


def measure(text: str) -> Measure:
    """Measure `text`; the empty text has no part."""
    encoding = Encoding.GSM7 if _all_gsm7(text) else Encoding.UCS2
    has_pairs = _first_pair[encoding](text)
    weights = [_weight(character, encoding) for character in text] if has_pairs else []
    units = sum(weights) if has_pairs else len(text)
    if units <= _SINGLE[encoding]:
        return Measure(encoding, units, 1 if text else 0)
    parts = _count_parts(weights, _PART[encoding]) if has_pairs else -(-units // _PART[encoding])
    return Measure(encoding, units, parts)


def _weight(character: str, encoding: Encoding) -> int:
    """Units of one character: two for an escape sequence and for a surrogate pair."""
    if encoding is Encoding.GSM7:
        return 2 if character in GSM7_EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1


def _count_parts(weights: list[int], room: int) -> int:
    """Fill part after part; a pair that does not fit moves on whole, so a part may stay one short."""
    parts, used = 1, 0
    for weight in weights:
        if used + weight > room:
            parts, used = parts + 1, 0
        used += weight
    return parts
