"""What kind of file some bytes are, whatever their name says; and whether a workbook's archive is safe to unpack."""

import re
import struct
import zlib
from collections.abc import Iterator
from enum import Enum, auto
from itertools import islice

from bot.intake.faults import FileError, FileFault

MAX_BYTES = 20_000_000
"""The most that Telegram gives a bot."""
MAX_UNPACKED = 300_000_000
_MAX_FILES = 10_000
"""In an archive; a workbook has some dozens."""

_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0"
_OTHERS = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
"""How PDF, RTF, pictures and other archives begin: some are long enough in letters to pass for a text."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_BOOKS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
"""Names of the streams in which Excel 97 and 5 keep a workbook."""
_BOOK_FILE = re.compile(rb"xl[/\\]|content\.xml$", re.IGNORECASE)
"""A file in the archive of an XLSX, an XLSB or an ODS."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""APPNOTE.TXT 4.3.7: its signature; the lengths of the name and of the extra field, which stand before the data."""
_CHUNK = 1 << 16


class Kind(Enum):
    """How to read a file."""

    TEXT = auto()
    WORKBOOK = auto()


def kind_of(data: bytes) -> Kind:
    """Tell the kind of file by its content; a workbook is safe to unpack.

    Raises:
        FileError: too large, empty, encrypted, too much inside, or nothing that holds a table.
    """
    if len(data) > MAX_BYTES:
        raise FileError(FileFault.TOO_LARGE)
    if not data:
        raise FileError(FileFault.EMPTY)
    if data.startswith(_ZIP):
        return _archive(data)
    if data.startswith(_OLE):
        return _compound(data)
    if data.startswith(_OTHERS):
        raise FileError(FileFault.NOT_TEXT)
    return Kind.TEXT


def _archive(data: bytes) -> Kind:
    files = list(islice(_files(data), _MAX_FILES + 1))
    if not files and not data.startswith(b"PK\x03\x04"):  # a text that begins with these letters
        return Kind.TEXT
    if not any(_BOOK_FILE.search(name) for name, _ in files):
        raise FileError(FileFault.NOT_TEXT)
    if len(files) > _MAX_FILES:
        raise FileError(FileFault.TOO_MUCH_INSIDE)
    room = MAX_UNPACKED
    for _, start in files:
        room -= _unpacked(data, start, room)
    return Kind.WORKBOOK


def _files(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Name and start of the data of every file that any reader can find.

    Found by signature: a directory may lie, and two readers may believe two directories.
    """
    at = data.find(b"PK\x03\x04")
    while 0 <= at <= len(data) - _LOCAL_HEADER.size:
        _, name, extra = _LOCAL_HEADER.unpack_from(data, at)
        start = at + _LOCAL_HEADER.size
        yield data[start : start + name], start + name + extra
        at = data.find(b"PK\x03\x04", at + 4)


def _unpacked(data: bytes, start: int, room: int) -> int:
    """Bytes that really come out, whatever sizes and method are declared; none of what is not deflated.

    Raises:
        FileError: more than `room`.
    """
    inflate, total = zlib.decompressobj(-zlib.MAX_WBITS), 0
    rest: bytes = b""
    try:
        while not inflate.eof and (rest or start < len(data)):
            if not rest:
                rest, start = data[start : start + _CHUNK], start + _CHUNK
            total += len(inflate.decompress(rest, _CHUNK))
            rest = inflate.unconsumed_tail
            if total > room:
                raise FileError(FileFault.TOO_MUCH_INSIDE)
    except zlib.error:
        pass
    return total


def _compound(data: bytes) -> Kind:
    if _ENCRYPTED in data:
        raise FileError(FileFault.ENCRYPTED)
    if not any(name in data for name in _OLD_BOOKS):
        raise FileError(FileFault.NOT_TEXT)
    return Kind.WORKBOOK
