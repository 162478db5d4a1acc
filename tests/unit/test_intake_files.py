"""Files as they come in real life: what is read out of each, and what is said of those that are no list."""

import codecs
import csv
import io
import zipfile

import pytest

from bot.domain.draft import Piece, PieceKind
from bot.domain.phone import PhoneFault
from bot.intake import MAX_BYTES, FileError, FileFault, Reading, RowFault, read_list
from bot.intake.layout import MAX_COLUMNS, MAX_NAME

ONE, TWO, THREE = "992900000001", "992900000002", "992900000003"

EXCEL = "Ф.И.О.;Телефон;Қарз\r\nАлӣ Валиев;900000001;15,50\r\n;900000002;\r\n;;\r\n".replace("ӣ", "и").replace("Қ", "К")
SHEETS = "Ном,Рақами телефон,Маблағ\nАлӣ Қодиров,+992 90 000 00 01,15.50\nЗуҳро,900000002,20\n"


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zip_of(name: str, content: bytes) -> bytes:
    """An archive of one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def read(data: bytes | str) -> tuple[list[list[str]], tuple[str, ...]]:
    """The recipients (phone, values, row number), and the columns."""
    reading = read_list(data.encode() if isinstance(data, str) else data, "list.csv")
    return rows_of(reading), reading.phone_list.columns


def rows_of(reading: Reading) -> list[list[str]]:
    """The rows of all recipients."""
    rows = [row for piece in reading.recipients for row in csv.reader(piece.data.decode().splitlines())]
    assert len(rows) == reading.phone_list.recipients
    return rows


def phones_of(rows: list[list[str]]) -> list[str]:
    """The phones alone."""
    return [row[0] for row in rows]


def refusal(data: bytes) -> FileFault:
    """Why a file is refused."""
    with pytest.raises(FileError) as caught:
        read_list(data, "list.csv")
    assert str(caught.value) == caught.value.fault.value
    return caught.value.fault


def test_excel_in_windows_1251() -> None:
    """Semicolons, CRLF, the phone in the middle: the phone comes first, the blank row is none."""
    reading = read_list(EXCEL.encode("cp1251"), "қарз.csv")
    phone_list = reading.phone_list
    [piece] = reading.recipients
    assert piece == Piece(PieceKind.RECIPIENTS, 0, 2, piece.data)
    assert piece.data.decode() == f'{ONE},Али Валиев,"15,50",2\n{TWO},,,3\n'  # the numbers are Excel's
    assert (phone_list.header, phone_list.phone_at) == (("Ф.И.О.", "Телефон", "Карз"), 1)
    assert (phone_list.file_name, phone_list.rows, phone_list.recipients) == ("қарз.csv", 2, 2)
    assert phone_list.columns == ("phone", "Ф.И.О.", "Карз")
    assert phone_list.samples == ((ONE, "Али Валиев", "15,50"), (TWO, "", ""))
    assert (phone_list.duplicates, phone_list.faults, phone_list.fault_rows) == (0, {}, ())


@pytest.mark.parametrize(
    "data",
    [
        SHEETS.encode(),
        codecs.BOM_UTF8 + SHEETS.encode(),
        SHEETS.encode("utf-16"),
        SHEETS.encode("utf-16-le"),
        SHEETS.encode("utf-16-be"),
        codecs.BOM_UTF16_BE + SHEETS.encode("utf-16-be"),
        SHEETS.replace("\n", "\r\n").encode(),
        SHEETS.replace("\n", "\r").encode(),
        SHEETS.rstrip().encode(),
        SHEETS.replace(",", "\t").encode("utf-16"),
        SHEETS.replace(",", ";").encode(),
        SHEETS.replace(",", "|").encode(),
        ("sep=,\n" + SHEETS).encode(),
        ("sep=^\r\n" + SHEETS.replace(",", "^")).encode("utf-8-sig"),
        SHEETS.replace("Зуҳро", '"Зуҳро"').replace("Ном", '"Ном"').encode(),
        SHEETS.replace("20", '"20"').replace(",", ", ").encode(),
        SHEETS.replace("\n", ",,,\n").encode(),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_encodings_line_ends_and_delimiters(data: bytes) -> None:
    """The same table in every usual wrapping is the same list."""
    rows, columns = read(data)
    assert rows == [[ONE, "Алӣ Қодиров", "15.50", "2"], [TWO, "Зуҳро", "20", "3"]]
    assert columns == ("phone", "Ном", "Маблағ")


@pytest.mark.parametrize(
    "text",
    [
        "900000001\n900000002\n900000003",
        "Телефон\n900000001\n900000002\n900000003\n",
        "\n\n  \n900000001\r\n\r\n900000002\r\n900000003\r\n\n",
        "900000001,900000002,900000003",
        "900000001;900000002;900000003\n" * 3,
        "900000001; 900000002; 900000003;",
        "900000001, 900000002\n900000003\n",
        '"900000001"\n"900000002"\n"900000003"',
        '\'900000001\n="900000002"\n992900000003.0\n',
        '"900000001\n900000002"\n900000003\n',
        "+992 90 000-00-01\n(90) 000 00 02\n90.000.00.03\n",
        "phone\n900000001\n900000002 ва 900000003\n",
        "900000001\x00\n900000002\n900000003\n",
        "900000001 900000002 900000003",
        "+992900000001 +992900000002\n+992900000003\n",
        "PK\n900000001\n900000002\n900000003\n",
    ],
)
def test_one_column(text: str) -> None:
    """A list of phones alone, with a header or none, one or several in a row, is one column named `phone`."""
    rows, columns = read(text)
    assert phones_of(rows) == [ONE, TWO, THREE]
    assert columns == ("phone",)


def test_two_numbers_in_each_row_are_columns() -> None:
    """The second may be a contract's: no SMS goes to what may be no phone."""
    rows, columns = read("900000001;900000007\n900000002;900000008\n")
    assert rows == [[ONE, "900000007", "1"], [TWO, "900000008", "2"]]
    assert columns == ("phone", "column2")


