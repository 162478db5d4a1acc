"""Search the log: for phones, for their last digits, for words of texts."""

from collections.abc import Sequence
from itertools import islice

import sqlalchemy as sa

from bot.domain.lookback import words_of
from bot.domain.message import Message
from bot.store.base import Statements
from bot.store.messages import COLUMNS, to_message
from bot.store.schema import LEXEMES, messages, phone_backwards

_RECENT = 2_000
"""Rows looked at one by one for words, before the index is asked: it brings together all that it finds."""
_LONGEST = 2046
"""Bytes of the longest word that PostgreSQL knows; it refuses to look for a longer one."""
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
            .order_by(messages.c.id.desc())
            .limit(limit)
        )
        return await self._latest(messages.c.id.in_(ids), limit)

    async def messages_by_words(self, words: Sequence[str], limit: int) -> list[Message]:
        """The latest messages in whose text all these words stand; the last may be the beginning of one.

        Signs part words, and are not looked for. Confidential messages are never found by their words.
        """
        words = words_of(" ".join(words))
        if not words or max(len(each.encode()) for each in words) > _LONGEST:
            return []
        recent = await self._recent(words, limit)
        if len(recent) >= limit:
            return recent
        if self._connection.dialect.name == "sqlite":
            found = await self._latest(messages.c.id.in_(_fts(words, limit, begun=False)), limit)
            if len(found) >= limit:
                return found
            # FTS5 brings together all words that begin so before it finds the first.
            return await self._latest(messages.c.id.in_(_fts(words, limit, begun=True)), limit)
        # Not by the id itself: PostgreSQL takes every word for a common one, and would go back row by row to the first.
        by_index = messages.c.id + sa.literal_column("0")
        return await self._latest(_tsquery(words), limit, by_index)

    async def _recent(self, words: Sequence[str], limit: int) -> list[Message]:
        """Those of the latest messages that hold these words. Here the common ones are found."""
        newest = await self._connection.scalar(sa.select(sa.func.max(messages.c.id))) or 0
        latest = sa.and_(messages.c.id > newest - _RECENT, ~messages.c.confidential)
        query = sa.select(messages.c.id, messages.c.text).where(latest).order_by(messages.c.id.desc())
        rows = await self._connection.execute(query.limit(_RECENT))
        ids = list(islice((row.id for row in rows if _holds(row.text, words)), limit))
        return await self._latest(messages.c.id.in_(ids), limit) if ids else []

    async def _latest(
        self, condition: sa.ColumnElement[bool], limit: int, order: sa.ColumnElement[int] = messages.c.id
    ) -> list[Message]:
        query = sa.select(*COLUMNS).where(condition).order_by(order.desc()).limit(limit)
        return [to_message(row) for row in await self._connection.execute(query)]


def _fts(words: Sequence[str], limit: int, *, begun: bool) -> sa.Select[tuple[int]]:
    """Each word as a string of FTS5; the last one may go on where it is only `begun`."""
    asked = " ".join(f'"{each}"' for each in words) + "*" * begun
    fts = sa.table("words", sa.column("rowid", sa.Integer), sa.column("words", sa.Text))
    return sa.select(fts.c.rowid).where(fts.c.words.op("MATCH")(asked)).order_by(fts.c.rowid.desc()).limit(limit)


def _tsquery(words: Sequence[str]) -> sa.ColumnElement[bool]:
    """The same for PostgreSQL."""
    asked = " & ".join(f"'{each}'" for each in words) + ":*"
    query = sa.func.to_tsquery(sa.literal_column("'simple'::regconfig"), asked)
    return sa.and_(sa.literal_column(LEXEMES).op("@@")(query), ~messages.c.confidential)


def _holds(text: str, words: Sequence[str]) -> bool:
    """The same in plain words; nearly all texts are told by the quick look."""
    *whole, begun = [each.lower() for each in words]
    low = text.lower()
    if begun not in low or not all(each in low for each in whole):
        return False
    known = words_of(low)
    return set(whole) <= set(known) and any(each.startswith(begun) for each in known)
