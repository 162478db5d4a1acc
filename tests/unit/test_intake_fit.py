"""A text meets a list: who gets what, and in how many parts; then another text meets the same list."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.draft import PhoneList
from bot.domain.template import UnknownPlaceholder, key, placeholders
from bot.domain.text import measure
from bot.domain.wording import Wording
from bot.intake import fit, read_list, samples, written

ONE, TWO, THREE = "992900000001", "992900000002", "992900000003"
LIST = "Имя,Телефон,Сумма\nАли,900000001,5\n,900000002,6\n\nБек,90,7\nВали,900000003,\n".encode()


def read(data: bytes) -> tuple[PhoneList, list[bytes]]:
    """The list, and its pieces."""
    reading = read_list(data, "")
    return reading.phone_list, [piece.data for piece in reading.recipients]


class Unread(list[bytes]):
    """Pieces that nobody may ask for."""

    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError("the pieces were read")


def test_a_text_without_placeholders_goes_to_all() -> None:
    """Its own parts for each; the pieces are not read, the faults and the columns stay as they are."""
    phone_list, _ = read(LIST)
    fitted = fit(phone_list, Unread(), Wording("я" * 71))
    assert (fitted.recipients, fitted.parts, fitted.encoding) == (3, (2, 2, 6), "Unicode")
    assert (fitted.faults, fitted.columns) == ({"too_short": 1}, phone_list.columns)
    assert samples(fitted, Wording("{}"), 2) == [(ONE, "{}"), (TWO, "{}")]


def test_who_lacks_a_value_is_left_out() -> None:
    """Counted as missing and among the faults, with the row in the file that was sent."""
    phone_list, pieces = read(LIST)
    fitted = fit(phone_list, pieces, Wording("{ имя}!"))
    assert (fitted.recipients, fitted.missing) == (2, 1)
    assert (fitted.parts, fitted.encoding) == ((1, 1, 2), "Unicode")
    assert fitted.columns == ("phone", "Имя", "Сумма")
    assert fitted.faults == {"too_short": 1, "missing_value": 1}
    assert fitted.fault_rows == ((3, "missing_value"), (5, "too_short"))
    assert fitted.recipients + fitted.duplicates + sum(fitted.faults.values()) == fitted.rows == 4
    assert samples(fitted, Wording("{имя}!")) == [(ONE, "Али!"), (THREE, "Вали!")]


_TEXTS = ["Салом!", "{имя}", "{сумма}", "{имя} {сумма}", "{phone}"]


@pytest.mark.parametrize("first", _TEXTS)
@pytest.mark.parametrize("second", _TEXTS)
def test_another_text_is_fitted_as_if_it_were_the_first(first: str, second: str) -> None:
    """Whatever the list was fitted to before; only the samples may be others who get the SMS."""
    phone_list, pieces = read(LIST)
    again = fit(fit(phone_list, pieces, Wording(first)), pieces, Wording(second))
    once = fit(phone_list, pieces, Wording(second))
    facts = ("recipients", "missing", "faults", "fault_rows", "parts", "encoding", "operators", "columns", "rows")
    assert [getattr(again, fact) for fact in facts] == [getattr(once, fact) for fact in facts]
    assert bool(samples(again, Wording(second))) == bool(once.recipients)


def test_the_first_faults_of_the_file_are_not_lost_behind_missing_values() -> None:
    """Ten of each: another text may need no value."""
    text = "phone,v\n" + "".join(f"90000{n:04},\n" for n in range(30)) + "90,x\n" * 30 + "900000999,x\n"
    phone_list, pieces = read(text.encode())
    fitted = fit(phone_list, pieces, Wording("{v}"))
    assert [why for _, why in fitted.fault_rows] == ["missing_value"] * 10 + ["too_short"] * 10
    assert fit(fitted, Unread(), Wording("x")).fault_rows == phone_list.fault_rows


def test_every_spelling_of_a_name_has_its_column() -> None:
    """Without regard to case and spaces."""
    phone_list, [piece] = read(LIST)
    wording = Wording("{Сумма} {сумма} {phone} {PHONE} { С у м м а }")
    assert written(phone_list.columns, piece, wording)[0] == (2, ONE, f"5 5 {ONE} {ONE} 5")


def test_a_list_of_phones_alone_knows_the_placeholder_phone() -> None:
    """And no other."""
    phone_list, pieces = read(b"900000001\n900000002\n")
    fitted = fit(phone_list, pieces, Wording("{phone}"))
    assert (fitted.parts, fitted.encoding) == ((1, 1, 2), "GSM-7")
    assert written(phone_list.columns, pieces[0], Wording("{phone}")) == [(1, ONE, ONE), (2, TWO, TWO)]


def test_parts_differ_with_the_values() -> None:
    """Least, most and total; encodings that differ are told as mixed."""
    rows = [("900000001", "a" * 160), ("900000002", "a" * 161), ("900000003", "я" * 140)]
    text = "phone,v\n" + "".join(f"{phone},{value}\n" for phone, value in rows)
    phone_list, pieces = read(text.encode())
    fitted = fit(phone_list, pieces, Wording("{v}"))
    assert (fitted.parts, fitted.encoding) == ((1, 3, 6), "mixed")


def test_latin_letters_save_parts() -> None:
    """The text and the values are measured as they are written, names in braces as they are."""
    phone_list, pieces = read(("phone,имя\n900000001," + "я" * 70 + "\n").encode())
    wording = Wording("Салом {имя}")
    assert fit(phone_list, pieces, wording).parts == (2, 2, 2)
    latin = Wording("Салом {имя}", latin=True)
    fitted = fit(phone_list, pieces, latin)
    assert (fitted.parts, fitted.encoding) == ((1, 1, 1), "GSM-7")
    assert samples(phone_list, latin) == [(ONE, "Salom " + "ya" * 70)]


def test_nobody_has_the_value() -> None:
    """A list without a recipient, and why; the samples are there for another text."""
    phone_list, pieces = read(b"phone,v,w\n900000001,,x\n")
    fitted = fit(phone_list, pieces, Wording("{v}"))
    assert (fitted.recipients, fitted.missing, fitted.parts, fitted.encoding) == (0, 1, (0, 0, 0), "")
    assert fitted.faults == {"missing_value": 1}
    assert samples(fitted, Wording("{v}")) == []
    assert samples(fit(fitted, Unread(), Wording("x")), Wording("x")) == [(ONE, "x")]


def test_an_unknown_placeholder_is_told() -> None:
    """With the column that is meant, by everything that takes a text."""
    phone_list, pieces = read(LIST)
    for use in (
        lambda wording: fit(phone_list, pieces, wording),
        lambda wording: samples(phone_list, wording),
        lambda wording: written(phone_list.columns, pieces[0], wording),
    ):
        with pytest.raises(UnknownPlaceholder) as caught:
            use(Wording("{Сума}"))
        assert (caught.value.name, caught.value.nearest) == ("Сума", "Сумма")


def test_a_values_own_braces_and_percents_are_literal() -> None:
    """It is filled in once, and never a pattern itself."""
    phone_list, [piece] = read(b"phone,v\n900000001,\n900000002,{v}\n900000003,5 %s %\n")
    assert written(phone_list.columns, piece, Wording("100 % {V} {}")) == [
        None,
        (3, TWO, "100 % {v} {}"),
        (4, THREE, "100 % 5 %s % {}"),
    ]


def test_written_without_placeholders_reads_no_value() -> None:
    """Numbers and phones of all rows, quotes and commas in the values or not."""
    phone_list, [piece] = read(b'phone,v\n900000001,"a ""b"", c"\n\n900000002,\n')
    assert written(phone_list.columns, piece, Wording("{ }")) == [(2, ONE, "{ }"), (4, TWO, "{ }")]


_VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@given(
    st.lists(st.tuples(st.integers(0, 9999), _VALUES), min_size=1, max_size=12),
    st.lists(st.sampled_from([*"Сш{}v%ya «»-\u00a0—", "{v}", "{ V }", "{phone}"]), max_size=12).map("".join),
    st.booleans(),
    st.booleans(),
)
def test_what_is_written_is_what_the_domain_says_and_what_is_counted(
    rows: list[tuple[int, str]], text: str, latin: bool, plain: bool
) -> None:
    """Rewriting the text once and the values each gives the domain's text; the sums are those of these texts."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("phone", "v"), *((f"90000{n:04}", v) for n, v in rows)])
    phone_list, pieces = read(out.getvalue().encode())
    wording = Wording(text, latin, plain)
    try:
        write = wording.writer(phone_list.columns)
    except UnknownPlaceholder:
        with pytest.raises(UnknownPlaceholder):
            fit(phone_list, pieces, wording)
        return
    table = [row for piece in pieces for row in csv.reader(piece.decode().splitlines())]
    texts = [entry for piece in pieces for entry in written(phone_list.columns, piece, wording)]
    needs = "v" in map(key, placeholders(text))
    for row, entry in zip(table, texts, strict=True):
        assert entry == (int(row[-1]), row[0], write(row)) if entry else (needs and not row[1])
    parts = [measure(entry[2]).parts for entry in texts if entry]
    fitted = fit(phone_list, pieces, wording)
    assert (fitted.recipients, fitted.missing) == (len(parts), len(texts) - len(parts))
    assert fitted.parts == (min(parts, default=0), max(parts, default=0), sum(parts))
    assert fitted.recipients + fitted.duplicates + sum(fitted.faults.values()) == fitted.rows
