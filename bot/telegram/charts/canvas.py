"""A sheet to draw on: blocks, smooth shapes, and words that cannot leave their place."""

from functools import cache
from io import BytesIO
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw

from bot.telegram.charts.ink import SHADES, Ink, palette
from bot.telegram.charts.letters import Type, cut, font, width_of

WIDTH = 1080
"""Pixels; Telegram scales a picture to the width of the phone."""
MARGIN = 48
_FINER = 4
"""Smooth shapes are drawn so many times larger, then made smaller."""

Align = Literal["left", "centre", "right"]


class Box(NamedTuple):
    """Pixels from left and top; right and bottom are the first ones outside."""

    left: int
    top: int
    right: int
    bottom: int


class Written(NamedTuple):
    """A text that was drawn, and the box that holds all of its ink."""

    text: str
    type: Type
    ink: Ink
    box: Box


class Canvas:
    """A picture whose pixels are numbers of shades: small to keep, quick to write as PNG."""

    def __init__(self, height: int) -> None:
        self.image = Image.new("L", (WIDTH, height), Ink.PAPER.full)
        self.written: list[Written] = []
        self._draw = ImageDraw.Draw(self.image)

    def block(self, box: Box, ink: Ink) -> None:
        """A rectangle with sharp edges; an empty box is nothing."""
        if box.left < box.right and box.top < box.bottom:
            self._draw.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), ink.full)

    def round(self, box: Box, ink: Ink, radius: int, *, top_only: bool = False) -> None:
        """A rectangle with round corners, at least one pixel wide and high."""
        mask = _rounded(box.right - box.left, box.bottom - box.top, radius, top_only=top_only)
        self._stamp(mask, box.left, box.top, ink)

    def write(
        self, words: str, x: int, y: int, type_: Type, width: int, *, ink: Ink = Ink.TEXT, align: Align = "left"
    ) -> int:
        """A line whose top is y, left of x, around it or right of it, cut to the width. Returns how wide it became."""
        text = cut(words, type_, width)
        wide = width_of(text, type_)
        if not wide:
            return 0
        left = {"left": x, "centre": x - wide // 2, "right": x - wide}[align]
        mask = Image.new("L", (wide, type_.height))
        start = font(type_).getbbox(text, anchor="ls")[0]
        ImageDraw.Draw(mask).text((-start, font(type_).getmetrics()[0]), text, 255, font(type_), anchor="ls")
        self._stamp(mask, left, y, ink)
        self.written.append(Written(text, type_, ink, Box(left, y, left + wide, y + type_.height)))
        return wide

    def _stamp(self, mask: Image.Image, left: int, top: int, ink: Ink) -> None:
        shades, seen = _tables(ink)
        self.image.paste(mask.point(shades), (left, top), mask.point(seen))

    def trim(self, height: int) -> None:
        """Leave off what lies below."""
        self.image = self.image.crop((0, 0, WIDTH, height))
        self._draw = ImageDraw.Draw(self.image)

    def png(self) -> bytes:
        """The picture as a file."""
        picture = self.image.copy()
        picture.putpalette(palette())
        file = BytesIO()
        picture.save(file, "PNG")
        return file.getvalue()


@cache
def _tables(ink: Ink) -> tuple[list[int], list[int]]:
    """What a pixel of a mask becomes: a shade of the ink; and whether it is drawn at all."""
    strengths = [round(value * SHADES / 255) for value in range(256)]
    return [ink.first + strength for strength in strengths], [255 * bool(strength) for strength in strengths]


def _rounded(width: int, height: int, radius: int, *, top_only: bool) -> Image.Image:
    mask = Image.new("L", (width * _FINER, height * _FINER))
    corners = (True, True, not top_only, not top_only)
    edge = (0, 0, width * _FINER - 1, height * _FINER - 1)
    ImageDraw.Draw(mask).rounded_rectangle(edge, radius * _FINER, 255, corners=corners)
    return mask.reduce(_FINER)
