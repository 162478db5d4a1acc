"""A file's bytes → the rows of its table and how they are laid out."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from bot.intake.cells import read_phones
from bot.intake.decode import encoding_of, open_text
from bot.intake.faults import FileError, FileFault
from bot.intake.kinds import Kind, kind_of
from bot.intake.layout import HEAD_ROWS, Layout, find_layout, fitness, is_blank
from bot.intake.rows import BESIDE, ONE_COLUMN, cut_rows, short_lines

HEAD_LINES = 500
HEAD_CHARACTERS = 200_000
MANY_PHONES = 2
"""In one row so many may be a phone and another number that looks like one; more are a list."""

_DELIMITERS = (";", "\t", "|", ",", ONE_COLUMN)
_EXCEL_DELIMITER = re.compile(r'"?sep=([;,|:^\t])"?\s*', re.IGNORECASE)

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows from the first of the file on, and their layout."""

    rows: Iterator[list[str]]
    layout: Layout


def open_table(data: bytes) -> Table:
    """Find the table in a file.

    The rows may raise `csv.Error` where a cell is too long.

    Raises:
        FileError: there is none.
    """
    if kind_of(data) is Kind.TEXT:
        return _text_table(data)
    from bot.intake.workbook import first_sheet  # nobody else needs its library

    rows, head = first_sheet(data)
    return Table(rows, find_layout(head))


def _text_table(data: bytes) -> Table:
    encoding = encoding_of(data)
    lines = _first_lines(open_text(data, encoding))
    told = _EXCEL_DELIMITER.fullmatch(lines[0]) if lines else None
    skipped = 1 if told else 0  # Excel does not show it as a row
    delimiter, head = _cut(lines[skipped:], (told[1],) if told else _DELIMITERS)
    rest = short_lines(islice(open_text(data, encoding), skipped, None))
    return Table(cut_rows(rest, delimiter, quoted=b'"' in data), find_layout(head))


def _first_lines(text: TextIO) -> list[str]:
    lines: list[str] = []
    room = HEAD_CHARACTERS
    for line in short_lines(text):
        lines.append(line)
        room -= len(line)
        if room <= 0 or len(lines) == HEAD_LINES:
            break
    return lines


def _cut(lines: list[str], delimiters: Sequence[str]) -> tuple[str, Rows]:
    """The delimiter under which the most rows have a phone; then the one that makes rows of the most equal width."""
    found = {delimiter: rows for delimiter in delimiters if (rows := _head(lines, delimiter)) is not None}
    if not found:
        raise FileError(FileFault.NOT_TEXT)
    if _is_wall(found.get(ONE_COLUMN, [])):
        return ONE_COLUMN, found[ONE_COLUMN]
    marks = {delimiter: fitness(rows) for delimiter, rows in found.items()}
    best = max(marks, key=lambda delimiter: marks[delimiter])
    phones, _, _, width = marks[best]
    beside = _head(lines, BESIDE)
    if beside and (width == 1 or not phones) and _is_beside(beside) and fitness(beside)[0] > phones:
        return BESIDE, beside
    return best, found[best]


def _head(lines: list[str], delimiter: str) -> Rows | None:
    try:
        rows = cut_rows(iter(lines), delimiter, quoted=True)
        return list(islice((row for row in rows if not is_blank(row)), HEAD_ROWS))
    except csv.Error:
        return None


def _is_wall(rows: Rows) -> bool:
    """Whether nothing but phones stands there, many in a row or all in one row: a list of phones, not a table."""
    cells = [read_phones(row[0]) for row in rows]
    if any(faults for _, faults in cells):
        return False
    return len(rows) == 1 or any(len(phones) > MANY_PHONES for phones, _ in cells)


def _is_beside(rows: Rows) -> bool:
    """Whether half of the lines have a phone, or more: it is no letter that has one in it."""
    return 2 * sum(len(row) > 1 for row in rows) >= len(rows)
