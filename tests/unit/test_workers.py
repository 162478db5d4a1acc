"""The pump: how much is claimed and under way, in which order, what is recorded, and how it stops."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workers import Bell, Courtesy, Pump, at_intervals, every, supervised
from bot.workers import until as work_until
from bot.workers.courtesy import _LOOKED, _TALKING
from bot.workers.pump import _AHEAD, _FARTHEST, Pace

SINGLE, CAMPAIGN = 0, 1000


class Lane:
    """A lane of numbered jobs (thousands are their rank) whose attempts wait until they are let go."""

    def __init__(self, jobs: int = 0) -> None:
        self.jobs = list(range(jobs))
        self.claimed: list[int] = []
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.recorded: list[int] = []
        self.most_under_way = 0
        self.most_claimed = 0
        self.break_claim = self.break_attempt = self.break_record = False
        self.on_claim: Callable[[], None] = lambda: None
        self._gate = asyncio.Semaphore(0)

    @property
    def under_way(self) -> int:
        return len(self.begun) - len(self.ended)

    def let_go(self, number: int = 100_000) -> None:
        """So many attempts may end."""
        for _ in range(number):
            self._gate.release()

    def rank(self, job: int) -> int:
        return job // CAMPAIGN

    async def claim(self, limit: int) -> list[int]:
        if self.break_claim:
            raise RuntimeError("no database")
        self.on_claim()
        taken, self.jobs = self.jobs[:limit], self.jobs[limit:]
        self.claimed += taken
        self.most_claimed = max(self.most_claimed, len(self.claimed) - len(self.ended))
        return taken

    async def attempt(self, job: int) -> int:
        self.begun.append(job)
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self._gate.acquire()
            if self.break_attempt and job == 1:
                raise RuntimeError("a bug in an attempt")
            return job
        finally:
            self.ended.append(job)

    async def record(self, results: Sequence[int]) -> None:
        if self.break_record:
            raise RuntimeError("the disk is full")
        self.recorded += results


class Running:
    """A pump at work on a lane, whose width may be changed."""

    def __init__(self, lane: Lane, width: int, idle: float = 0.01, rest: float = 0.0) -> None:
        self.width = width
        self.stop = asyncio.Event()
        self.bell = Bell()
        self.pump: Pump[int, int] = Pump(lane, lambda: self.width, self.bell, idle, rest=rest)
        self.task = asyncio.create_task(self.pump.run(self.stop))

    async def end(self) -> None:
        """Stop it and wait for its end."""
        self.stop.set()
        await asyncio.wait_for(self.task, 5)


@asynccontextmanager
async def running(lane: Lane, width: int = 4) -> Any:
    """A pump at work, ended in order at the end."""
    async with AsyncExitStack() as stack:
        work = Running(lane, width)
        stack.push_async_callback(work.end)
        yield work
        lane.let_go()


async def until(condition: Callable[[], object]) -> None:
    """Until it holds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def reached(jobs: Sequence[int], number: int) -> None:
    """Until there are so many."""
    await until(lambda: len(jobs) == number)


async def settled() -> None:
    """Until the pump has looked again several times, and would have done what it should not."""
    await asyncio.sleep(0.05)


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> int:
    """The pump believes that so many jobs end in the time for which it claims ahead."""
    monkeypatch.setattr("bot.workers.pump.Pace.in_seconds", lambda *_: 5)
    return 5


@contextmanager
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Clocks for what is measured alone, moved by hand: the time (`now`), and that of the processor (`work`)."""
    hands = SimpleNamespace(now=0.0, work=0.0)
    clocks = SimpleNamespace(monotonic=lambda: hands.now, process_time=lambda: hands.work)
    for module in ("pump", "courtesy"):
        monkeypatch.setattr(f"bot.workers.{module}.time", clocks)
    yield hands


async def test_no_more_than_the_width_is_under_way_and_all_is_recorded(ahead: int) -> None:
    """Width 4: at most four at a time, however many wait, and each job's outcome is recorded once."""
    lane = Lane(25)
    async with running(lane) as work:
        await until(lambda: lane.under_way == 4)
        assert work.pump.is_busy
        lane.let_go()
        await reached(lane.recorded, 25)
        assert not work.pump.is_busy
    assert lane.most_under_way == 4
    assert sorted(lane.recorded) == list(range(25))


