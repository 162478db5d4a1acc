"""`python -m bot.sandbox.gateway --port 0`: serves the gateway at /gateway on 127.0.0.1 until SIGINT or SIGTERM."""

import argparse
import asyncio
import signal
from decimal import Decimal, InvalidOperation

from aiohttp import web

from bot.sandbox.gateway import Options, create_app

HOST = "127.0.0.1"


def _somoni(written: str) -> Decimal:
    try:
        amount = Decimal(written)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError("an amount in somoni, like 5.00")
    return amount


def _arguments() -> argparse.Namespace:
    normal = Options()
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.gateway", description="A stand-in OsonSMS gateway.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--login", default=normal.login)
    parser.add_argument("--token", default=normal.token)
    parser.add_argument("--senders", default=",".join(normal.senders), help="comma-separated")
    parser.add_argument("--balance", type=_somoni, default=normal.balance, help="in TJS")
    parser.add_argument("--price", type=_somoni, default=normal.price, help="of one part, in TJS")
    parser.add_argument("--enroute-seconds", type=float, default=normal.enroute_seconds)
    parser.add_argument("--delivered-seconds", type=float, default=normal.delivered_seconds)
    parser.add_argument("--query-style", choices=("contract", "vendor"), default=normal.query_style)
    parser.add_argument("--no-magic", dest="magic", action="store_false", help="no phone is special")
    return parser.parse_args()


async def _serve(port: int, options: dict[str, object]) -> None:
    root = web.Application()
    root.add_subapp("/gateway", create_app(**options))
    runner = web.AppRunner(root, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        print(f"gateway http://{HOST}:{runner.addresses[0][1]}/gateway", flush=True)
        await _until_told()
    finally:
        await runner.cleanup()


async def _until_told() -> None:
    told = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    await told.wait()


def main() -> None:
    """Run it."""
    options = vars(_arguments())
    options["senders"] = tuple(name.strip() for name in options["senders"].split(",") if name.strip())
    port = options.pop("port")
    asyncio.run(_serve(port, options))


if __name__ == "__main__":
    main()
