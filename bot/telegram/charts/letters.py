"""Words in pixels: the bundled DejaVu Sans measured, and words cut to a width or put in two lines."""

import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont

_FONTS = Path(__file__).parent / "fonts"
_LONGEST = 300
"""Letters that are looked at: no line holds more."""
_HELD = "\u00a0\u202f"
"""Spaces that hold a number together."""
_UNSEEN = ("Cc", "Cf", "Cs", "Cn", "Co")


class Type(NamedTuple):
    """A size of letters in pixels, and their weight."""

    size: int
    bold: bool = False

    @property
    def height(self) -> int:
        """Of a line, in pixels."""
        return sum(font(self).getmetrics())


FIGURE = Type(60, bold=True)
TITLE = Type(44, bold=True)
HEADING = Type(34, bold=True)
STRONG = Type(30, bold=True)
WORDS = Type(30)
SMALL = Type(28)
"""No letter is smaller: a phone shows the picture at a third of its size."""


@cache
def font(type_: Type) -> ImageFont.FreeTypeFont:
    """The bundled font, letter by letter: nothing is joined or turned round."""
    name = "DejaVuSans-Bold.ttf" if type_.bold else "DejaVuSans.ttf"
    return ImageFont.truetype(_FONTS / name, type_.size, layout_engine=ImageFont.Layout.BASIC)


def clean(words: str) -> str:
    """One line of what can be drawn: letters put together with their marks, single spaces, nothing unseen."""
    text = unicodedata.normalize("NFC", words[:_LONGEST])
    text = "".join(" " if sign.isspace() and sign not in _HELD else sign for sign in text)
    text = "".join(sign for sign in text if unicodedata.category(sign) not in _UNSEEN)
    return " ".join(word for word in text.split(" ") if word)


def width_of(text: str, type_: Type) -> int:
    """How wide the ink of a clean text is, in pixels."""
    left, _, right, _ = font(type_).getbbox(text, anchor="ls")
    return max(0, round(right - left))


def widest(texts: list[str], type_: Type) -> int:
    """The width of the widest of them."""
    return max((width_of(clean(text), type_) for text in texts), default=0)


def cut(words: str, type_: Type, width: int) -> str:
    """What of the words fits the width, with … where something was left out; nothing if not even that fits."""
    text = clean(words)
    if width_of(text, type_) <= width:
        return text
    fitting = bisect_right(range(len(text)), width, key=lambda end: width_of(_shortened(text, end), type_))
    return _shortened(text, fitting - 1) if fitting else ""


def _shortened(text: str, end: int) -> str:
    return text[:end].rstrip() + "…"


def two_lines(words: str, type_: Type, width: int) -> list[str]:
    """The words in one line or, as evenly as may be, in two; the second one cut, if they need more."""
    text = clean(words)
    parts = text.split(" ")
    if len(parts) == 1 or width_of(text, type_) <= width:
        return [cut(text, type_, width)]
    if width_of(text, type_) <= 2 * width:
        even = min(_splits(parts), key=lambda lines: max(width_of(line, type_) for line in lines))
        if widest(even, type_) <= width:
            return even
    first = next((count for count in range(len(parts), 0, -1) if width_of(" ".join(parts[:count]), type_) <= width), 1)
    return [cut(" ".join(line), type_, width) for line in (parts[:first], parts[first:])]


def _splits(parts: list[str]) -> list[list[str]]:
    return [[" ".join(parts[:count]), " ".join(parts[count:])] for count in range(1, len(parts))]
