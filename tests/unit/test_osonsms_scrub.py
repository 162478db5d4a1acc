"""What an error may say: the gateway's words in one short line, with no piece of a secret in them."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.osonsms.scrub import LONGEST, scrub

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""On a fresh checkout hypothesis first builds its tables, for a second or more; that is no fault of a test."""

TOKEN = "7f3c9a51e2b84d06"
PHONE = "992900001234"
TEXT = "Салом, Фирӯза! Рамзи шумо: 4711 & 100 % + ҳадя\nOsonSMS"
SECRETS = (TOKEN, PHONE, TEXT)

PIECES = [TOKEN[4:10], PHONE[5:], "000-12", "Салом,", "Фирӯза", "Рамзи ", "ҳадя", "4711", "%D0%A4%D0%B8"]


@pytest.mark.parametrize(
    "echo",
    [
        TOKEN,
        f"Bearer {TOKEN.upper()}",
        TOKEN[3:14],
        PHONE,
        f"+{PHONE}",
        "992 90 000-12-34",
        "+992 (90) 000 12 34",
        PHONE[3:],
        TEXT,
        TEXT[:15],
        TEXT[20:],
        TEXT.upper(),
        quote(TEXT),
        urlencode({"phone_number": PHONE, "msg": TEXT}),
        "Салом, Фирӯза! Рамзи шумо: 4711 &amp; 100",
        "код 4711",
    ],
)
def test_no_piece_of_a_secret_stays_however_it_was_cut_or_encoded(echo: str) -> None:
    """Whole, cut, in capitals, set apart, percent-encoded or as HTML: no telling piece of it is left."""
    line = scrub(f"Incorrect sender: {echo}.", SECRETS)
    assert line.startswith("Incorrect sender:")
    assert "…" in line
    assert [piece for piece in PIECES if piece.lower() in line.lower()] == []


@patient
@given(st.text(max_size=40), st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_a_secret_in_any_surroundings_is_kept_out(before: str, after: str, secret: str) -> None:
    """Whatever stands before and after it."""
    secret = " ".join("".join(c for c in secret if c.isprintable()).split()).replace("…", "") or "secret"
    assert secret not in scrub(f"{before}{secret}{after}", [secret])


def test_the_words_without_a_secret_stay() -> None:
    """They help whoever mends the account; an IP address in them too."""
    words = "Host is not in whitelist. Remote address is 192.0.2.7"
    assert scrub(words, SECRETS) == words


def test_a_short_secret_is_kept_out_and_an_empty_one_hides_nothing() -> None:
    """A text of a few letters is a text; no text at all must not blot out every word."""
    assert scrub("Bad: код", ["код"]) == "Bad: …"
    assert scrub("Incorrect sender", ["", " "]) == "Incorrect sender"


@patient
@given(st.text())
def test_what_stays_is_one_short_printable_line(words: str) -> None:
    """No line end, no escape sequence, nothing that UTF-8 cannot hold."""
    line = scrub(words + "\nERROR \x1b[31m\x00\ud800" + words * 50, SECRETS)
    assert len(line) <= LONGEST
    assert line.isprintable()
    line.encode()


@pytest.mark.parametrize("words", [None, 5, True, ["x"], {"x": "y"}])
def test_what_is_no_string_says_nothing(words: object) -> None:
    """The gateway may put anything in the place of its words."""
    assert scrub(words, SECRETS) == ""
