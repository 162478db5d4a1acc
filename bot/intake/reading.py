"""A file of phones → what is in it, and the cleaned file."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from bot.domain.draft import PhoneList
from bot.domain.phone import PhoneFault
from bot.intake.cells import NO_CELL, Fault, clean_value, read_phones
from bot.intake.decode import encoding_of, open_text
from bot.intake.faults import FileError, FileFault
from bot.intake.layout import Layout, find_layout
from bot.intake.rows import plain_rows, quoted_rows

SAMPLES = 5
FAULT_ROWS = 10
ROW_NUMBER = "#"
"""Heads the last column of a cleaned file that has values: the row's number in the file it came from."""

_MAX_FILE_NAME = 100


def read_phone_list(data: bytes, file_name: str) -> tuple[PhoneList, bytes]:
    """Read a file of phones, with or without values beside them.

    Returns the summary and the cleaned file: CSV in UTF-8, commas, a line a row, a header; the phone first, each phone
    once, then the columns in the order of the file, then (if there are any) the row's number in the file. Row numbers
    are Excel's: from 1, the header and blank rows counted.

    A row is a recipient, a duplicate or a fault, so the three add up to `rows`; only a cell of several phones counts
    once for each of them.

    Raises:
        FileError: it is no list of phones. A list may still have no recipient; its faults then say why.
    """
    encoding = encoding_of(data)
    layout = find_layout(open_text(data, encoding))
    cleaner = _Cleaner(layout)
    lines = islice(open_text(data, encoding), layout.skipped_lines, None)
    cut = quoted_rows if b'"' in data else plain_rows
    try:
        cleaner.run(cut(lines, layout.delimiter))
    except csv.Error as error:
        raise FileError(FileFault.NOT_TEXT) from error
    return cleaner.summary(clean_value(file_name)[:_MAX_FILE_NAME]), cleaner.file()


class _Cleaner:
    """Takes row after row; keeps the figures of the phones and the cleaned file, and no row."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._seen: set[int] = set()
        self._rows = self._duplicates = 0
        self._faults: Counter[str] = Counter()
        self._fault_rows: list[tuple[int, str]] = []
        self._samples: list[tuple[str, ...]] = []
        self._out = io.StringIO(newline="")
        self._write = csv.writer(self._out, lineterminator="\n").writerow
        self._write([*layout.names, ROW_NUMBER] if layout.others else layout.names)

    def run(self, rows: Iterator[list[str]]) -> None:
        """Take all rows of the file."""
        numbered = enumerate(rows, start=1)
        above = (row for _, row in numbered if any(map(str.strip, row)))
        for _ in islice(above, self._layout.header_rows):
            pass
        phone = self._layout.phone
        for number, row in numbered:
            phones, faults = read_phones(row[phone]) if phone < len(row) else NO_CELL
            if faults:
                if not any(map(str.strip, row)):  # a blank row is none
                    continue
                self._leave_out(number, faults)
            self._rows += 1
            for each in phones:
                self._keep(each, row, number)

    def _leave_out(self, number: int, faults: Sequence[Fault]) -> None:
        for fault in faults:
            self._faults[fault.value] += 1
            if len(self._fault_rows) < FAULT_ROWS:
                self._fault_rows.append((number, fault.value))

    def _keep(self, phone: str, row: Sequence[str], number: int) -> None:
        if (figure := int(phone)) in self._seen:
            self._duplicates += 1
            return
        self._seen.add(figure)
        values = (phone, *self._values(row)) if self._layout.others else (phone,)
        if len(self._samples) < SAMPLES:
            self._samples.append(values)
        self._write((*values, number) if self._layout.others else values)

    def _values(self, row: Sequence[str]) -> list[str]:
        """All but the phone. Too many cells: a delimiter in a value shifted them, so none is trusted."""
        if len(row) > self._layout.width and any(map(str.strip, row[self._layout.width :])):
            return [""] * len(self._layout.others)
        return [clean_value(row[index]) if index < len(row) else "" for index in self._layout.others]

    def summary(self, file_name: str) -> PhoneList:
        """What was read.

        Raises:
            FileError: nothing in it is anything like a phone.
        """
        if not self._seen and self._faults.keys() <= {PhoneFault.EMPTY, PhoneFault.NOT_A_NUMBER}:
            raise FileError(FileFault.NO_PHONES)
        return PhoneList(
            file_name=file_name,
            rows=self._rows,
            recipients=len(self._seen),
            duplicates=self._duplicates,
            faults=dict(self._faults),
            fault_rows=tuple(self._fault_rows),
            columns=self._layout.names,
            samples=tuple(self._samples),
        )

    def file(self) -> bytes:
        """The cleaned file."""
        return self._out.getvalue().encode()
