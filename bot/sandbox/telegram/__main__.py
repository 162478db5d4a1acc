"""Serve the stand-in alone, with its page at `/`: `python -m bot.sandbox.telegram --port 0`."""

import argparse
import asyncio
import signal
import sys

from aiohttp import web

from bot.sandbox import page

from . import DEFAULT_TOKEN, PREFIX, create_app


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="the token that the bot must use")
    parser.add_argument("--flood-limits", action="store_true", help="keep Telegram's own pace")
    options = parser.parse_args()
    asyncio.run(_serve(options.port, options.token, flood_limits=options.flood_limits))


async def _serve(port: int, token: str, *, flood_limits: bool) -> None:
    app = web.Application()
    app.add_routes(page.routes())
    app.add_subapp(PREFIX, create_app(token=token, flood_limits=flood_limits))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    sys.stdout.write(f"telegram http://127.0.0.1:{runner.addresses[0][1]}{PREFIX}\n")
    sys.stdout.flush()
    told = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    await told.wait()
    await runner.cleanup()


if __name__ == "__main__":
    main()