async def test_nobody_stays_where_no_job_waits(ahead: int) -> None:
    """Those who send go when nothing waits, and others come when there is something again."""
    lane = Lane(25)
    before = len(asyncio.all_tasks())
    async with running(lane):
        lane.let_go()
        for first in (25, 50):
            await reached(lane.recorded, first)
            await until(lambda: len(asyncio.all_tasks()) == before + 2)  # the pump and its recorder
            lane.jobs = list(range(25, 50)) if first == 25 else []


async def test_no_more_is_claimed_than_ends_in_the_time_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The width, and what ends within the time ahead as it went in the last half second.

    So a slow gateway is claimed for slowly, and a pause that comes meanwhile finds little that is claimed already.
    """
    lane = Lane(1000)
    with clock(monkeypatch) as hands:
        async with running(lane):
            lane.let_go(100)
            await reached(lane.ended, 100)
            await settled()
            assert lane.most_claimed <= 5, "nothing is known of the pace"
            hands.now = 0.5
            ahead = int(100 / 0.5 * _AHEAD)
            await reached(lane.claimed, 100 + 4 + ahead)
            await settled()
            assert lane.most_claimed == 4 + ahead
            for _ in range(30):  # nothing ends any more
                hands.now += 0.5
                await asyncio.sleep(0.015)
            lane.let_go(ahead)
            await reached(lane.ended, 100 + ahead)
            await settled()
            assert len(lane.claimed) - len(lane.ended) <= 5, "what was claimed ahead is worked off first"


@pytest.mark.parametrize("takes", [0.0, 0.3, 60.0])
async def test_slow_claims_are_made_further_ahead(monkeypatch: pytest.MonkeyPatch, takes: float) -> None:
    """Ahead is what ends in twice the time that claims take of late, and a moment more; in a second at the most."""
    asked: list[float] = []

    def in_seconds(_: Pace, seconds: float) -> int:
        asked.append(seconds)
        return 5

    monkeypatch.setattr("bot.workers.pump.Pace.in_seconds", in_seconds)
    lane = Lane(500)
    lane.let_go()
    with clock(monkeypatch) as hands:
        lane.on_claim = lambda: setattr(hands, "now", hands.now + takes)
        async with running(lane):
            await reached(lane.recorded, 500)
    assert asked[0] == _AHEAD, "nothing is known yet"
    assert asked == pytest.approx(sorted(asked)), "told by and by"
    assert asked[-1] == pytest.approx(min(_AHEAD + 2 * takes, _FARTHEST), rel=0.05)


def test_the_pace_is_that_of_the_last_half_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told anew each half second: a quicker one is believed at once, a lull by and by."""
    with clock(monkeypatch) as hands:
        pace = Pace()

        def told(ended: int, seconds: float) -> int:
            for _ in range(ended):
                pace.count()
            hands.now += seconds
            return pace.in_seconds(1)

        assert [told(0, 0.4), told(50, 0.1), told(7, 0.4), told(993, 0.1)] == [0, 100, 100, 2000]
        lull = [told(0, 0.5) for _ in range(30)]
        assert lull == sorted(lull, reverse=True)
        assert 2000 > lull[0] > lull[-1] == 0
        assert told(300, 1.0) == 300


class Courteous:
    """A courtesy that is asked after the processor has worked for a share of some time."""

    def __init__(self, hands: SimpleNamespace, most: int) -> None:
        self._hands = hands
        self.courtesy = Courtesy(most)

    def after(self, share: float, seconds: float = 2 * _LOOKED) -> int:
        """Its width then."""
        self._hands.now += seconds
        self._hands.work += share * seconds
        return self.courtesy.width()


