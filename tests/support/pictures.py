"""Pictures to send, made without the bot's own drawing."""

import struct
import zlib


def png(width: int, height: int, colour: tuple[int, int, int] = (31, 118, 207)) -> bytes:
    """A PNG of that many pixels in one colour, as any reader opens it."""
    rows = (b"\0" + bytes(colour) * width) * height  # each row begins with its filter: none
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # eight bits, red green blue
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
