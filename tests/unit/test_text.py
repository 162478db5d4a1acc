"""The parts of a text: what the gateway will bill. The oracle is `smsutil`, which shares no code with ours."""

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text import GSM7, GSM7_EXTENSION, Encoding, TextError, check_text, measure

_NAMES = {Encoding.GSM7: "gsm0338", Encoding.UCS2: "utf_16_be"}
_PLAIN = st.sampled_from(sorted(GSM7))
_ESCAPED = st.sampled_from(sorted(GSM7_EXTENSION))
_CYRILLIC = st.sampled_from("абвгдеёжзийклмнопрстуфхцчшщъыьэюяғӣқӯҳҷАБВҒӢҚӮҲҶ«»—№")
_EMOJI = st.sampled_from("😀🎉👍🏽🇹🇯❤️‍")
_ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\x1b")
_ALPHABETS = [_PLAIN, _ESCAPED, _CYRILLIC, _EMOJI, _ANY]


def _texts() -> st.SearchStrategy[str]:
    """Runs of one alphabet after another, long enough to reach over several parts."""
    lengths = st.integers(1, 170) | st.sampled_from([66, 67, 70, 76, 80, 132, 134, 151, 152, 153, 160, 304, 306])
    runs = [st.builds(lambda c, n: c * n, alphabet, lengths) for alphabet in _ALPHABETS]
    pieces = [st.text(alphabet, max_size=40) for alphabet in _ALPHABETS]
    pure = [st.lists(st.one_of(run, piece), max_size=4) for run, piece in zip(runs, pieces, strict=True)]
    gsm = st.lists(st.one_of(*runs[:2], *pieces[:2]), max_size=8)
    return st.one_of(*pure, gsm, st.lists(st.one_of(*runs, *pieces), max_size=8)).map("".join)


@given(_texts().filter(bool))
def test_any_text_measures_as_the_oracle_has_it(text: str) -> None:
    """Encoding, units and parts agree with the oracle's for any text."""
    expected = smsutil.split(text)
    units = expected.total_bytes // (1 if expected.encoding == "gsm0338" else 2)
    size = measure(text)
    assert (_NAMES[size.encoding], size.units, size.parts) == (expected.encoding, units, len(expected.parts))


def test_every_character_of_the_basic_plane_has_the_encoding_that_the_oracle_gives_it() -> None:
    """One character at a time, the two alphabets are the same; ESC is none: it only introduces the extension."""
    for code in range(0x10000):
        character = chr(code)
        if not 0xD800 <= code <= 0xDFFF and character != "\x1b":
            assert _NAMES[measure(character).encoding] == smsutil.split(character).encoding, hex(code)
    assert measure("\x1b").encoding is Encoding.UCS2


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", Encoding.GSM7, 0, 0),
        ("a" * 160, Encoding.GSM7, 160, 1),
        ("a" * 161, Encoding.GSM7, 161, 2),
        ("a" * 306, Encoding.GSM7, 306, 2),
        ("a" * 307, Encoding.GSM7, 307, 3),
        ("€" * 80, Encoding.GSM7, 160, 1),
        ("€" * 81, Encoding.GSM7, 162, 2),
        ("я" * 70, Encoding.UCS2, 70, 1),
        ("я" * 71, Encoding.UCS2, 71, 2),
        ("я" * 134, Encoding.UCS2, 134, 2),
        ("я" * 135, Encoding.UCS2, 135, 3),
        ("a" * 69 + "я", Encoding.UCS2, 70, 1),
        ("😀" * 35, Encoding.UCS2, 70, 1),
        ("😀" * 36, Encoding.UCS2, 72, 2),
        ("€" + "a" * 304, Encoding.GSM7, 306, 2),
        ("😀" + "я" * 132, Encoding.UCS2, 134, 2),
        # The traps: a pair does not fit into what is left of the part, so it moves on whole.
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM7, 306, 3),
        ("я" * 66 + "😀" + "я" * 66, Encoding.UCS2, 134, 3),
    ],
)
def test_the_limits(text: str, encoding: Encoding, units: int, parts: int) -> None:
    """160 and 70 alone, 153 and 67 in a chain; a pair is never cut."""
    size = measure(text)
    assert (size.encoding, size.units, size.parts) == (encoding, units, parts)


@pytest.mark.parametrize("text", ["\0", "Hi\0there", "\ud83d", "a\udc00", "\udbff\udfff"[::-1]])
def test_what_no_sms_can_carry_is_refused(text: str) -> None:
    """NUL and half a surrogate pair are refused, and the refusal does not repeat the text."""
    with pytest.raises(TextError) as refusal:
        check_text(text)
    assert text not in str(refusal.value)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_every_other_text_is_let_through(text: str) -> None:
    """What can be encoded and stored is never refused."""
    check_text(text)
