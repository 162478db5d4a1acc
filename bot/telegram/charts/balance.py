"""The picture of /balance: how it went, where it rose, and how near it came to the least that it should be."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.telegram.charts.canvas import MARGIN, WIDTH, Box, Canvas
from bot.telegram.charts.ink import Ink
from bot.telegram.charts.letters import SMALL, STRONG, TITLE, widest
from bot.telegram.charts.scale import Column, amount_lines, columns

_HEIGHT = 540
_LINE = 5
_DOT = 22
_FIGURES = 300
"""How wide a column of amounts may be."""
_LOUD = 24
"""Pixels from which on a rise has a dot on it."""


@dataclass(frozen=True, slots=True)
class BalanceChart:
    """What the picture says."""

    title: str
    points: Sequence[tuple[datetime, Decimal]]
    """Readings, the earlier ones first; each stands until the next."""
    low: Decimal | None
    """The least that it should be."""
    labels: tuple[str, str]
    """Words for the times of the first and the last reading."""
    amount: Callable[[Decimal], str]
    """Writes an amount."""


def balance_chart(chart: BalanceChart) -> bytes:
    """The picture as a PNG of 1080 by 540 pixels."""
    return balance_canvas(chart).png()


def balance_canvas(chart: BalanceChart) -> Canvas:
    """The picture as it is drawn."""
    canvas = Canvas(_HEIGHT)
    canvas.write(chart.title, MARGIN, MARGIN - 8, TITLE, WIDTH - 2 * MARGIN)
    bottom = _HEIGHT - MARGIN + 8 - SMALL.height
    amounts = [amount for _, amount in chart.points]
    lines = amount_lines([Decimal(), *amounts, *([] if chart.low is None else [chart.low])])
    now = chart.amount(amounts[-1]) if amounts else ""
    left = MARGIN + min(_FIGURES, widest([chart.amount(line) for line in _marks(lines, chart.low)], SMALL)) + 20
    right = WIDTH - MARGIN - min(_FIGURES, widest([now], STRONG)) - 28
    graph = _Graph(canvas, Box(left, MARGIN + TITLE.height + 34, right, bottom - 18), lines[0], lines[-1])
    graph.draw(chart, lines)
    if amounts:
        graph.end(amounts[-1], now)
    _labels(canvas, chart.labels, graph.plot, bottom)
    return canvas


def _marks(lines: list[Decimal], low: Decimal | None) -> list[Decimal]:
    return lines if low is None else [*lines, low]


def _labels(canvas: Canvas, labels: tuple[str, str], plot: Box, y: int) -> None:
    """Under both ends of the line, each in its half."""
    room = (plot.right - plot.left) // 2 - 20
    canvas.write(labels[0], plot.left, y, SMALL, room, ink=Ink.MUTED)
    canvas.write(labels[1], plot.right, y, SMALL, room, ink=Ink.MUTED, align="right")


class _Graph:
    """The line in its plot, where amounts from `floor` to `top` find their height."""

    def __init__(self, canvas: Canvas, plot: Box, floor: Decimal, top: Decimal) -> None:
        self.plot = plot
        self._canvas = canvas
        self._floor, self._span = floor, top - floor

    def _level(self, amount: Decimal) -> int:
        return self.plot.bottom - round((self.plot.bottom - self.plot.top) * (amount - self._floor) / self._span)

    def draw(self, chart: BalanceChart, lines: list[Decimal]) -> None:
        """From what lies beneath to what lies on top."""
        steps = columns(chart.points, self.plot.left, self.plot.right)
        self._area(steps)
        self._scale(chart, lines)
        if chart.low is not None:
            self._low(chart.low, chart.amount)
        self._line(steps)
        self._rises(steps)

    def _lasting(self, steps: list[Column]) -> Iterable[tuple[Column, int]]:
        """Each with the pixel where the next one begins."""
        return zip(steps, [*(step.x for step in steps[1:]), self.plot.right], strict=False)

    def _area(self, steps: list[Column]) -> None:
        ground = self._level(Decimal())
        for step, end in self._lasting(steps):
            level = self._level(step.last)
            self._canvas.block(Box(step.x, min(level, ground), end, max(level, ground)), Ink.AREA)

    def _scale(self, chart: BalanceChart, lines: list[Decimal]) -> None:
        """A line for each round amount; its words give way to those of the least amount."""
        apart = None if chart.low is None else self._level(chart.low)
        for line in lines:
            level = self._level(line)
            ink = Ink.LINE if line else Ink.MUTED
            self._canvas.block(Box(self.plot.left, level - 1, self.plot.right, level + 1), ink)
            if apart is None or abs(level - apart) >= SMALL.height:
                self._say(chart.amount(line), level, Ink.MUTED)

    def _say(self, words: str, level: int, ink: Ink) -> None:
        end = self.plot.left - 20
        self._canvas.write(words, end, level - SMALL.height // 2, SMALL, end - MARGIN, ink=ink, align="right")

    def _low(self, low: Decimal, amount: Callable[[Decimal], str]) -> None:
        level = self._level(low)
        for x in range(self.plot.left, self.plot.right, 24):
            self._canvas.block(Box(x, level - 1, min(x + 14, self.plot.right), level + 2), Ink.FAILED)
        self._say(amount(low), level, Ink.FAILED)

    def _line(self, steps: list[Column]) -> None:
        """Along each amount to the next one, up or down, and on."""
        before = steps[0].last if steps else Decimal()
        for step, end in self._lasting(steps):
            self._upright(step.x, min(before, step.lowest), max(before, step.highest), Ink.DELIVERED, _LINE)
            level = self._level(step.last) - _LINE // 2
            self._canvas.block(Box(step.x, level, end, level + _LINE), Ink.DELIVERED)
            before = step.last

    def _rises(self, steps: list[Column]) -> None:
        """In an ink and a width of their own; the largest with a dot on top, as far as dots stand apart."""
        dotted: list[int] = []
        for step in sorted(steps, key=lambda step: step.risen, reverse=True):
            if not step.rise:
                break
            self._upright(step.x, *step.rise, Ink.RISE, _LINE + 2)
            loud = self._level(step.rise[0]) - self._level(step.rise[1]) >= _LOUD
            if loud and all(abs(step.x - x) >= 2 * _DOT for x in dotted):
                dotted.append(step.x)
                self._dot(step.x, step.rise[1], Ink.RISE)

    def _upright(self, x: int, low: Decimal, high: Decimal, ink: Ink, width: int) -> None:
        top, bottom = self._level(high) - _LINE // 2, self._level(low) + _LINE // 2 + 1
        self._canvas.block(Box(x - width // 2, top, x + width // 2 + 1, bottom), ink)

    def _dot(self, x: int, amount: Decimal, ink: Ink) -> None:
        left, top = x - _DOT // 2, self._level(amount) - _DOT // 2
        self._canvas.round(Box(left, top, left + _DOT, top + _DOT), ink, _DOT // 2)

    def end(self, amount: Decimal, words: str) -> None:
        """The last reading, with a dot and in words."""
        self._dot(self.plot.right, amount, Ink.DELIVERED)
        y, x = self._level(amount) - STRONG.height // 2, self.plot.right + 28
        self._canvas.write(words, x, y, STRONG, WIDTH - MARGIN - x)
