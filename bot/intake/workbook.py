"""A workbook's bytes (XLSX, XLSB, XLS, ODS) → the rows of the first sheet that has phones."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from bot.intake.cells import cell_text
from bot.intake.faults import FileError, FileFault
from bot.intake.layout import HEAD_ROWS, fitness, is_blank

MAX_CELL = 32_767
"""Characters; Excel holds no more in a cell."""
_FIRST_ROWS = 1_000

Rows = list[list[str]]


def first_sheet(data: bytes) -> tuple[Iterator[list[str]], Rows]:
    """Rows from the sheet's first on, blank ones too, and the first of them that hold something.

    Of several visible sheets it is the first with a phone; else the one with the most that looks like one.

    Raises:
        FileError: damaged, encrypted, too large for the memory there is. The rows raise it too.
    """
    with _reading():
        book = CalamineWorkbook.from_object(io.BytesIO(data))
        best: tuple[int, int, CalamineSheet | None, Rows] = (-1, 0, None, [])
        for index, sheet in enumerate(book.sheets_metadata):
            if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet and best[0] < 1:
                best = max(best, _candidate(book.get_sheet_by_index(index)), key=lambda candidate: candidate[:2])
        book.close()
    *_, found, head = best
    return _rows(found) if found else iter(()), head


def _candidate(sheet: CalamineSheet) -> tuple[int, int, CalamineSheet | None, Rows]:
    """Phones and near-phones at its head, the sheet, the head."""
    head = _head(sheet)
    return (*fitness(head)[:2], sheet, head)


def _head(sheet: CalamineSheet) -> Rows:
    rows = islice(_texts(sheet), _FIRST_ROWS)
    return list(islice((row for row in rows if not is_blank(row)), HEAD_ROWS))


def _rows(sheet: CalamineSheet) -> Iterator[list[str]]:
    with _reading():
        yield from _texts(sheet)


def _texts(sheet: CalamineSheet) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        cells = [cell if isinstance(cell, str) else cell_text(cell) for cell in row]
        if max(map(len, cells), default=0) > MAX_CELL:
            raise FileError(FileFault.DAMAGED)
        yield cells


@contextmanager
def _reading() -> Iterator[None]:
    """Whatever goes wrong inside the library is the file's fault; it panics at some files, which is no Exception."""
    try:
        yield
    except (FileError, GeneratorExit, KeyboardInterrupt, SystemExit):
        raise
    except MemoryError as error:
        raise FileError(FileFault.TOO_SLOW) from error
    except PasswordError as error:
        raise FileError(FileFault.ENCRYPTED) from error
    except BaseException as error:
        raise FileError(FileFault.DAMAGED) from error
