"""Whether a message is a list of phones, rather than a sentence with phones in it or a command."""

from bot.domain.phone import PhoneFault
from bot.intake.cells import read_phones
from bot.intake.faults import RowFault
from bot.intake.rows import split_beside

_MAX_NAME, _MAX_WORDS, _MANY_DIGITS = 40, 5, 5
_SENTENCE = frozenset('!?:"«»{}')
_NUMBERLIKE = frozenset(PhoneFault) - {PhoneFault.EMPTY, PhoneFault.NOT_A_NUMBER} | {RowFault.SCIENTIFIC}


def is_pasted_list(text: str) -> bool:
    """Whether `text` is two or more phones: one a line, each perhaps with a name beside it, or many in a line."""
    lines = [line for line in text.splitlines() if line.strip()]
    found = [_phones(line) for line in lines]
    return all(count is not None for count in found) and sum(filter(None, found)) > 1


def _phones(line: str) -> int | None:
    """How many phones are in a line of a list (a wrong one counts as none); None: it is no such line."""
    phones, faults = read_phones(line)
    if _NUMBERLIKE.issuperset(faults):
        return len(phones)
    _, *name = split_beside(line)
    return 1 if name and _is_name(name[0]) else None


def _is_name(words: str) -> bool:
    short = len(words) <= _MAX_NAME and len(words.split()) <= _MAX_WORDS
    return short and _SENTENCE.isdisjoint(words) and sum(map(str.isdigit, words)) < _MANY_DIGITS
