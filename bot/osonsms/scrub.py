"""The words of an error, made fit for a log: short, on one line, with nothing of the token, the phone or the text.

A gateway that refuses a message may well quote it. Its words help whoever mends the account, so they are kept, but
every piece of a secret in them is blotted out, however the quote was cut or encoded.
"""

import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

LONGEST = 300
"""Characters kept of an error's words."""

_PIECE = 6
"""So many characters in a row that also stand in a secret are taken for a quote of it."""

_DIGITS = re.compile(r"\+?[0-9](?:[ ()-]{0,2}[0-9]){3,}")
"""Four digits or more, as in a phone or a one-time code, also set apart; an IP address has dots and stays."""

_BLOT = "…"


def scrub(words: object, secrets: Iterable[str]) -> str:
    """At most `LONGEST` characters of `words` in one line, without any piece of `secrets`; empty if it is no string."""
    if not isinstance(words, str):
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in words[:LONGEST]).split())
    for spelling in _spellings(secrets):
        line = _blot(line, spelling)
    return _DIGITS.sub(_BLOT, line)[:LONGEST]


def _spellings(secrets: Iterable[str]) -> Iterator[str]:
    """Each secret in the ways a reply may spell it: on one line, percent-encoded, as HTML."""
    for secret in secrets:
        plain = " ".join(secret.split())
        yield from {plain, quote(plain, errors="replace"), html.escape(plain)} - {""}


def _blot(line: str, secret: str) -> str:
    """Put one mark in place of every run of characters that stands in `secret` too, without regard to case."""
    size = min(_PIECE, len(secret))
    secret = secret.lower()
    hidden = [False] * len(line)
    for start in range(len(line) - size + 1):
        if line[start : start + size].lower() in secret:
            hidden[start : start + size] = [True] * size
    marked = "".join("\0" if hide else c for c, hide in zip(line, hidden, strict=True))
    return re.sub("\0+", _BLOT, marked)
