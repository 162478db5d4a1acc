"""Rows of a list ⇄ its pieces (`bot.domain.draft.PieceKind`): some hundred rows of CSV each."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from bot.domain.draft import Piece, PieceKind
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
        self._first = self._rows = self._bytes = 0
        self._out = io.StringIO(newline="")
        # A lone CR in a cell is quoted only where CR ends the lines. Nothing of a recipient holds a line break.
        line_end = "\n" if kind is PieceKind.RECIPIENTS else "\r\n"
        self._write = csv.writer(self._out, lineterminator=line_end).writerow

    def write(self, row: Sequence[object]) -> None:
        """Add a row.

        Raises:
            FileError: the list grows too large.
        """
        self._write(row)
        self._rows += 1
        if self._rows == PIECE_ROWS:
            self.flush()

    def flush(self) -> None:
        """Hand on the rows that make no whole piece.

        Raises:
            FileError: as `write`.
        """
        if not self._rows:
            return
        data = self._out.getvalue().encode()
        self._bytes += len(data)
        if self._bytes > MAX_LISTED:
            raise FileError(FileFault.TOO_MUCH_INSIDE)
        self._take(Piece(self._kind, self._first, self._rows, data))
        self._first, self._rows = self._first + self._rows, 0
        self._out.seek(0)
        self._out.truncate()


def recipient_lines(data: bytes) -> list[str]:
    """The lines of a piece of recipients, a row each: the phone comes first, the row's number last."""
    return data.decode().split("\n")[:-1]


def recipient_rows(data: bytes) -> Iterator[list[str]]:
    """The rows of a piece of recipients: the phone, its values, the row's number."""
    return csv.reader(recipient_lines(data))


def read_rejected(data: bytes) -> Iterator[list[str]]:
    """The rows of a piece of rejected rows: the row's number, its faults, its cells."""
    return csv.reader(io.StringIO(data.decode(), newline=""))
