"""The index of words: which bundles of messages hold a word.

A bundle is messages that were ordered together, sixteen at most, and to the index one document of all their words. What
a campaign says to all stands in it once, not sixteen times: so it is small and quick to keep, and however common a word
is, its bundles are brought together quickly. Which message of a bundle holds the words, its text tells.
"""

import unicodedata
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.lookback import words_of
from bot.store.quick import quick
from bot.store.rows import Rows

BUNDLE = 16
LONGEST = 255
"""Letters of a word that the index knows; PostgreSQL takes no more than 2,046 bytes."""

_ROWS = Rows(bundle=sa.BigInteger, words=sa.Text)
_VECTOR = sa.func.array_to_tsvector(sa.func.string_to_array(_ROWS.cells["words"], sa.literal_column("' '")))
KEEP = {
    "sqlite": sa.insert(sa.table("words", sa.column("rowid"), sa.column("text"))).from_select(
        ["rowid", "text"], sa.select(*_ROWS.cells.values())
    ),
    "postgresql": sa.insert(sa.table("words", sa.column("rowid"), sa.column("words"))).from_select(
        ["rowid", "words"], sa.select(_ROWS.cells["bundle"], _VECTOR)
    ),
}


async def keep_words(connection: AsyncConnection, rows: Iterable[tuple[int, int | None, str]]) -> None:
    """Have the index know the words of these messages (number, campaign, text), in the order of their numbers."""
    await quick(connection, KEEP[connection.dialect.name], pack_words(rows))


def pack_words(rows: Iterable[tuple[int, int | None, str]]) -> dict[str, str]:
    """The same as what `KEEP` is given."""
    return Rows.pack(bundles(rows))


def bundles(rows: Iterable[tuple[int, int | None, str]]) -> Iterator[tuple[int, str]]:
    """Each bundle of these messages: its number, and its words with blanks between.

    A message of no campaign is one by itself: it has little in common with the next one.
    """
    together: dict[tuple[int, int], list[tuple[int, str]]] = {}
    for id_, campaign_id, text in rows:
        together.setdefault((id_ // BUNDLE, -id_ if campaign_id is None else campaign_id), []).append((id_, text))
    for some in together.values():
        if words := _words(text for _, text in some):
            first, last = some[0][0], some[-1][0]
            yield last * BUNDLE + last - first, words


def ids_of(bundle: int) -> range:
    """Between which numbers its messages stand."""
    last, others = divmod(bundle, BUNDLE)
    return range(last - others, last + 1)


def _words(texts: Iterable[str]) -> str:
    """What is the same in several texts is looked at once."""
    pieces = {piece for text in texts for piece in text.split()}
    return " ".join({word[:LONGEST] for word in known(" ".join(pieces))})


def known(text: str) -> tuple[str, ...]:
    """The words of a text as the index knows them."""
    return words_of(folded(text))


def folded(text: str) -> str:
    """A text in which capitals make no difference, nor how a letter is put together."""
    return unicodedata.normalize("NFC", text.casefold())
