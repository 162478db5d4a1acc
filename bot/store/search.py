"""Search the log: for phones, for their last digits, for words of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

from bot.domain.lookback import Hits
from bot.domain.message import Message
from bot.store.base import Statements
from bot.store.messages import COLUMNS, to_message
from bot.store.quick import quick
from bot.store.rows import Rows, given
from bot.store.schema import messages, phone_backwards
from bot.store.words import BUNDLE, LONGEST, folded, ids_of, known

_RECENT = 1_000
"""Messages looked at one by one for words, before the index is asked: it brings together all that it finds."""
_LATE = 100_000
"""Messages whose bundles PostgreSQL looks through one by one, before it brings together all there are."""
_FIRST, _MOST = 32, 250
"""Bundles looked at to begin with, and in all."""
_TELLING = 3
"""Letters without which the beginning of a word is no help in choosing bundles."""
_DIGITS = 12
"""Of a phone."""


class Search(Statements):
    """The statements of searching."""

    async def messages_by_phone(self, phone: str, limit: int) -> list[Message]:
        """The latest messages to this phone."""
        return await self._latest(phone_backwards == phone[::-1], limit)

    async def messages_by_phone_end(self, digits: str, limit: int) -> list[Message]:
        """The latest messages to phones that end with these digits."""
        begin = digits[::-1]
        ids = (
            sa.select(messages.c.id)
            .where(phone_backwards.between(begin, begin.ljust(_DIGITS, "9")))
            .order_by(sa.desc(_UNSORTED))
            .limit(limit)
        )
        return await self._latest(messages.c.id.in_(ids), limit)

    async def messages_by_words(self, words: Sequence[str], limit: int) -> Hits:
        """The latest messages in whose text all these words stand; the last may be the beginning of one.

        Signs part words, and are not looked for. Confidential messages are never found by their words.
        """
        asked = _Asked(known(" ".join(words)))
        if not asked.words:
            return Hits()
        rows = await quick(self._connection, _NEWEST, {"recent": _RECENT})
        ids = [id_ for id_, text in rows if asked.stand_in(text)]
        cut = False
        if len(ids) < limit:
            ids, cut = await self._bundled(asked, rows[0][0] if rows else 0, limit)
        return Hits(tuple(await self._latest(messages.c.id.in_(ids[:limit]), limit)) if ids else (), cut)

    async def _bundled(self, asked: "_Asked", newest: int, limit: int) -> tuple[list[int], bool]:
        """Those that the index knows, and whether there are bundles that were not looked at.

        To bring together all that begins so takes long: first without it, if it can. PostgreSQL cannot tell from the
        index of words which bundles are the latest, and would read a hundred thousand to sort them: so there the latest
        are looked through instead.
        """
        first = (asked.whole or asked.all, 0, _FIRST)
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(_PLAN_ANEW)
            first = (asked.all, max(0, newest - _LATE) * BUNDLE, _MOST)
        ids, is_all = list[int](), True
        for question, above, most in (first, (asked.all, 0, _MOST)):
            bundles = await self._bundles(question, above, most + 1)
            ids, is_all = await self._holding(asked, bundles[:most], limit), len(bundles) <= most
            # Of the latest: if that is all of them, older ones may follow. Of everything: if it is not all, ask better.
            if len(ids) >= limit or is_all == (above == 0):
                break
        return ids, len(ids) < limit and not is_all

    async def _bundles(self, question: Sequence[str], above: int, most: int) -> list[int]:
        """The latest bundles, of higher numbers than `above`, that hold these words; one with a star may go on."""
        spell, statement = _WAYS[self._connection.dialect.name]
        rows = await quick(self._connection, statement, {"asked": spell(question), "above": above, "most": most})
        return [row[0] for row in rows]

    async def _holding(self, asked: "_Asked", bundles: Sequence[int], limit: int) -> list[int]:
        """The latest messages of these bundles that hold the words.

        Bundles come by their last messages, and all that stands between their first and last ones is looked at: so
        nothing of a bundle to come is newer than what was found.
        """
        found: set[int] = set()
        start, end = 0, _FIRST
        while start < len(bundles) and len(found) < limit:
            ids = Rows.pack((id_,) for bundle in bundles[start:end] for id_ in ids_of(bundle))
            found |= {id_ for id_, text in await quick(self._connection, _TEXTS, ids) if asked.stand_in(text)}
            start, end = end, end * 4
        return sorted(found, reverse=True)[:limit]

    async def _latest(self, condition: sa.ColumnElement[bool], limit: int) -> list[Message]:
        query = sa.select(*COLUMNS).where(condition).order_by(messages.c.id.desc()).limit(limit)
        return [to_message(row) for row in await self._connection.execute(query)]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Words that are asked for, without capitals."""

    words: tuple[str, ...]

    @property
    def whole(self) -> list[str]:
        """All but the last, as the index knows them."""
        return [word[:LONGEST] for word in self.words[:-1]]

    @property
    def all(self) -> list[str]:
        """With the last, which may go on; without it, where it would choose nearly all there is."""
        last = self.words[-1]
        return self.whole if self.whole and len(last) < _TELLING else [*self.whole, last[:LONGEST] + "*"]

    def stand_in(self, text: str) -> bool:
        """Whether they all do; nearly all texts are told by the quick look."""
        low = folded(text)
        if not all(word in low for word in self.words):
            return False
        there = known(text)
        *whole, begun = self.words
        return set(whole) <= set(there) and any(word.startswith(begun) for word in there)


