"""A text file's bytes → its text, read line by line."""

import codecs
import io
from collections.abc import Iterator
from typing import TextIO

from bot.intake.faults import FileError, FileFault

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_HEAD = 4096
_WIDE_SHARE = 4
"""UTF-16 without a BOM: one byte in so many, or more, is the NUL of a digit or a delimiter, on one side of a pair."""

_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_CONTROLS_ALLOWED, _CONTROLS_SHARE = 16, 20
"""A text has no control characters, or some that slipped in: so many, and one byte in so many."""
_CHUNK = 1 << 18


def encoding_of(data: bytes) -> str:
    """The encoding that `data` can be read in: by its BOM, else UTF-16 by its look, else UTF-8, else Windows-1251.

    Raises:
        FileError: it is no text.
    """
    marked = next((encoding for bom, encoding in _BOMS.items() if data.startswith(bom)), None) or _wide(data)
    if not (marked and marked.startswith("utf-16")) and _has_controls(data):
        raise FileError(FileFault.NOT_TEXT)
    for encoding in (marked,) if marked else ("utf-8", "cp1251"):
        if _reads(data, encoding):
            return encoding
    raise FileError(FileFault.NOT_TEXT)


def open_text(data: bytes, encoding: str) -> TextIO:
    r"""The text as lines that end in `\n`, whatever they ended in; read piece by piece, so never whole in memory."""
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=None)


def _chunks(data: bytes) -> Iterator[bytes]:
    """Pieces of `data`: a copy of the whole in another form would double the memory."""
    return (data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK))


def _wide(data: bytes) -> str | None:
    low, high = data[:_HEAD:2].count(0), data[1:_HEAD:2].count(0)
    if _WIDE_SHARE * abs(high - low) < min(len(data), _HEAD) or min(low, high):
        return None
    return "utf-16-le" if high else "utf-16-be"


def _has_controls(data: bytes) -> bool:
    controls = sum(len(chunk) - len(chunk.translate(None, _CONTROLS)) for chunk in _chunks(data))
    return controls > _CONTROLS_ALLOWED + len(data) // _CONTROLS_SHARE


def _reads(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(data):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
