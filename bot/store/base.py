"""What the files of this room share."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.card import Subject
from bot.domain.message import State
from bot.store import schema
from bot.store.quick import quick
from bot.store.rows import Rows, given
from bot.store.schema import micros

Move = tuple[int | None, State | None, State]
"""A message's move: its campaign (None: none), from which state (None: it is new) to which."""

COVER = " " * 4096
"""Stands before a text that is to be erased. SQLite rebuilds pages as rows grow and go, and copies of what stood there
stay in the gaps; but what lies beyond a page's length has pages of its own, and secure_delete overwrites them whole."""


_IDS = Rows(id=sa.BigInteger)


def _bump() -> sa.Update:
    cards = schema.cards
    quiet, now = cards.c.quiet_until, given("now")
    return (
        sa.update(cards)
        .where(cards.c.subject == given("about", sa.Text), cards.c.subject_id.in_(sa.select(_IDS.cells["id"])))
        .values(
            wanted=cards.c.wanted + sa.literal_column("1"),
            due_at=sa.func.coalesce(cards.c.due_at, sa.case((quiet > now, quiet), else_=now)),
        )
    )


def _tally() -> sa.Update:
    tallies = schema.tallies
    return (
        sa.update(tallies)
        .where(tallies.c.campaign_id == given("campaign"))
        .values({state.value: tallies.c[state.value] + given(state.value, sa.Integer) for state in State})
    )


_BUMP, _TALLY = _bump(), _tally()
_SPEND = sa.text(
    "INSERT INTO spent (quarter, messages, parts) VALUES (:quarter, :messages, :parts) ON CONFLICT (quarter) "
    "DO UPDATE SET messages = spent.messages + excluded.messages, parts = spent.parts + excluded.parts"
)
_QUARTER = 15 * 60 * 1_000_000
_NO_CHANGE = {state.value: 0 for state in State}


class Statements:
    """The statements of one aggregate, on the connection of one transaction.

    `Transaction` puts them together; every method is one step of a transaction that its caller opened.
    """

    def __init__(self, connection: AsyncConnection, erase: Callable[[], None] = lambda: None) -> None:
        self._connection = connection
        self._erase = erase

    async def _bump(self, subject: Subject, ids: Sequence[int], now: datetime) -> None:
        """Make every card of these subjects due, no sooner than it may be edited again."""
        if ids:
            values = Rows.pack((id_,) for id_ in ids) | {"about": subject.value, "now": micros(now)}
            await quick(self._connection, _BUMP, values)

    async def _tally(self, moves: Iterable[Move]) -> None:
        """Keep count of what moved; campaigns in the order of their ids, so that no two workers wait for each other."""
        changes: defaultdict[int, Counter[State]] = defaultdict(Counter)
        for (campaign_id, before, after), number in Counter(moves).items():
            if campaign_id is None or before is after:
                continue
            changes[campaign_id][after] += number
            if before is not None:
                changes[campaign_id][before] -= number
        for campaign_id, change in sorted(changes.items()):
            values = {state.value: number for state, number in change.items()}
            await quick(self._connection, _TALLY, _NO_CHANGE | values | {"campaign": campaign_id})

    async def _spend(self, number: int, parts: int, now: datetime) -> None:
        """Count messages that the gateway has taken, and their parts. The last step of what holds messages."""
        if number:
            at = micros(now) or 0
            values = {"quarter": at - at % _QUARTER, "messages": number, "parts": parts}
            await quick(self._connection, _SPEND, values)

    async def _spend_bulk(self, campaign_id: int, now: datetime) -> None:
        """The same for a bulk call: nobody says what one file of a list costs, so it counts for its share."""
        campaigns, bulks = schema.campaigns, schema.bulks
        files = sa.select(sa.func.count()).where(bulks.c.campaign_id == campaign_id).scalar_subquery()
        query = sa.select(campaigns.c.recipients, campaigns.c.parts, files.label("files"))
        row = (await self._connection.execute(query.where(campaigns.c.id == campaign_id))).one()
        await self._spend(round(row.recipients / row.files), round(row.parts / row.files), now)

    async def _bump_inbox(self, now: datetime) -> None:
        """The notice of what waits for a decision. It comes last: whoever holds it waits for nobody else."""
        await self._bump(Subject.INBOX, [0], now)

    async def _count_anew(self, moments: Iterable[datetime]) -> None:
        """Forget what was counted of spans in which something ordered at these moments has moved after all."""
        for moment in set(moments):
            stale = sa.and_(schema.figures.c.since <= moment, schema.figures.c.until > moment)
            await self._connection.execute(sa.delete(schema.figures).where(stale))