def _spelled_for_sqlite(words: Sequence[str]) -> str:
    return " ".join(f'"{word.rstrip("*")}"' + "*" * word.endswith("*") for word in words)


def _spelled_for_postgresql(words: Sequence[str]) -> str:
    return " & ".join(f"'{word.rstrip('*')}'" + ":*" * word.endswith("*") for word in words)


_UNSORTED: sa.ColumnElement[int] = messages.c.id + sa.literal_column("0")
"""Not the number itself: PostgreSQL would think that there are many, and go back row by row until it meets them."""
_IDS = Rows(id=sa.BigInteger)
_TEXTS = (
    sa.select(messages.c.id, messages.c.text)
    .where(messages.c.id.in_(sa.select(_IDS.cells["id"])), ~messages.c.confidential)
    .order_by(messages.c.id.desc())
)
_NEWEST = (
    sa.select(messages.c.id, messages.c.text)
    .where(
        messages.c.id > sa.select(sa.func.max(messages.c.id)).scalar_subquery() - given("recent", sa.Integer),
        ~messages.c.confidential,
    )
    .order_by(messages.c.id.desc())
    .limit(given("recent", sa.Integer))
)


_PLAN_ANEW = sa.select(sa.func.set_config("plan_cache_mode", "force_custom_plan", sa.true()))
"""How much a statement finds depends on the words: what is best for one question is slow for another."""


def _bundles(holds: sa.ColumnElement[bool], order: sa.ColumnElement[Any]) -> sa.Select[Any]:
    number: sa.ColumnElement[int] = sa.column("rowid", sa.BigInteger)
    return (
        sa.select(number).where(holds, number > given("above")).order_by(order.desc()).limit(given("most", sa.Integer))
    )


_FTS = sa.table("words", sa.column("rowid", sa.BigInteger), sa.column("words", sa.Text))
_GIN = sa.table("words", sa.column("rowid", sa.BigInteger), sa.column("words"))
_WAYS = {
    "sqlite": (
        _spelled_for_sqlite,
        _bundles(_FTS.c.words.op("MATCH", is_comparison=True)(given("asked", sa.Text)), _FTS.c.rowid).select_from(_FTS),
    ),
    "postgresql": (
        _spelled_for_postgresql,
        _bundles(
            _GIN.c.words.op("@@", is_comparison=True)(sa.cast(given("asked", sa.Text), TSQUERY)),
            _GIN.c.rowid + sa.literal_column("0"),
        ).select_from(_GIN),
    ),
}
