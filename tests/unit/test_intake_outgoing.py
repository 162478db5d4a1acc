"""What leaves a list again: files for OsonSMS's own bulk call, and the rows that were not used."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.phone import PhoneFault
from bot.domain.template import UnknownPlaceholder
from bot.domain.wording import Wording
from bot.intake import (
    Reading,
    RowFault,
    bulk_files,
    bulk_phones,
    bulk_text,
    bulk_without,
    piece_phones,
    read_list,
    rejected_rows,
)

ONE, TWO, THREE = "992900000001", "992900000002", "992900000003"
LIST = "Имя;Телефон;Сумма\nАли;900000001;5\n;900000002;6\nБек;90;7\nВали;900000003;\nАли;900000001;5\n"
REASONS = {fault.value: f"<{fault.value}>" for fault in [*PhoneFault, *RowFault]}


def read(text: str) -> Reading:
    """The reading of a file."""
    return read_list(text.encode(), "")


def bulk(reading: Reading, wording: Wording, limit: int = 5_000_000) -> list[bytes]:
    """Its files for the bulk call."""
    return bulk_files(reading.phone_list.columns, [piece.data for piece in reading.recipients], wording, limit)


def rejects(reading: Reading, wording: Wording) -> str:
    """Its file of rejected rows."""
    rejected, recipients = ([piece.data for piece in kind] for kind in (reading.rejected, reading.recipients))
    return b"".join(rejected_rows(reading.phone_list, rejected, recipients, wording, REASONS, "Причина")).decode()


def test_without_placeholders_phones_go_alone() -> None:
    """One a line, without a header, from a list with values or without."""
    for text in (LIST, "900000001\n900000002\n900000003\n"):
        assert bulk(read(text), Wording("{}")) == [f"{ONE}\n{TWO}\n{THREE}\n".encode()]


def test_with_placeholders_goes_what_the_text_uses() -> None:
    """Each spelling is a column, letter for letter: the gateway fills by name. Who lacks a value is left out."""
    wording = Wording("{ имя} {Имя} {phone}")
    assert bulk(read(LIST), wording) == [f"phone,имя,Имя\n{ONE},Али,Али\n{THREE},Вали,Вали\n".encode()]
    assert bulk_text(wording) == "{имя} {Имя} {phone}"


def test_values_and_text_are_rewritten_but_no_name() -> None:
    """The names join the two."""
    wording = Wording("Салом, {Имя}!", latin=True)
    assert bulk_text(wording) == "Salom, {Имя}!"
    assert bulk(read(LIST), wording) == [f"phone,Имя\n{ONE},Ali\n{THREE},Vali\n".encode()]


def test_nobody_makes_no_file() -> None:
    """Nobody at all, or nobody with the value."""
    assert bulk(read("90\n90\n"), Wording("x")) == []
    assert bulk(read("phone;v;w\n900000001;;x\n"), Wording("{v}")) == []


def test_files_keep_the_limit_and_each_has_the_header() -> None:
    """Cut between rows, nobody lost and nobody twice; a row beyond the limit is no file."""
    reading = read("phone;v\n" + "".join(f"90000{index:04};{'x' * (index % 40)}я\n" for index in range(1_200)))
    files = bulk(reading, Wording("{v}"), 1_000)
    assert all(len(file) <= 1_000 and file.startswith(b"phone,v\n") for file in files)
    assert min(map(len, files[:-1])) > 900
    phones = [line[:12] for file in files for line in file.decode().splitlines()[1:]]
    assert phones == [f"99290000{index:04}" for index in range(1_200)]
    assert [len(file) for file in bulk(reading, Wording("x"), 130)] == [130] * 120
    with pytest.raises(ValueError, match="longer"):
        bulk(reading, Wording("{v}"), 25)


def test_the_rejected_rows_are_the_admins_own_with_a_reason() -> None:
    """His header and cells in his order, the reason last, in the order of his rows; as Excel opens it."""
    assert rejects(read(LIST), Wording("{имя} {сумма}")) == (
        "\ufeffИмя;Телефон;Сумма;Причина\r\n"
        f";{TWO};6;<missing_value>\r\n"
        "Бек;90;7;<too_short>\r\n"
        f"Вали;{THREE};;<missing_value>\r\n"
        "Али;900000001;5;<duplicate>\r\n"
    )


def test_without_a_header_the_columns_have_our_names() -> None:
    """So a text that uses them fits the mended file, too."""
    text = "Али;900000001;5\nБек;90\nВали;нет;7\n"
    file = rejects(read(text), Wording("x"))
    assert file == "\ufeffcolumn1;phone;column3;Причина\r\nБек;90;;<too_short>\r\nВали;нет;7;<not_a_number>\r\n"
    again = read(file.replace("90;", "900000005;"))
    assert again.phone_list.columns == ("phone", "column1", "column3", "Причина")
    assert again.recipients[0].data.decode() == "992900000005,Бек,,<too_short>,2\n"


def test_a_row_with_several_faults_says_each_once() -> None:
    """Parted by commas."""
    assert rejects(read("phone\n900000001\n90, 91, +79000000001, 900000002\n"), Wording("")).splitlines()[1:] == [
        "90, 91, +79000000001;<too_short>, <foreign>"
    ]


def test_a_cell_that_looks_like_a_formula_is_harmless() -> None:
    """An apostrophe before it keeps it a text; read again it is the phone, and the value, as before."""
    text = "Имя;Телефон;Сумма\n=HYPERLINK(1);+992 90 000 00 0;-5\n@a;+992 90 000 00 01;\n"
    reading = read(text)
    file = rejects(reading, Wording("{сумма}"))
    assert file.splitlines()[1:] == [
        "'=HYPERLINK(1);'+992 90 000 00 0;'-5;<too_short>",
        f"'@a;{ONE};;<missing_value>",
    ]
    again = read(file.replace("00 0;", "00 02;"))
    assert again.recipients[0].data.decode() == f"{TWO},=HYPERLINK(1),-5,<too_short>,2\n{ONE},@a,,<missing_value>,3\n"


def test_an_unknown_placeholder_is_told_at_once() -> None:
    """Before anything is written."""
    with pytest.raises(UnknownPlaceholder):
        rejected_rows(read(LIST).phone_list, [], [], Wording("{x}"), REASONS, "")
    with pytest.raises(UnknownPlaceholder):
        bulk(read(LIST), Wording("{x}"))


_CELLS = st.one_of(
    st.sampled_from(["900000001", "900000002", "90", "", "нет", "=1", "a\r\nb", "a\rb", '"', "\x00", "900000003, 9"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)


@given(st.lists(st.tuples(_CELLS, _CELLS), max_size=8))
def test_every_row_that_is_not_used_is_given_back(rows: list[tuple[str, str]]) -> None:
    """As many rows as were rejected, each with a reason, and readable as CSV whatever stands in a cell."""
    out = io.StringIO(newline="")
    table = [("Телефон", "Имя"), ("900000009", "x"), *rows]
    csv.writer(out, delimiter=";").writerows(table)
    reading = read_list(b"\xef\xbb\xbf" + out.getvalue().encode(), "")
    name = reading.phone_list.columns[-1]
    file = rejects(reading, Wording(f"{{{name}}}"))
    header, *back = csv.reader(io.StringIO(file, newline=""), delimiter=";")
    assert header[-1] == "Причина"
    assert all(row[-1].startswith("<") for row in back)
    lacking = sum(
        row[-2] == "" for piece in reading.recipients for row in csv.reader(piece.data.decode().split("\n")[:-1])
    )
    assert len(back) == sum(piece.rows for piece in reading.rejected) + lacking


_PHONES = st.lists(st.integers(900000001, 900000050).map(str), min_size=1, max_size=8, unique=True)
_NAMES = st.lists(st.text(st.characters(categories=["L", "P", "Zs"]), min_size=1, max_size=9), min_size=8, max_size=8)


@given(_PHONES, _NAMES, st.sets(st.integers(0, 7)), st.sampled_from(["Salom", "Salom, {v}!"]))
def test_some_can_be_taken_out_of_a_file(phones: list[str], names: list[str], out: set[int], text: str) -> None:
    """What is left is the file of a list that never had them, byte for byte; nothing at all if nobody is left."""

    def file(of: list[tuple[str, str]]) -> bytes:
        sheet = io.StringIO(newline="")
        csv.writer(sheet).writerows([("phone", "v"), *of])
        return b"".join(bulk(read(sheet.getvalue()), Wording(text)))

    rows = list(zip(phones, names, strict=False))
    params, whole = "{" in text, file(rows)
    assert set(bulk_phones(whole, with_params=params)) <= {f"992{phone}" for phone, _ in rows}
    blocked = {f"992{phone}" for number, (phone, _) in enumerate(rows) if number in out}
    kept = [row for number, row in enumerate(rows) if number not in out]
    rest = file(kept) if kept else b""
    assert bulk_without(whole, blocked, with_params=params) == rest


def test_the_phones_of_a_list_are_told_by_its_pieces() -> None:
    """With values or without."""
    for text in (LIST, "900000001\n900000002\n900000003\n"):
        found = [phone for piece in read(text).recipients for phone in piece_phones(piece.data)]
        assert found == [ONE, TWO, THREE]
