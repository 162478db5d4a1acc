"""How many parts a text makes, by which the gateway bills.

GSM 03.38: 160 septets in one part, 153 in each of several, and the characters of the extension table take two. A text
with any other character travels as UCS-2: 70 UTF-16 units, 67 in each of several. Neither an escape pair nor a
surrogate pair is ever torn apart: it moves whole into the next part.
"""

from collections.abc import Iterable

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


def count_parts(text: str) -> int:
    """Parts of `text`; an empty one makes one part."""
    strange = set(text) - _BASIC
    if strange <= _EXTENDED:
        return _pack((2 if char in _EXTENDED else 1 for char in text), single=160, several=153)
    return _pack((2 if char > "\uffff" else 1 for char in text), single=70, several=67)


def _pack(widths: Iterable[int], *, single: int, several: int) -> int:
    """Parts needed for characters of these widths."""
    parts = 1
    used = total = 0
    for width in widths:
        total += width
        used += width
        if used > several:
            parts, used = parts + 1, width
    return 1 if total <= single else parts
