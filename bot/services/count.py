"""Count what became of messages, day by day. A day in which nothing moves any more is counted once and kept."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from bot.domain.figures import OLD, Figures, total
from bot.domain.lookback import Bounds, midnight
from bot.services.ports import Clock, Store

_AT_ONCE = 20_000
"""Messages counted in one look: other looks have their turn in between."""
_FRESH = timedelta(hours=1)
"""So long after a day messages of it may still be on their way into the log: it is not kept yet."""
_ALIKE = timedelta(minutes=5)
"""Whoever asks for a past day within this time is told the same: digests are due to all in one hour."""
_DAYS_KEPT_UP = 400
_DAYS = {"week": 7, "month": 30}
_MOST_STEPS = 31

Bar = tuple[datetime, Figures]
"""When a step of time begins, and what became of the messages ordered in it."""


class Count:
    """Figures of days, hours and campaigns, on the clock of the zone."""

    def __init__(self, store: Store, clock: Clock, zone: ZoneInfo) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._counting = asyncio.Lock()
        self._past: tuple[date, datetime, list[Bar]] = (date.min, clock(), [])
        """The day that was last asked for as past, when it was counted, and its hours."""

    @property
    def today(self) -> date:
        """Today."""
        return self._clock().astimezone(self._zone).date()

    async def day(self, day: date) -> Figures:
        """The messages ordered on this day."""
        return await self._span(midnight(day, self._zone), midnight(day + timedelta(days=1), self._zone))

    async def days(self, days: Sequence[date]) -> list[Figures]:
        """The same for each of several; what lies before the first message is not looked for."""
        async with self._store.read() as log:
            begun = await log.first_message_at()
        first = begun.astimezone(self._zone).date() if begun else date.max
        return [await self.day(day) if day >= first else Figures() for day in days]

    async def hours(self, day: date) -> list[Bar]:
        """The messages ordered on this day, by the hour: 23 to 25 of them, as the day has."""
        begin, end = midnight(day, self._zone), midnight(day + timedelta(days=1), self._zone)
        first = begin.timestamp()
        hours = round((end.timestamp() - first) / 3600)
        edges = [datetime.fromtimestamp(first + 3600 * hour, self._zone) for hour in range(hours + 1)]
        return [(since, await self._counted((since, until), None)) for since, until in pairwise(edges)]

    async def past_hours(self, day: date) -> list[Bar]:
        """The same of a day that is over, counted once for all who ask within a few minutes."""
        async with self._counting:
            known, at, bars = self._past
            if known != day or self._clock() - at > _ALIKE:
                bars = await self.hours(day)
                self._past = day, self._clock(), bars
        return bars

    async def period(self, period: str) -> list[Bar]:
        """The figures of a period: today by the hour, `week` and `month` by the day, a year by the month."""
        if period == "today":
            return await self.hours(self.today)
        if period == "year":
            return [(midnight(month, self._zone), total(await self.days(days))) for month, days in self._months()]
        days = [self.today - timedelta(days=back) for back in reversed(range(_DAYS[period]))]
        return [(midnight(day, self._zone), figures) for day, figures in zip(days, await self.days(days), strict=True)]

    def _months(self) -> list[tuple[date, list[date]]]:
        """The last twelve months with their days, up to today."""
        first = self.today.replace(year=self.today.year - 1, day=1)
        first = (first + timedelta(days=31)).replace(day=1)
        days = [first + timedelta(days=count) for count in range((self.today - first).days + 1)]
        return [(month, list(some)) for month, some in groupby(days, key=lambda day: day.replace(day=1))]

    async def campaign_steps(self, campaign_id: int, begun: datetime) -> list[Bar]:
        """The figures of a campaign, by the hour or, if it took longer than a day, by the day it was ordered on."""
        async with self._store.read() as log:
            last = await log.last_message_at(campaign_id) or begun
        first = begun.astimezone(self._zone)
        if last - begun < timedelta(days=1):
            step, edge = timedelta(hours=1), first.replace(minute=0, second=0, microsecond=0)
        else:
            step, edge = timedelta(days=1), midnight(first.date(), self._zone)
        edges = [edge + step * count for count in range(min((last - edge) // step + 1, _MOST_STEPS))]
        spans = zip(edges, [*edges[1:], None], strict=True)
        return [(since, await self._counted((since, until), campaign_id)) for since, until in spans]

    async def keep_up(self) -> None:
        """Count the days that are over and not kept yet, so that nobody waits for it later."""
        for back in range(1, _DAYS_KEPT_UP):
            day = self.today - timedelta(days=back)
            async with self._store.read() as log:
                begun = await log.first_message_at()
            if begun is None or midnight(day + timedelta(days=1), self._zone) <= begun:
                return
            await self.day(day)
            await asyncio.sleep(0)

    async def _span(self, since: datetime, until: datetime) -> Figures:
        async with self._store.read() as log:
            kept = await log.kept_figures(since, until)
        if kept is not None:
            return kept
        age = self._clock() - until
        if age < _FRESH:
            return await self._counted((since, until), None)
        async with self._store.write() as log:
            begun = await log.begin_count(since, until)
        counted = await self._counted((since, until), None)
        if counted.is_settled(old=age > OLD):
            async with self._store.write() as log:
                await log.keep_figures(since, until, counted, begun)
        return counted

    async def _counted(self, time: Bounds, campaign_id: int | None) -> Figures:
        some: list[Figures] = []
        after: int | None = 0
        while after is not None:
            async with self._store.read() as log:
                figures, after = await log.count_messages(time, campaign_id, after, _AT_ONCE)
            some.append(figures)
        return total(some)
