"""A text meets a list: who gets what, in how many parts, and which file goes to the gateway."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.template import UnknownPlaceholder
from bot.domain.text import measure
from bot.intake import fit_text, read_phone_list, samples_filled, without_params

ONE, TWO, THREE = "992900000001", "992900000002", "992900000003"
LIST = "Имя,Телефон,Сумма\nАли,900000001,5\n,900000002,6\n\nБек,90,7\nВали,900000003,\n".encode()


def test_a_text_without_placeholders_goes_to_all() -> None:
    """Its own parts for each; the file and the faults stay as they are."""
    phone_list, cleaned = read_phone_list(LIST, "")
    fitted, file = fit_text(phone_list, cleaned, "я" * 71)
    assert file == cleaned
    assert (fitted.recipients, fitted.parts, fitted.encoding) == (3, (2, 2, 6), "Unicode")
    assert (fitted.faults, fitted.columns) == ({"too_short": 1}, phone_list.columns)
    assert samples_filled(fitted, "{}", 2) == [(ONE, "{}"), (TWO, "{}")]


def test_who_lacks_a_value_is_left_out() -> None:
    """Counted, with the row in the file that was sent; only what the text uses goes along, spelled as there."""
    phone_list, cleaned = read_phone_list(LIST, "")
    fitted, file = fit_text(phone_list, cleaned, "{ имя}!")
    assert file.decode() == f"phone,имя\n{ONE},Али\n{THREE},Вали\n"
    assert (fitted.recipients, fitted.parts, fitted.encoding) == (2, (1, 1, 2), "Unicode")
    assert fitted.columns == ("phone", "имя")
    assert fitted.samples == ((ONE, "Али"), (THREE, "Вали"))
    assert fitted.faults == {"too_short": 1, "missing_value": 1}
    assert fitted.fault_rows == ((3, "missing_value"), (5, "too_short"))
    assert fitted.recipients + fitted.duplicates + sum(fitted.faults.values()) == fitted.rows == 4


def test_every_spelling_of_a_name_has_its_column() -> None:
    """The gateway fills by name to the letter: two spellings in a text are two columns."""
    _, file = fit_text(*read_phone_list(LIST, ""), "{Сумма} {сумма} {phone} {PHONE}")
    assert file.decode() == f"phone,Сумма,сумма,PHONE\n{ONE},5,5,{ONE}\n{TWO},6,6,{TWO}\n"


def test_a_list_of_phones_alone_knows_the_placeholder_phone() -> None:
    """And no other."""
    phone_list, cleaned = read_phone_list(b"900000001\n900000002\n", "")
    fitted, file = fit_text(phone_list, cleaned, "{phone}")
    assert file == cleaned
    assert (fitted.parts, fitted.encoding) == ((1, 1, 2), "GSM-7")


def test_parts_differ_with_the_values() -> None:
    """Least, most and total; encodings that differ are told as mixed."""
    rows = [("900000001", "a" * 160), ("900000002", "a" * 161), ("900000003", "я" * 140)]
    text = "phone,v\n" + "".join(f"{phone},{value}\n" for phone, value in rows)
    fitted, _ = fit_text(*read_phone_list(text.encode(), ""), "{v}")
    assert (fitted.parts, fitted.encoding) == ((1, 3, 6), "mixed")


def test_nobody_has_the_value() -> None:
    """A list without a recipient, and why."""
    fitted, file = fit_text(*read_phone_list(b"phone,v,w\n900000001,,x\n", ""), "{v}")
    assert (fitted.recipients, fitted.parts, fitted.encoding) == (0, (0, 0, 0), "")
    assert fitted.faults == {"missing_value": 1}
    assert file == b"phone,v\n"


@pytest.mark.parametrize("fit", [fit_text, lambda phone_list, _, text: samples_filled(phone_list, text)])
def test_an_unknown_placeholder_is_told(fit: object) -> None:
    """With the column that is meant."""
    assert callable(fit)
    with pytest.raises(UnknownPlaceholder) as caught:
        fit(*read_phone_list(LIST, ""), "{Сума}")
    assert (caught.value.name, caught.value.nearest) == ("Сума", "Сумма")


def test_the_samples_are_those_who_get_the_sms() -> None:
    """As they will read it, braces in a value included."""
    data = b"phone,v\n900000001,\n900000002,{v}\n900000003,5 %\n"
    fitted, _ = fit_text(*read_phone_list(data, ""), "100 % {V}")
    assert samples_filled(fitted, "100 % {V}") == [(TWO, "100 % {v}"), (THREE, "100 % 5 %")]
    assert samples_filled(fitted, "100 % {V}", 1) == [(TWO, "100 % {v}")]


def test_phones_alone_have_no_header() -> None:
    """One a line, from a file with values or without."""
    for data in (LIST, b"900000001\n900000002\n900000003\n"):
        assert without_params(read_phone_list(data, "")[1]) == f"{ONE}\n{TWO}\n{THREE}\n".encode()


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80)


@given(st.lists(st.tuples(st.integers(0, 9999), _TEXTS), min_size=1, max_size=12), _TEXTS)
def test_totals_are_those_of_the_texts(rows: list[tuple[int, str]], rest: str) -> None:
    """The sum over the file that goes out, filled in by an independent reader, is the total that is shown."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("phone", "v"), *((f"90000{n:04}", v) for n, v in rows)])
    phone_list, cleaned = read_phone_list(out.getvalue().encode(), "")
    if "v" not in phone_list.columns:  # no row had a value
        return
    rest = rest.replace("{", "(").replace("}", ")")
    fitted, file = fit_text(phone_list, cleaned, rest + "{v}")
    sent = list(csv.DictReader(io.StringIO(file.decode(), newline="")))
    sizes = [measure(rest + row["v"]) for row in sent]
    parts = [size.parts for size in sizes]
    assert fitted.recipients == len(sent)
    assert fitted.parts == (min(parts, default=0), max(parts, default=0), sum(parts))
    assert all(row["v"] for row in sent)
    assert fitted.recipients + fitted.duplicates + sum(fitted.faults.values()) == fitted.rows
