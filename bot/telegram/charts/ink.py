"""The colours of the pictures.

Telegram shows a picture on light and on dark: each stands on opaque paper of its own, and every word on it has a
contrast of 4.5 or more. The three outcomes differ in lightness, nearly twofold from one to the next, so that whoever
sees no hue, or fewer, still tells them apart; blue, ochre and crimson stay apart in hue as well.
"""

from enum import Enum

from PIL import ImageColor

SHADES = 15
"""Steps from paper to an ink at its fullest: for smooth edges."""


class Ink(Enum):
    """What an ink is for, and its colour."""

    PAPER = "#F6F7F9"
    TEXT = "#1B2430"
    MUTED = "#5A6473"
    LINE = "#DCE1E8"
    TRACK = "#E3E8EF"
    AREA = "#DFE9F7"
    DELIVERED = "#2260BE"
    PENDING = "#BE840F"
    FAILED = "#731527"
    RISE = "#0A7A5C"

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour at its fullest."""
        red, green, blue, *_ = ImageColor.getrgb(self.value)
        return red, green, blue

    @property
    def first(self) -> int:
        """The number of its faintest shade (paper) in the palette."""
        return _ORDER[self] * (SHADES + 1)

    @property
    def full(self) -> int:
        """The number of its fullest shade in the palette."""
        return self.first + SHADES


_ORDER = {ink: place for place, ink in enumerate(Ink)}


def palette() -> list[int]:
    """Red, green and blue of every shade of every ink, one after another."""
    return [
        paper + (colour - paper) * shade // SHADES
        for ink in Ink
        for shade in range(SHADES + 1)
        for paper, colour in zip(Ink.PAPER.rgb, ink.rgb, strict=True)
    ]
