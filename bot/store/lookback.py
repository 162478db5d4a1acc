"""Look back into the log: pages of it, counts. However long it grows, a look costs about the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from bot.domain.figures import Figures, figures_from_json, rounded
from bot.domain.lookback import STATES, Bounds, Glance, Wanted
from bot.domain.message import Message, State
from bot.domain.operators import operator_of
from bot.store.base import Statements
from bot.store.messages import COLUMNS, to_message
from bot.store.schema import IS_TROUBLE, OF_CAMPAIGN, TROUBLE, figures, lists, messages, micros, phone_backwards, word

_REACH = 2_000
"""Rows gone through in one look, beyond what the index chooses."""
_DISORDER = timedelta(minutes=1)
"""Workers number their messages in almost the order of their clocks; by this much they may differ."""
_LAST = 2**62
_PREFIX = sa.func.substr(messages.c.phone, sa.literal_column("4"), sa.literal_column("3"), type_=sa.Text)
_SECOND = 1_000_000
_COUNTING = "counting "
_BEGIN = sa.text(
    "INSERT INTO figures (since, until, counts) VALUES (:since, :until, :counts) "
    "ON CONFLICT (since, until) DO UPDATE SET counts = excluded.counts"
)


class LookBack(Statements):
    """The statements of looking back."""

    async def look_back(self, wanted: Wanted, time: Bounds, edge: int | None, *, newer: bool, limit: int) -> Glance:
        """A page of what is wanted: below the number `edge`, or above it if `newer`; the newest without an edge.

        Rows that the best index chooses are gone through, `_REACH` at most; a look that ends there says so.
        """
        low, high = await self._range(time)
        if edge is not None:
            low, high = (max(low, edge + 1), high) if newer else (low, min(high, edge))
        found: list[Message] = []
        ends: list[int | None] = []
        await self._keep_order(kept=True)
        for way in _ways(wanted):
            end = await self._end(way, low, high, newer=newer)
            reach = (low, high) if end is None else (low, end + 1) if newer else (end, high)
            query = sa.select(*COLUMNS).where(self._within(way, *reach), *_rest(wanted, time))
            rows = await self._connection.execute(query.order_by(*self._order(way, newer=newer)).limit(limit + 1))
            found += [to_message(row) for row in rows]
            ends.append(end)
        await self._keep_order(kept=False)
        return _page(found, ends, edge, newer=newer, limit=limit)

    def _within(self, way: "_Way", low: int, high: int) -> sa.ColumnElement[bool]:
        """Rows of these numbers, the second one not included.

        For PostgreSQL range and order are spelled column by column: so no other index can be taken for the right one.
        """
        if self._connection.dialect.name == "sqlite":
            same = [column == value for column, value in zip(way.columns, way.values, strict=True)]
            return sa.and_(*same, messages.c.id >= low, messages.c.id < high, way.rows)
        place = sa.tuple_(*way.columns, messages.c.id)
        begin, end = (sa.tuple_(*way.values, sa.literal(number, sa.BigInteger)) for number in (low, high))
        return sa.and_(place >= begin, place < end, way.rows)

    def _order(self, way: "_Way", *, newer: bool) -> list[sa.ColumnElement[Any]]:
        """By number."""
        columns = () if self._connection.dialect.name == "sqlite" else way.columns
        place: list[sa.ColumnElement[Any]] = [*columns, messages.c.id]
        return place if newer else [column.desc() for column in place]

    async def _keep_order(self, *, kept: bool) -> None:
        """Have PostgreSQL read as the index goes.

        It thinks the rows spread evenly over the log, and often knows little of their number: it would bring together
        and sort half a million to give ten.
        """
        if self._connection.dialect.name == "postgresql":
            way = "off" if kept else "on"
            names = ("enable_sort", "enable_bitmapscan")
            await self._connection.execute(sa.select(*(sa.func.set_config(name, way, sa.true()) for name in names)))

    async def _range(self, time: Bounds) -> tuple[int, int]:
        """The numbers between which the messages of this time stand, the second one not included; and some others."""
        since, until = time
        at = messages.c.created_at
        before = await self._number(at < since - _DISORDER, at.desc()) if since else None
        after = await self._number(at >= until + _DISORDER, at) if until else None
        return (0 if before is None else before + 1), (_LAST if after is None else after)

    async def _number(self, condition: sa.ColumnElement[bool], order: sa.ColumnElement[Any]) -> int | None:
        query = sa.select(messages.c.id).where(condition).order_by(order).limit(1)
        found: int | None = await self._connection.scalar(query)
        return found

    async def _end(self, way: "_Way", low: int, high: int, *, newer: bool) -> int | None:
        """The number at which a look has gone through enough; None if there is not that much."""
        query = sa.select(messages.c.id).where(self._within(way, low, high)).order_by(*self._order(way, newer=newer))
        found: int | None = await self._connection.scalar(query.offset(_REACH).limit(1))
        return found

    async def span_of_time(self, time: Bounds) -> tuple[int, int]:
        """The numbers between which the messages of a time stand so far, the second one not included."""
        low, high = await self._range(time)
        newest = await self._connection.scalar(sa.select(sa.func.max(messages.c.id))) or 0
        return min(low, newest + 1), min(high, newest + 1)

    async def page_of_time(self, time: Bounds, after: int, limit: int) -> list[Message]:
        """Messages of a time whose numbers follow `after`, oldest first."""
        low, high = await self._range(time)
        reach = sa.and_(messages.c.id > after, messages.c.id >= low, messages.c.id < high)
        query = sa.select(*COLUMNS).where(reach, *_rest(Wanted(), time))
        rows = await self._connection.execute(query.order_by(messages.c.id).limit(limit))
        return [to_message(row) for row in rows]

    async def count_messages(
        self, time: Bounds, campaign_id: int | None, after: int, limit: int
    ) -> tuple[Figures, int | None]:
        """Count messages of a time (and a campaign) whose numbers follow `after`: `limit` of them at most.

        Returns the counts and the number to go on after; None if all are counted.
        """
        low, high = await self._range(time)
        wanted = Wanted(campaign_id=campaign_id)
        [way] = _ways(wanted)
        some = (
            sa.select(messages.c.id, _PREFIX.label("prefix"), messages.c.state, _DELAY.label("delay"))
            .where(self._within(way, max(low, after + 1), high), *_rest(wanted, time))
            .order_by(*self._order(way, newer=True))
            .limit(limit)
            .subquery()
        )
        kinds = (some.c.prefix, some.c.state, some.c.delay)
        query = sa.select(*kinds, sa.func.count().label("number"), sa.func.max(some.c.id).label("last")).group_by(
            *kinds
        )
        await self._keep_order(kept=True)
        rows = (await self._connection.execute(query)).all()
        await self._keep_order(kept=False)
        whole = sum(row.number for row in rows) < limit
        return _figures(rows), None if whole else max(row.last for row in rows)

    async def first_message_at(self) -> datetime | None:
        """When the first message was ordered."""
        at = messages.c.created_at
        found: datetime | None = await self._connection.scalar(sa.select(at).order_by(at).limit(1))
        return found

    async def last_message_at(self, campaign_id: int) -> datetime | None:
        """When the last message of a campaign was ordered."""
        query = sa.select(messages.c.created_at).where(messages.c.campaign_id == campaign_id)
        found: datetime | None = await self._connection.scalar(query.order_by(messages.c.id.desc()).limit(1))
        return found

    async def kept_figures(self, since: datetime, until: datetime) -> Figures | None:
        """What was counted of this span before, and has not changed since."""
        same = sa.and_(figures.c.since == since, figures.c.until == until)
        kept: str | None = await self._connection.scalar(sa.select(figures.c.counts).where(same))
        return figures_from_json(kept) if kept and not kept.startswith(_COUNTING) else None

    async def begin_count(self, since: datetime, until: datetime) -> str:
        """Say that a span is being counted, in a commit of its own; return what `keep_figures` knows this count by."""
        begun = _COUNTING + uuid4().hex
        await self._connection.execute(_BEGIN, {"since": micros(since), "until": micros(until), "counts": begun})
        return begun

    async def keep_figures(self, since: datetime, until: datetime, counted: Figures, begun: str) -> None:
        """Keep what was counted of a span, unless something in it moved since the count began, or another one began."""
        same = sa.and_(figures.c.since == since, figures.c.until == until, figures.c.counts == begun)
        await self._connection.execute(sa.update(figures).where(same).values(counts=counted.to_json()))

    async def add_list(self, actor_id: int, wanted: str, now: datetime) -> int:
        """Keep what a list in a chat is narrowed to; return its id."""
        values = {"actor_id": actor_id, "wanted": wanted, "created_at": now}
        added = await self._connection.execute(sa.insert(lists).values(values).returning(lists.c.id))
        return int(added.scalar_one())

    async def list_wanted(self, id_: int) -> str | None:
        """What this list is narrowed to."""
        found: str | None = await self._connection.scalar(sa.select(lists.c.wanted).where(lists.c.id == id_))
        return found

    async def narrow_list(self, id_: int, wanted: str) -> None:
        """Narrow it to something else."""
        await self._connection.execute(sa.update(lists).where(lists.c.id == id_).values(wanted=wanted))


@dataclass(frozen=True)
class _Way:
    """The rows that an index chooses: those whose first columns are as given."""

    columns: tuple[sa.ColumnElement[Any], ...] = ()
    values: tuple[sa.ColumnElement[Any], ...] = ()
    rows: sa.ColumnElement[bool] = field(default_factory=sa.true)
    """Which rows the index holds; it is found by this."""


def _ways(wanted: Wanted) -> list[_Way]:
    """The most telling index; of several states each by itself, since each comes in order."""
    if wanted.phone:
        return [_Way((phone_backwards,), (sa.literal(wanted.phone[::-1], sa.Text),))]
    owner, campaign = sa.literal(wanted.campaign_id, sa.BigInteger), messages.c.campaign_id
    states = STATES[wanted.kind] if wanted.kind else ()
    if states and set(states) <= set(TROUBLE):
        if wanted.campaign_id is None:
            return [_Way((messages.c.state,), (word(state),), IS_TROUBLE) for state in states]
        columns = (campaign, messages.c.state)
        return [_Way(columns, (owner, word(state)), IS_TROUBLE & OF_CAMPAIGN) for state in states]
    if wanted.campaign_id is not None:
        return [_Way((campaign,), (owner,))]
    if wanted.actor_id is not None:
        return [_Way((messages.c.actor_id,), (sa.literal(wanted.actor_id, sa.BigInteger),))]
    return [_Way()]


def _rest(wanted: Wanted, time: Bounds) -> list[sa.ColumnElement[bool]]:
    """What every row is held to, but for what the index chooses."""
    since, until = time
    chosen = {column.key for way in _ways(wanted) for column in way.columns}
    asked = {"campaign_id": wanted.campaign_id, "actor_id": wanted.actor_id}
    return [
        *(messages.c[name] == id_ for name, id_ in asked.items() if id_ is not None and name not in chosen),
        *([messages.c.state.in_(STATES[wanted.kind])] if wanted.kind and "state" not in chosen else []),
        *([messages.c.created_at >= since] if since else []),
        *([messages.c.created_at < until] if until else []),
    ]


def _page(found: list[Message], ends: Sequence[int | None], edge: int | None, *, newer: bool, limit: int) -> Glance:
    """Ten of what was found; where a look was cut short, nothing beyond its end counts."""
    reached = [end for end in ends if end is not None]
    end = (min(reached) if newer else max(reached)) if reached else None
    if end is not None:
        found = [row for row in found if (row.id <= end if newer else row.id >= end)]
    found.sort(key=lambda message: message.id, reverse=not newer)
    full = len(found) > limit
    shown = found[:limit]
    beyond = shown[-1].id if full else end
    back = None if edge is None else shown[0].id if shown else edge + 1 if newer else edge - 1
    return Glance(
        messages=tuple(reversed(shown) if newer else shown),
        older=back if newer else beyond,
        newer=beyond if newer else back,
        cut=len(shown) < limit and end is not None,
    )


_DELAY = sa.case(
    (
        # What was found to have been delivered after all left nobody knows when: both moments are that of the news.
        sa.and_(messages.c.state == word(State.DELIVERED), messages.c.accepted_at != messages.c.final_at),
        (sa.cast(messages.c.final_at, sa.BigInteger) - sa.cast(messages.c.accepted_at, sa.BigInteger))
        / sa.literal_column(str(_SECOND)),
    ),
    else_=sa.null(),
)


def _figures(rows: Sequence[sa.Row[Any]]) -> Figures:
    counts: Counter[tuple[str, State]] = Counter()
    delays: Counter[int] = Counter()
    names: Mapping[str, str] = {row.prefix: operator_of("992" + row.prefix) for row in rows}
    for row in rows:
        counts[names[row.prefix], State(row.state)] += row.number
        if row.delay is not None:
            delays[rounded(int(row.delay))] += row.number
    return Figures(counts, delays)
