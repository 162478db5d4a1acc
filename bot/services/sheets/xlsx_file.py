"""An Excel workbook, written by XlsxWriter row by row: memory does not grow with it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxFileError
from xlsxwriter.worksheet import Worksheet

from bot.domain.sheet import harmless
from bot.services.sheets.rows import Cell, Digits, Row
from bot.services.sheets.sheet_file import Limits, SheetFile

_EXACT = 10**15
"""Numbers of a sheet have 15 digits."""
_NARROWEST, _WIDEST = 6, 60
_TIME_WIDTH = 19


class XlsxFile(SheetFile):
    """One workbook: its header frozen and bold, its columns as wide as the first rows need.

    Rows that a sheet has no room for go on in another. Until it is closed its rows lie beside it in its folder.
    """

    def __init__(self, folder: Path, name: str, titles: Sequence[str], limits: Limits) -> None:
        """`name` has no suffix; `titles` stand above the columns of every sheet."""
        super().__init__(folder / f"{name}.xlsx", limits)
        self._titles = titles
        self._book = Workbook(self.path, {"constant_memory": True, "tmpdir": str(folder), "remove_timezone": True})
        self._open.callback(self._finish)
        self._title = self._book.add_format({"bold": True})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._whole = self._book.add_format({"num_format": "0"})
        self._sheet: Worksheet | None = None
        self._filled = 0

    @property
    def is_full(self) -> bool:
        """Whether it has as many rows as it may."""
        return self.rows >= self._limits.book_rows

    def _write(self, rows: list[Row]) -> None:
        for number, row in enumerate(rows):
            if self._sheet is None or self._filled == self._limits.sheet_rows:
                self._sheet = self._begin_sheet(rows[number:])
            self._filled += 1
            for column, cell in enumerate(row):
                self._put(self._sheet, column, cell)

    def _begin_sheet(self, first: Sequence[Row]) -> Worksheet:
        sheet = self._book.add_worksheet(f"SMS {len(self._book.worksheets()) + 1}")
        self._filled = 0
        sheet.freeze_panes(1, 0)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # a phone as a text is none
        for column, (title, *cells) in enumerate(zip(self._titles, *first, strict=True)):
            sheet.set_column(column, column, _width([title, *cells]))
            sheet.write_string(0, column, title, self._title)
        return sheet

    def _put(self, sheet: Worksheet, column: int, cell: Cell) -> None:
        """Write it for what it is, in the last row."""
        if isinstance(cell, datetime):
            sheet.write_datetime(self._filled, column, cell.replace(microsecond=0), self._time)
        elif isinstance(cell, int) and abs(cell) < _EXACT:
            sheet.write_number(self._filled, column, cell, self._whole)
        elif cell is not None and cell != "":
            sheet.write_string(self._filled, column, cell if isinstance(cell, Digits) else _words(str(cell)))

    def _finish(self) -> None:
        if self._sheet is None:
            self._begin_sheet([])
        try:
            self._book.close()
        except XlsxFileError as error:
            raise OSError(str(error)) from error


def _words(text: str) -> str:
    """As a text that XlsxWriter takes for words too: it writes what begins with `<r>` as the markup of a cell."""
    return "'" + text if text.startswith("<r>") else harmless(text)


def _width(cells: Sequence[Cell]) -> int:
    longest = max(_TIME_WIDTH if isinstance(cell, datetime) else len(str(cell or "")) for cell in cells)
    return min(_WIDEST, max(_NARROWEST, longest)) + 1
