"""Lists of phones as people type them, what is kept of each row, and files that are made to do harm."""

import csv
from contextlib import suppress

import pytest

from bot.domain.draft import PieceKind
from bot.domain.operators import OPERATORS
from bot.intake import PIECE_ROWS, FileError, FileFault, read_list

ONE, TWO = "992900000001", "992900000002"


def read(text: str) -> list[list[str]]:
    """The recipients (phone, values, row number)."""
    return [
        row for piece in read_list(text.encode(), "").recipients for row in csv.reader(piece.data.decode().splitlines())
    ]


@pytest.mark.parametrize("between", [",", ";", " ", ", ", "|"])
def test_a_wall_of_phones_in_one_line_is_a_list(between: str) -> None:
    """However long: a phone each is a row, where the line is longer than a cell may be."""
    phones = [f"99290000{index:04}" for index in range(10_000)]
    text = between.join(phones * 2)
    assert [row[0] for row in read(text)] == phones
    assert read_list(text.encode(), "").phone_list.columns == ("phone",)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("900000001 Али", "Али"),
        ("Али Валиев 900000001", "Али Валиев"),
        ("900000001 - Али", "Али"),
        ("Али: 90 000 00 01", "Али"),
        ("+992 90 000 00 01 Али", "Али"),
        ("900000001: Али", "Али"),
        ("Али (90) 000-00-01 склад", "Али склад"),
    ],
)
def test_a_name_may_stand_beside_the_phone(line: str, name: str) -> None:
    """Nothing but a space parts them, as people type."""
    text = f"{line}\nБек 900000002\n"
    assert read(text) == [[ONE, name, "1"], [TWO, "Бек", "2"]]
    assert read_list(text.encode(), "").phone_list.columns == ("phone", "column2")


def test_a_letter_with_a_phone_in_it_is_no_list() -> None:
    """Most of its lines have none."""
    with pytest.raises(FileError) as caught:
        read("Уважаемые коллеги\nпишу вам о деле\nзвоните 900000001 Али\nВали\n")
    assert caught.value.fault is FileFault.NO_PHONES


def test_of_a_row_in_part_used_only_the_rest_is_rejected() -> None:
    """Who got the SMS is not in what is mended and sent after it."""
    text = "Имя;Телефон\nАли;900000001, 90\nБек;900000001 / 900000002\n"
    reading = read_list(text.encode(), "")
    assert [row[0] for row in read(text)] == [ONE, TWO]
    assert reading.rejected[0].data.decode() == "2,too_short,Али,90\r\n3,duplicate,Бек,900000001\r\n"


def test_pieces_hold_five_hundred_rows_each() -> None:
    """Of either kind; each says how many of its kind stand before it."""
    text = "".join(f"90000{index:04}\n90\n" for index in range(1_100))
    reading = read_list(text.encode(), "")
    for pieces, kind in ((reading.recipients, PieceKind.RECIPIENTS), (reading.rejected, PieceKind.REJECTED)):
        assert [(piece.kind, piece.first, piece.rows) for piece in pieces] == [
            (kind, 0, PIECE_ROWS),
            (kind, 500, PIECE_ROWS),
            (kind, 1000, 100),
        ]
        assert [piece.data.count(b"\n") for piece in pieces] == [500, 500, 100]


def test_operators_are_counted() -> None:
    """Over all recipients, the most first; nobody's prefixes have an empty name. The table tells by three digits."""
    phones = ["920000001", "920000002", "980000001", "920000001", "110000001"]
    listed = read_list("\n".join(phones).encode(), "").phone_list
    assert list(listed.operators.items()) == [("Tcell", 3), ("Babilon-M", 1)]
    assert max(map(len, OPERATORS)) <= 3
    assert sum(listed.operators.values()) == listed.recipients


@pytest.mark.parametrize(
    "data",
    [
        b'"' * 100_000,
        b'"\n' * 10_000,
        b'"a\n' * 10_000,
        b'900000001;"x\n' + b"y\n" * 10_000,
        b"\0" * 100_000,
        b"900000001\0\n" * 10_000,
        b"," * 1_000_000,
        b"x" * 1_000_000,
        b"900000001;" * 10_000,
        b"\r" * 100_000,
        b"PK\x03\x04" * 10_000,
        b"900000001;" + b"900000002," * 12_000,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_a_file_made_to_do_harm_is_a_list_or_refused(data: bytes) -> None:
    """Quotes within quotes, NULs, cells and rows without an end: soon, and without another error."""
    with suppress(FileError):
        assert read_list(data, "").phone_list.recipients in (0, 1, 2)
