"""What pictures are made of: scales, stacks, readings by the pixel, letters."""

import string
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import LANGUAGES, catalogue
from bot.telegram.charts.letters import FIGURE, SMALL, STRONG, WORDS, Type, clean, cut, font, two_lines, width_of
from bot.telegram.charts.scale import SMALLEST, amount_lines, columns, count_lines, stack, step

START = datetime(2026, 10, 26, tzinfo=UTC)
RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
TAJIK = "ғӣқӯҳҷ"
texts = st.text(st.characters(), max_size=60) | st.text("Щ№ WЖм", max_size=400)


@pytest.mark.parametrize(
    ("most", "lines"),
    [
        (0, []),
        (1, [1]),
        (3, [1, 2, 3]),
        (5, [2, 4, 6]),
        (9, [2, 4, 6, 8, 10]),
        (860, [250, 500, 750, 1000]),
        (10**9, [250_000_000, 500_000_000, 750_000_000, 10**9]),
    ],
)
def test_a_scale_of_counts_has_round_whole_numbers(most: int, lines: list[int]) -> None:
    """Few of them, above nought, the last one not below the most that is shown."""
    assert count_lines(most) == lines


@given(st.integers(1, 10**10))
def test_a_scale_of_counts_holds_any_count(most: int) -> None:
    """At most five lines, equally far apart; the last is the first that is not below."""
    lines = count_lines(most)
    assert 1 <= len(lines) <= 5
    assert {after - before for before, after in pairwise([0, *lines])} == {lines[0]}
    assert lines[-1] - lines[0] < most <= lines[-1]


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1))
def test_a_scale_of_amounts_holds_them_all(amounts: list[Decimal]) -> None:
    """Two to six round amounts, nought among them if it lies between."""
    lines = amount_lines(amounts)
    assert 2 <= len(lines) <= 6
    assert lines[0] <= min(amounts)
    assert max(amounts) <= lines[-1]
    assert (0 in lines) == (lines[0] <= 0 <= lines[-1])
    assert lines == sorted(set(lines))


@given(st.decimals("0.01", 10**10, places=2), st.integers(2, 6))
def test_a_step_is_round_and_no_larger_than_needed(span: Decimal, most: int) -> None:
    """1, 2, 2.5 or 5 of a power of ten, and a step of half its size, or two fifths, would not do."""
    one = step(span, most)
    assert one.scaleb(-one.adjusted()).normalize() in {Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5)}
    assert one * most >= span
    assert one * most < span * Decimal("2.5")


@given(st.lists(st.integers(0, 10**9), min_size=3, max_size=3).filter(any), st.integers(0, 10**9))
def test_a_stack_is_as_high_as_its_counts(counts: list[int], above: int) -> None:
    """To the pixel, but that nothing is shown smaller than can be seen; nought is nought."""
    whole = sum(counts) + above
    heights = stack(counts, whole, 360)
    assert [height > 0 for height in heights] == [count > 0 for count in counts]
    assert all(height >= SMALLEST for height in heights if height)
    assert 0 <= sum(heights) - sum(counts) * 360 // whole <= 3 * SMALLEST
    for count, height in zip(counts, heights, strict=True):
        assert abs(height - count * 360 / whole) <= 3 * SMALLEST


moments = st.timedeltas(timedelta(), timedelta(days=30)).map(lambda since: START + since)
readings = st.lists(st.tuples(moments, st.decimals(0, 10**6, places=2)), min_size=1, max_size=300)


@given(readings.map(lambda found: sorted(found, key=lambda reading: reading[0])), st.integers(1, 100))
def test_thinned_readings_keep_what_matters(points: list[tuple[datetime, Decimal]], width: int) -> None:
    """A column a pixel at most, from left to right; lowest, highest, last and the largest rise are all kept."""
    found = columns(points, 10, 10 + width)
    places = [column.x for column in found]
    assert places == sorted(set(places))
    assert places[0] == 10
    assert places[-1] == (10 if points[0][0] == points[-1][0] else 10 + width)
    amounts = [amount for _, amount in points]
    assert min(column.lowest for column in found) == min(amounts)
    assert max(column.highest for column in found) == max(amounts)
    assert found[-1].last == amounts[-1]
    rises = [after - before for before, after in pairwise(amounts) if after > before]
    kept = [column.risen for column in found if column.rise]
    assert max(kept, default=None) == max(rises, default=None)


@pytest.mark.parametrize("type_", [WORDS, STRONG])
def test_the_font_has_every_letter(type_: Type) -> None:
    """Of Tajik, Russian and English, small and capital; signs of figures; all letters of all our texts."""

    def drawn(sign: str) -> bytes:
        return bytes(font(type_).getmask(sign))

    letters = RUSSIAN + TAJIK + (RUSSIAN + TAJIK).upper() + string.ascii_letters + string.digits
    ours = {
        sign
        for language in LANGUAGES
        for message in catalogue(language)
        for form in ([message.string] if isinstance(message.string, str) else message.string)
        for sign in form
        if sign.isalpha()
    }
    missing = drawn("\U0010ffff")
    assert {sign for sign in {*letters, *"%…–−—/.,:«»№·", "\u00a0", "\u202f", *ours} if drawn(sign) == missing} == set()


@given(texts)
def test_clean_words_are_one_line_of_what_is_seen(words: str) -> None:
    """No line ends, tabs, control or format marks, halves of pairs; single spaces; cleaning twice is cleaning once."""
    text = clean(words)
    assert all(sign.isprintable() or sign in "\u00a0\u202f" for sign in text)
    assert "  " not in text
    assert text == text.strip(" ")
    assert clean(text) == text


def test_a_letter_and_its_mark_become_one() -> None:
    """As a Mac or a phone may send them: й is one glyph, ӣ and ӯ as well; a number keeps its spaces."""
    assert clean("и\u0306 и\u0304\n у\u0304") == "й ӣ ӯ"
    assert clean("1\u00a0000\u202f000\t\u200bTJS") == "1\u00a0000\u202f000 TJS"


@given(texts, st.sampled_from([SMALL, FIGURE]), st.integers(0, 600))
def test_words_are_cut_to_their_width(words: str, type_: Type, width: int) -> None:
    """What fits stays; else as much of its beginning as there is room for, and …"""
    text, shown = clean(words), cut(words, type_, width)
    assert width_of(shown, type_) <= width
    if width_of(text, type_) <= width:
        assert shown == text
    elif shown:
        assert shown.endswith("…")
        assert text.startswith(shown[:-1])


@given(texts, st.integers(40, 600))
def test_words_take_two_lines_at_most(words: str, width: int) -> None:
    """Each fits; where nothing was left out they are the words themselves."""
    lines = two_lines(words, WORDS, width)
    assert 1 <= len(lines) <= 2
    assert all(width_of(line, WORDS) <= width for line in lines)
    if not any(line.endswith("…") for line in lines) and all(lines):
        assert " ".join(lines) == clean(words)


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("доставлено", ["доставлено"]),
        ("95 % доставлены за", ["95 %", "доставлены за"]),
        ("половина доставлена за", ["половина", "доставлена за"]),
        ("половина всех сообщений доставлена быстрее", ["половина всех", "сообщений дост…"]),
    ],
)
def test_two_lines_are_about_as_long(words: str, lines: list[str]) -> None:
    """No short word is left alone on the second."""
    assert two_lines(words, WORDS, 301) == lines
