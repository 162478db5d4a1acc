"""Files that are handed out: what stands in a cell, how large a file becomes, how other programs read it."""

import asyncio
import csv
import gc
import io
import re
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from os import urandom
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from bot.domain.gateway import Channel, DeliveryStatus
from bot.domain.message import Message, State, new_txn_id
from bot.domain.sheet import harmless
from bot.domain.text import GSM7, measure
from bot.services.compose import MOST_PARTS
from bot.services.sheets import (
    CELLS,
    CsvFile,
    Digits,
    Form,
    Limits,
    Part,
    Reader,
    Row,
    SheetFile,
    XlsxFile,
    in_parts,
    message_row,
)

DUSHANBE = ZoneInfo("Asia/Dushanbe")
AT = datetime(2026, 11, 25, 13, 5, 9, 999_999, tzinfo=DUSHANBE)
READER = Reader({name: f"<{name}>" for name in (*State, *Channel)}, DUSHANBE)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
"""Whatever the log can hold."""
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0")


def message(**changes: object) -> Message:
    """A message that was delivered."""
    values: dict[str, object] = {
        "id": 7,
        "txn_id": "01KABCDEFGHJKMNPQRSTVWXYZ0",
        "state": State.DELIVERED,
        "phone": "992900000001",
        "text": "Салом",
        "sender": "Demo",
        "channel": Channel.SMS,
        "confidential": False,
        "length": 5,
        "encoding": "Unicode",
        "parts": 1,
        "actor_id": 900000001,
        "campaign_id": 3,
        "created_at": AT,
        "due_at": None,
        "attempts": 1,
        "retries": 0,
        "may_have_arrived": True,
        "msg_id": 163938568,
        "gateway_parts": 2,
        "status": DeliveryStatus.DELIVERED,
        "status_at": AT,
        "polls": 1,
        "reason": "because",
        "code": None,
        "gateway_text": None,
        "accepted_at": AT,
        "final_at": None,
    }
    return Message(**values | changes)  # type: ignore[arg-type]  # each of its fields, by name


def titles(count: int) -> list[str]:
    """So many names of columns."""
    return [f"c{number}" for number in range(count)]


def written(file: SheetFile, *pages: Iterable[Row]) -> Path:
    """The file, with these pages in it."""
    for page in pages:
        file.write(page)
    file.close()
    return file.path


def as_csv(rows: Sequence[Row], limits: Limits | None = None) -> bytes:
    """The bytes of a CSV of these rows."""
    with tempfile.TemporaryDirectory() as folder:
        return written(CsvFile(Path(folder), "x", titles(len(rows[0])), limits or Limits()), rows).read_bytes()


def as_xlsx(rows: Sequence[Row], limits: Limits | None = None) -> list[list[list[Any]]]:
    """The sheets of a workbook of these rows, as calamine reads them, without their headers."""
    with tempfile.TemporaryDirectory() as folder:
        path = written(XlsxFile(Path(folder), "x", titles(len(rows[0])), limits or Limits()), rows)
        book = CalamineWorkbook.from_path(path)
        return [book.get_sheet_by_name(name).to_python()[1:] for name in book.sheet_names]


def read_csv(raw: bytes) -> list[list[str]]:
    """Its rows, without the header."""
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))[1:]


def test_a_row_tells_all_that_is_known_of_a_message() -> None:
    """Words in the reader's language, the zone's clock, the parts that are billed, no reason for what went well."""
    assert dict(zip(CELLS, message_row(message(), tuple(CELLS), READER), strict=True)) == {
        "number": 7,
        "ordered": AT,
        "phone": "992900000001",
        "state": "<delivered>",
        "heard": "DELIVERED",
        "text": "Салом",
        "sender": "Demo",
        "channel": "<sms>",
        "campaign": 3,
        "actor": 900000001,
        "parts": 2,
        "txn_id": "01KABCDEFGHJKMNPQRSTVWXYZ0",
        "msg_id": 163938568,
        "code": None,
        "reason": None,
        "accepted": AT,
        "final": None,
    }


