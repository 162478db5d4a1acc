"""Whatever bytes come: a list or a refusal, and no row lost on the way."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.draft import Piece
from bot.domain.wording import Wording
from bot.intake import PIECE_ROWS, FileError, Reading, bulk_files, read_list

_PHONE = re.compile(r"992[0-9]{9}")
_PHONES = st.integers(0, 20).map(lambda index: f"90000{index:04}")
_CELLS = st.one_of(
    _PHONES,
    _PHONES.map(lambda phone: f"+992 {phone[:2]} {phone[2:]}"),
    st.sampled_from(
        ["", " ", "нет", "90", "9,929E+11", "Али", "Телефон", '"', 'a"b', "x\ny", "\x00", "\u2028", "5,50"]
    ),
    st.text(max_size=6),
)
_ROWS = st.lists(st.lists(_CELLS, max_size=5), max_size=12)
_TABLE_BYTES = st.lists(st.sampled_from([*',;\t|"\n\r', "900000001", "992900000002.0", "имя", "\x00", "sep=;\n"])).map(
    "".join
)


def _read(data: bytes) -> Reading | None:
    try:
        return read_list(data, "x.csv")
    except FileError:
        return None


def _table(pieces: Sequence[Piece]) -> list[list[str]]:
    """All rows of one kind; every piece says what is in it, and is full but for the last."""
    table: list[list[str]] = []
    for piece in pieces:
        rows = list(csv.reader(io.StringIO(piece.data.decode(), newline="")))
        assert (piece.first, piece.rows) == (len(table), len(rows))
        table += rows
    assert all(piece.rows == PIECE_ROWS for piece in pieces[:-1])
    return table


def _check(data: bytes) -> None:
    """What holds for every file that is read."""
    if (read := _read(data)) is None:
        return
    listed, rows, rejected = read.phone_list, _table(read.recipients), _table(read.rejected)
    phones = [row[0] for row in rows]
    assert len(set(phones)) == len(phones) == listed.recipients == sum(listed.operators.values())
    assert all(map(_PHONE.fullmatch, phones))
    assert listed.recipients + listed.duplicates + sum(listed.faults.values()) >= listed.rows
    assert {len(row) for row in rows} <= {len(listed.columns) + 1}
    assert b"".join(piece.data for piece in read.recipients).count(b"\n") == len(rows)  # a row is a line
    assert listed.samples == tuple(tuple(row[:-1]) for row in rows[:5])
    assert len(listed.header) in (0, len(listed.columns))
    numbers = [[int(row[at]) for row in table] for table, at in ((rows, -1), (rejected, 0))]
    assert all(each == sorted(each) for each in numbers)
    assert len(set().union(*numbers)) == listed.rows
    reasons = Counter(why for row in rejected for why in row[1].split())
    assert reasons.keys() - {"duplicate"} == listed.faults.keys()
    assert all(reasons[fault] <= count for fault, count in listed.faults.items())
    assert phones == [line for file in _bulk(read) for line in file.decode().split()]
    _check_again(read, phones)


def _bulk(read: Reading) -> list[bytes]:
    return bulk_files(read.phone_list.columns, [piece.data for piece in read.recipients], Wording("x"))


def _check_again(read: Reading, phones: list[str]) -> None:
    """What was cleaned once stays clean."""
    if phones:
        again = _read(_bulk(read)[0])
        assert again
        assert [row[0] for row in _table(again.recipients)] == phones
        assert (again.phone_list.duplicates, again.phone_list.faults, again.rejected) == (0, {}, ())


@given(st.binary(max_size=300))
@example(b"\xff\xfe\x00\xd8")
def test_any_bytes_are_a_list_or_refused(data: bytes) -> None:
    """Nothing but a result or a FileError."""
    _check(data)


@given(_TABLE_BYTES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1251"]))
@example('"\n900000001\n', "utf-8")
def test_any_table_is_a_list_or_refused(text: str, encoding: str) -> None:
    """Bytes that look like a table: delimiters, quotes and phones in any order."""
    _check(text.encode(encoding, "replace"))


@settings(max_examples=200)
@given(
    _ROWS,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_a_table_by_any_writer_is_a_list_or_refused(
    rows: list[list[str]], delimiter: str, line_end: str, quoting: int
) -> None:
    """Files as programs write them: cleaned once, a file stays clean."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(rows)  # type: ignore[arg-type] # typeshed wants a literal
    _check(out.getvalue().encode("utf-8", "replace"))


@given(st.lists(st.tuples(_PHONES, st.sampled_from(["", "Али", "5,50", 'Зуҳро "З"'])), min_size=2, max_size=20))
def test_recipients_duplicates_and_faults_are_all_rows(rows: list[tuple[str, str]]) -> None:
    """A table of one phone a row: each row is one of the three, and every phone of the file arrives."""
    out = io.StringIO()
    table = [(name, phone) for phone, name in rows] + [("нет", "нет"), ("кратко", "90")]
    csv.writer(out, delimiter=";").writerows([("Имя", "Телефон"), *table])
    read = _read(codecs.BOM_UTF8 + out.getvalue().encode())
    assert read
    listed, recipients = read.phone_list, _table(read.recipients)
    assert listed.rows == len(table) == listed.recipients + listed.duplicates + 2
    assert listed.faults == {"too_short": 1, "not_a_number": 1}
    assert len(_table(read.rejected)) == listed.duplicates + 2
    assert {row[0] for row in recipients} == {f"992{phone}" for phone, _ in rows}
    assert [table[int(row[2]) - 2][1] for row in recipients] == [row[0].removeprefix("992") for row in recipients]


_VALUES = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(900_000_000, 900_000_020), st.datetimes(), st.text(max_size=8)
)


@settings(max_examples=50)
@given(st.lists(st.lists(_VALUES, max_size=4), max_size=8))
def test_any_workbook_is_a_list_or_refused(rows: list[list[object]]) -> None:
    """Whatever stands in its cells."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "nan_inf_to_errors": True})
    sheet = book.add_worksheet()
    for index, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(index, column, str(value) if isinstance(value, datetime) else value)
    book.close()
    _check(out.getvalue())


_WORKBOOK = io.BytesIO()
with xlsxwriter.Workbook(_WORKBOOK) as _book:
    _book.add_worksheet().write_column(0, 0, ["phone", 900000001, 900000002])


@given(st.integers(0, len(_WORKBOOK.getvalue())), st.binary(max_size=4), st.integers(0, 20))
def test_any_harm_done_to_a_workbook_is_a_list_or_refused(at: int, junk: bytes, cut: int) -> None:
    """Bytes put over others, or in their place."""
    data = _WORKBOOK.getvalue()
    _check(data[:at] + junk + data[at + cut :])
