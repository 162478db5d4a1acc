"""A file of phones → a summary and a cleaned file. Rows stream through; of each only its phone is kept."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from bot.domain.draft import PhoneList
from bot.domain.phone import PhoneError, PhoneFault, parse_phone
from bot.intake.decode import decode, rows
from bot.intake.faults import LARGEST, FileError, FileFault, RowFault

PHONE_COLUMN = "phone"
_MOST_COLUMNS = 50
_LONGEST_NAME = 60
_LOOK_AT = 200
_LISTED_FAULTS = 10
_SAMPLES = 3
_PLAIN = re.compile(r"(?:992)?[0-9]{9}")
_SPREADSHEET_NUMBER = re.compile(r"\+?[0-9]+\.0+")
_SCIENTIFIC = re.compile(r"[0-9]+[.,]?[0-9]*[eE]\+?[0-9]+")
_TWO_PHONES = re.compile(r"[,;/\n]+|\s+(?:и|ва|or|или)\s+")


def read_phone_list(data: bytes, file_name: str) -> tuple[PhoneList, bytes]:
    """Read a CSV file of at most 5 MB: find its phones, leave out what cannot be sent to, keep each phone once.

    The cleaned file is UTF-8, comma, a header first: `phone`, then the other columns.

    Raises:
        FileError: it is no list of phones.
    """
    if not data.strip():
        raise FileError(FileFault.EMPTY)
    if len(data) > LARGEST:
        raise FileError(FileFault.TOO_LARGE)
    source = rows(decode(data))
    head = list(islice(source, _LOOK_AT))
    column = _phone_column([row for _, row in head])
    width = max(len(row) for _, row in head)
    if width > _MOST_COLUMNS:
        raise FileError(FileFault.TOO_MANY_COLUMNS)
    header = head.pop(0)[1] if _is_header(head[0][1], column) else []
    cleaner = _Cleaner(column, _names(header, column, width))
    cleaner.take(iter(head))
    cleaner.take(source)
    return cleaner.summary(file_name), cleaner.cleaned()


def _phone_column(head: Sequence[list[str]]) -> int:
    """The column in which most of the first rows have a phone."""
    counts = Counter(position for row in head for position, cell in enumerate(row) if _looks_like_phone(cell))
    if not counts:
        raise FileError(FileFault.NO_PHONES)
    return max(counts, key=lambda position: (counts[position], -position))


def _looks_like_phone(cell: str) -> bool:
    text = cell.strip()
    if _SCIENTIFIC.fullmatch(text):
        return True
    try:
        return _phones(text) is not None
    except PhoneError as error:
        return error.fault is PhoneFault.NOT_MOBILE


def _unfloated(text: str) -> str:
    """`992927000001.0`, as spreadsheets write a number, without its fraction."""
    return text.split(".", maxsplit=1)[0] if _SPREADSHEET_NUMBER.fullmatch(text) else text


def _is_header(row: list[str], column: int) -> bool:
    """Whether the first row names the columns: no digit where the phones stand."""
    return len(row) <= column or not any(character.isdigit() for character in row[column])


def _names(header: list[str], column: int, width: int) -> tuple[str, ...]:
    """Names for the columns but the phones': as the header has them, unique and none empty."""
    names: list[str] = []
    for position in range(width):
        if position == column:
            continue
        given = header[position].strip()[:_LONGEST_NAME] if position < len(header) else ""
        name = given or f"column{position + 1}"
        while name.casefold() in {PHONE_COLUMN, *(other.casefold() for other in names)}:
            name += "_"
        names.append(name)
    return tuple(names)


@dataclass
class _Cleaner:
    """Takes rows, writes the cleaned ones, counts the rest."""

    column: int
    names: tuple[str, ...]
    rows: int = 0
    duplicates: int = 0
    phones: set[int] = field(default_factory=set)
    faults: Counter[str] = field(default_factory=Counter)
    fault_rows: list[tuple[int, str]] = field(default_factory=list)
    samples: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._out = io.StringIO(newline="")
        self._writer = csv.writer(self._out, lineterminator="\n")
        self._writer.writerow((PHONE_COLUMN, *self.names))

    def take(self, source: Iterator[tuple[int, list[str]]]) -> None:
        """Take rows."""
        for number, row in source:
            self.rows += 1
            cell = row[self.column].strip() if len(row) > self.column else ""
            try:
                found = _phones(cell)
            except PhoneError as error:
                self._leave_out(number, error.fault)
                continue
            if found is None:
                self._leave_out(number, RowFault.SCIENTIFIC)
                continue
            for phone in found:
                self._keep(phone, row)

    def _leave_out(self, number: int, fault: str) -> None:
        self.faults[str(fault)] += 1
        if len(self.fault_rows) < _LISTED_FAULTS:
            self.fault_rows.append((number, str(fault)))

    def _keep(self, phone: str, row: list[str]) -> None:
        if int(phone) in self.phones:
            self.duplicates += 1
            return
        self.phones.add(int(phone))
        if self.names:
            values = [cell.strip() for position, cell in enumerate(row) if position != self.column]
            record = (phone, *values[: len(self.names)], *[""] * (len(self.names) - len(values)))
        else:
            record = (phone,)
        self._writer.writerow(record)
        if len(self.samples) < _SAMPLES:
            self.samples.append(record)

    def summary(self, file_name: str) -> PhoneList:
        """What was found."""
        if not self.phones and not self.faults:
            raise FileError(FileFault.NO_PHONES)
        return PhoneList(
            file_name=file_name[:_LONGEST_NAME],
            rows=self.rows,
            recipients=len(self.phones),
            duplicates=self.duplicates,
            faults=dict(self.faults),
            fault_rows=tuple(self.fault_rows),
            columns=(PHONE_COLUMN, *self.names),
            samples=tuple(self.samples),
        )

    def cleaned(self) -> bytes:
        """The cleaned file."""
        return self._out.getvalue().encode()


def _phones(cell: str) -> list[str] | None:
    """The phones in a cell; None if a spreadsheet has rounded them away. A cell may hold two, with a comma between.

    Raises:
        PhoneError: it holds something else.
    """
    if _PLAIN.fullmatch(cell):
        return [parse_phone(cell)]
    if _SCIENTIFIC.fullmatch(cell):
        return None
    try:
        return [parse_phone(_unfloated(cell))]
    except PhoneError:
        several = [part for part in _TWO_PHONES.split(cell) if part.strip()]
        if len(several) < 2:
            raise
        return [parse_phone(part) for part in several]
