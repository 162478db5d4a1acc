"""How long the largest files take from bytes to a finished list, and how much memory.

Run: `python -m bench.intake`. Each case runs in processes of its own, one after another. Seconds are CPU time of one
core, the best of three; MB is the peak of all that is allocated beyond the file's own bytes, seen in a second reading.
"""

import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from itertools import islice

from bot.domain.draft import PhoneList
from bot.intake import fit_text, read_phone_list

RUNS = 3
BYTES = 5_000_000
BAR_SECONDS, BAR_MB = 1.0, 60.0


def _phone(index: int) -> str:
    """A phone like any other, each index another one; in no order, as in a real file."""
    return f"9929{index * 7919 % 100_000_000:08}"


def _file(row: Callable[[int], str]) -> bytes:
    """Rows up to the largest size."""
    head = "".join(map(row, range(1000)))
    count = 1000 * BYTES // len(head.encode())
    return "".join(islice(map(row, range(count)), count)).encode()[:BYTES].rpartition(b"\n")[0]


CASES = {
    "phones": (lambda index: f"{_phone(index)}\r\n", "Салом! Ваш заказ готов."),
    "phones, names, sums": (lambda index: f"{_phone(index)};Али Валиев;{index % 1000},50\r\n", "Салом!"),
    "the same, filled in": (
        lambda index: f"{_phone(index)};Али Валиев;{index % 1000},50\r\n",
        "{column2}: {column3} c.",
    ),
    "the same, quoted": (lambda index: f'{_phone(index)};"Али ""А"" Валиев";"{index % 1000},50"\r\n', "Салом!"),
    "phones as people write": (lambda index: f"+992 ({_phone(index)[3:5]}) {_phone(index)[5:]}\r\n", "Салом!"),
}
BARRED = "phones"


def run(case: str) -> None:
    """In a process of its own: do one case and print its figures."""
    _, text = CASES[case]
    data = sys.stdin.buffer.read()
    started = time.process_time()
    _read(data, text)
    seconds = time.process_time() - started
    tracemalloc.start()
    phone_list = _read(data, text)
    _, peak = tracemalloc.get_traced_memory()
    print(json.dumps({"rows": phone_list.rows, "seconds": seconds, "mb": peak / 1e6}))


def _read(data: bytes, text: str) -> PhoneList:
    return fit_text(*read_phone_list(data, "bench.csv"), text)[0]


def main() -> None:
    """Run every case; fail if the barred one is over a bar."""
    print(f"{'a file of 5 MB':<24}{'rows':>9}{'seconds':>9}{'MB':>7}")
    held = True
    for case, (row, _) in CASES.items():
        command, data = [sys.executable, "-m", "bench.intake", case], _file(row)
        runs = [json.loads(subprocess.check_output(command, input=data)) for _ in range(RUNS)]
        seconds, mb = min(run["seconds"] for run in runs), max(run["mb"] for run in runs)
        print(f"{case:<24}{runs[0]['rows']:>9,}{seconds:>9.2f}{mb:>7.1f}")
        if case == BARRED:
            held = seconds <= BAR_SECONDS and mb <= BAR_MB
            print(f"{'  bars':<33}{BAR_SECONDS:>9.2f}{BAR_MB:>7.1f}  {'held' if held else 'BROKEN'}")
    sys.exit(not held)


if __name__ == "__main__":
    run(sys.argv[1]) if len(sys.argv) > 1 else main()
