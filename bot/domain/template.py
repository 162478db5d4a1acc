"""Placeholders: `{name}` in a text stands for a recipient's own value from the column of that name."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

_IN_NAME = r"[^{}\t-\r\x1c-\x1f\x85\u2028\u2029]"
_PLACEHOLDER = re.compile(rf"\{{(?!\s*\}})({_IN_NAME}{{1,64}})\}}")
"""A name on one line with something in it; every other brace is the text's own."""


class UnknownPlaceholder(ValueError):
    """The text names a column that is not there. The names are for the chat; a log gets neither."""

    def __init__(self, name: str, nearest: str | None) -> None:
        self.name = name
        self.nearest = nearest
        """The column that is spelled most like it; None when none is close."""
        super().__init__("a placeholder names no column")


def key(name: str) -> str:
    """The form in which two names are compared: without regard to case, to spaces and to how accents are composed."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def placeholders(text: str) -> tuple[str, ...]:
    """The names in `text`, each once (by its `key`) and in order, spelled as at their first place."""
    names = [name.strip() for name in _PLACEHOLDER.findall(text)]
    return tuple({key(name): name for name in reversed(names)}[folded] for folded in dict.fromkeys(map(key, names)))


def tidy(text: str) -> str:
    """`text` with no space between a placeholder's braces and its name: `{ name }` is `{name}`."""
    return _PLACEHOLDER.sub(lambda found: "{" + found[1].strip() + "}", text)


def bind(text: str, columns: Sequence[str]) -> dict[str, int]:
    """Every spelling of a placeholder in `text`, in order, with the index of its column.

    Raises:
        UnknownPlaceholder: a name that is no column's.
    """
    places = {key(column): index for index, column in reversed(list(enumerate(columns)))}
    return {name.strip(): _place(name.strip(), places, columns) for name in _PLACEHOLDER.findall(text)}


def _place(name: str, places: Mapping[str, int], columns: Sequence[str]) -> int:
    if (folded := key(name)) in places:
        return places[folded]
    close = difflib.get_close_matches(folded, places, n=1)
    raise UnknownPlaceholder(name, columns[places[close[0]]] if close else None)


def filler(text: str, columns: Sequence[str]) -> Callable[[Sequence[str]], str]:
    """Make the function that fills `text` for one row (values in the order of `columns`); it serves many rows fast.

    It goes over the text once, so braces inside a value stay as they are.

    Raises:
        UnknownPlaceholder: as `bind`.
    """
    pieces = _PLACEHOLDER.split(text)
    bound = bind(text, columns)
    if not bound:
        return lambda _: text
    pattern = "%s".join(piece.replace("%", "%%") for piece in pieces[::2])
    pick = itemgetter(*(bound[name.strip()] for name in pieces[1::2]))
    return lambda row: pattern % pick(row)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fill `text` once from values by name.

    Raises:
        UnknownPlaceholder: as `bind`.
    """
    return filler(text, tuple(values))(tuple(values.values()))
