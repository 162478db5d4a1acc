"""A text and a cleaned file → who gets what, and what it makes in parts."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.domain.draft import PhoneList
from bot.domain.template import bind, filler
from bot.domain.text import measure
from bot.intake.faults import RowFault
from bot.intake.reading import FAULT_ROWS, SAMPLES

MIXED = "mixed"


def recipients(cleaned: bytes) -> Iterator[list[str]]:
    """The rows of a cleaned file below its header: the phone, then its values."""
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(cleaned), encoding="utf-8", newline=""))
    next(rows)
    return rows


def without_params(cleaned: bytes) -> bytes:
    """The phones of a cleaned file alone, one a line, without a header."""
    return "".join(f"{row[0]}\n" for row in recipients(cleaned)).encode()


def fit_text(phone_list: PhoneList, cleaned: bytes, text: str) -> tuple[PhoneList, bytes]:
    """Fit `text` to a list, both parts of it as `read_phone_list` returned them; count the parts that it makes.

    For a text with placeholders the file is made anew: who lacks a value is left out (`missing_value`; perhaps
    everybody), and beside the phone stands only what the text uses, each column named letter for letter as the text
    spells it: the gateway fills by name, and needs nothing else of anyone. For another text the file stays as it is.

    Raises:
        UnknownPlaceholder: the text names a column that the list has not.
    """
    if not bind(text, phone_list.columns):
        size = measure(text)
        parts = (size.parts, size.parts, size.parts * phone_list.recipients)
        return replace(phone_list, parts=parts, encoding=size.encoding.value), cleaned
    fitting = _Fitting(phone_list.columns, text)
    for row in recipients(cleaned):
        fitting.take(row)
    return fitting.summary(phone_list), fitting.file()


def samples_filled(phone_list: PhoneList, text: str, count: int = 3) -> list[tuple[str, str]]:
    """(phone, text as it will be sent) of the first recipients.

    Raises:
        UnknownPlaceholder: as `fit_text`.
    """
    fill = filler(text, phone_list.columns)
    return [(row[0], fill(row)) for row in phone_list.samples[:count]]


class _Fitting:
    """Takes recipient after recipient."""

    def __init__(self, columns: Sequence[str], text: str) -> None:
        self._fill: Callable[[Sequence[str]], str] = filler(text, columns)
        self._used = {columns[0]: 0} | bind(text, columns)
        self._indexes = tuple(self._used.values())
        self._samples: list[tuple[str, ...]] = []
        self._left_out: list[tuple[int, str]] = []
        self._count = self._missing = self._total = self._most = 0
        self._least: int | None = None
        self._encodings: set[str] = set()
        self._out = io.StringIO(newline="")
        self._write = csv.writer(self._out, lineterminator="\n").writerow
        self._write(self._used)

    def take(self, row: list[str]) -> None:
        """Keep the recipient, or leave out who lacks a value."""
        values = [row[index] for index in self._indexes]
        if not all(values):
            self._missing += 1
            if len(self._left_out) < FAULT_ROWS:
                self._left_out.append((int(row[-1]), RowFault.MISSING_VALUE.value))
            return
        self._count += 1
        self._measure(self._fill(row))
        if len(self._samples) < SAMPLES:
            self._samples.append(tuple(values))
        self._write(values)

    def _measure(self, text: str) -> None:
        size = measure(text)
        self._total += size.parts
        self._most = max(self._most, size.parts)
        self._least = size.parts if self._least is None else min(self._least, size.parts)
        self._encodings.add(size.encoding.value)

    def summary(self, before: PhoneList) -> PhoneList:
        """The list, as it is for this text."""
        missing = {RowFault.MISSING_VALUE.value: self._missing} if self._missing else {}
        return replace(
            before,
            recipients=self._count,
            faults=before.faults | missing,
            fault_rows=tuple(sorted([*before.fault_rows, *self._left_out])[:FAULT_ROWS]),
            columns=tuple(self._used),
            samples=tuple(self._samples),
            parts=(self._least or 0, self._most, self._total),
            encoding=MIXED if len(self._encodings) > 1 else "".join(self._encodings),
        )

    def file(self) -> bytes:
        """The file, ready to be sent."""
        return self._out.getvalue().encode()
