"""Lines → rows of cells. A quote that is never closed costs its own line and none of those that follow."""

import csv
from collections import deque
from collections.abc import Iterator

MAX_LINES = 20
"""A row whose quoted cells span more lines than this has a quote that was never closed."""


class _Lines:
    """Lines that remember those of the row being read, and can take some back."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._again: deque[str] = deque()
        self.of_row: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._source)
        self.of_row.append(line)
        if len(self.of_row) > MAX_LINES:
            raise csv.Error("a quote is not closed")
        return line

    def take_back(self, lines: list[str]) -> None:
        """Give these out again, before all others."""
        self._again.extendleft(reversed(lines))


def plain_rows(source: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """The rows of a text without quotes.

    Raises:
        csv.Error: a cell beyond the reader's limit (131,072 characters).
    """
    return csv.reader(source, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def quoted_rows(source: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """The rows of any text.

    Raises:
        csv.Error: as `plain_rows`.
    """
    lines = _Lines(source)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        lines.of_row.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            first, *rest = lines.of_row
            lines.take_back(rest)
            row = _row_of_line(first, delimiter)
        yield row


def _row_of_line(line: str, delimiter: str) -> list[str]:
    """A line whose quotes are not CSV's: when they do not pair, they are part of the text."""
    if line.count('"') % 2:
        return next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE, skipinitialspace=True))
    return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
