"""`python -m bot demo`: the stand-ins and the chat page on one port, and the real bot, in its own process, on them."""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

from aiohttp import web

from bot.sandbox import gateway, page, telegram

_BOT_TOKEN = "1000000001:demo-token-for-the-sandbox-only"  # noqa: S105 (the stand-in's)


def demo(port: int) -> int:
    """Serve the page on `port` of this machine until Ctrl+C; return the exit code."""
    try:
        return asyncio.run(_demo(port))
    except OSError as error:
        print(f"port {port} cannot be used ({error.strerror}): choose another with PORT=…", file=sys.stderr)
        return 1


async def _demo(port: int) -> int:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    runner = web.AppRunner(world(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="osonsms-demo-") as folder:
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=folder,  # where there is no .env: the real settings are none of the demo's business
            env=os.environ | environment(address, Path(folder)),
        )
        print(f"\n  The demo is at {address}\n  Ctrl+C ends it.\n", flush=True)
        code = await _until(stop, bot)
    await runner.cleanup()
    return code


def world() -> web.Application:
    """The page and both stand-ins in one application."""
    app = web.Application()
    app.add_subapp("/gateway", gateway.create_app())
    app.add_subapp("/telegram", telegram.create_app(token=_BOT_TOKEN))
    app.add_routes(page.routes())
    return app


def environment(address: str, folder: Path) -> dict[str, str]:
    """The settings with which the real bot runs on the stand-ins; its log is gone with the demo."""
    return {
        "BOT_TOKEN": _BOT_TOKEN,
        "ADMIN_IDS": "900000001,900000002",
        "OSONSMS_LOGIN": "demo",
        "OSONSMS_TOKEN": "demo-token",
        "OSONSMS_SENDER": "Demo",
        "OSONSMS_API_URL": f"{address}/gateway",
        "OSONSMS_CABINET_URL": f"{address}/gateway",
        "TELEGRAM_API_URL": f"{address}/telegram",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
        "PRICE_PER_PART": "0.25",
        "LOW_BALANCE": "20",
        "LANGUAGE": "ru",
        "TIMEZONE": "Asia/Dushanbe",
        "HTTP_PORT": "0",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


async def _until(stop: asyncio.Event, bot: asyncio.subprocess.Process) -> int:
    """Wait for Ctrl+C, or for the bot to end by itself, which is a fault."""
    ended, stopped = asyncio.create_task(bot.wait()), asyncio.create_task(stop.wait())
    await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if ended.done():
        return ended.result() or 1
    bot.terminate()
    await ended
    return 0