def test_columns_without_a_header_have_numbers_for_names() -> None:
    """By their place in the file."""
    rows, columns = read("Али;900000001;5\nЗуҳро;900000002;6\n")
    assert columns == ("phone", "column1", "column3")
    assert rows[0] == [ONE, "Али", "5", "1"]


def test_names_of_columns_are_unique_short_and_plain() -> None:
    """Stripped, of bounded length, never empty, without what would cut the header; `phone` is the phones' own."""
    header = ["Телефон", " Имя ", "имя", "", '"a, b{c}"', "n" * 100, "n" * 99, "Phone", '"Сумма\nдолга"']
    _, columns = read(";".join(header) + "\n900000001" + ";1" * 8 + "\n")
    assert columns == (
        "phone",
        "Имя",
        "имя 2",
        "column4",
        "a b c",
        "n" * MAX_NAME,
        "n" * MAX_NAME + " 2",
        "Phone 2",
        "Сумма долга",
    )


def test_titles_above_the_header_are_no_rows() -> None:
    """The names are those of the header; row numbers count from the top of the file."""
    phone_list = read_list(
        "Должники за ноябрь;;\n\nИмя;Телефон;Сумма\nАли;90;1\nБек;900000002;2\n".encode(), ""
    ).phone_list
    assert phone_list.columns == ("phone", "Имя", "Сумма")
    assert (phone_list.rows, phone_list.fault_rows) == (2, ((4, PhoneFault.TOO_SHORT),))


@pytest.mark.parametrize("name", ["Телефон", "phone_number", "Моб.", "user_tel", "Рақам", "Рақами телефон", "MSISDN"])
def test_a_taxpayers_number_is_not_taken_for_the_phone(name: str) -> None:
    """Nine digits may pass for a phone; the column that is named as phones are goes first, though fewer of it are."""
    rows, _ = read(
        f"ИНН;{name}\n900000007;900000001\n900000008;900000002\n900000009;1\n".replace(";1\n", ";900000003\n")
    )
    assert [row[0] for row in rows] == [ONE, TWO, THREE]
    phone_list = read_list(f"ИНН;{name}\n900000007;900000001\n900000008;нет\n".encode(), "").phone_list
    assert (phone_list.recipients, phone_list.faults) == (1, {"not_a_number": 1})


@pytest.mark.parametrize("name", ["Получатель", "Сотрудник", "Hotel", "Номер договора"])
def test_a_name_that_only_holds_such_letters_names_no_phones(name: str) -> None:
    """The phones are then where the most are."""
    rows, _ = read(f"{name};№\n900000007;900000001\n;900000002\n")
    assert [row[0] for row in rows] == [ONE, TWO]