@pytest.mark.parametrize(
    ("reason", "said", "shown"),
    [
        ("SenderInvalid", None, "<no such sender>"),
        ("SenderInvalid", "Incorrect sender", "<no such sender> (Incorrect sender)"),
        ("marked_sent", "of an attempt before", "<marked>"),
        ("a word of a version to come", None, "a word of a version to come"),
        ("a word of a version to come", "Incorrect sender", "Incorrect sender"),
        (None, None, None),
    ],
)
def test_why_it_failed_is_told_in_the_readers_words(reason: str | None, said: str | None, shown: str | None) -> None:
    """What the gateway said stands behind; alone, where there are no words for it."""
    reader = Reader({"SenderInvalid": "<no such sender>", "marked_sent": "<marked>"}, DUSHANBE)
    failed = message(state=State.FAILED, reason=reason, gateway_text=said)
    assert message_row(failed, ["reason"], reader) == [shown]


@pytest.mark.parametrize("state", State)
def test_a_confidential_text_stays_out_in_every_state(state: State) -> None:
    """Also while the log still holds it."""
    assert message_row(message(state=state, text="1234", confidential=True), ["text"], READER) == [None]


def test_a_csv_is_as_excel_opens_it() -> None:
    """BOM, semicolons, CRLF; phones with spaces, times to the second."""
    assert as_csv([[1, AT, Digits("992900000001"), "a;b", None, 'say "hi"']]).decode() == (
        '\ufeffc0;c1;c2;c3;c4;c5\r\n1;2026-11-25 13:05:09;992 90 000 00 01;"a;b";;"say ""hi"""\r\n'
    )


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_cell_that_begins_like_a_formula_is_harmless(cell: str) -> None:
    """In both forms an apostrophe stands before it: also what is saved again from Excel as CSV is words."""
    assert read_csv(as_csv([[cell]])) == [["'" + cell]]
    assert as_xlsx([[cell]]) == [[["'" + cell]]]


@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_any_text_survives_a_csv(rows: list[list[str]]) -> None:
    """Read again, each cell is what it was, but for the guard before what looks like a formula."""
    assert read_csv(as_csv(rows)) == [[harmless(cell) for cell in row] for row in rows]


@given(st.lists((TEXTS | TEXTS.map("<r>{}</r>".format)).filter(bool), min_size=1, max_size=5))
@example(["".join(map(chr, (*range(1, 32), 0xFFFE, 0xFFFF)))])
def test_any_text_survives_a_workbook(row: list[str]) -> None:
    """The same in Excel's form, with what XML has no room for, and with a guard before what looks like its markup.

    Two characters that are none stay spelled as Excel spells them, since calamine does not read that.
    """
    guarded = ["'" + cell if cell.startswith("<r>") else harmless(cell) for cell in row]
    assert as_xlsx([row]) == [[[cell.replace("\ufffe", "_xFFFE_").replace("\uffff", "_xFFFF_") for cell in guarded]]]


def test_a_workbook_holds_numbers_times_and_texts_as_what_they_are() -> None:
    """A phone is a text, a time a date, a number a number unless it has more digits than a sheet can hold."""
    [[row]] = as_xlsx([[7, 10**15, Digits("992900000001"), AT, None, "-"]])
    assert row == [7, str(10**15), "992900000001", AT.replace(microsecond=0, tzinfo=None), "", "'-"]


def test_every_second_of_a_day_is_itself_in_a_workbook() -> None:
    """A day's share has rounding; the second it stands for has not."""
    times = [
        AT.replace(hour=hour, minute=minute, second=(hour + minute) % 60) for hour in range(24) for minute in range(60)
    ][1:]  # at midnight calamine reads a date
    assert as_xlsx([[time] for time in times]) == [[[time.replace(microsecond=0, tzinfo=None)] for time in times]]


def test_more_rows_than_a_sheet_has_go_on_in_another() -> None:
    """Each sheet has the header; pages and sheets need not agree."""
    with tempfile.TemporaryDirectory() as folder:
        file = XlsxFile(Path(folder), "x", ["n"], Limits(sheet_rows=4))
        path = written(file, [[n] for n in range(3)], [[n] for n in range(3, 10)])
        book = CalamineWorkbook.from_path(path)
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert sheets == [[["n"], [0], [1], [2], [3]], [["n"], [4], [5], [6], [7]], [["n"], [8], [9]]]
    assert file.rows == 10


