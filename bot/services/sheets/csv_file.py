"""A CSV as Excel in Russian opens it: UTF-8 with BOM, semicolons, CRLF."""

import csv
import io
import shutil
import time
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

from bot.domain.sheet import harmless
from bot.services.sheets.rows import Cell, Digits, Row
from bot.services.sheets.sheet_file import Limits, SheetFile

_TO_THE_SECOND = len("2026-11-25 18:30:00")
_BOM = b"\xef\xbb\xbf"  # Excel takes a file for UTF-8 by it


class CsvFile(SheetFile):
    """One CSV. Where it grows large, what there is of it is packed (zip), and the rest is packed as it is written."""

    def __init__(self, folder: Path, name: str, titles: Sequence[str], limits: Limits) -> None:
        """`name` has no suffix; `titles` stand above the columns."""
        super().__init__(folder / f"{name}.csv", limits)
        self._unpacked = 0
        self._disk: IO[bytes] = self._open.enter_context(self.path.open("wb"))
        self._out = self._disk
        self._put(_BOM + _lines([titles]))

    @property
    def is_full(self) -> bool:
        """Whether it has rows, and it or what is in it is large."""
        large = self._disk.tell() >= self._limits.full or self._unpacked >= self._limits.unpacked
        return large and self.rows > 0

    def _write(self, rows: list[Row]) -> None:
        self._put(_lines(rows))
        if self._out is self._disk and self._unpacked > self._limits.packed:
            self._pack()

    def _put(self, lines: bytes) -> None:
        self._out.write(lines)
        self._unpacked += len(lines)

    def _pack(self) -> None:
        self._open.close()
        plain, self.path = self.path, self.path.with_suffix(".zip")
        self._disk = self._open.enter_context(self.path.open("wb"))
        archive = self._open.enter_context(zipfile.ZipFile(self._disk, "w", zipfile.ZIP_DEFLATED))
        self._out = self._open.enter_context(archive.open(_entry(plain.name), "w"))
        with plain.open("rb") as before:
            shutil.copyfileobj(before, self._out)
        plain.unlink()


def _entry(name: str) -> zipfile.ZipInfo:
    """A file in an archive: packed, and made now."""
    made = zipfile.ZipInfo(name, time.localtime()[:6])
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


def _lines(rows: Iterable[Iterable[Cell]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(map(_shown, row) for row in rows)
    return text.getvalue().encode()


def _shown(cell: Cell) -> str | int | None:
    if isinstance(cell, Digits):  # with spaces, or it would be taken for a number
        return f"{cell[:3]} {cell[3:5]} {cell[5:8]} {cell[8:10]} {cell[10:]}"
    if isinstance(cell, str):
        return harmless(cell)
    return str(cell)[:_TO_THE_SECOND] if isinstance(cell, datetime) else cell
