"""The child process that reads files: it may be killed, crash or swell up without harm to the bot."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO

from bot.domain.draft import Piece, PieceKind
from bot.domain.template import UnknownPlaceholder
from bot.domain.wording import Wording
from bot.intake.faults import FileError, FileFault
from bot.intake.fitting import Fitting, fit
from bot.intake.frames import (
    Words,
    list_of,
    list_words,
    piece_frame,
    read_frame,
    wording_of,
    words_frame,
)
from bot.intake.listing import Listing

MAX_MEMORY = 768 * 1024 * 1024
"""Bytes of address space. A workbook of 20 MB with a million rows takes half of it."""
MAX_CPU = 60
"""Seconds."""


def main() -> None:
    """Do what the frames on stdin ask; answer on stdout."""
    _limit()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    try:
        words = _answer(source, sink)
    except FileError as error:
        words = {"fault": error.fault.value}
    except MemoryError:
        words = {"fault": FileFault.TOO_SLOW.value}
    sink.write(words_frame(words))
    sink.flush()
    os._exit(0)  # all is said: there is nothing to tidy up


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    os.nice(5)  # on a machine of one core the bot answers first
    limits = {resource.RLIMIT_AS: MAX_MEMORY, resource.RLIMIT_CPU: MAX_CPU, resource.RLIMIT_CORE: 0}
    for what, limit in limits.items():
        _, hard = resource.getrlimit(what)
        with suppress(ValueError, OSError):  # macOS knows limits that it does not keep
            resource.setrlimit(what, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _answer(source: BinaryIO, sink: BinaryIO) -> Words:
    words = json.loads(read_frame(source)[1])
    wording = wording_of(words["wording"])
    if "phone_list" in words and wording:
        return {"phone_list": list_words(fit(list_of(words["phone_list"]), _pieces(source), wording))}
    return _read(read_frame(source)[1], words["file_name"], wording, sink)


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    with suppress(EOFError):
        while True:
            yield read_frame(source)[1]


def _read(data: bytes, file_name: str, wording: Wording | None, sink: BinaryIO) -> Words:
    """Pieces leave as they are made; the list, fitted if it can be, is the answer."""

    def take(piece: Piece) -> None:
        sink.write(piece_frame(piece))
        if fitting and fitting.reads and piece.kind is PieceKind.RECIPIENTS:
            fitting.take(piece.data)

    listing = Listing(data, file_name, take)
    fitting, unknown = _fitting(listing.columns, wording)
    listing.run()
    phone_list = listing.summary()
    return {"phone_list": list_words(fitting.summary(phone_list) if fitting else phone_list), "unknown": unknown}


def _fitting(columns: Sequence[str], wording: Wording | None) -> tuple[Fitting | None, list[str | None]]:
    """The counter of parts, if there is a text and it can be fitted; else what cannot be."""
    try:
        return Fitting(columns, wording) if wording else None, []
    except UnknownPlaceholder as error:
        return None, [error.name, error.nearest]