def test_the_header_is_frozen_and_bold_and_columns_fit() -> None:
    """As the XML says; a long text makes no column that fills the screen."""
    with tempfile.TemporaryDirectory() as folder:
        path = written(XlsxFile(Path(folder), "x", ["n", "a long title"], Limits()), [["x" * 300, 1]])
        with zipfile.ZipFile(path) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml").decode()
            styles = ElementTree.fromstring(archive.read("xl/styles.xml"))  # noqa: S314 (ours)
    assert 'ySplit="1"' in sheet
    assert 'state="frozen"' in sheet
    [style] = set(re.findall(r'<c r="[A-Z]1" s="(\d)"', sheet))
    space = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    font = styles.findall("cellXfs/xf", space)[int(style)].attrib["fontId"]
    assert styles.findall("fonts/font", space)[int(font)].find("b", space) is not None
    assert re.findall(r'width="(\d+)', sheet) == ["61", "13"]


def test_a_workbook_keeps_its_rows_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies on the disk meanwhile goes with the folder of the file; at its end only the file is there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    path = written(XlsxFile(tmp_path, "x", ["n"], Limits(sheet_rows=1)), [[1], [2]])
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_does_not_take_a_workbook_is_an_oserror(tmp_path: Path) -> None:
    """As it is for a CSV; a second time nothing is done."""
    file = XlsxFile(tmp_path, "x", ["n"], Limits())
    file.path.mkdir()
    with pytest.raises(OSError, match=r"x\.xlsx"):
        file.close()
    file.close()
    # XlsxWriter leaves its rows to the collector then
    with pytest.warns(ResourceWarning, match="unclosed"):  # noqa: PT031 (either may be what lets go of them)
        del file
        gc.collect()


@pytest.mark.parametrize("letters", ["".join(sorted(GSM7)), "".join(map(chr, range(0x800, 0xD800)))])
def test_a_full_workbook_of_the_longest_texts_can_be_sent(letters: str, tmp_path: Path) -> None:
    """Telegram takes 50 MB, and letters at random do not pack."""
    some, random = 500, Random(1)  # noqa: S311 (no secret)
    length = 1530 if set(letters) == GSM7 else 670
    texts = ["".join(random.choices(letters, k=length)) for _ in range(some)]
    assert {measure(text).parts for text in texts} == {MOST_PARTS}
    rows = [message_row(message(text=text, txn_id=new_txn_id()), tuple(CELLS), READER) for text in texts]
    size = written(XlsxFile(tmp_path, "x", tuple(CELLS), Limits()), rows).stat().st_size
    assert size * Limits().book_rows / some < 50_000_000


def test_a_text_cannot_pass_for_markup() -> None:
    """Neither for XML nor for Excel's own; a row that XlsxWriter would take for it is a text behind an apostrophe.

    Also one of which only the end is cut off.
    """
    texts = ["]]>", "&amp;", "_x000D_", "</t></is></c></row>", "a <r><t>x</t></r>"]
    assert as_xlsx([texts]) == [[texts]]
    [[cells]] = as_xlsx([["<r><t>x</t></r>", "<r></c></r>", f"<r>{'x' * 32_760}</r>tail"]])
    assert cells[:2] == ["'<r><t>x</t></r>", "'<r></c></r>"]
    assert cells[2].startswith("'<r>xxx")


@pytest.mark.parametrize("file", [CsvFile, XlsxFile])
def test_a_file_without_rows_has_its_header(file: type[CsvFile | XlsxFile], tmp_path: Path) -> None:
    """And can be opened."""
    path = written(file(tmp_path, "x", ["a", "b"], Limits()))
    if file is CsvFile:
        assert path.read_bytes().decode() == "\ufeffa;b\r\n"
    else:
        assert CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python() == [["a", "b"]]


