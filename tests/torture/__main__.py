"""`python -m tests.torture`: the long form of the kill test. Exit code 1 if anything is wrong."""

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.torture.person import by_command, by_file
from tests.torture.plan import draw
from tests.torture.run import Report, Run

_SHOWN = 20


def main() -> int:
    """Run, print the verdict."""
    asked = _arguments()
    print(f"seed {asked.seed}, {asked.kills} kills, {asked.recipients} recipients", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    begin = by_command if asked.command else by_file
    plan = draw(asked.seed, asked.kills, asked.recipients, file=not asked.command, honest=asked.honest)
    report = asyncio.run(Run(plan, folder, begin, lambda line: print(line, flush=True))())
    _tell(report)
    if report.differences:
        print(f"WRONG with --seed {asked.seed}; database and logs are in {folder}")
        return 1
    shutil.rmtree(folder)
    print("every recipient has one message, and log and gateway agree message by message")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeat a run; default: a new one")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--recipients", type=int, default=2000, help="9,300 at most")
    parser.add_argument("--command", action="store_true", help="begin by /send (100 recipients at most), not by a file")
    parser.add_argument(
        "--honest", action="store_true", help="the gateway tells the truth, and nobody asks out of turn"
    )
    return parser.parse_args()


def _tell(report: Report) -> None:
    print(f"{sum(report.kills.values())} kills in {report.seconds:.0f} s: {dict(report.kills)}")
    print(f"{report.sends} requests to send, {report.taken} messages at the gateway")
    print(f"{report.cards_left_behind} cards left behind in the chat by a death")
    print(f"{report.told} statuses told, {report.presses} presses of those who asked out of turn")
    print(f"{report.told_again} of them after a final one, {report.too_late} when the log had it")
    print(f"{report.contradicting} messages of which another status was told than the log has, after a final one")
    print(f"outcomes in the log: {dict(report.states)}; {report.uncertain_there} of the uncertain are at the gateway")
    for difference in report.differences[:_SHOWN]:
        print(f"  {difference}")
    if (more := len(report.differences) - _SHOWN) > 0:
        print(f"  … and {more} more")


if __name__ == "__main__":
    sys.exit(main())
