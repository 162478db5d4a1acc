"""How large a picture is, read from its first bytes: PNG, GIF and JPEG, which is what a bot sends."""

import struct


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None where it is no picture that we know."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack(">II", content[16:24])
        elif content[:6] in (b"GIF87a", b"GIF89a"):
            width, height = struct.unpack("<HH", content[6:10])
        elif content.startswith(b"\xff\xd8"):
            return _jpeg_size(content)
        else:
            return None
    except struct.error:
        return None
    return int(width), int(height)


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Walk the segments to the frame header (0xC0–0xCF but for three that are something else)."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
