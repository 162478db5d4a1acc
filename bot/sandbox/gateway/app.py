"""Puts the gateway together as an aiohttp application."""

import asyncio
from typing import Any

from aiohttp import web

from bot.sandbox.gateway import control
from bot.sandbox.gateway.core import Gateway
from bot.sandbox.gateway.options import Options
from bot.sandbox.gateway.web import CLOSING, GATEWAY, balance, create_bulk, query, send


def create_app(**options: Any) -> web.Application:
    """The gateway, to be served alone or mounted: `bigger.add_subapp("/gateway", create_app())`.

    `options` are the fields of `Options`. Whoever serves it must switch the access log off (`access_log=None`): the
    contract puts phones and texts into the URL. `app[GATEWAY]` is the core, for tests in the same process.
    """
    app = web.Application(middlewares=[control.tell_mistakes])
    app[GATEWAY] = Gateway(Options(**options))
    app[CLOSING] = asyncio.Event()
    app.on_shutdown.append(_let_go)
    app.router.add_route("*", "/sendsms_v1.php", send)
    app.router.add_route("*", "/query_sms.php", query)
    app.router.add_route("*", "/check_balance.php", balance)
    app.router.add_post("/api/v1/bulk-sms/create", create_bulk)
    for name, show in control.SHOWN.items():
        app.router.add_get(f"/control/{name}", show)
    app.router.add_post("/control/{name}", control.change)
    return app


async def _let_go(app: web.Application) -> None:
    """Held connections end, or the server would wait for them."""
    app[CLOSING].set()
