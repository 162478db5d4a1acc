"""Lines → rows of cells. A quote that is never closed costs its own line and none of those that follow."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator

from bot.domain.phone import PhoneError, take_phone
from bot.intake.cells import read_phones

MAX_LINES = 20
"""A row whose quoted cells span more lines than this has a quote that was never closed."""
LONG_LINE = 10_000
"""Characters. A line of nothing but phones that is longer is a list in one line, longer than a cell may be."""

ONE_COLUMN = "\x1f"
"""Stands for no delimiter at all: a row is one cell."""
BESIDE = "\x1e"
"""Stands for a phone and a name in one line with nothing but a space, a colon or a dash between them."""

_NOT_IN_PHONES = re.compile(r"[^\d\s,;|+()./\-]")
_COMMAS, _SPACES = re.compile(r"[^,;|]+"), re.compile(r"\S+")
_FIRST_DIGIT = re.compile(r"[+(]*[0-9]")
_COLON = re.compile(r"(?<=[0-9]):(?=\s|$)")
_AROUND_NAME = " \t\n\u00a0,;:|-–—.\"'="


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


def short_lines(source: Iterable[str]) -> Iterator[str]:
    """The lines, a long line of phones alone as so many lines of one."""
    for line in source:
        if len(line) < LONG_LINE or _NOT_IN_PHONES.search(line):
            yield line
        else:
            between = _COMMAS if re.search("[,;|]", line) else _SPACES
            yield from (f"{found[0]}\n" for found in between.finditer(line) if not found[0].isspace())


def cut_rows(source: Iterator[str], delimiter: str, *, quoted: bool) -> Iterator[list[str]]:
    """The rows of a text. `quoted`: whether it has quotes at all; without them it is read faster.

    Raises:
        csv.Error: a cell beyond the reader's limit (131,072 characters).
    """
    if delimiter == BESIDE:
        return map(split_beside, source)
    if quoted:
        return _quoted_rows(source, delimiter)
    return csv.reader(source, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def split_beside(line: str) -> list[str]:
    """The phone and what stands before or after it; the line as it is, if there is none such."""
    line = _COLON.sub(" ", line.strip())
    first, _, rest = line.partition(" ")
    before, _, last = line.rpartition(" ")
    for phone, name in ((first, rest), (last, before)):
        if phone.isdigit() and not read_phones(phone)[1]:
            return _with_name(phone, name)
    if not (found := _FIRST_DIGIT.search(line)):
        return [line]
    try:
        phone, rest = take_phone(line[found.start() :])
    except PhoneError:
        return [line]
    return _with_name(phone, f"{line[: found.start()].strip(_AROUND_NAME)} {rest.strip(_AROUND_NAME)}")


def _with_name(phone: str, name: str) -> list[str]:
    name = name.strip(_AROUND_NAME)
    return [phone, name] if name else [phone]


def _quoted_rows(source: Iterator[str], delimiter: str) -> Iterator[list[str]]:
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
