"""One cell: phones as people and Excel write them, and values fit for an SMS."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.phone import PhoneError, PhoneFault, parse_phone
from bot.intake.cells import cell_text, clean_value, read_phones, sms_value, without_phones
from bot.intake.faults import RowFault

ONE, TWO = "992900000001", "992900000002"


@pytest.mark.parametrize(
    "cell",
    [
        "900000001",
        "992900000001",
        "+992 90 000 00 01",
        " 90-000-00-01 ",
        "(90) 000 00 01",
        "00992900000001",
        "992900000001.0",
        "900000001,0",
        "+992900000001.00",
        '="992900000001"',
        "'992900000001",
        "\u202a+992900000001\u202c",
        "90\u00a0000\u00a000\u00a001",
        "\ufeff900000001",
        "9000\x0000001\x07",
    ],
)
def test_a_phone_is_read_as_people_and_excel_write_it(cell: str) -> None:
    """Every usual spelling is the one phone."""
    assert read_phones(cell) == ((ONE,), ())


@pytest.mark.parametrize(
    "cell",
    [
        "90 000 00 01, 90 000 00 02",
        "900000001;900000002",
        "900000001 / +992900000002",
        "900000001|900000002",
        "900000001\n900000002",
        "900000001 и 900000002",
        "900000001 ва 900000002",
        "900000001,900000002.0,",
        "900000001 900000002",
        "+992900000001  992900000002",
        "900000001 900000002,",
    ],
)
def test_a_cell_may_hold_several_phones(cell: str) -> None:
    """Each of them is a recipient."""
    phones, faults = read_phones(cell)
    assert (list(phones), list(faults)) == ([ONE, TWO], [])


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("", PhoneFault.EMPTY),
        (" \u200b ", PhoneFault.EMPTY),
        ("нет", PhoneFault.NOT_A_NUMBER),
        ("Али, Душанбе", PhoneFault.NOT_A_NUMBER),
        ("900000001 Али", PhoneFault.NOT_A_NUMBER),
        ("900000001 9000", PhoneFault.TOO_LONG),
        ("90000000", PhoneFault.TOO_SHORT),
        ("9000000011", PhoneFault.TOO_LONG),
        ("+7 900 000 00 01", PhoneFault.FOREIGN),
        ("372000001", PhoneFault.NOT_MOBILE),
        ("9,929E+11", RowFault.SCIENTIFIC),
        ("9.929E+11", RowFault.SCIENTIFIC),
        ("9E+11", RowFault.SCIENTIFIC),
        ("9.92900000001e11", RowFault.SCIENTIFIC),
        ("٩٠٠٠٠٠٠٠١", PhoneFault.NOT_A_NUMBER),
    ],
)
def test_what_is_no_phone_has_one_reason(cell: str, fault: str) -> None:
    """The reason is that of the whole cell, however many parts it has."""
    assert read_phones(cell) == ((), (fault,))


def test_beside_a_phone_the_rest_of_the_cell_has_its_own_reason() -> None:
    """A second phone that lacks a digit costs itself alone."""
    phones, faults = read_phones("900000001, 90 000 00")
    assert (list(phones), list(faults)) == ([ONE], [PhoneFault.TOO_SHORT])


def _by_the_rule(cell: str) -> tuple[tuple[str, ...], tuple[PhoneFault, ...]]:
    try:
        return (parse_phone(cell),), ()
    except PhoneError as error:
        return (), (error.fault,)


@given(
    st.from_regex(
        r"[+ ]{0,2}(992)?[ (]?9[0-9][ )]?[0-9]{3}[- \u00a0]?[0-9]{2}[ -]?[0-9]{2}|[0-9]{8,13}|[+0-9 ()-]{9,14}",
        fullmatch=True,
    )
)
def test_the_fast_way_says_what_the_rule_says(cell: str) -> None:
    """Digits and what usually stands between them are read by their first three: the same as by the whole rule."""
    assert read_phones(cell) == _by_the_rule(cell)


@pytest.mark.parametrize("tail", ["000000", "123456", "500000", "999999"])
def test_the_first_three_digits_decide_whether_a_phone_is_mobile(tail: str) -> None:
    """All thousand of them, with both spellings."""
    for number in range(1000):
        for cell in (f"{number:03}{tail}", f"992{number:03}{tail}"):
            assert read_phones(cell) == _by_the_rule(cell), cell


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("  Али Валиев ", "Али Валиев"),
        ("ул. Рудаки, 5\nкв. 3", "ул. Рудаки, 5 кв. 3"),
        ("a\u2028b\x85c\x0bd", "a b c d"),
        ("1\u00a0500,50", "1 500,50"),
        ("\ufeffА\x00ли\x07\x9f\x7f", "Али"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("👨‍👩‍👧 ғӣқӯҳҷ", "👨‍👩‍👧 ғӣқӯҳҷ"),
        ("\x00 \t", ""),
    ],
)
def test_a_value_is_one_line_without_control_characters(cell: str, value: str) -> None:
    """Nothing else of it changes: it goes into an SMS, not into Excel."""
    assert clean_value(cell) == value


@given(st.text())
def test_a_clean_value_is_clean(cell: str) -> None:
    """Cleaning twice is cleaning once; no reader of lines or of control characters stumbles over the result."""
    value = clean_value(cell)
    assert clean_value(value) == value
    assert len(value.splitlines()) <= 1
    assert "\0" not in value
    assert value == value.strip()


@pytest.mark.parametrize("name", ["#N/A", "#н/д", "#DIV/0!", "#ЗНАЧ!", " #REF! "])
def test_an_error_of_excel_is_no_value(name: str) -> None:
    """Nobody is greeted by it: his row lacks the value."""
    assert sms_value(name) == ""


@pytest.mark.parametrize(
    ("cell", "value"),
    [("'-150", "-150"), ("'=A1", "=A1"), ("'+5", "+5"), ("'@a", "@a"), ("'Ромаш", "'Ромаш"), ("#1", "#1")],
)
def test_the_mark_that_keeps_a_cell_a_text_is_taken_off(cell: str, value: str) -> None:
    """Excel puts it before what looks like a formula, and so does our own file of rejected rows; nothing else goes."""
    assert sms_value(cell) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Али", "Али"),
        (992900000001.0, "992900000001"),
        (150.0, "150"),
        (150.5, "150.5"),
        (0.1 + 0.2, "0.3"),
        (-5.0, "-5"),
        (9.929e20, "9.929e+20"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2026, 11, 25), "25.11.2026"),
        (datetime(2026, 11, 25), "25.11.2026"),  # noqa: DTZ001 # a workbook's times have no zone
        (datetime(2026, 11, 25, 14, 30), "25.11.2026 14:30"),  # noqa: DTZ001 # as above
        (datetime(2026, 11, 25, 14, 30, 5), "25.11.2026 14:30:05"),  # noqa: DTZ001 # as above
        (time(9, 5), "09:05"),
        (timedelta(hours=36, minutes=5), "36:05"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_a_workbooks_value_is_written_as_people_read_it(value: object, text: str) -> None:
    """Whole numbers without a point, other numbers with one, days as in Tajikistan."""
    assert cell_text(value) == text  # type: ignore[arg-type] # one of each type that there is


@pytest.mark.parametrize(
    ("cell", "taken", "rest"),
    [
        ("900000001, 90", [ONE], "90"),
        ("900000001 и 900000002, нет", [TWO], "900000001, нет"),
        ("900000001 900000002", [ONE], "900000002"),
        ("900000001;900000001", [ONE], "900000001"),
        ("900000001", [ONE], ""),
    ],
)
def test_of_a_cell_in_part_used_the_rest_stays(cell: str, taken: list[str], rest: str) -> None:
    """Each phone that was used is left out once."""
    assert without_phones(cell, taken) == rest