def test_quoted_cells_may_hold_delimiters_quotes_and_line_breaks() -> None:
    """A line break becomes a space; the row after it has Excel's number, not the line's."""
    text = 'phone,note\n900000001,"5, ""Rudaki""\nDushanbe"\n90,x\n900000002,y\n'
    reading = read_list(text.encode(), "")
    assert rows_of(reading) == [[ONE, '5, "Rudaki" Dushanbe', "2"], [TWO, "y", "4"]]
    phone_list = reading.phone_list
    assert phone_list.fault_rows == ((3, PhoneFault.TOO_SHORT),)


@pytest.mark.parametrize("firm", ['"Сафо', 'Сафо"', '"Сафо" ҶДММ', 'ҶДММ "Сафо"', '"'])
def test_a_lone_quote_costs_nobody_his_sms(firm: str) -> None:
    """The rows after it are read as if it were a letter."""
    rows, _ = read(f"phone;firm\n900000001;{firm}\n900000002;x\n" + "900000003;y\n" * 200)
    assert [row[0] for row in rows] == [ONE, TWO, THREE]
    assert rows[1][1] == "x"


def test_two_lone_quotes_do_not_swallow_the_rows_between() -> None:
    """Each row that opens a quote is read by itself."""
    rows, _ = read('phone;firm;sum\n900000001;"A;1\n900000002;B;2\n900000003;"C;3\n')
    assert [(row[0], row[2]) for row in rows] == [(ONE, "1"), (TWO, "2"), (THREE, "3")]


def test_a_row_of_too_many_cells_keeps_its_phone_and_none_of_its_values() -> None:
    """A delimiter inside a value shifts the others: nobody is to get another's. A short row is filled up."""
    rows, _ = read("phone,name,sum\n900000001,A,1\n900000002,Last, First,2\n900000003,C\n")
    assert rows == [[ONE, "A", "1", "2"], [TWO, "", "", "3"], [THREE, "C", "", "4"]]


def test_every_row_is_counted_once() -> None:
    """Recipients, duplicates and faults by reason; the first faults with their rows; blank rows are none."""
    text = "Телефон\n900000001\n+992 90 000 00 01\nнет\n\n90\n+7 900 000 00 01\n9,929E+11\n372000001\n900000002\n"
    reading = read_list(text.encode(), "")
    phone_list = reading.phone_list
    assert (phone_list.rows, phone_list.recipients, phone_list.duplicates) == (8, 2, 1)
    assert phone_list.faults == dict.fromkeys(("not_a_number", "too_short", "foreign", "scientific", "not_mobile"), 1)
    assert phone_list.fault_rows == (
        (4, PhoneFault.NOT_A_NUMBER),
        (6, PhoneFault.TOO_SHORT),
        (7, PhoneFault.FOREIGN),
        (8, RowFault.SCIENTIFIC),
        (9, PhoneFault.NOT_MOBILE),
    )
    assert phones_of(rows_of(reading)) == [ONE, TWO]
    assert reading.rejected[0].data.decode().splitlines() == [
        "3,duplicate,+992 90 000 00 01",
        "4,not_a_number,нет",
        "6,too_short,90",
        "7,foreign,+7 900 000 00 01",
        '8,scientific,"9,929E+11"',
        "9,not_mobile,372000001",
    ]


def test_a_row_without_a_phone_has_a_reason() -> None:
    """Also when its cell is not there at all."""
    phone_list = read_list(b"name,phone\nA,900000001\nB,\nC\n", "").phone_list
    assert (phone_list.rows, phone_list.faults, phone_list.fault_rows) == (
        3,
        {"empty": 2},
        ((3, "empty"), (4, "empty")),
    )


def test_only_the_first_faults_are_listed_and_all_are_counted() -> None:
    """Ten."""
    phone_list = read_list(b"900000001\n" + b"90\n" * 50, "").phone_list
    assert phone_list.faults == {"too_short": 50}
    assert [row for row, _ in phone_list.fault_rows] == list(range(2, 12))


