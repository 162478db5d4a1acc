"""Placeholders in a text: what is one, how its name is compared, and how it is filled."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.template import UnknownPlaceholder, bind, fill, filler, key, placeholders, tidy

_TEXTS = st.text(st.sampled_from("{}aБ б%\n\\1"), max_size=30)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Салом, {Ном}! Қарз: {Маблағ} сомонӣ, {ном}.", ("Ном", "Маблағ")),
        ("{first name} { last_name } {№ 5} {姓}", ("first name", "last_name", "№ 5", "姓")),
        ("{Имя}{ИМЯ}{ имя }{и мя}", ("Имя",)),
        ("{{x}} {y {z} w}", ("x", "z")),
        ("{" + "n" * 64 + "}", ("n" * 64,)),
        ("", ()),
        ("{} { } {\u00a0} { } {a\nb} {a\u2028b} } { {not closed", ()),
        ("{" + "n" * 65 + "}", ()),
    ],
)
def test_a_placeholder_is_a_name_in_braces_on_one_line(text: str, names: tuple[str, ...]) -> None:
    """A name in any language, up to 64 characters, each once and in order; every other brace is the text's own."""
    assert placeholders(text) == names


@pytest.mark.parametrize("name", ["ном", "НОМ", "  ном", "н ом", "н\u00a0ом"])
def test_names_are_compared_without_case_and_spaces(name: str) -> None:
    """All of these name the column «Ном»."""
    assert key(name) == key("Ном")
    assert fill(f"<{{{name}}}>", {"Ном": "Али"}) == "<Али>"


def test_a_letter_is_the_same_however_it_is_composed() -> None:
    """A Tajik letter typed as one character or as a letter and its macron names the same column."""
    assert key("сомон\u04e3") == key("сомон\u0438\u0304")


def test_of_two_columns_with_one_name_the_first_is_meant() -> None:
    """As in a spreadsheet that is read from the left."""
    assert bind("{a}", ["A", "a"]) == {"a": 0}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{a}", "1"),
        ("{a} and {b}, {A }", "1 and {a}, 1"),
        ("100 % of {a}: %s %(a)s %%", "100 % of 1: %s %(a)s %%"),
        ("{} {c\n} {a}\\1", "{} {c\n} 1\\1"),
        ("no placeholder, 5 %", "no placeholder, 5 %"),
        ("{{a}}", "{1}"),
    ],
)
def test_a_text_is_filled_once(text: str, filled: str) -> None:
    """Each placeholder becomes its value; braces inside a value, per cents and backslashes stay as they are."""
    assert fill(text, {"a": "1", "b": "{a}"}) == filled


@pytest.mark.parametrize(
    ("name", "columns", "nearest"),
    [
        ("имья", ("phone", "Имя", "Сумма"), "Имя"),
        ("sumna", ("phone", "Summa", "summary"), "Summa"),
        ("город", ("phone", "Имя"), None),
        ("x", (), None),
    ],
)
def test_an_unknown_name_is_told_with_the_column_that_is_meant(
    name: str, columns: tuple[str, ...], nearest: str | None
) -> None:
    """The name as it was written and the closest column, if any is close; the text is never part of the message."""
    with pytest.raises(UnknownPlaceholder) as caught:
        filler(f"Текст {{{name}}}", columns)
    assert (caught.value.name, caught.value.nearest) == (name, nearest)
    assert name not in str(caught.value)


@given(_TEXTS)
@example("{a}{a }%{A}")
def test_filling_each_name_with_itself_gives_the_text_back(text: str) -> None:
    """What is not a placeholder is never touched, and what is one is found by `placeholders` too."""
    names = placeholders(text)
    same = fill(tidy(text), {name: f"{{{name}}}" for name in names})
    assert key(same) == key(text)


@given(_TEXTS)
def test_a_tidy_text_names_the_same_columns(text: str) -> None:
    """Only spaces next to the braces go; a tidy text stays as it is."""
    assert placeholders(tidy(text)) == placeholders(text)
    assert tidy(tidy(text)) == tidy(text)
