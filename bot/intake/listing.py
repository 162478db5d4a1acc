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
from bot.intake.pieces import PieceWriter, Take
from bot.intake.seen import Seen
from bot.intake.tables import open_table

SAMPLES = 5
FAULT_ROWS = 10

_MAX_FILE_NAME = 100


class Listing:
    """Takes row after row; keeps the figures and a bit for each phone, and no row."""

    def __init__(self, data: bytes, file_name: str) -> None:
        """Find the table.

        Raises:
            FileError: there is none.
        """
        self._table = open_table(data)
        self._layout = self._table.layout
        self._file_name = clean_value(file_name)[:_MAX_FILE_NAME]
        self._seen = Seen()
        self._rows = self._recipients = self._duplicates = 0
        self._faults: Counter[str] = Counter()
        self._fault_rows: list[tuple[int, str]] = []
        self._samples: list[tuple[str, ...]] = []

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of a recipient."""
        return self._layout.names

    def run(self, take: Take) -> None:
        """Sort all rows; `take` gets the pieces as they are made.

        Raises:
            FileError: it turns out to be no list.
        """
        recipients, rejected = (PieceWriter(kind, take) for kind in (PieceKind.RECIPIENTS, PieceKind.REJECTED))
        try:
            self._sort(recipients, rejected)
        except csv.Error as error:
            raise FileError(FileFault.NOT_TEXT) from error
        recipients.flush()
        rejected.flush()

    def _sort(self, recipients: PieceWriter, rejected: PieceWriter) -> None:
        phone_at = self._layout.phone
        for number, row in self._data_rows():
            phones, faults = read_phones(row[phone_at] if phone_at < len(row) else "")
            if faults and is_blank(row):  # it is no row
                continue
            self._rows += 1
            new = [phone for phone in phones if self._seen.add(phone)]
            if new:
                self._keep(recipients, new, row, number)
            if faults or len(new) < len(phones):
                self._duplicates += len(phones) - len(new)
                self._leave_out(rejected, row, number, faults, new)

    def _data_rows(self) -> Iterator[tuple[int, list[str]]]:
        numbered = enumerate(self._table.rows, start=1)
        above = (row for _, row in numbered if not is_blank(row))
        for _ in islice(above, self._layout.header_rows):
            pass
        return numbered

    def _keep(self, recipients: PieceWriter, phones: Sequence[str], row: Sequence[str], number: int) -> None:
        self._recipients += len(phones)
        values = self._values(row) if self._layout.others else ()
        for phone in phones:
            recipients.write((phone, *values, number))
            if len(self._samples) < SAMPLES:
                self._samples.append((phone, *values))

    def _values(self, row: Sequence[str]) -> list[str]:
        """All but the phone. Too many cells: a delimiter in a value shifted them, so none is trusted."""
        if len(row) > self._layout.width and not is_blank(row[self._layout.width :]):
            return [""] * len(self._layout.others)
        return [sms_value(row[index]) if index < len(row) else "" for index in self._layout.others]

    def _leave_out(
        self, rejected: PieceWriter, row: list[str], number: int, faults: Sequence[Fault], used: Sequence[str]
    ) -> None:
        """Of a cell of several phones only what was not used: nobody is to get the SMS again when it is mended."""
        for fault in faults:
            self._faults[fault.value] += 1
            if len(self._fault_rows) < FAULT_ROWS:
                self._fault_rows.append((number, fault.value))
        if used:
            row[self._layout.phone] = without_phones(row[self._layout.phone], used)
        why = dict.fromkeys(fault.value for fault in faults) or (RowFault.DUPLICATE.value,)
        rejected.write((number, " ".join(why), *row))

    def summary(self) -> PhoneList:
        """What was read.

        Raises:
            FileError: nothing in it is anything like a phone.
        """
        if not self._recipients and self._faults.keys() <= {PhoneFault.EMPTY, PhoneFault.NOT_A_NUMBER}:
            raise FileError(FileFault.NO_PHONES)
        return PhoneList(
            file_name=self._file_name,
            rows=self._rows,
            recipients=self._recipients,
            duplicates=self._duplicates,
            faults=dict(self._faults),
            fault_rows=tuple(self._fault_rows),
            columns=self._layout.names,
            samples=tuple(self._samples),
            header=self._layout.header,
            phone_at=self._layout.phone,
            operators=self._seen.operators(),
        )
