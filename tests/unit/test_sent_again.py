"""A list of our own making, in pieces: every text comes back from them as it went in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.draft import PieceKind
from bot.domain.wording import Wording
from bot.intake import written
from bot.services.order_campaign import pieces_of
from tests.support.log import PHONE

SIGNS = st.text(
    st.sampled_from(list("\r\n\t\v\f\x1c\x85\u2028\"',;\\{}% aЯ")) | st.characters(exclude_categories=["Cs"])
)
TEXTS = SIGNS.map(lambda text: text.replace("\0", "")).filter(bool)
"""What a message may have been sent with (`check_text`)."""


def sent_again(texts: list[str]) -> list[tuple[int, str, str] | None]:
    """What a campaign makes of them."""
    pieces = pieces_of([(PHONE, text) for text in texts])
    assert [(piece.kind, piece.first) for piece in pieces] == [
        (PieceKind.RECIPIENTS, first) for first in range(0, len(texts), 500)
    ]
    rows = [written(("phone", "text"), piece.data, Wording("{text}")) for piece in pieces]
    assert [len(some) for some in rows] == [piece.rows for piece in pieces]
    return [row for some in rows for row in some]


@pytest.mark.parametrize(
    "text",
    ["one\ntwo", "one\r\ntwo", "one\rtwo", "\n\n", '"', '""', 'a "b", c\n"', ",", " x ", "{text}", "%s", "'"],
)
def test_a_text_is_sent_again_letter_for_letter(text: str) -> None:
    """Several lines, quotes, commas, spaces round it: what failed is repeated, not something like it."""
    assert sent_again([text, "next"]) == [(1, PHONE, text), (2, PHONE, "next")]


@given(texts=st.lists(TEXTS, min_size=1, max_size=9))
def test_any_texts_are_sent_again_letter_for_letter(texts: list[str]) -> None:
    """Whatever stands in them and side by side."""
    assert sent_again(texts) == [(number, PHONE, text) for number, text in enumerate(texts, 1)]


def test_rows_are_counted_through_all_pieces() -> None:
    """Texts of several lines over the border of two pieces: each row once, in order."""
    texts = [f"line\n{number}" for number in range(1001)]
    assert sent_again(texts) == [(number, PHONE, text) for number, text in enumerate(texts, 1)]
