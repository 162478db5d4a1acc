"""A text and how it is to be written: with placeholders filled, in Latin letters, with plain signs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.domain.letters import LATIN, PLAIN
from bot.domain.template import filler


@dataclass(frozen=True, slots=True)
class Wording:
    """What recipients are told. The tables work letter by letter, so rewriting a whole is rewriting its pieces."""

    text: str = field(repr=False)
    latin: bool = False
    """Whether Cyrillic is written in Latin letters: fewer parts."""
    plain: bool = False
    """Whether curly quotes, long dashes and their like are written plainly: they alone may force Unicode."""

    def rewrite(self, text: str) -> str:
        """`text` in the letters of this wording."""
        text = text.translate(PLAIN) if self.plain else text
        return text.translate(LATIN) if self.latin else text

    def writer(self, columns: Sequence[str]) -> Callable[[Sequence[str]], str]:
        """Make the function that writes the text for one row (values in the order of `columns`).

        Raises:
            UnknownPlaceholder: the text names a column that is not there.
        """
        fill = filler(self.text, columns)
        if not (self.latin or self.plain):
            return fill
        return lambda row: self.rewrite(fill(row))
