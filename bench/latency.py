"""Whether a campaign keeps all its requests in flight at a gateway that takes its time.

Run: `python -m bench.latency`. 256 in flight and 300 ms a reply are 853 messages a second at the best.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bench.lists import AT_ONCE, confirm, draft, look, phone, running, settings
from bench.stand_in import gateway, keep_to_core
from bot.app import App

RECIPIENTS, CONCURRENCY, LATENCY = 12_000, 256, 0.3
BAR = 0.9


async def measure(url: str, folder: Path) -> float:
    """Messages a second, from confirmation to the last outcome."""
    app = App(settings(url, folder, CONCURRENCY), AT_ONCE)
    async with running(app):
        draft_id = await draft(app.store, map(phone, range(RECIPIENTS)))
        began = time.perf_counter()
        campaign_id = await confirm(app, draft_id)
        while (await look(app, campaign_id)).decided < RECIPIENTS:
            await asyncio.sleep(0.02)
        return RECIPIENTS / (time.perf_counter() - began)


def main() -> int:
    """1 if the bar was missed."""
    with gateway(LATENCY) as url, tempfile.TemporaryDirectory() as folder:
        keep_to_core(0)
        rate = asyncio.run(measure(url, Path(folder)))
    share = rate / (CONCURRENCY / LATENCY)
    verdict = "reached" if share >= BAR else "MISSED"
    print(f"{CONCURRENCY} in flight, {LATENCY * 1000:.0f} ms a reply: {rate:,.0f} messages a second,", end=" ")
    print(f"{share:.0%} of what is possible (bar: {BAR:.0%}, {verdict})")
    return 0 if share >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
