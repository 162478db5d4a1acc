"""Workbooks as they come in real life, and as somebody might make them to do harm."""

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

import pytest
import xlsxwriter

from bot.intake import FileError, FileFault, Reading, kinds, pieces, read_list

ONE, TWO = "992900000001", "992900000002"
Sheet: TypeAlias = Sequence[Sequence[object]]


def workbook(*sheets: Sheet, hidden: int | None = None) -> bytes:
    """An XLSX of these sheets."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd.mm.yyyy"})
    for number, rows in enumerate(sheets):
        sheet = book.add_worksheet()
        if number == hidden:
            sheet.hide()
        elif number == 1 and hidden == 0:
            sheet.activate()
        for index, row in enumerate(rows):
            sheet.write_row(index, 0, row)
    book.close()
    return out.getvalue()


def rows_of(reading: Reading) -> list[list[str]]:
    """The rows of all recipients."""
    return [row for piece in reading.recipients for row in csv.reader(piece.data.decode().splitlines())]


def read(data: bytes, name: str = "list.xlsx") -> list[list[str]]:
    """The recipients."""
    return rows_of(read_list(data, name))


def refusal(data: bytes) -> FileFault:
    """Why a file is refused."""
    with pytest.raises(FileError) as caught:
        read_list(data, "list.xlsx")
    return caught.value.fault


TABLE: Sheet = [
    ["Ном", "Телефон", "Маблағ", "Рӯз"],
    ["Алӣ Қодиров", 992900000001, 150.5, datetime(2026, 11, 25)],  # noqa: DTZ001 # a workbook's times have no zone
    ["Зуҳро", "90 000 00 02", 150, ""],
]


def test_a_workbook_is_read_as_people_see_it() -> None:
    """Phones that are numbers, sums, days, Tajik letters; the row numbers are Excel's."""
    reading = read_list(workbook(TABLE), "list.xlsx")
    assert reading.phone_list.columns == ("phone", "Ном", "Маблағ", "Рӯз")
    assert (reading.phone_list.header, reading.phone_list.phone_at) == (("Ном", "Телефон", "Маблағ", "Рӯз"), 1)
    assert rows_of(reading) == [
        [ONE, "Алӣ Қодиров", "150.5", "25.11.2026", "2"],
        [TWO, "Зуҳро", "150", "", "3"],
    ]


@pytest.mark.parametrize("name", ["list.csv", "list.txt", "photo.jpg", "", "list.xls"])
def test_the_content_decides_and_not_the_name(name: str) -> None:
    """A workbook under any name, and a text that is called a workbook."""
    assert [row[0] for row in read(workbook(TABLE), name)] == [ONE, TWO]
    assert read(b"900000001\n", name.replace("csv", "xlsx")) == [[ONE, "1"]]


def test_rows_above_and_columns_before_the_table_are_none() -> None:
    """The numbers count from the top of the sheet all the same."""
    assert read(workbook([[], [], ["", "Имя", "Телефон"], [], ["", "Али", 900000001.0]])) == [[ONE, "Али", "5"]]


def test_the_first_visible_sheet_with_phones_is_read() -> None:
    """Not the first of all, and none that the sender cannot see."""
    words: Sheet = [["О нас"], ["Мы продаём чай"]]
    first, second = [[900000001]], [[900000002]]
    assert read(workbook(words, [], first, second)) == [[ONE, "1"]]
    assert read(workbook(first, second, hidden=0)) == [[TWO, "1"]]
    assert read(workbook([[90]], first)) == [[ONE, "1"]]


@pytest.mark.parametrize(
    ("sheets", "fault"),
    [
        ([[]], FileFault.EMPTY),
        ([[["Мы продаём чай"]], [["и кофе"]]], FileFault.NO_PHONES),
        ([[[900000001, *["x"] * 60]]], FileFault.TOO_MANY_COLUMNS),
        ([[[900000001, *["x"] * 9_999]]], FileFault.TOO_MANY_COLUMNS),
    ],
    ids=["empty", "no phones", "columns", "many columns"],
)
def test_a_workbook_that_is_no_list_says_what_it_is(sheets: list[Sheet], fault: FileFault) -> None:
    """As a text does."""
    assert refusal(workbook(*sheets)) is fault