@pytest.mark.parametrize("most", [1, 2, 7, 8, 9, 16, 64, 300])
def test_fewer_are_in_flight_while_the_processor_is_saturated(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Fewer by steps, down to eight (or to what is wanted, if less); at ease, more again, up to what is wanted."""
    with clock(monkeypatch) as hands:
        courteous = Courteous(hands, most)
        fewer = [courteous.after(0, 0), *(courteous.after(0.99) for _ in range(20))]
        assert (fewer[0], fewer[-1]) == (most, min(8, most))
        for before, after in pairwise(fewer):
            assert after == before == min(8, most) or before * 0.7 <= after < before
        more = [fewer[-1], *(courteous.after(0.1) for _ in range(20))]
        assert more[-1] == most
        for before, after in pairwise(more):
            assert after == before == most or before < after <= before * 1.25 + 1


def test_neither_saturated_nor_at_ease_all_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the two shares nothing moves, whichever way it came: it does not swing to and fro."""
    with clock(monkeypatch) as hands:
        courteous = Courteous(hands, 64)
        assert [courteous.after(share) for share in (0.76, 0.89, 0.91, 0.76, 0.89, 0.74)] == [64, 64, 48, 48, 48, 61]


def test_the_processor_is_looked_at_every_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is asked; and each look tells of what passed since the last, whatever was long before."""
    with clock(monkeypatch) as hands:
        courteous = Courteous(hands, 64)
        assert [courteous.after(1, _LOOKED / 8) for _ in range(7)] == [64] * 7
        assert [courteous.after(1) for _ in range(2)] == [48, 36]
        assert [courteous.after(1, _LOOKED / 4) for _ in range(3)] == [36] * 3
        assert courteous.after(0, 600) == 46
        assert courteous.after(1) == 34


def test_who_writes_has_the_way_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the processor is saturated two are in flight beside the answer; where there is room nothing changes."""
    with clock(monkeypatch) as hands:
        courteous = Courteous(hands, 64)
        courteous.courtesy.give_way()
        assert courteous.after(0.8, _TALKING / 2) == 64
        pressed = courteous.after(0.99, _TALKING)
        assert pressed < 64
        courteous.courtesy.give_way()
        assert courteous.after(0.8, _TALKING * 0.9) == 2
        assert courteous.after(0.8, _TALKING * 0.2) == pressed
        narrow = Courteous(hands, 1)
        narrow.courtesy.give_way()
        assert narrow.after(0.99, _TALKING / 2) == 1


@given(most=st.integers(1, 500), shares=st.lists(st.floats(0, 4), max_size=60))
def test_the_width_stays_within_its_bounds(most: int, shares: list[float]) -> None:
    """Whatever the processor does, more than one of its cores included."""
    with pytest.MonkeyPatch.context() as monkeypatch, clock(monkeypatch) as hands:
        courteous = Courteous(hands, most)
        assert all(min(8, most) <= courteous.after(share) <= most for share in shares)


async def test_a_lower_rank_overtakes_what_waits(ahead: int) -> None:
    """A single message leaves before all of a campaign that are claimed and wait; equals leave as they were claimed."""
    lane = Lane()
    lane.jobs = [CAMPAIGN + number for number in range(20)]
    async with running(lane, 1):
        await reached(lane.claimed, 1 + ahead)
        lane.jobs = [SINGLE + 1, SINGLE + 2, *lane.jobs]
        for number in range(1, 23):
            lane.let_go(1)
            await reached(lane.recorded, number)
            await asyncio.sleep(0.02)  # a claim is made if there is room for it
    singles = [lane.begun.index(SINGLE + number) for number in (1, 2)]
    assert singles[1] == singles[0] + 1 <= ahead, "they begin as soon as they are claimed"
    assert [job for job in lane.begun if job >= CAMPAIGN] == [CAMPAIGN + number for number in range(20)]


async def test_what_shall_not_wait_is_claimed_though_enough_is_under_way(ahead: int) -> None:
    """hurry: one more claim at once, of one job at the least, and no more than that one claim."""
    lane = Lane(100)
    work = Running(lane, 4, idle=60)
    await reached(lane.claimed, 4 + ahead)
    await settled()
    assert len(lane.claimed) == 4 + ahead
    for more in (1, 2):
        work.pump.hurry()
        await reached(lane.claimed, 4 + ahead + more)
        await settled()
        assert len(lane.claimed) == 4 + ahead + more
    lane.let_go()
    await work.end()


async def test_a_look_that_found_nothing_is_followed_by_a_rest() -> None:
    """However often the bell rings, a claim costs a commit; one that found something is followed by the next."""
    lane, looks = Lane(), list[float]()

    def looked() -> None:
        looks.append(asyncio.get_running_loop().time())
        work.bell.ring()

    lane.on_claim = looked
    work = Running(lane, 4, idle=60, rest=0.03)
    await until(lambda: len(looks) == 4)
    await work.end()
    assert min(after - before for before, after in pairwise(looks[:4])) >= 0.029


async def test_a_narrower_width_takes_effect(ahead: int) -> None:
    """What is under way ends; from then on there is no more at a time than the new width, though more is claimed."""
    lane = Lane(100)
    async with running(lane, 4) as work:
        await until(lambda: lane.under_way == 4)
        work.width = 1
        lane.let_go(4)
        await reached(lane.ended, 4)
        for number in range(5, 30):
            await until(lambda: lane.under_way == 1)
            lane.most_under_way = 0
            lane.let_go(1)
            await reached(lane.ended, number)
            assert lane.most_under_way <= 1
        work.width = 6
        await until(lambda: lane.under_way == 6)
    assert lane.most_under_way == 6


async def test_stopping_finishes_and_records_what_is_claimed(ahead: int) -> None:
    """After stop nothing new is claimed; what was claimed is attempted, and recorded before run returns.

    Its attempt is counted in the log: left to its lease, it would pass for one that may have arrived.
    """
    lane = Lane(25)
    async with running(lane) as work:
        await reached(lane.claimed, 4 + ahead)
        work.stop.set()
        await settled()
        assert not work.task.done()
        lane.let_go()
        await work.task
    assert sorted(lane.recorded) == sorted(lane.begun) == list(range(4 + ahead))
    assert lane.jobs == list(range(4 + ahead, 25))
    assert lane.most_under_way == 4


async def _breaks(work: Running, kind: type[Exception], match: str) -> None:
    with pytest.raises(kind, match=match):
        await asyncio.wait_for(work.task, 5)


async def test_a_broken_attempt_does_not_lose_the_outcomes_of_others(ahead: int) -> None:
    """One attempt raises: run raises it, and what had ended well before is recorded."""
    lane = Lane(4)
    lane.break_attempt = True
    work = Running(lane, 4)
    await until(lambda: lane.under_way == 4)
    lane.let_go()
    await _breaks(work, ExceptionGroup, "unhandled errors")
    assert 0 in lane.recorded
    assert 1 not in lane.recorded


async def test_a_broken_claim_is_raised_and_what_had_ended_is_recorded() -> None:
    """The same for a claim; the pump then works anew, and what was left waiting is no business of the new run."""
    lane = Lane(9)
    work = Running(lane, 4)
    await until(lambda: lane.under_way == 4)
    lane.break_claim = True
    lane.let_go(1)  # there is room for a claim then
    await _breaks(work, ExceptionGroup, "unhandled errors")
    assert lane.recorded == [0]
    lane.break_claim = False
    lane.let_go()
    again, rest = asyncio.create_task(work.pump.run(work.stop)), list(lane.jobs)
    await until(lambda: lane.recorded == [0, *rest])
    work.stop.set()
    await asyncio.wait_for(again, 5)
    assert not work.pump.is_busy


async def test_outcomes_that_cannot_be_written_stop_the_sending_until_they_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """record raises: nothing more is claimed, no outcome is lost, and all goes on once it can be written."""
    monkeypatch.setattr("bot.workers.pump._FIRST_REST", 0.01)
    lane = Lane(1000)
    lane.break_record = True
    lane.let_go()
    async with running(lane):
        await asyncio.sleep(0.2)
        assert len(lane.jobs) > 900
        assert not lane.recorded
        lane.break_record = False
        await reached(lane.recorded, 1000)
    assert sorted(lane.recorded) == list(range(1000))


async def test_nothing_that_waits_is_begun_while_outcomes_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    """What was claimed ahead waits too; it is begun once outcomes can be written again."""
    monkeypatch.setattr("bot.workers.pump._FIRST_REST", 0.01)
    lane = Lane(1 + ahead)
    lane.break_record = True
    async with running(lane, 1):
        lane.let_go(1)
        await reached(lane.begun, 2)
        await asyncio.sleep(0.1)  # the outcome is gathered and refused
        lane.let_go()
        await settled()
        assert lane.begun == [0, 1]
        lane.break_record = False
        await reached(lane.recorded, 1 + ahead)


async def test_a_run_that_must_stop_unwritten_ends_and_can_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to stop while outcomes cannot be written, run raises and ends; the same pump then works anew."""
    monkeypatch.setattr("bot.workers.pump._FIRST_REST", 0.01)
    lane = Lane(10)
    lane.break_record = True
    lane.let_go()
    work = Running(lane, 4)
    await asyncio.sleep(0.1)
    work.stop.set()
    await _breaks(work, RuntimeError, "the disk is full")
    lane.break_record, lane.jobs, stop = False, [42], asyncio.Event()
    again = asyncio.create_task(work.pump.run(stop))
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


async def test_a_step_that_found_nothing_rests_though_the_bell_rings() -> None:
    """However often it rings, `rest` seconds lie between two looks; and no look is left out."""
    bell, stop, looks = Bell(), asyncio.Event(), list[float]()

    async def step() -> bool:
        looks.append(asyncio.get_running_loop().time())
        bell.ring()
        if len(looks) == 4:
            stop.set()
        return False

    async with asyncio.timeout(5):
        await every(step, bell.ear(), 60, stop, rest=0.03)
    assert len(looks) == 4
    assert min(after - before for before, after in pairwise(looks)) >= 0.029


async def test_a_step_that_found_something_is_taken_again_at_once() -> None:
    """Without a rest, and without a ring."""
    stop, looks = asyncio.Event(), 0

    async def step() -> bool:
        nonlocal looks
        looks += 1
        if looks == 50:
            stop.set()
        return True

    async with asyncio.timeout(1):
        await every(step, Bell().ear(), 60, stop, rest=60)
    assert looks == 50


async def test_work_is_cut_off_at_stop() -> None:
    """until: what may be taken up again at the next start keeps nobody waiting; it may still clear up."""
    stop, cleared = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            asyncio.get_running_loop().call_soon(stop.set)
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            cleared.set()

    await asyncio.wait_for(work_until(stop, work), 5)
    assert cleared.is_set()


@pytest.mark.parametrize("stopped", [False, True])
async def test_what_ends_the_work_is_raised(*, stopped: bool) -> None:
    """until: by itself, or while it is cut off; and work that simply ends is over."""
    stop = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60 if stopped else 0)
        finally:
            raise OSError("no database")

    async def nothing() -> None:
        return

    asyncio.get_running_loop().call_soon(stop.set if stopped else lambda: None)
    with pytest.raises(OSError, match="no database"):
        await asyncio.wait_for(work_until(stop, work), 5)
    await asyncio.wait_for(work_until(asyncio.Event(), nothing), 5)


async def test_whoever_ends_the_waiting_ends_the_work() -> None:
    """until: cancelled from without, it leaves no work behind."""
    begun, cut_off = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            cut_off.set()

    task = asyncio.create_task(work_until(asyncio.Event(), work))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cut_off.is_set()


@pytest.mark.parametrize("seconds", [0.001, 60])
async def test_a_step_at_intervals(seconds: float) -> None:
    """Again and again, whatever else happens; stop ends the waiting at once."""
    stop, looks = asyncio.Event(), 0

    async def step() -> None:
        nonlocal looks
        looks += 1
        if looks == 3 or seconds == 60:
            asyncio.get_running_loop().call_soon(stop.set)

    await asyncio.wait_for(at_intervals(step, seconds, stop), 5)
    assert looks == (3 if seconds < 1 else 1)


async def test_a_failed_worker_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """supervised starts the work again after a rest, until it returns."""
    monkeypatch.setattr("bot.workers.loops._FIRST_REST", 0.01)
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OSError("no database")

    await asyncio.wait_for(supervised("test", work, asyncio.Event()), 5)
    assert tries == 3
