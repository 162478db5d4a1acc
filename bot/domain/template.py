"""Placeholders in a text: `{name}`, in any language, each filled from a column of that name."""

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches

# A brace pair round something that is neither blank nor another brace; any other brace is literal.
_PLACEHOLDER = re.compile(r"\{\s*([^{}\s](?:[^{}\n]*[^{}\s])?)\s*\}")
_SPACES = re.compile(r"\s+")

Fill = Callable[[Sequence[str]], str]
"""A row's values, in the order of the columns → the text for that row."""


class UnknownPlaceholder(ValueError):
    """The text names a column that there is not."""

    def __init__(self, name: str, nearest: str | None) -> None:
        self.name = name
        self.nearest = nearest
        """The column that was probably meant."""
        super().__init__("unknown placeholder")


def key(name: str) -> str:
    """The form in which names are compared: without regard to case and spaces."""
    return _SPACES.sub(" ", name.strip()).casefold()


def placeholders(text: str) -> tuple[str, ...]:
    """The names of the placeholders in `text`, in order, each once."""
    unique: dict[str, str] = {}
    for name in _PLACEHOLDER.findall(text):
        unique.setdefault(key(name), name)
    return tuple(unique.values())


def used_columns(text: str, columns: Sequence[str]) -> tuple[int, ...]:
    """The positions of the columns that the placeholders of `text` name.

    Raises:
        UnknownPlaceholder: one names none of them.
    """
    positions = {key(column): position for position, column in reversed(list(enumerate(columns)))}
    used = []
    for name in placeholders(text):
        if key(name) not in positions:
            near = get_close_matches(key(name), positions, n=1, cutoff=0.6)
            raise UnknownPlaceholder(name, columns[positions[near[0]]] if near else None)
        used.append(positions[key(name)])
    return tuple(used)


def compile_template(text: str, columns: Sequence[str]) -> Fill:
    """Make a function that fills `text` for a row. A value's own braces are literal: one pass, no second look.

    Raises:
        UnknownPlaceholder: as `used_columns`.
    """
    used_columns(text, columns)
    positions = {key(column): position for position, column in reversed(list(enumerate(columns)))}
    pieces = _PLACEHOLDER.split(text)  # literal, name, literal, name, …, literal
    literals, sources = pieces[::2], [positions[key(name)] for name in pieces[1::2]]

    def fill(row: Sequence[str]) -> str:
        parts = [literals[0]]
        for source, literal in zip(sources, literals[1:], strict=True):
            parts += (row[source], literal)
        return "".join(parts)

    return fill
