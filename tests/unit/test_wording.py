"""A text and how it is to be written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.letters import LATIN, PLAIN
from bot.domain.template import UnknownPlaceholder, fill
from bot.domain.wording import Wording

_PIECES = st.text(st.sampled_from("аЯҷӣщь…—«№ `aZ'{}\u00a0\u0304😀"), max_size=12)
_HOWS = [(False, False), (False, True), (True, False), (True, True)]


@pytest.mark.parametrize(
    ("latin", "plain", "expected"),
    [
        (False, False, "Салом — «Ali»…"),
        (False, True, 'Салом - "Ali"...'),
        (True, False, 'Salom - "Ali"...'),
        (True, True, 'Salom - "Ali"...'),
    ],
)
def test_the_four_ways_to_write_a_text(latin: bool, plain: bool, expected: str) -> None:
    """As it stands, with plain signs, in Latin letters; Latin letters bring plain signs with them."""
    assert Wording("", latin=latin, plain=plain).rewrite("Салом — «Ali»…") == expected


@given(_PIECES)
def test_latin_letters_make_plain_signs_a_matter_of_course(text: str) -> None:
    """With both, in whatever order, a text reads as in Latin letters alone."""
    assert Wording("", latin=True, plain=True).rewrite(text) == Wording("", latin=True).rewrite(text)
    assert text.translate(LATIN).translate(PLAIN) == text.translate(PLAIN).translate(LATIN)


@pytest.mark.parametrize(("latin", "plain"), _HOWS)
@given(_PIECES, _PIECES, _PIECES)
def test_the_writer_fills_and_then_rewrites(latin: bool, plain: bool, before: str, value: str, after: str) -> None:
    """The value is written as the rest is, and that is the same as filling rewritten values into rewritten pieces."""
    before, after = (piece.replace("{", "").replace("}", "") for piece in (before, after))
    wording = Wording(before + "{Ном}" + after, latin, plain)
    written = wording.writer(["Ном"])([value])
    assert written == wording.rewrite(fill(wording.text, {"Ном": value}))
    assert written == wording.rewrite(before) + wording.rewrite(value) + wording.rewrite(after)


@pytest.mark.parametrize(("latin", "plain"), _HOWS)
def test_a_name_in_cyrillic_is_found_however_the_text_is_written(latin: bool, plain: bool) -> None:
    """Names are looked up as they stand in the text and in the file, before a letter of them is rewritten."""
    write = Wording("{Ҷаноб}: {маблағ\u00a0№ 1}", latin, plain).writer(["МАБЛАҒ №1", "ҷаноб"])
    assert write(["5", "Ali"]) == "Ali: 5"


@pytest.mark.parametrize(("latin", "plain"), _HOWS)
def test_a_name_is_not_found_by_its_rewriting(latin: bool, plain: bool) -> None:
    """A column `nom` is not the column `ном`; the refusal speaks of the name as it was written."""
    with pytest.raises(UnknownPlaceholder) as refused:
        Wording("{ном}", latin, plain).writer(["nom"])
    assert refused.value.name == "ном"


def test_braces_that_come_with_a_value_are_its_own() -> None:
    """Rewriting comes last, so no value becomes a placeholder by it."""
    assert Wording("{ном}", latin=True).writer(["ном", "b"])(["{b} {ном}", "2"]) == "{b} {nom}"


def test_a_text_without_placeholders_is_written_for_every_row() -> None:
    """It is the same for all."""
    write = Wording("Салом…", latin=True).writer([])
    assert [write([]), write([])] == ["Salom...", "Salom..."]


def test_a_wording_does_not_show_its_text() -> None:
    """Texts stay out of logs."""
    assert "confidential" not in repr(Wording("confidential", latin=True))
