"""Rows → files that are handed out: CSV as Excel opens it, or XLSX; in parts, where one file would be too large."""

from bot.services.sheets.csv_file import CsvFile
from bot.services.sheets.parts import Form, Part, in_parts
from bot.services.sheets.rows import CELLS, Cell, Digits, Reader, Row, message_row
from bot.services.sheets.sheet_file import Limits, SheetFile
from bot.services.sheets.xlsx_file import XlsxFile

__all__ = [
    "CELLS",
    "Cell",
    "CsvFile",
    "Digits",
    "Form",
    "Limits",
    "Part",
    "Reader",
    "Row",
    "SheetFile",
    "XlsxFile",
    "in_parts",
    "message_row",
]
