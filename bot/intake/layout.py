"""How a file is laid out, told from its first rows: delimiter, phone column, header, columns."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TextIO

from bot.domain.phone import PhoneFault
from bot.domain.template import key
from bot.intake.cells import Fault, clean_value, read_phones
from bot.intake.faults import FileError, FileFault, RowFault
from bot.intake.rows import quoted_rows

HEAD_LINES = 500
HEAD_CHARACTERS = 200_000
HEAD_ROWS = 100
MAX_COLUMNS = 50
MAX_NAME = 32
PHONE = "phone"

ONE_COLUMN = "\x1f"
"""Stands for no delimiter at all: a row is one cell."""
_DELIMITERS = (";", "\t", "|", ",", ONE_COLUMN)
_EXCEL_DELIMITER = re.compile(r'"?sep=([;,|:^\t])"?\s*', re.IGNORECASE)

_NAMED_PHONE = re.compile(
    r"phone|msisdn|(?<![^\W_])(?:tel|mob|gsm|тел|моб|сотов)|^(?:number|номер|рақам|ракам)$", re.IGNORECASE
)
_NOT_IN_NAMES = re.compile(r'[,;|"{}]+')

_NUMBERLIKE = frozenset(
    {PhoneFault.TOO_SHORT, PhoneFault.TOO_LONG, PhoneFault.FOREIGN, PhoneFault.NOT_MOBILE, RowFault.SCIENTIFIC}
)

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in the file."""

    delimiter: str
    skipped_lines: int
    """1 when Excel's own `sep=;` stands first: Excel does not show it as a row."""
    phone: int
    """Index of the column of phones."""
    others: tuple[int, ...]
    """Indexes of the other columns."""
    names: tuple[str, ...]
    """Of the columns of the cleaned file: phones first, then the others."""
    header_rows: int
    """Rows that hold something and stand above the data: titles, and the names of the columns."""

    @property
    def width(self) -> int:
        """Columns of the file."""
        return len(self.names)


def find_layout(text: TextIO) -> Layout:
    """Tell the layout from the first rows of `text`.

    Raises:
        FileError: no row holds anything, there are too many columns, or a cell without an end.
    """
    lines = _first_lines(text)
    told = _EXCEL_DELIMITER.fullmatch(lines[0]) if lines else None
    lines = lines[1:] if told else lines
    delimiter, rows = _cut(lines, (told[1],) if told else _DELIMITERS)
    titles = _titles(rows)
    rows = rows[titles:]
    phone = _phone_column(rows)
    has_header = _is_header(rows[0], phone)
    width = _width(rows, phone, has_header=has_header)
    if width > MAX_COLUMNS:
        raise FileError(FileFault.TOO_MANY_COLUMNS)
    others = tuple(index for index in range(width) if index != phone)
    names = _names(rows[0] if has_header else [], others)
    return Layout(delimiter, 1 if told else 0, phone, others, names, titles + has_header)


def _first_lines(text: TextIO) -> list[str]:
    lines: list[str] = []
    room = HEAD_CHARACTERS
    while room > 0 and len(lines) < HEAD_LINES and (line := text.readline()):
        lines.append(line)
        room -= len(line)
    return lines


def _cut(lines: list[str], delimiters: Sequence[str]) -> tuple[str, Rows]:
    """The delimiter under which the most rows have a phone; then the one that makes rows of the most equal width."""
    found = {delimiter: rows for delimiter in delimiters if (rows := _head(lines, delimiter)) is not None}
    if not found:
        raise FileError(FileFault.NOT_TEXT)
    if _is_wall(found.get(ONE_COLUMN, [])):
        return ONE_COLUMN, found[ONE_COLUMN]
    delimiter = max(found, key=lambda delimiter: _fitness(found[delimiter]))
    if not found[delimiter]:
        raise FileError(FileFault.EMPTY)
    return delimiter, found[delimiter]


def _head(lines: list[str], delimiter: str) -> Rows | None:
    try:
        rows = (row for row in quoted_rows(iter(lines), delimiter) if any(map(str.strip, row)))
        return list(islice(rows, HEAD_ROWS))
    except csv.Error:
        return None


