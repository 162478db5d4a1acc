"""Keeps work of one kind under way: claims it, attempts it, records what became of it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import structlog

from bot.logs import where
from bot.workers.bell import Bell

log = structlog.get_logger()

Job = TypeVar("Job")
Result = TypeVar("Result")
_RECORD_AT_ONCE = 500
_GATHER = 0.1
"""Seconds that outcomes wait for company while many are under way."""
_AHEAD, _FARTHEST = 0.25, 1.0
"""Seconds for which jobs are claimed ahead, beside twice the time that a claim takes; and at the most."""
_MEASURED, _FADING = 0.5, 0.7
_FIRST_REST, _LONGEST_REST = 1.0, 60.0


class Lane(Protocol[Job, Result]):
    """Work of one kind. A claim and a record are a commit each; between them an attempt takes its time."""

    def rank(self, job: Job) -> int:
        """Of those that wait, the lowest goes first."""

    async def claim(self, limit: int) -> Sequence[Job]:
        """Take up to `limit` jobs."""

    async def attempt(self, job: Job) -> Result:
        """Do one."""

    async def record(self, results: Sequence[Result]) -> None:
        """Write what became of some."""


class Pump(Generic[Job, Result]):
    """Keeps up to `width()` jobs of a lane under way; what ends together is recorded together.

    A claim costs a commit, so jobs are claimed ahead: as many as end, at the present pace, while the next claim is
    made and a moment more. So a slow gateway is claimed for slowly, and what was claimed leaves soon. `batch` is how
    many are claimed at the least, where it does no harm that they wait; `rest` the seconds after a look that found
    nothing, since the bell rings all the time while much happens.
    """

    def __init__(
        self,
        lane: Lane[Job, Result],
        width: Callable[[], int],
        bell: Bell,
        idle: float,
        batch: int = 1,
        rest: float = 0.0,
    ) -> None:
        self._rest = rest
        self._lane = lane
        self._width = width
        self._batch = batch
        self._bell = bell
        self._ear = bell.ear()
        self._idle = idle
        self._begin()

    def _begin(self) -> None:
        """Nothing of a run that broke."""
        self._waiting: asyncio.PriorityQueue[tuple[int, int, Job]] = asyncio.PriorityQueue()
        self._done: asyncio.Queue[Result] = asyncio.Queue()
        self._room = asyncio.Event()
        self._pace = Pace()
        self._claim_takes = 0.0
        """Seconds, of late."""
        self._claimed = 0
        """Jobs that are claimed and not done yet."""
        self._hurried = False
        """Whether something that shall not wait was ordered."""
        self._enough = 0
        """With no more of them than this there is room for a claim."""
        self._senders = 0
        self._writes = True
        """Whether outcomes can be written; if not, nothing new is begun."""

    def hurry(self) -> None:
        """Look for work now, even if enough is under way: something was ordered that shall not wait."""
        self._hurried = True
        self._room.set()

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way."""
        return self._claimed > 0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; then finish what is under way, and record it, before returning."""
        self._begin()
        recorder = asyncio.create_task(self._record_all(stop))
        recorder.add_done_callback(lambda _: self._room.set())
        try:
            async with asyncio.TaskGroup() as group:
                while not stop.is_set():
                    await self._work(group, recorder)
        finally:
            await self._finish(recorder)

    async def _work(self, group: asyncio.TaskGroup, recorder: asyncio.Task[None]) -> None:
        if recorder.done():
            recorder.result()  # raises what ended it: nothing may be sent whose outcome cannot be written
        self._ear.forget()
        if not self._writes:
            await self._ear.wait(self._idle)
            return
        self._employ(group)  # the width may have grown, or outcomes can be written again
        width = self._width()
        seconds = min(_AHEAD + 2 * self._claim_takes, _FARTHEST)
        ahead = max(self._pace.in_seconds(seconds), width // 4, self._batch - width, 1)
        self._enough = width + (ahead - 1) // 2
        if self._claimed > self._enough and not self._hurried:  # claims cost a commit each: not one for every job
            self._room.clear()
            await self._wait_for_room()
            return
        self._hurried = False
        began = time.monotonic()
        jobs = await self._lane.claim(max(width + ahead - self._claimed, 1))
        self._claim_takes += (time.monotonic() - began - self._claim_takes) / 4
        for job in jobs:
            self._claimed += 1
            self._waiting.put_nowait((self._lane.rank(job), self._pace.next(), job))
        self._employ(group)
        if not jobs:
            await asyncio.sleep(self._rest)
            await self._ear.wait(self._idle)

    async def _wait_for_room(self) -> None:
        try:
            async with asyncio.timeout(self._idle):
                await self._room.wait()
        except TimeoutError:
            return  # the width may have changed meanwhile

    def _employ(self, group: asyncio.TaskGroup) -> None:
        """As many senders as there is work for, and room."""
        while self._senders < min(self._width(), self._claimed):
            self._senders += 1
            group.create_task(self._send())

    async def _send(self) -> None:
        """Do one job after the other, until none waits."""
        try:
            while self._writes and not self._waiting.empty() and self._senders <= self._width():
                _, _, job = self._waiting.get_nowait()
                try:
                    self._done.put_nowait(await self._lane.attempt(job))
                finally:
                    self._claimed -= 1
                    self._pace.count()
                    if self._claimed <= self._enough:
                        self._room.set()
        finally:
            self._senders -= 1

    async def _finish(self, recorder: asyncio.Task[None]) -> None:
        """Record what is done, even if something else broke; then let go of the recorder."""
        written = asyncio.create_task(self._done.join())
        await asyncio.wait([written, recorder], return_when=asyncio.FIRST_COMPLETED)
        for task in (written, recorder):
            task.cancel()
        outcomes = await asyncio.gather(written, recorder, return_exceptions=True)
        broken = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if broken:
            raise broken[0]

    async def _record_all(self, stop: asyncio.Event) -> None:
        while True:
            results = [await self._done.get()]
            if self._claimed > self._width() // 2:  # more will follow at once: one commit for them all
                await asyncio.sleep(_GATHER)
            while not self._done.empty() and len(results) < _RECORD_AT_ONCE:
                results.append(self._done.get_nowait())
            await self._record(results, stop)
            for _ in results:
                self._done.task_done()
            self._bell.ring()

    async def _record(self, results: Sequence[Result], stop: asyncio.Event) -> None:
        """Write these, however often it takes: what a call has told is not to be asked for again.

        Raises:
            Exception: it still fails when the work is to stop; leases run out then.
        """
        rest = _FIRST_REST
        while True:
            try:
                await self._lane.record(results)
            except Exception as error:
                self._writes = False
                if stop.is_set():
                    raise
                log.error("outcomes not written", error=type(error).__name__, where=where(error), rest=rest)  # noqa: TRY400 (a traceback may quote values)
                await asyncio.sleep(rest)
                rest = min(rest * 2, _LONGEST_REST)
            else:
                self._writes = True
                return


class Pace:
    """How many jobs end in a second, told from the last half second; a lull is believed by and by."""

    def __init__(self) -> None:
        self._number = 0
        self._ended = 0
        self._since = time.monotonic()
        self._rate = 0.0

    def next(self) -> int:
        """A number for each job: of equal rank, the first claimed goes first."""
        self._number += 1
        return self._number

    def count(self) -> None:
        """One has ended."""
        self._ended += 1

    def in_seconds(self, seconds: float) -> int:
        """How many will end in so many seconds, if it goes on like this."""
        passed = time.monotonic() - self._since
        if passed >= _MEASURED:
            self._rate = max(self._ended / passed, self._rate * _FADING)
            self._ended, self._since = 0, time.monotonic()
        return int(self._rate * seconds)
