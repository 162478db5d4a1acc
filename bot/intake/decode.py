"""A file's bytes → its text, or what kind of file it is instead."""

import codecs
import io
from typing import TextIO

from bot.intake.faults import FileError, FileFault

MAX_BYTES = 5_000_000
"""The contract's «5Мб» of the bulk call, in the reading that is safe under either meaning of a megabyte."""

_WORKBOOKS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
"""How XLSX and ODS (both zip archives) and XLS begin."""
_OTHERS = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
"""How PDF, RTF, pictures and other archives begin: some are long enough in letters to pass for a text."""
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_CONTROLS_ALLOWED, _CONTROLS_SHARE = 16, 20
"""A text has no control characters, or some that slipped in: so many, and one byte in so many."""


def encoding_of(data: bytes) -> str:
    """The encoding that `data` can be read in: by its BOM, else UTF-8, else Windows-1251.

    Raises:
        FileError: too large, empty, a workbook, or no text.
    """
    _refuse_others(data)
    marked = next((encoding for bom, encoding in _BOMS.items() if data.startswith(bom)), None)
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if marked != "utf-16" and controls > _CONTROLS_ALLOWED + len(data) // _CONTROLS_SHARE:
        raise FileError(FileFault.NOT_TEXT)
    for encoding in (marked,) if marked else ("utf-8", "cp1251"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise FileError(FileFault.NOT_TEXT)


def open_text(data: bytes, encoding: str) -> TextIO:
    r"""The text as lines that end in `\n`, whatever they ended in; read piece by piece, so never whole in memory."""
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=None)


def _refuse_others(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise FileError(FileFault.TOO_LARGE)
    if not data:
        raise FileError(FileFault.EMPTY)
    if data.startswith(_WORKBOOKS):
        raise FileError(FileFault.SPREADSHEET)
    if data.startswith(_OTHERS):
        raise FileError(FileFault.NOT_TEXT)
