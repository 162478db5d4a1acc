"""The picture of /stats: what became of the messages, by time and by operator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.telegram.charts.canvas import MARGIN, WIDTH, Box, Canvas
from bot.telegram.charts.ink import Ink
from bot.telegram.charts.letters import (
    FIGURE,
    HEADING,
    SMALL,
    STRONG,
    TITLE,
    WORDS,
    clean,
    cut,
    font,
    two_lines,
    widest,
    width_of,
)
from bot.telegram.charts.scale import count_lines, stack

_RIGHT = WIDTH - MARGIN
_GAP = 40
"""Between things that stand side by side."""
_SECTION = 44
"""Between one part of the picture and the next."""
_PLOT = 360
"""How high the bars may be."""
_SCALE = 260
"""How wide the figures of the scale may be."""
_WIDEST_BAR = 96
_APART = 12
"""Between the labels of two bars."""
_SWATCH = 24
_ROW = 70
"""An operator: its words and its bar."""
_TRACK = 14
_INKS = (Ink.DELIVERED, Ink.PENDING, Ink.FAILED)


@dataclass(frozen=True, slots=True)
class Bar:
    """An hour, a day or a month, and how many of its messages came to what."""

    label: str
    delivered: int
    pending: int
    failed: int

    @property
    def counts(self) -> tuple[int, int, int]:
        """From the bottom of the bar to its top."""
        return self.delivered, self.pending, self.failed


@dataclass(frozen=True, slots=True)
class Share:
    """An operator: messages delivered, of all to its numbers."""

    name: str
    delivered: int
    total: int


@dataclass(frozen=True, slots=True)
class StatsChart:
    """What the picture says. Made for 1 to 31 bars, 8 operators and 3 facts at most; any of them may be none."""

    title: str
    bars: Sequence[Bar]
    legend: tuple[str, str, str]
    """The words for delivered, pending, failed."""
    operators: Sequence[Share]
    operators_title: str
    facts: Sequence[tuple[str, str]]
    """A figure (`12 s`) and its words (`half delivered within`), in two lines at most."""
    number: Callable[[int], str]
    """Writes a count."""


def stats_chart(chart: StatsChart) -> bytes:
    """The picture as a PNG, 1080 pixels wide and, by what it holds, 650 to 1550 high."""
    return stats_canvas(chart).png()


def stats_canvas(chart: StatsChart) -> Canvas:
    """The picture as it is drawn, from top to bottom; each part says where it ends."""
    canvas = Canvas(1100 + _ROW * len(chart.operators))
    y = _title(canvas, chart.title)
    y = _facts(canvas, chart.facts, y) if chart.facts else y
    y = _legend(canvas, chart.legend, y)
    y = _bars(canvas, chart, y)
    y = _operators(canvas, chart, y) if chart.operators else y
    canvas.trim(y + MARGIN)
    return canvas


def _title(canvas: Canvas, title: str) -> int:
    y = MARGIN - 8
    for line in two_lines(title, TITLE, _RIGHT - MARGIN):
        canvas.write(line, MARGIN, y, TITLE, _RIGHT - MARGIN)
        y += TITLE.height
    return y + 28


def _facts(canvas: Canvas, facts: Sequence[tuple[str, str]], y: int) -> int:
    width = (_RIGHT - MARGIN + _GAP) // len(facts) - _GAP
    lines = [two_lines(words, WORDS, width) for _, words in facts]
    for place, (figure, _) in enumerate(facts):
        x = MARGIN + place * (width + _GAP)
        _figure(canvas, figure, x, y, width)
        for number, line in enumerate(lines[place]):
            canvas.write(line, x, y + FIGURE.height + number * WORDS.height, WORDS, width, ink=Ink.MUTED)
    return y + FIGURE.height + max(map(len, lines)) * WORDS.height + _SECTION


def _figure(canvas: Canvas, figure: str, x: int, y: int, width: int) -> None:
    """Smaller, if it is long: a figure that is cut says another number."""
    fitting = (type_ for type_ in (FIGURE, TITLE, HEADING) if width_of(clean(figure), type_) <= width)
    type_ = next(fitting, STRONG)
    canvas.write(figure, x, y + font(FIGURE).getmetrics()[0] - font(type_).getmetrics()[0], type_, width)


def _legend(canvas: Canvas, words: Sequence[str], y: int) -> int:
    """In the order of the stack, from its bottom."""
    x = MARGIN
    for width, (ink, text) in zip(_widths(words), zip(_INKS, words, strict=True), strict=True):
        middle = y + (WORDS.height - _SWATCH) // 2
        canvas.round(Box(x, middle, x + _SWATCH, middle + _SWATCH), ink, 6)
        x += _SWATCH + 14
        x += canvas.write(text, x, y, WORDS, width) + _GAP
    return y + WORDS.height + 40


def _widths(words: Sequence[str]) -> list[int]:
    """What each word of the legend may take: all that it needs, if there is room for all; else a third each."""
    room = _RIGHT - MARGIN - len(words) * (_SWATCH + 14) - (len(words) - 1) * _GAP
    needed = [width_of(clean(text), WORDS) for text in words]
    return needed if sum(needed) <= room else [room // len(words)] * len(words)


def _bars(canvas: Canvas, chart: StatsChart, y: int) -> int:
    lines = count_lines(max((sum(bar.counts) for bar in chart.bars), default=0))
    figures = [chart.number(line) for line in lines]
    column = min(_SCALE, widest(figures, SMALL))
    plot = Box(MARGIN + column + 20 * bool(column), y, _RIGHT, y + _PLOT)
    for line, figure in zip(lines, figures, strict=True):
        level = plot.bottom - _PLOT * line // lines[-1]
        canvas.block(Box(plot.left, level, plot.right, level + 2), Ink.LINE)
        canvas.write(
            figure, MARGIN + column, level + 1 - SMALL.height // 2, SMALL, column, ink=Ink.MUTED, align="right"
        )
    if lines:
        _stacks(canvas, chart.bars, plot, lines[-1])
    else:
        middle = (plot.left + plot.right) // 2, (plot.top + plot.bottom - FIGURE.height) // 2
        canvas.write(chart.number(0), *middle, FIGURE, plot.right - plot.left, ink=Ink.MUTED, align="centre")
    canvas.block(Box(plot.left, plot.bottom, plot.right, plot.bottom + 2), Ink.MUTED)
    _labels(canvas, [bar.label for bar in chart.bars], plot)
    return plot.bottom + 14 + SMALL.height


def _edges(count: int, plot: Box) -> list[int]:
    """Where the room of each bar begins, and where the last one's ends."""
    return [plot.left + (plot.right - plot.left) * place // count for place in range(count + 1)]


def _stacks(canvas: Canvas, bars: Sequence[Bar], plot: Box, whole: int) -> None:
    edges = _edges(len(bars), plot)
    width = max(1, min(_WIDEST_BAR, (plot.right - plot.left) // len(bars) * 7 // 10))
    for bar, (left, right) in zip(bars, pairwise(edges), strict=True):
        x, y = (left + right - width) // 2, plot.bottom
        parts = [
            (ink, height)
            for ink, height in zip(_INKS, stack(bar.counts, whole, plot.bottom - plot.top), strict=True)
            if height
        ]
        for place, (ink, height) in enumerate(parts, 1):
            box = Box(x, y - height, x + width, y)
            if place == len(parts):
                canvas.round(box, ink, min(6, width // 4, height), top_only=True)
            else:
                canvas.block(box, ink)
            y -= height


def _labels(canvas: Canvas, labels: Sequence[str], plot: Box) -> None:
    """Under each bar, or under every second, third and so on, so that they stand apart."""
    if not labels:
        return
    slot = (plot.right - plot.left) // len(labels)
    needed = min(widest(list(labels), SMALL), 120) + _APART
    every = next((count for count in range(1, len(labels)) if count * slot >= needed), len(labels))
    for (left, right), label in list(zip(pairwise(_edges(len(labels), plot)), labels, strict=True))[::every]:
        middle = (left + right) // 2
        width = 2 * min((every * slot - _APART) // 2, middle - MARGIN // 2, WIDTH - MARGIN // 2 - middle)
        canvas.write(label, middle, plot.bottom + 14, SMALL, width, ink=Ink.MUTED, align="centre")


def percent(share: Share) -> str:
    """Rounded down, so that 100 means all; a dash where there was nothing."""
    if not share.total:
        return "–"
    return f"{min(100, 100 * share.delivered // share.total)}\u00a0%"


def _operators(canvas: Canvas, chart: StatsChart, y: int) -> int:
    y += _SECTION
    canvas.write(chart.operators_title, MARGIN, y, HEADING, _RIGHT - MARGIN)
    y += HEADING.height + 20
    column = widest([percent(share) for share in chart.operators], STRONG)
    for share in chart.operators:
        _operator(canvas, share, chart.number, column, y)
        y += _ROW
    return y - _ROW + WORDS.height + 6 + _TRACK


def _operator(canvas: Canvas, share: Share, number: Callable[[int], str], column: int, y: int) -> None:
    canvas.write(percent(share), _RIGHT, y, STRONG, column, align="right")
    end = _RIGHT - column - 28
    counts = cut(f"{number(share.delivered)} / {number(share.total)}", WORDS, (end - MARGIN) * 2 // 3)
    taken = canvas.write(counts, end, y, WORDS, end - MARGIN, ink=Ink.MUTED, align="right")
    canvas.write(share.name, MARGIN, y, WORDS, end - taken - _GAP - MARGIN)
    track = Box(MARGIN, y + WORDS.height + 6, _RIGHT, y + WORDS.height + 6 + _TRACK)
    canvas.round(track, Ink.TRACK, _TRACK // 2)
    if share.total and share.delivered:
        length = max(_TRACK, min(track.right - track.left, (track.right - track.left) * share.delivered // share.total))
        canvas.round(track._replace(right=track.left + length), Ink.DELIVERED, _TRACK // 2)
