"""Whatever bytes come: a list or a refusal, and no row lost on the way."""

import codecs
import csv
import io
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.draft import PhoneList
from bot.intake import FileError, read_phone_list, without_params

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


def _read(data: bytes) -> tuple[PhoneList, list[list[str]], bytes] | None:
    try:
        phone_list, cleaned = read_phone_list(data, "x.csv")
    except FileError:
        return None
    header, *rows = csv.reader(io.StringIO(cleaned.decode(), newline=""))
    assert header[: len(phone_list.columns)] == list(phone_list.columns)
    return phone_list, rows, cleaned


def _check(data: bytes) -> None:
    """What holds for every file that is read."""
    if (read := _read(data)) is None:
        return
    phone_list, rows, cleaned = read
    phones = [row[0] for row in rows]
    assert len(set(phones)) == len(phones) == phone_list.recipients
    assert all(map(_PHONE.fullmatch, phones))
    assert phone_list.recipients + phone_list.duplicates + sum(phone_list.faults.values()) >= phone_list.rows
    assert len({len(row) for row in rows}) <= 1
    assert cleaned.count(b"\n") == len(rows) + 1  # a row is a line
    assert without_params(cleaned).decode().split() == phones
    if phones:
        again = _read(cleaned)
        assert again
        assert [row[0] for row in again[1]] == phones
        assert (again[0].duplicates, again[0].faults) == (0, {})


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
    phone_list, cleaned, _ = read
    assert phone_list.rows == len(table) == phone_list.recipients + phone_list.duplicates + 2
    assert phone_list.faults == {"not_a_number": 1, "too_short": 1}
    assert {row[0] for row in cleaned} == {f"992{phone}" for phone, _ in rows}
    assert [table[int(row[2]) - 2][1] for row in cleaned] == [row[0].removeprefix("992") for row in cleaned]
