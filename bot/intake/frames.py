"""What the bot and its reading child say to each other: frames of bytes. Nothing in them is ever executed."""

import json
import struct
from dataclasses import asdict, fields
from typing import Any, BinaryIO, TypeAlias

from bot.domain.draft import PhoneList, Piece, PieceKind
from bot.domain.wording import Wording

HEAD = struct.Struct("!cII")
"""What a frame holds; rows, of a piece; bytes that follow."""
DATA, WORDS = b"d", b"w"
"""Bytes as they are; JSON."""
KINDS = {PieceKind.RECIPIENTS: b"+", PieceKind.REJECTED: b"-"}
KIND_OF = {letter: kind for kind, letter in KINDS.items()}

Words: TypeAlias = dict[str, Any]


def words_frame(words: Words) -> bytes:
    """JSON in a frame."""
    return data_frame(json.dumps(words).encode(), WORDS)


def data_frame(data: bytes, what: bytes = DATA, rows: int = 0) -> bytes:
    """Bytes in a frame."""
    return HEAD.pack(what, rows, len(data)) + data


def piece_frame(piece: Piece) -> bytes:
    """A piece in a frame."""
    return data_frame(piece.data, KINDS[piece.kind], piece.rows)


def read_frame(source: BinaryIO) -> tuple[bytes, bytes]:
    """What the next frame holds, and its bytes.

    Raises:
        EOFError: there is none.
    """
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        raise EOFError
    what, _, size = HEAD.unpack(head)
    data = source.read(size)
    if len(data) < size:
        raise EOFError
    return what, data


def wording_words(wording: Wording | None) -> Words | None:
    """A wording as JSON can hold it."""
    return asdict(wording) if wording else None


def wording_of(words: Words | None) -> Wording | None:
    """The wording again."""
    return Wording(**words) if words else None


def list_words(phone_list: PhoneList) -> Words:
    """A list as JSON can hold it."""
    return asdict(phone_list)


def list_of(words: Words) -> PhoneList:
    """The list again.

    Raises:
        TypeError: it is none.
    """
    return PhoneList(**{field.name: _tuples(words[field.name]) for field in fields(PhoneList)})


def _tuples(value: object) -> Any:
    """JSON has lists where we have tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
