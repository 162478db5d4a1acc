"""How a table is laid out, told from its first rows: phone column, header, columns."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

from bot.domain.phone import PhoneFault
from bot.domain.template import key
from bot.intake.cells import Fault, clean_value, read_phones
from bot.intake.faults import FileError, FileFault, RowFault

HEAD_ROWS = 100
"""So many rows that hold something tell the layout."""
MAX_COLUMNS = 50
MAX_NAME = 32
MAX_HEADER = 200
"""Characters of a header's cell, as it is kept to be given back."""
PHONE = "phone"

_NAMED_PHONE = re.compile(
    r"phone|msisdn|(?<![^\W_])(?:tel|mob|gsm|тел|моб|сотов)|^(?:number|номер|рақам|ракам)$", re.IGNORECASE
)
_NOT_IN_NAMES = re.compile(r'[,;|"{}]+')

_NUMBERLIKE = frozenset(
    {PhoneFault.TOO_SHORT, PhoneFault.TOO_LONG, PhoneFault.FOREIGN, PhoneFault.NOT_MOBILE, RowFault.SCIENTIFIC}
)

Rows: TypeAlias = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in a table."""

    phone: int
    """Index of the column of phones."""
    others: tuple[int, ...]
    """Indexes of the other columns."""
    names: tuple[str, ...]
    """Of the columns of a recipient: phones first, then the others."""
    header: tuple[str, ...]
    """The names as the table has them; empty where it has none."""
    header_rows: int
    """Rows that hold something and stand above the data: titles, and the names of the columns."""

    @property
    def width(self) -> int:
        """Columns of the table."""
        return len(self.names)


def is_blank(row: Sequence[str]) -> bool:
    """Whether a row holds nothing."""
    return not any(map(str.strip, row))


def find_layout(rows: Rows) -> Layout:
    """Tell the layout from the first rows that hold something.

    Raises:
        FileError: there is no row, or too many columns.
    """
    if not rows:
        raise FileError(FileFault.EMPTY)
    titles = _titles(rows)
    rows = rows[titles:]
    phone = _phone_column(rows)
    has_header = _is_header(rows[0], phone)
    width = _width(rows, phone, has_header=has_header)
    if width > MAX_COLUMNS:
        raise FileError(FileFault.TOO_MANY_COLUMNS)
    others = tuple(index for index in range(width) if index != phone)
    header = rows[0][:width] if has_header else ()
    return Layout(phone, others, _names(header, others), _header(header, width), titles + has_header)


def _header(row: Sequence[str], width: int) -> tuple[str, ...]:
    """The names as they are given back, as many as there are columns."""
    names = tuple(clean_value(name)[:MAX_HEADER] for name in row)
    return names and names + ("",) * (width - len(names))


def fitness(rows: Rows) -> tuple[int, int, int, int]:
    """Phones, near-phones, rows of the commonest width, that width: the more, the better the rows were cut."""
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
