"""Pages of rows → files of a size that can be sent, one after the other."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.services.sheets.csv_file import CsvFile
from bot.services.sheets.rows import Row
from bot.services.sheets.sheet_file import Limits, SheetFile
from bot.services.sheets.xlsx_file import XlsxFile


class Form(StrEnum):
    """What kind of file it is to be."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Part:
    """A file that is done."""

    path: Path
    number: int
    rows: int
    is_last: bool

    @property
    def is_only(self) -> bool:
        """Whether the one file is all."""
        return self.is_last and self.number == 1


_FILES: dict[Form, Callable[[Path, str, Sequence[str], Limits], SheetFile]] = {Form.CSV: CsvFile, Form.XLSX: XlsxFile}


async def in_parts(
    pages: AsyncIterator[Iterable[Row]],
    folder: Path,
    name: str,
    form: Form,
    titles: Sequence[str],
    limits: Limits,
) -> AsyncGenerator[Part, None]:
    """Write the pages to files in `folder`: at least one, and another where one is full.

    `name` has no suffix, `titles` name the columns. Each file is removed when the next one is asked for: the disk holds
    one at a time. Rows are made and written in a thread, so that the loop goes on however long a page takes.
    """
    make = _FILES[form]
    number, file = 1, make(folder, name, titles, limits)
    try:
        async for rows in pages:
            if file.is_full:
                await _in_thread(file.close)
                yield Part(file.path, number, file.rows, is_last=False)
                file.path.unlink()
                number += 1
                file = make(folder, f"{name}-{number}", titles, limits)
            await _in_thread(file.write, rows)
        await _in_thread(file.close)
        yield Part(file.path, number, file.rows, is_last=True)
    finally:
        with suppress(OSError):  # a full disk, which was told before
            await _in_thread(file.close)  # to end a workbook takes a second


async def _in_thread(do: Callable[..., None], *arguments: object) -> None:
    """Do it to its end, even if the caller is cut off: no file is closed while it is written."""
    work = asyncio.ensure_future(asyncio.to_thread(do, *arguments))
    try:
        await asyncio.shield(work)
    finally:
        await asyncio.wait([work])
