"""How long files take from bytes to a finished list, how much memory, and how long the bot's event loop stands still.

Run: `python -m bench.intake`. Each run is a process of its own in the bot's place, which has its child do the reading
as the bot does; where the system allows it, both keep to one core. Of five runs the best
time and the worst memory: the rest of the machine can only add to the first.

Seconds are processor time of both, child's start included, and beside it the time that passed. MB is the most that the
child took plus what the bot grew by, the file's own bytes included. A block is how much later than asked for a timer of
the event loop woke, at worst; on one core that is also the child's turn on it.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

import xlsxwriter

from bot.domain.wording import Wording
from bot.intake import PIECE_ROWS, read_apart, read_list, written

RUNS = 5
TICK = 0.005
BAR_SECONDS, BAR_MB, BAR_BLOCK = 1.0, 60.0, 0.05
BAR_START = 0.15
BAR_PLAIN, BAR_FILLED = 2.0, 4.0
"""Microseconds to write the text of a recipient, without placeholders and with them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run measured."""

    rows: int
    seconds: float
    passed: float
    mb: float
    block: float


def _phone(index: int) -> str:
    """A phone like any other, each index another one; in no order, as in a real file."""
    return f"9929{index * 7919 % 100_000_000:08}"


def _text_file(row: Callable[[int], str], size: int) -> bytes:
    """Rows up to a size."""
    head = "".join(map(row, range(1000)))
    count = 1000 * size // len(head.encode())
    return "".join(islice(map(row, range(count)), count)).encode()[:size].rpartition(b"\n")[0]


def _workbook(path: Path, count: int) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Имя", "Телефон", "Сумма"])
        for index in range(count):
            sheet.write_row(index + 1, 0, [f"Алӣ Валиев {index % 5000}", int(_phone(index)), index % 1000 + 0.5])


ROWS: dict[str, Callable[[int], str]] = {
    "phones": lambda index: f"{_phone(index)}\r\n",
    "named": lambda index: f"{_phone(index)};Али Валиев;{index % 1000},50\r\n",
    "quoted": lambda index: f'{_phone(index)};"Али ""А"" Валиев";"{index % 1000},50"\r\n',
    "people": lambda index: f"+992 ({_phone(index)[3:5]}) {_phone(index)[5:]}\r\n",
}
TEXT, FILLED = "Салом! Ваш заказ готов.", "{column2}: {column3} c."
CASES = {
    "350,000 phones, 5 MB": ("phones", 4_900_000, TEXT),
    "1,400,000 phones, 20 MB": ("phones", 19_600_000, TEXT),
    "phones, names, sums, 5 MB": ("named", 5_000_000, TEXT),
    "the same, filled in": ("named", 5_000_000, FILLED),
    "the same, quoted": ("quoted", 5_000_000, TEXT),
    "phones as people write, 5 MB": ("people", 5_000_000, TEXT),
    "XLSX of 100,000 rows": ("workbook", 100_000, TEXT),
    "the same, filled in ": ("workbook", 100_000, "{имя}: {сумма} c."),
}
BARRED = "350,000 phones, 5 MB"


def main() -> None:
    """Run every case; fail if a barred one is over a bar."""
    print(f"{'from bytes to a finished list':<31}{'rows':>10}{'seconds':>9}{'passed':>8}{'MB':>7}{'block, ms':>11}")
    held = []
    with tempfile.TemporaryDirectory() as folder:
        for case, (kind, size, text) in CASES.items():
            figures = _measure(_made(Path(folder), kind, size), text)
            print(_line(case, figures), flush=True)
            if case == BARRED:
                within = figures.seconds <= BAR_SECONDS and figures.mb <= BAR_MB and figures.block <= BAR_BLOCK
                held.append(within)
                bars = f"{BAR_SECONDS:>9.2f}{'':>8}{BAR_MB:>7.0f}{BAR_BLOCK * 1000:>11.0f}"
                print(f"{'  bars':<41}{bars}  {_said(within)}", flush=True)
    held += [
        _start(),
        _writing("without placeholders", TEXT, BAR_PLAIN),
        _writing("with two placeholders", FILLED, BAR_FILLED),
    ]
    sys.exit(not all(held))


def _line(case: str, figures: Figures) -> str:
    times = f"{figures.seconds:>9.2f}{figures.passed:>8.2f}"
    return f"{case:<31}{figures.rows:>10,}{times}{figures.mb:>7.1f}{figures.block * 1000:>11.1f}"


def _said(held: bool) -> str:  # noqa: FBT001 # it is what is said
    return "held" if held else "MISSED"


def _made(folder: Path, kind: str, size: int) -> Path:
    path = folder / f"{kind}-{size}"
    if not path.exists():
        if kind == "workbook":
            _workbook(path, size)
        else:
            path.write_bytes(_text_file(ROWS[kind], size))
    return path


def _measure(path: Path, text: str) -> Figures:
    command = [sys.executable, "-m", "bench.intake", str(path), text]
    runs = [Figures(**json.loads(subprocess.check_output(command))) for _ in range(RUNS)]
    best = {name: min(asdict(run)[name] for run in runs) for name in asdict(runs[0])}
    return replace(Figures(**best), mb=max(run.mb for run in runs))


def _start() -> bool:
    async def once() -> float:
        before = time.perf_counter()
        await read_apart(b"900000001\n", "x", None)
        return time.perf_counter() - before

    async def several() -> float:
        return min([await once() for _ in range(9)])

    passed = asyncio.run(several())
    print(f"a list of one phone: {passed:.3f} s; bar: {BAR_START} s, {_said(passed <= BAR_START)}", flush=True)
    return passed <= BAR_START


def _writing(name: str, text: str, bar: float) -> bool:
    [piece] = read_list(_text_file(ROWS["named"], 17_000)[: PIECE_ROWS * 34], "x").recipients
    columns, wording = ("phone", "column2", "column3"), Wording(text, latin=True)
    times = []
    for _ in range(200):
        before = time.perf_counter()
        written(columns, piece.data, wording)
        times.append((time.perf_counter() - before) / piece.rows * 1e6)
    taken = min(times)
    print(f"a text {name}: {taken:.2f} µs a recipient; bar: {bar} µs, {_said(taken <= bar)}", flush=True)
    return taken <= bar


def run(path: Path, text: str) -> None:
    """In a process of its own: read one file as the bot does, and print the figures."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(json.dumps(asdict(asyncio.run(_read(path.read_bytes, text)))))


