"""The rows of a table → recipients and rows that are not used, in pieces; and the figures of both."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from bot.domain.draft import PhoneList, PieceKind
from bot.domain.phone import PhoneFault
from bot.intake.cells import Fault, clean_value, read_phones, sms_value, without_phones
from bot.intake.faults import FileError, FileFault, RowFault
from bot.intake.layout import is_blank
from bot.intake.pieces import PieceWriter, Take, recipient_rows
from bot.intake.seen import Seen
from bot.intake.tables import open_table

SAMPLES = 5
FAULT_ROWS = 10

_MAX_FILE_NAME = 100


class Listing:
    """Takes row after row; keeps the figures and a bit for each phone, and no row."""

    def __init__(self, data: bytes, file_name: str, take: Take) -> None:
        """Find the table; `take` will get the pieces as they are made.

        Raises:
            FileError: there is none.
        """
        self._table = open_table(data)
        self._layout = self._table.layout
        self._file_name = clean_value(file_name)[:_MAX_FILE_NAME]
        self._recipients = PieceWriter(PieceKind.RECIPIENTS, take)
        self._rejected = PieceWriter(PieceKind.REJECTED, take)
        self._seen = Seen()
        self._rows = self._duplicates = 0
        self._faults: Counter[str] = Counter()
        self._fault_rows: list[tuple[int, str]] = []

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of a recipient."""
        return self._layout.names

    def run(self) -> None:
        """Sort all rows.

        Raises:
            FileError: it turns out to be no list.
        """
        try:
            self._sort()
        except csv.Error as error:
            raise FileError(FileFault.NOT_TEXT) from error
        self._recipients.flush()
        self._rejected.flush()

    def _sort(self) -> None:
        phone_at, quick = self._layout.phone, self._seen.quick
        keep = self._keep if self._layout.others else self._recipients.write_plain
        for number, row in self._data_rows():
            if len(row) > phone_at and (phone := quick(row[phone_at])):
                self._rows += 1
                keep(phone, number, row)
            elif row:
                self._look_closer(row, number)

    def _data_rows(self) -> Iterator[tuple[int, list[str]]]:
        numbered = enumerate(self._table.rows, start=1)
        above = (row for _, row in numbered if not is_blank(row))
        for _ in islice(above, self._layout.header_rows):
            pass
        return numbered

    def _look_closer(self, row: list[str], number: int) -> None:
        cell = row[self._layout.phone] if self._layout.phone < len(row) else ""
        if not cell.strip() and is_blank(row):  # it is no row
            return
        phones, faults = read_phones(cell)
        self._rows += 1
        new = [phone for phone in phones if self._seen.add(phone)]
        for phone in new:
            self._keep(phone, number, row)
        if faults or len(new) < len(phones):
            self._duplicates += len(phones) - len(new)
            self._leave_out(row, number, faults, new)

    def _keep(self, phone: str, number: int, row: Sequence[str]) -> None:
        self._recipients.write((phone, *self._values(row), number))

    def _values(self, row: Sequence[str]) -> list[str]:
        """All but the phone. Too many cells: a delimiter in a value shifted them, so none is trusted."""
        if len(row) > self._layout.width and not is_blank(row[self._layout.width :]):
            return [""] * len(self._layout.others)
        return [sms_value(row[index]) if index < len(row) else "" for index in self._layout.others]

    def _leave_out(self, row: list[str], number: int, faults: Sequence[Fault], used: Sequence[str]) -> None:
        """Of a cell of several phones only what was not used: nobody is to get the SMS again when it is mended."""
        for fault in faults:
            self._faults[fault.value] += 1
            if len(self._fault_rows) < FAULT_ROWS:
                self._fault_rows.append((number, fault.value))
        if used:
            row[self._layout.phone] = without_phones(row[self._layout.phone], used)
        why = dict.fromkeys(fault.value for fault in faults) or (RowFault.DUPLICATE.value,)
        self._rejected.write((number, " ".join(why), *row))

    def summary(self) -> PhoneList:
        """What was read.

        Raises:
            FileError: nothing in it is anything like a phone.
        """
        recipients = self._recipients.rows
        if not recipients and self._faults.keys() <= {PhoneFault.EMPTY, PhoneFault.NOT_A_NUMBER}:
            raise FileError(FileFault.NO_PHONES)
        first = islice(recipient_rows(self._recipients.head), SAMPLES)
        return PhoneList(
            file_name=self._file_name,
            rows=self._rows,
            recipients=recipients,
            duplicates=self._duplicates,
            faults=dict(self._faults),
            fault_rows=tuple(self._fault_rows),
            columns=self._layout.names,
            samples=tuple(tuple(row[:-1]) for row in first),
            header=self._layout.header,
            phone_at=self._layout.phone,
            operators=self._seen.operators(),
        )
