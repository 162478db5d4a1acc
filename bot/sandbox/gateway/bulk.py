"""The bulk call's form and file: what is wrong with them, and which texts to which phones they make."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.gateway.outbox import iso
from bot.sandbox.gateway.replies import DUSHANBE

MAX_FILE_BYTES = 5 * 1024 * 1024
PHONE = re.compile(r"992[0-9]{9}")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_PHONE_HEADERS = frozenset({"phone", "phone_number", "phone number", "телефон", "номер", "номер телефона"})
_SEND_AT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bulk:
    """A bulk that the gateway made."""

    id: int
    name: str
    txn_id: str
    sender: str
    text: str = field(repr=False)
    file: str = field(repr=False)
    with_params: bool
    send_at: float
    count: int
    at: float

    def as_dict(self) -> dict[str, object]:
        """As the control API shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "txn_id": self.txn_id,
            "from": self.sender,
            "text": self.text,
            "file": self.file,
            "with_params": self.with_params,
            "send_at": iso(self.send_at),
            "count": self.count,
            "at": iso(self.at),
        }


def faults_of_form(form: Mapping[str, str], file: bytes | None) -> dict[str, list[str]]:
    """What is wrong with each variable, in the cabinet's words; empty when all is well."""
    faults = {
        name: [f"The {name.replace('_', ' ')} field is required."]
        for name in ("from", "msg", "login", "txn_id", "send_at")
        if not form.get(name, "").strip()
    }
    if "send_at" not in faults and read_send_at(form["send_at"]) is None:
        faults["send_at"] = ["The send at does not match the format Y-m-d H:i:s."]
    if not file:
        faults["file"] = ["The file field is required."]
    elif len(file) > MAX_FILE_BYTES:
        faults["file"] = ["The file must not be greater than 5120 kilobytes."]
    if form.get("with_params", "") not in ("", "0", "1"):
        faults["with_params"] = ["The selected with params is invalid."]
    return faults


def read_send_at(written: str) -> float | None:
    """`yyyy-mm-dd hh:mm:ss`, Dushanbe time, as seconds since 1970; None when it is no such time."""
    if not _SEND_AT.fullmatch(written):
        return None
    try:
        return datetime.fromisoformat(written).replace(tzinfo=DUSHANBE).timestamp()
    except (ValueError, OverflowError):
        return None


def file_text(file: bytes) -> str:
    """The file as text: UTF-8 (a BOM is dropped), else cp1251."""
    try:
        return file.decode("utf-8-sig")
    except UnicodeDecodeError:
        return file.decode("cp1251", errors="replace")


def letters(text: str, csv_text: str, *, with_params: bool) -> Iterator[tuple[str, str]]:
    """(phone, text) for each row that has a phone; rows without one are passed over, as the contract reports no row.

    Without params the first column holds the phones. With them the first row names the columns, and `{name}` in the
    text stands for the row's value; a placeholder that names no column is left as it is.
    """
    rows = _rows(csv_text)
    if not with_params:
        for row in rows:
            if row and PHONE.fullmatch(phone := row[0].strip()):
                yield phone, text
        return
    header = [name.strip() for name in next(rows, [])]
    column: int | None = _named_phone_column(header)
    for row in rows:
        if column is None:
            column = next((at for at, cell in enumerate(row) if PHONE.fullmatch(cell.strip())), None)
        if column is not None and column < len(row) and PHONE.fullmatch(phone := row[column].strip()):
            yield phone, _fill(text, dict(zip(header, row, strict=False)))


def _rows(csv_text: str) -> Iterator[list[str]]:
    lines = csv_text.splitlines(keepends=True)
    first = lines[0] if lines else ""
    try:
        yield from csv.reader(lines, delimiter=max(",;\t", key=first.count))
    except csv.Error:  # a cell beyond the reader's limit: what came before it stands
        return


def _named_phone_column(header: list[str]) -> int | None:
    """The column that its name tells; without one, the first column where a phone is seen will do."""
    return next((at for at, name in enumerate(header) if name.casefold() in _PHONE_HEADERS), None)


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda hit: values.get(hit[1].strip(), hit[0]), text)
