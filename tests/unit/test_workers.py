"""The pump: how much is under way, what is recorded, and how it stops."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.workers import Bell, Pump, every, supervised


class Lane:
    """A lane whose attempts wait for a word."""

    def __init__(self, jobs: int) -> None:
        self.jobs = list(range(jobs))
        self.recorded: list[int] = []
        self.under_way = 0
        self.most = 0
        self.go = asyncio.Event()
        self.break_attempt = False
        self.break_record = False

    async def claim(self, limit: int) -> list[int]:
        taken, self.jobs = self.jobs[:limit], self.jobs[limit:]
        return taken

    async def attempt(self, job: int) -> int:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.go.wait()
            if self.break_attempt and job == 1:
                raise RuntimeError("a bug in an attempt")
            return job
        finally:
            self.under_way -= 1

    async def record(self, results: Sequence[int]) -> None:
        if self.break_record:
            raise RuntimeError("the disk is full")
        self.recorded += results


def pump(lane: Lane, width: int = 4) -> tuple[Pump[int, int], Bell]:
    """A pump on this lane."""
    bell = Bell()
    return Pump(lane, width, bell, idle=0.01), bell


async def until(condition: object) -> None:
    """Until it holds."""
    async with asyncio.timeout(5):
        while not condition():  # type: ignore[operator]  # a lambda
            await asyncio.sleep(0.001)


async def test_no_more_than_the_width_is_under_way_and_all_is_recorded() -> None:
    """Width 4: at most four at a time, and each job's outcome is recorded once."""
    lane, stop = Lane(25), asyncio.Event()
    work, _ = pump(lane)
    task = asyncio.create_task(work.run(stop))
    await until(lambda: lane.under_way == 4)
    lane.go.set()
    await until(lambda: len(lane.recorded) == 25)
    stop.set()
    await task
    assert lane.most == 4
    assert sorted(lane.recorded) == list(range(25))


async def test_stopping_finishes_and_records_what_is_under_way() -> None:
    """After stop nothing new is claimed; what has left is waited for and recorded before run returns."""
    lane, stop = Lane(25), asyncio.Event()
    work, _ = pump(lane)
    task = asyncio.create_task(work.run(stop))
    await until(lambda: lane.under_way == 4)
    stop.set()
    lane.go.set()
    await task
    assert sorted(lane.recorded) == [0, 1, 2, 3]


async def test_a_broken_attempt_does_not_lose_the_outcomes_of_others() -> None:
    """One attempt raises: run raises it, and what had ended well before is recorded."""
    lane, stop = Lane(4), asyncio.Event()
    lane.break_attempt = True
    work, _ = pump(lane)
    task = asyncio.create_task(work.run(stop))
    await until(lambda: lane.under_way == 4)
    lane.go.set()
    with pytest.raises(ExceptionGroup, match="unhandled errors"):
        await task
    assert 1 not in lane.recorded
    assert 0 in lane.recorded


async def test_outcomes_that_cannot_be_written_stop_the_sending_until_they_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """record raises: nothing more is claimed, no outcome is lost, and all goes on once it can be written."""
    monkeypatch.setattr("bot.workers._FIRST_REST", 0.01)
    lane, stop = Lane(1000), asyncio.Event()
    lane.break_record = True
    lane.go.set()
    work, _ = pump(lane)
    task = asyncio.create_task(work.run(stop))
    await asyncio.sleep(0.2)
    assert len(lane.jobs) > 900
    assert not lane.recorded
    lane.break_record = False
    await until(lambda: len(lane.recorded) == 1000)
    stop.set()
    await task
    assert sorted(lane.recorded) == list(range(1000))


async def test_a_run_that_must_stop_unwritten_ends_and_can_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to stop while outcomes cannot be written, run raises and ends; the same pump then works anew."""
    monkeypatch.setattr("bot.workers._FIRST_REST", 0.01)
    lane, stop = Lane(10), asyncio.Event()
    lane.break_record = True
    lane.go.set()
    work, _ = pump(lane)
    task = asyncio.create_task(work.run(stop))
    await asyncio.sleep(0.1)
    stop.set()
    with pytest.raises(RuntimeError, match="the disk is full"):
        await asyncio.wait_for(task, 5)
    lane.break_record, lane.jobs, stop = False, [42], asyncio.Event()
    again = asyncio.create_task(work.run(stop))
    await until(lambda: lane.recorded == [42])
    stop.set()
    await asyncio.wait_for(again, 5)


async def test_a_ring_while_it_worked_is_not_lost() -> None:
    """What rings between the look and the wait is looked at once more, at once."""
    bell, stop, looks = Bell(), asyncio.Event(), 0

    async def step() -> bool:
        nonlocal looks
        looks += 1
        if looks == 1:
            bell.ring()
        if looks == 2:
            stop.set()
            bell.ring()  # as the app does
        return False

    async with asyncio.timeout(1):
        await every(step, bell.ear(), 60, stop)
    assert looks == 2


async def test_a_failed_worker_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """supervised starts the work again after a rest, until it returns."""
    monkeypatch.setattr("bot.workers._FIRST_REST", 0.01)
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OSError("no database")

    await asyncio.wait_for(supervised("test", work, asyncio.Event()), 5)
    assert tries == 3