def test_a_list_beyond_the_first_rows_is_found() -> None:
    """Below more words than tell the layout."""
    rows: Sheet = [["a"], ["b", "c"], *[["d", "e"]] * 150, ["x", 900000001]]
    assert refusal(workbook(rows)) is FileFault.NO_PHONES  # the columns are told from the first rows
    assert read(workbook([*[[]] * 150, ["x", 900000001]])) == [[ONE, "x", "151"]]


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_workbook_cut_short_is_damaged(tenth: int) -> None:
    """After any tenth of it."""
    data = workbook(TABLE)
    assert refusal(data[: len(data) * tenth // 10]) in (FileFault.DAMAGED, FileFault.NOT_TEXT)


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose sheet is this."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([[1]]))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, xml if name.endswith("sheet1.xml") else source.read(name))
    return out.getvalue()


def sheet_of(cells: str) -> bytes:
    """A sheet of this row."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData><row r="1">{cells}</row></sheetData></worksheet>'.encode()


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"junk",
        b"<worksheet><sheetData><row><c></row>",
        b"\x00" * 1000,
        b"<" * 100_000,
        b"<a>" * 100_000,
        sheet_of('<c r="ZZZZZZ99999999999"><v>1</v></c>'),
        sheet_of('<c r="A1" t="s"><v>77777</v></c>'),
        sheet_of('<c r="A1" t="s"><v>x</v></c>'),
        sheet_of('<c r="A0"><v>900000001</v></c>'),
    ],
    ids=lambda xml: repr(xml[:20]),
)
def test_a_sheet_of_junk_is_no_list(xml: bytes) -> None:
    """Whatever the library makes of it."""
    assert refusal(with_sheet(xml)) in (FileFault.DAMAGED, FileFault.EMPTY, FileFault.NO_PHONES)


def test_a_cell_of_a_megabyte_is_damaged() -> None:
    """Excel holds 32,767 characters in one."""
    assert read(with_sheet(sheet_of('<c t="inlineStr"><is><t>900000001</t></is></c>'))) == [[ONE, "1"]]
    huge = "9" * 1_000_000
    assert refusal(with_sheet(sheet_of(f'<c t="inlineStr"><is><t>{huge}</t></is></c>'))) is FileFault.DAMAGED


def lying(data: bytes, size: int, method: int) -> bytes:
    """The archive with another unpacked size and another method declared for every file."""
    out = bytearray(data)
    for signature, at_method, at_size in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        at = out.find(signature)
        while at >= 0:
            struct.pack_into("<I", out, at + at_size, size)
            struct.pack_into("<H", out, at + at_method, method)
            at = out.find(signature, at + 4)
    return bytes(out)


@pytest.mark.parametrize("method", [0, 8])
@pytest.mark.parametrize("size", [0, 10, 0xFFFFFFFF])
def test_a_bomb_is_known_by_what_comes_out_of_it(size: int, method: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Declared sizes and methods may lie. (The real limit is tried with the other files.)"""
    monkeypatch.setattr(kinds, "MAX_UNPACKED", 3_000_000)
    data = zip_raw("xl/worksheets/sheet1.xml", deflated(b" " * 3_000_001))
    assert refusal(lying(data, size, method)) is FileFault.TOO_MUCH_INSIDE


def deflated(data: bytes) -> bytes:
    """The bytes packed as an archive has them."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(data) + squeeze.flush()


def zip_raw(name: str, deflated: bytes) -> bytes:
    """An archive of one file that is packed already, by its local header alone."""
    return (
        struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(deflated), 10, len(name), 0)
        + name.encode()
        + deflated
    )


def test_many_bombs_count_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is harmless by itself; so is none of too many files, however small."""
    monkeypatch.setattr(kinds, "MAX_UNPACKED", 3_000_000)
    assert refusal(zip_raw("xl/a", deflated(b" " * 400_000)) * 8) is FileFault.TOO_MUCH_INSIDE
    assert refusal(zip_raw("xl/a", b"") * 10_001) is FileFault.TOO_MUCH_INSIDE


def test_one_long_word_in_many_cells_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook says it once and means it a million times."""
    monkeypatch.setattr(pieces, "MAX_LISTED", 20_000_000)
    word = "x" * 30_000
    assert refusal(workbook([[900000000 + row, word] for row in range(1_000)])) is FileFault.TOO_MUCH_INSIDE


def test_an_ods_is_read_too() -> None:
    """As LibreOffice writes it: the least that is one."""
    namespaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    cells = "".join(
        f'<table:table-row><table:table-cell office:value-type="{kind}" {value}><text:p>{shown}</text:p>'
        "</table:table-cell></table:table-row>"
        for kind, value, shown in (("string", "", "Телефон"), ("float", 'office:value="992900000001"', "9.9E+11"))
    )
    content = (
        f"<office:document-content {namespaces}><office:body><office:spreadsheet><table:table table:name='a'>{cells}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    assert read(out.getvalue(), "list.ods") == [[ONE, "2"]]
