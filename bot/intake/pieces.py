"""Rows of a list ⇄ its pieces (`bot.domain.draft.PieceKind`): some hundred rows of CSV each."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.draft import Piece, PieceKind
from bot.domain.phone import FULL_DIGITS
from bot.intake.faults import FileError, FileFault

PIECE_ROWS = 500
MAX_LISTED = 64_000_000
"""Bytes of all pieces of a list. A workbook may say one long word in a million cells."""

Take: TypeAlias = Callable[[Piece], None]


class PieceWriter:
    """Makes pieces of rows and hands them on as soon as they are full."""

    def __init__(self, kind: PieceKind, take: Take) -> None:
        self._kind = kind
        self._take = take
        self._first = self._bytes = 0
        self._lines: list[str] = []
        self.head = b""
        """The first piece's rows."""
        # A lone CR in a cell is quoted only where CR ends the lines. Nothing of a recipient holds a line break.
        line_end = "\n" if kind is PieceKind.RECIPIENTS else "\r\n"
        self._write_row = csv.writer(_Sink(self._lines.append), lineterminator=line_end).writerow

    @property
    def rows(self) -> int:
        """Rows so far."""
        return self._first + len(self._lines)

    def write(self, row: Sequence[object]) -> None:
        """Add a row.

        Raises:
            FileError: the list grows too large.
        """
        self._write_row(row)
        if len(self._lines) == PIECE_ROWS:
            self.flush()

    def write_plain(self, phone: str, number: int, _row: Sequence[str] = ()) -> None:
        """Add a recipient without values, in half the time; of his row nothing else counts.

        Raises:
            FileError: as `write`.
        """
        self._lines.append(f"{phone},{number}\n")
        if len(self._lines) == PIECE_ROWS:
            self.flush()

    def flush(self) -> None:
        """Hand on the rows that make no whole piece.

        Raises:
            FileError: as `write`.
        """
        if not self._lines:
            return
        data = "".join(self._lines).encode()
        self._bytes += len(data)
        if self._bytes > MAX_LISTED:
            raise FileError(FileFault.TOO_MUCH_INSIDE)
        self.head = self.head or data
        self._take(Piece(self._kind, self._first, len(self._lines), data))
        self._first += len(self._lines)
        self._lines.clear()


@dataclass(frozen=True, slots=True)
class _Sink:
    """What a csv.writer writes to."""

    write: Callable[[str], None]


def recipient_lines(data: bytes) -> list[str]:
    """The lines of a piece of recipients, a row each: the phone comes first, the row's number last."""
    return data.decode().split("\n")[:-1]


def piece_phones(data: bytes) -> list[str]:
    """The phones of a piece of recipients that was read from a file."""
    return [line[:FULL_DIGITS] for line in recipient_lines(data)]


def recipient_rows(data: bytes) -> Iterator[list[str]]:
    """The rows of a piece of recipients: the phone, its values, the row's number."""
    return csv.reader(io.StringIO(data.decode(), newline=""))  # a text of several lines is one value


def read_rejected(data: bytes) -> Iterator[list[str]]:
    """The rows of a piece of rejected rows: the row's number, its faults, its cells."""
    return csv.reader(io.StringIO(data.decode(), newline=""))
