"""The stand-in's own count of parts, against an independent oracle."""

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.gateway.parts import count_parts

GSM = "abc @£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¡ÄÖÑܧ¿äöñüà"
EXTENDED = "\f^{}\\[~]|€"
UCS2 = "яғӣқӯҳҷ😀中"


def texts(alphabet: str) -> st.SearchStrategy[str]:
    return st.lists(
        st.tuples(st.sampled_from(alphabet), st.integers(1, 160)).map(lambda run: run[0] * run[1]),
        min_size=1,
        max_size=6,
    ).map("".join)


@given(texts(GSM + EXTENDED) | texts(GSM + EXTENDED + UCS2) | st.text(min_size=1, max_size=400))
def test_agrees_with_the_oracle(text: str) -> None:
    """Any text that can travel makes as many parts as smsutil says."""
    text = text.replace("\x1b", "") or "x"  # an escape by itself is no character of its own
    assert count_parts(text) == len(smsutil.split(text).parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 80 + "a", 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("😀" * 35, 1),
        ("66" * 33 + "😀" + "я" * 66, 3),
    ],
)
def test_limits(text: str, parts: int) -> None:
    """160 and 153 septets, 70 and 67 units; an escape or surrogate pair is not torn, which can cost a part."""
    assert count_parts(text) == parts