def test_phones_that_excel_rounded_are_told_from_no_phones() -> None:
    """A list without a recipient still says why."""
    reading = read_list("Имя;Телефон\nАли;9,929E+11\nБек;9,929E+11\n".encode("cp1251"), "")
    assert (reading.phone_list.recipients, reading.phone_list.faults) == (0, {"scientific": 2})
    assert reading.recipients == ()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", FileFault.EMPTY),
        (b" \r\n\t\n", FileFault.EMPTY),
        (codecs.BOM_UTF8, FileFault.EMPTY),
        (b"sep=;\r\n", FileFault.EMPTY),
        (b"900000001\n" * 2_000_000 + b"\n", FileFault.TOO_LARGE),
        (zip_of("xl/workbook.xml", b"900000001"), FileFault.DAMAGED),
        (zip_of("photo.jpg", b"900000001"), FileFault.NOT_TEXT),
        (zip_of("xl/workbook.xml", b"9" * 301_000_000), FileFault.TOO_MUCH_INSIDE),
        (OLE + b"900000001", FileFault.NOT_TEXT),
        (OLE + "Workbook".encode("utf-16-le"), FileFault.DAMAGED),
        (OLE + "EncryptedPackage".encode("utf-16-le"), FileFault.ENCRYPTED),
        (b"%PDF-1.7\n900000001\n", FileFault.NOT_TEXT),
        (b"\x89PNG\r\n\x1a\n900000001", FileFault.NOT_TEXT),
        (b"\xff\xd8\xff\xe0 JFIF\n900000001", FileFault.NOT_TEXT),
        (b"Rar!\x1a\x07\n900000001", FileFault.NOT_TEXT),
        (bytes(range(256)) * 10, FileFault.NOT_TEXT),
        (b"900000001\n\x98\n", FileFault.NOT_TEXT),
        (codecs.BOM_UTF8 + "Имя".encode("cp1251"), FileFault.NOT_TEXT),
        (codecs.BOM_UTF16_LE + b"9", FileFault.NOT_TEXT),
        (b"9" * 200_000, FileFault.NOT_TEXT),
        (b'"' + b"9" * 200_000 + b'"\n900000001\n', FileFault.NOT_TEXT),
        (b"900000001\n" * 600 + b"9" * 200_000, FileFault.NOT_TEXT),
        (b";".join([b"900000001"] + [b"x"] * MAX_COLUMNS) + b"\n", FileFault.TOO_MANY_COLUMNS),
        ("Телефон;Имя\r\n".encode("cp1251"), FileFault.NO_PHONES),
        ("Салом! Как дела?".encode(), FileFault.NO_PHONES),
        ("Имя;Телефон\nАли;нет\nБек;\n".encode(), FileFault.NO_PHONES),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_no_list_says_what_it_is(data: bytes, fault: FileFault) -> None:
    """The fault and nothing of the content."""
    assert refusal(data) is fault


def test_every_fault_of_a_file_is_tested() -> None:
    """The table above has a file for each fault; what is too slow is ended with the child process that reads it."""
    [mark] = [mark for mark in test_what_is_no_list_says_what_it_is.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined] # set by pytest
    assert {fault for _, fault in mark.args[1]} == set(FileFault) - {FileFault.TOO_SLOW}


def test_twenty_megabytes_are_read_and_one_byte_more_is_not() -> None:
    """The limit is 20,000,000 bytes, blank lines among them."""
    data = b"".join(b"99290000%04d\r\n" % (index % 10_000) for index in range(20_000))
    data += (b" " * 99_999 + b"\n") * 197 + b"\n" * (MAX_BYTES - len(data) - 19_700_000)
    phone_list = read_list(data, "").phone_list
    assert MAX_BYTES == 20_000_000
    assert (phone_list.rows, phone_list.recipients, phone_list.duplicates) == (20_000, 10_000, 10_000)
    assert refusal(data + b"\n") is FileFault.TOO_LARGE


@pytest.mark.parametrize(
    ("given", "kept"), [("список.csv", "список.csv"), ("a\n\x00b\x1b.csv", "a b.csv"), ("n" * 999, "n" * 100)]
)
def test_a_file_name_is_shown_on_one_line(given: str, kept: str) -> None:
    """It comes from outside like all else."""
    assert read_list(b"900000001", given).phone_list.file_name == kept


def test_phones_stay_out_of_the_repr() -> None:
    """A summary may reach a log."""
    phone_list = read_list(b"900000001;Ali\n900000002;Bek\n", "").phone_list
    assert "9000000" not in repr(phone_list)
    assert "Ali" not in repr(phone_list)