async def _read(download: Callable[[], bytes], text: str) -> Figures:
    await read_apart(b"900000001\n", "x", None)  # the bot has what it needs in memory
    idle, work, began = _memory("self", "VmRSS"), _work(), time.perf_counter()
    watch = Watch(idle)
    ticking = asyncio.create_task(watch.tick())
    reading = await read_apart(download(), "x", Wording(text))
    passed = time.perf_counter() - began
    watch.look()
    ticking.cancel()
    return Figures(reading.phone_list.rows, _work() - work - watch.work, passed, watch.mb, watch.block)


def _work() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class Watch:
    """Ticks in the event loop and looks at the memory of the bot and its child; `work` is what the looking took."""

    def __init__(self, idle: float) -> None:
        self._idle = idle
        self.mb = self.block = self.work = 0.0

    async def tick(self) -> None:
        """Until it is cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK)
            self.block = max(self.block, time.perf_counter() - before - TICK)
            self.look()

    def look(self) -> None:
        """Keep the most that both took."""
        began = time.process_time()
        child = sum(_memory(pid, "VmHWM") for pid in _children())
        self.mb = max(self.mb, child + _memory("self", "VmRSS") - self._idle)
        self.work += time.process_time() - began


def _children() -> Iterator[str]:
    for path in Path("/proc/self/task").glob("*/children"):
        yield from path.read_text("ascii").split()


def _memory(pid: str, what: str) -> float:
    """MB, as Linux counts them; 0 elsewhere, or of a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(what)), 0.0)


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2]) if len(sys.argv) > 1 else main()
