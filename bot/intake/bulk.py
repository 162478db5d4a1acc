"""A fitted list → files and a text for OsonSMS's own bulk call."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from bot.domain.phone import FULL_DIGITS
from bot.domain.template import placeholders
from bot.domain.wording import Wording
from bot.intake.fitting import Letter
from bot.intake.pieces import recipient_lines, recipient_rows

BULK_BYTES = 5_000_000
"""The contract's «5Мб», in the reading that is safe under either meaning of a megabyte."""


def bulk_text(wording: Wording) -> str:
    """The text of a bulk call, in the letters of `wording`; the names in its braces stay as they are."""
    return Letter(placeholders(wording.text), wording).template()


def bulk_files(
    columns: Sequence[str], recipients: Iterable[bytes], wording: Wording, limit: int = BULK_BYTES
) -> list[bytes]:
    """Files for bulk calls with `bulk_text`, each of at most `limit` bytes; none for nobody.

    Phones alone, one a line; for a text with placeholders CSV with a header. It has the columns that the text uses,
    spelled letter for letter as there: the gateway fills by name, and needs nothing else of anyone. Who lacks a value
    is left out.

    Raises:
        UnknownPlaceholder: the text names a column that the list has not.
        ValueError: one row alone is longer than `limit`.
    """
    letter = Letter(columns, wording)
    if letter.places:
        spelled = {columns[0]: 0} | letter.places
        return _cut(_line(spelled), _filled_lines(recipients, letter, list(spelled.values())), limit)
    return _cut(
        b"", (f"{line[:FULL_DIGITS]}\n".encode() for data in recipients for line in recipient_lines(data)), limit
    )


def bulk_phones(file: bytes, *, with_params: bool) -> list[str]:
    """The phones of such a file. `with_params`: it has a header, and values behind the phones."""
    return [row[0] for row in islice(_rows(file), int(with_params), None)]


def bulk_without(file: bytes, phones: Collection[str], *, with_params: bool) -> bytes:
    """The file less the rows of these phones; empty if nobody is left."""
    rows = _rows(file)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows(islice(rows, int(with_params)))
    header = out.tell()
    for row in rows:  # row by row, as in reading: one step over all of them in C would keep other threads waiting
        if row[0] not in phones:
            writer.writerow(row)
    return out.getvalue().encode() if out.tell() > header else b""


def _rows(file: bytes) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(file.decode(), newline=""))


def _filled_lines(recipients: Iterable[bytes], letter: Letter, columns: Sequence[int]) -> Iterator[bytes]:
    for data in recipients:
        for row in recipient_rows(data):
            if not letter.lacks(row):
                letter.rewrite(row)
                yield _line(row[index] for index in columns)


def _line(cells: Iterable[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()


def _cut(header: bytes, lines: Iterable[bytes], limit: int) -> list[bytes]:
    """Files of whole lines, each with the header."""
    files: list[bytearray] = []
    for line in lines:
        if len(header) + len(line) > limit:
            raise ValueError("a row is longer than a file may be")
        if not files or len(files[-1]) + len(line) > limit:
            files.append(bytearray(header))
        files[-1] += line
    return list(map(bytes, files))