@pytest.mark.parametrize("pages", [1, 2, 5])
def test_a_large_csv_is_packed_and_says_the_same(pages: int, tmp_path: Path) -> None:
    """What was written before it was large, and what came after, in one file of the archive; the plain one is gone."""
    rows = [[f"text {n}"] for n in range(100)]
    limits = Limits(packed=len(as_csv(rows)) * 2)
    path = written(CsvFile(tmp_path, "log", ["c0"], limits), *[rows] * pages)
    assert path.name == ("log.zip" if pages > 2 else "log.csv")
    raw = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == ["log.csv"]
            raw = archive.read("log.csv")
    assert read_csv(raw) == rows * pages
    assert list(tmp_path.iterdir()) == [path]


async def pages_of(*pages: list[Row]) -> AsyncIterator[Iterable[Row]]:
    """These pages."""
    for page in pages:
        yield page


@pytest.mark.parametrize(
    ("form", "limits"),
    [(Form.CSV, Limits(packed=2_000, full=60_000)), (Form.XLSX, Limits(book_rows=6_000))],
)
async def test_a_full_file_is_followed_by_another(form: Form, limits: Limits, tmp_path: Path) -> None:
    """Every row is in one of them, once; each has the header and a name of its own; the disk holds one at a time.

    A CSV is full by its bytes, a workbook by its rows.
    """
    pages: list[list[Row]] = [[[f"{page}.{row} {urandom(8).hex()}"] for row in range(500)] for page in range(40)]
    seen: list[object] = []
    parts: list[Part] = []
    async for part in in_parts(pages_of(*pages), tmp_path, "log", form, ["c0"], limits):
        parts.append(part)
        rows, size = _only_file(tmp_path, part)
        assert len(rows) == part.rows
        seen += rows
        if form is Form.CSV:
            assert size < limits.full + 70_000  # a page, and what the packing holds back
            assert part.is_last or size >= limits.full
    assert seen == [row for page in pages for row in page]
    assert len(parts) > 2
    if form is Form.XLSX:
        assert [part.rows for part in parts] == [6_000, 6_000, 6_000, 2_000]
    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert [part.is_last for part in parts] == [False] * (len(parts) - 1) + [True]
    assert not any(part.is_only for part in parts)
    assert [part.path.stem for part in parts[:2]] == ["log", "log-2"]


def _only_file(folder: Path, part: Part) -> tuple[list[object], int]:
    """Its rows and its size, where there is no other."""
    assert list(folder.iterdir()) == [part.path]
    return _read(part.path), part.path.stat().st_size


def _read(path: Path) -> list[object]:
    if path.suffix == ".xlsx":
        return list(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:])
    with zipfile.ZipFile(path) as archive:
        return list(read_csv(archive.read(f"{path.stem}.csv")))


async def test_rows_that_pack_to_nothing_fill_a_csv_too(tmp_path: Path) -> None:
    """What is in it is bounded as well: nothing could open gigabytes."""
    same: list[list[Row]] = [[["x" * 100]] * 100] * 10
    limits = Limits(packed=100, unpacked=25_000)
    parts = [part async for part in in_parts(pages_of(*same), tmp_path, "x", Form.CSV, ["c0"], limits)]
    assert len(parts) > 2
    assert sum(part.rows for part in parts) == 1_000


@pytest.mark.parametrize("form", Form)
async def test_one_file_is_the_only_one(form: Form, tmp_path: Path) -> None:
    """Even if there is no row at all."""
    [part] = [part async for part in in_parts(pages_of(), tmp_path, "x", form, ["c0"], Limits())]
    assert (part.is_only, part.rows, part.path.name) == (True, 0, f"x.{form}")


@pytest.mark.parametrize("form", Form)
async def test_a_writer_that_is_cut_off_leaves_nothing_open(form: Form, tmp_path: Path) -> None:
    """Cancelled while a page is written, it ends that page before it closes the file under its thread."""
    begun, go = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow() -> Iterable[Row]:
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(go.wait(), loop).result(5)
        yield ["x"]

    async def pages() -> AsyncIterator[Iterable[Row]]:
        yield slow()

    parts = in_parts(pages(), tmp_path, "x", form, ["c0"], Limits())
    task = asyncio.ensure_future(anext(parts))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _first(tmp_path) == ["x"]


def _first(folder: Path) -> object:
    [path] = folder.iterdir()
    if path.suffix == ".csv":
        return read_csv(path.read_bytes())[0]
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1]
