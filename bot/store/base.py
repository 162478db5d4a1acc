"""What the files of this room share."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.message import State
from bot.store import schema

Move = tuple[int | None, State | None, State]
"""A message's move: its campaign (None: none), from which state (None: it is new) to which."""

COVER = " " * 4096
"""Stands before a text that is to be erased. SQLite rebuilds pages as rows grow and go, and copies of what stood there
stay in the gaps; but what lies beyond a page's length has pages of its own, and secure_delete overwrites them whole."""


class Statements:
    """The statements of one aggregate, on the connection of one transaction.

    `Transaction` puts them together; every method is one step of a transaction that its caller opened.
    """

    def __init__(self, connection: AsyncConnection, erase: Callable[[], None] = lambda: None) -> None:
        self._connection = connection
        self._erase = erase

    async def _bump(self, subject: str, ids: sa.Select[tuple[int]] | list[int], now: datetime) -> None:
        """Make every card of these subjects due, no sooner than it may be edited again."""
        cards = schema.cards
        quiet = cards.c.quiet_until
        await self._connection.execute(
            sa.update(cards)
            .where(cards.c.subject == subject, cards.c.subject_id.in_(ids))
            .values(
                wanted=cards.c.wanted + 1,
                due_at=sa.func.coalesce(
                    cards.c.due_at, sa.case((quiet > now, quiet), else_=sa.literal(now, schema.Moment))
                ),
            )
        )

    async def _tally(self, moves: Iterable[Move]) -> None:
        """Keep count of what moved; campaigns in the order of their ids, so that no two workers wait for each other."""
        changes: defaultdict[int, Counter[State]] = defaultdict(Counter)
        for (campaign_id, before, after), number in Counter(moves).items():
            if campaign_id is None or before is after:
                continue
            changes[campaign_id][after] += number
            if before is not None:
                changes[campaign_id][before] -= number
        tallies = schema.tallies
        for campaign_id, change in sorted(changes.items()):
            values = {state.value: tallies.c[state.value] + number for state, number in change.items() if number}
            if values:
                await self._connection.execute(
                    sa.update(tallies).where(tallies.c.campaign_id == campaign_id).values(values)
                )
