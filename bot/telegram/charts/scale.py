"""Figures to pixels: the lines of a scale, how high a bar is, and readings by the pixel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count as counting
from math import ceil, floor

SMALLEST = 4
"""Pixels of anything that is not nought: one failure in ten thousand is seen."""


def step(span: Decimal, most: int) -> Decimal:
    """The smallest of 1, 2, 2.5, 5, 10, 20, 25 and so on (0.5 as well) that crosses the span in so many steps."""
    exponent = (span / most).adjusted()
    steps = (Decimal(lead).scaleb(exponent + more) for more in counting() for lead in ("1", "2", "2.5", "5"))
    found = next(one for one in steps if one * most >= span)
    return Decimal(f"{found:f}")  # without an exponent, which a caller might write as it is


def count_lines(most: int) -> list[int]:
    """Whole numbers above nought for a scale that holds `most`, five of them or fewer; none if there is nothing."""
    if most <= 0:
        return []
    one = max(1, int(step(Decimal(most), 4)))
    return list(range(one, most + one, one))


def stack(counts: Sequence[int], whole: int, height: int) -> list[int]:
    """How high each count of a stack is, where `whole` is as high as `height`.

    Nothing but nought is nought; what the smallest take too much is taken from the largest.
    """
    heights = [max(SMALLEST, count * height // whole) if count else 0 for count in counts]
    largest = heights.index(max(heights))
    spare = sum(counts) * height // whole - sum(heights)
    heights[largest] = max(heights[largest] + spare, min(heights[largest], SMALLEST))
    return heights


def amount_lines(amounts: Sequence[Decimal]) -> list[Decimal]:
    """Round amounts, about four apart, from below the smallest to above the largest; at least two."""
    low, high = min(amounts), max(amounts)
    one = step(high - low or Decimal(4), 4)
    first, last = floor(low / one), max(ceil(high / one), floor(low / one) + 1)
    return [one * place for place in range(first, last + 1)]


@dataclass(slots=True)
class Column:
    """The readings that fall on one column of pixels."""

    x: int
    lowest: Decimal
    highest: Decimal
    last: Decimal
    rise: tuple[Decimal, Decimal] | None = None
    """The largest one that ended here: from what to what."""

    @property
    def risen(self) -> Decimal:
        """How large that rise is; nought without one."""
        return self.rise[1] - self.rise[0] if self.rise else Decimal()


def columns(points: Sequence[tuple[datetime, Decimal]], left: int, right: int) -> list[Column]:
    """Readings in the order of time, spread from left to right: thousands of them become a column a pixel.

    A column keeps its peaks, its last reading and its largest rise.
    """
    if not points:
        return []
    start, before = points[0]
    span = points[-1][0] - start or timedelta.resolution
    found: list[Column] = []
    for moment, amount in points:
        x = left + (right - left) * (moment - start) // span
        if not found or found[-1].x != x:
            found.append(Column(x, amount, amount, amount))
        _take(found[-1], before, amount)
        before = amount
    return found


def _take(column: Column, before: Decimal, amount: Decimal) -> None:
    column.lowest, column.highest = min(column.lowest, amount), max(column.highest, amount)
    column.last = amount
    if amount - before > column.risen:
        column.rise = before, amount
