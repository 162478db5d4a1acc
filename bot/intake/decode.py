"""Bytes → text → rows: what encoding, what delimiter."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from bot.intake.faults import FileError, FileFault

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DELIMITERS = ";\t|,"
_LOOK_AT = 50
_LONGEST_CELL = 100_000
# Whatever is left of the control characters would go into an SMS, and PostgreSQL refuses the NUL.
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\r"} | {0x7F: None}


def decode(data: bytes) -> str:
    """The text of a file: by its byte order mark, else strict UTF-8, else Windows-1251, as Excel writes it here.

    Raises:
        FileError: it is a spreadsheet, or no text at all.
    """
    if data.startswith((_ZIP, _OLE)):
        raise FileError(FileFault.SPREADSHEET)
    mark = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if mark is None and b"\0" in data[:4096]:
        raise FileError(FileFault.NOT_TEXT)
    for encoding in (mark,) if mark else ("utf-8", "cp1251"):
        try:
            return data.decode(encoding).translate(_CONTROLS)
        except UnicodeDecodeError:
            continue
    raise FileError(FileFault.NOT_TEXT)


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, each with its number as a spreadsheet shows it.

    Raises:
        FileError: a cell without an end: a file of something else.
    """
    text, skipped = _without_separator_line(text)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        for number, row in enumerate(reader, start=1 + skipped):
            if any(cell and not cell.isspace() for cell in row):
                yield number, row
    except csv.Error:
        raise FileError(FileFault.NOT_TEXT) from None


def _without_separator_line(text: str) -> tuple[str, int]:
    """Excel's own first line, `sep=;`, is none of the data."""
    if text[:4].lower() != "sep=":
        return text, 0
    return text.partition("\n")[2], 1


def delimiter_of(text: str) -> str:
    """The delimiter that cuts the first rows into the same number of columns most often; a comma if none does."""
    lines = [line for line in text[:20_000].splitlines()[:_LOOK_AT] if line.strip()]
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        counts = Counter(line.count(delimiter) for line in lines)
        counts.pop(0, None)
        if counts and (agreeing := counts.most_common(1)[0][1]) > most:
            best, most = delimiter, agreeing
    return best
