"""The rows that are not used → a file for Excel, ready to be mended and forwarded again."""

import codecs
import csv
import heapq
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import TypeAlias

from bot.domain.draft import PhoneList
from bot.domain.sheet import harmless
from bot.domain.wording import Wording
from bot.intake.faults import RowFault
from bot.intake.fitting import Letter
from bot.intake.pieces import PIECE_ROWS, read_rejected, recipient_rows

_Row: TypeAlias = tuple[int, list[str], str]
"""Its number in the file, its cells, why it is not used."""


def rejected_rows(
    phone_list: PhoneList,
    rejected: Iterable[bytes],
    recipients: Iterable[bytes],
    wording: Wording,
    reasons: Mapping[str, str],
    title: str,
) -> Iterator[bytes]:
    """The file, piece by piece: CSV as Excel opens it (UTF-8 with BOM, semicolons, CRLF).

    Under the file's own names, or those we gave to its columns, and `title` stand the rows that are not used with their
    own cells, and why in the words of `reasons` (by fault). Who lacks a value for `wording` is one of them; a text
    without placeholders does not read `recipients`.

    Raises:
        UnknownPlaceholder: the text names a column that the list has not.
    """
    letter = Letter(phone_list.columns, wording)
    lacking = _lacking(recipients, letter, phone_list.phone_at, reasons) if letter.places else iter(())
    rows = heapq.merge(_rejected(rejected, reasons), lacking, key=itemgetter(0))
    return _file(_header(phone_list), title, rows)


def _header(phone_list: PhoneList) -> list[str]:
    phone, *others = phone_list.columns
    others.insert(phone_list.phone_at, phone)
    return list(phone_list.header) or others


def _rejected(rejected: Iterable[bytes], reasons: Mapping[str, str]) -> Iterator[_Row]:
    for data in rejected:
        for number, why, *cells in read_rejected(data):
            yield int(number), cells, ", ".join(reasons[fault] for fault in why.split())


def _lacking(recipients: Iterable[bytes], letter: Letter, phone_at: int, reasons: Mapping[str, str]) -> Iterator[_Row]:
    for data in recipients:
        for row in recipient_rows(data):
            if letter.lacks(row):
                phone, *cells, number = row
                cells.insert(phone_at, phone)
                yield int(number), cells, reasons[RowFault.MISSING_VALUE]


def _file(header: Sequence[str], title: str, rows: Iterable[_Row]) -> Iterator[bytes]:
    yield codecs.BOM_UTF8 + _lines([[*header, title]])
    padding = [""] * len(header)
    table = ([*cells, *padding[len(cells) :], why] for _, cells, why in rows)
    while lines := list(islice(table, PIECE_ROWS)):
        yield _lines(lines)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(map(harmless, row) for row in rows)
    return out.getvalue().encode()
