"""Whether memory grows with the campaign: the most that the bot takes with 10,000 and with 1,000,000 recipients.

Run: `python -m bench.memory`. The list is made ready by another process. The large campaign is watched until its whole
list stands in the log and as many messages are accepted as the small one has recipients; from then on it does the same.
"""

import asyncio
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.lists import AT_ONCE, confirm, draft, look, phone, running, settings
from bench.stand_in import gateway, keep_to_core
from bot.app import App
from bot.domain.message import State
from bot.store import Store

SMALL, LARGE, CONCURRENCY = 10_000, 1_000_000, 64
BAR_MB = 30.0


async def make_ready(folder: Path, count: int) -> int:
    """A database with a list that has only to be confirmed."""
    store = Store(f"sqlite+aiosqlite:///{folder}/bot.db")
    await store.migrate()
    draft_id = await draft(store, map(phone, range(count)))
    await store.close()
    return draft_id


async def run(url: str, folder: Path, draft_id: int) -> None:
    """Send it, as far as is needed."""
    app = App(settings(url, folder, CONCURRENCY), AT_ONCE)
    async with running(app):
        campaign_id = await confirm(app, draft_id)
        while True:
            await asyncio.sleep(0.2)
            report = await look(app, campaign_id)
            if report.is_taken and report.states.get(State.ACCEPTED, 0) >= SMALL:
                return


def measure(url: str, count: int) -> float:
    """The peak of the bot's memory, in MB."""
    with tempfile.TemporaryDirectory() as folder:
        draft_id = subprocess.check_output([sys.executable, "-m", "bench.memory", "ready", folder, str(count)])
        found = subprocess.check_output([sys.executable, "-m", "bench.memory", "run", folder, draft_id.decode(), url])
    return float(found.split()[-1])


def main() -> int:
    """1 if the bar was missed."""
    with gateway() as url:
        small, large = measure(url, SMALL), measure(url, LARGE)
    reached = large - small <= BAR_MB
    print(f"the bot's peak with {SMALL:,} recipients: {small:.0f} MB, with {LARGE:,}: {large:.0f} MB,", end=" ")
    print(f"apart by {large - small:.0f} MB (bar: {BAR_MB:.0f}, {'reached' if reached else 'MISSED'})")
    return 0 if reached else 1


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["ready", where, count]:
            print(asyncio.run(make_ready(Path(where), int(count))))
        case ["run", where, number, address]:
            keep_to_core(0)
            asyncio.run(run(address, Path(where), int(number)))
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        case _:
            sys.exit(main())
