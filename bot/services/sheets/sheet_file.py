"""What every form of file has: a place on the disk, rows, an end."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.services.sheets.rows import Row


@dataclass(frozen=True, slots=True)
class Limits:
    """How large files become. The defaults fit Telegram, which takes 50 MB from a bot; tests set lower ones."""

    packed: int = 20_000_000
    """Bytes above which a CSV goes on packed."""
    full: int = 45_000_000
    """Bytes of a CSV at which the next one begins. A page of rows has room between this and 50 MB."""
    unpacked: int = 1_000_000_000
    """The same for what is in it: rows that are much alike pack so well that nothing could open the file."""
    book_rows: int = 25_000
    """Rows of a workbook at which the next one begins: how large it is shows only at its end.

    Worked out by writing rows with texts of ten parts that do not pack, letters of GSM-7 or of all Unicode at random:
    such a row takes 1.82 kB of the file, so 25,000 make 45.5 MB. A usual row takes 0.14 kB.
    """
    sheet_rows: int = 1_048_575
    """Rows of a sheet under its header, as many as Excel has."""


class SheetFile(ABC):
    """A file that is written row by row. Once closed it is whole at `path`, and `rows` stand in it."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.rows = 0
        self._limits = limits
        self._open = ExitStack()

    @property
    @abstractmethod
    def is_full(self) -> bool:
        """Whether the next file is to begin. One without rows never is full."""

    def write(self, rows: Iterable[Row]) -> None:
        """Add some rows.

        Raises:
            OSError: the disk does not take them.
        """
        some = list(rows)
        self._write(some)
        self.rows += len(some)

    @abstractmethod
    def _write(self, rows: list[Row]) -> None:
        """Add them."""

    def close(self) -> None:
        """End the file. A second time does nothing.

        Raises:
            OSError: the disk does not take it.
        """
        self._open.close()