def _is_wall(rows: Rows) -> bool:
    """Whether nothing but phones stands there, many in a row or all in one row: a list of phones, not a table.

    Two in each row may be a phone and another number that looks like one, so those are columns.
    """
    cells = [read_phones(row[0]) for row in rows]
    return not any(faults for _, faults in cells) and (len(rows) == 1 or any(len(phones) > 2 for phones, _ in cells))


def _fitness(rows: Rows) -> tuple[int, int, int, int]:
    """Phones, near-phones, rows of the commonest width, that width."""
    if not rows:
        return (0, 0, 0, 0)
    width, count = _commonest_width(rows)
    return (*max(_column_marks(rows)), count, width)


def _column_marks(rows: Rows) -> list[tuple[int, int]]:
    """For each column: how many cells are wholly phones, and how many look as if they were to be."""
    faults = [[_faults(cell) for cell in row[:MAX_COLUMNS]] for row in rows]
    marks = []
    for index in range(max(map(len, faults))):
        column = [row[index] for row in faults if index < len(row)]
        marks.append((sum(not cell for cell in column), sum(not _NUMBERLIKE.isdisjoint(cell) for cell in column)))
    return marks


def _faults(cell: str) -> Sequence[Fault]:
    return read_phones(cell)[1]


def _titles(rows: Rows) -> int:
    """How many rows above the table only say what it is: one cell of words, where the table has several columns."""
    if max(map(_filled, rows)) < 2:
        return 0
    filled = ([cell for cell in row if cell.strip()] for row in rows[:-1])
    return sum(1 for _ in takewhile(lambda cells: len(cells) == 1 and _is_name(cells[0]), filled))


def _phone_column(rows: Rows) -> int:
    """The column with the most phones; one that is named as phones are wins already with half as many.

    A taxpayer's number has nine digits too and often passes for a phone.
    """
    marks = _column_marks(rows)
    best = max(marks)
    named = [index for index, name in enumerate(rows[0][: len(marks)]) if _NAMED_PHONE.search(clean_value(name))]
    likely = [index for index in named if 2 * sum(marks[index]) >= sum(best)]
    return max(likely or range(len(marks)), key=lambda index: (marks[index], -index))


def _is_header(row: Sequence[str], phone: int) -> bool:
    """Whether the first row names columns: words, and no number, where the phones stand below."""
    cell = row[phone] if phone < len(row) else ""
    if cell.strip():
        return _is_name(cell)
    return all(_is_name(other) for other in row if other.strip())


def _is_name(cell: str) -> bool:
    return any(map(str.isalpha, cell)) and sum(map(str.isdigit, cell)) < 5 and RowFault.SCIENTIFIC not in _faults(cell)


def _width(rows: Rows, phone: int, *, has_header: bool) -> int:
    """Columns of the table: those that are named, and as many as the rows commonly have. Longer rows are faulty."""
    commonest = _commonest_width(rows)[0]
    used = max(map(_filled, rows))
    return max(phone + 1, _filled(rows[0]) if has_header else 0, min(commonest, used))


def _commonest_width(rows: Rows) -> tuple[int, int]:
    """The width that most rows have (the larger, of two), and how many have it."""
    return max(Counter(map(len, rows)).items(), key=lambda item: (item[1], item[0]))


def _filled(row: Sequence[str]) -> int:
    """Cells of a row up to the last that holds something."""
    return max((index for index, cell in enumerate(row, 1) if cell.strip()), default=0)


def _names(header: Sequence[str], others: Sequence[int]) -> tuple[str, ...]:
    names, taken = [PHONE], {key(PHONE)}
    for index in others:
        written = _NOT_IN_NAMES.sub(" ", clean_value(header[index])) if index < len(header) else ""
        base = " ".join(written.split())[:MAX_NAME].strip() or f"column{index + 1}"
        candidates = (base if count == 1 else f"{base} {count}" for count in range(1, MAX_COLUMNS + 2))
        name = next(name for name in candidates if key(name) not in taken)
        names.append(name)
        taken.add(key(name))
    return tuple(names)
