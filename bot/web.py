"""The little web server: /health for whoever watches over the process, /metrics for Prometheus, and the webhook."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from bot.services.ports import Store

log = structlog.get_logger()
WEBHOOK_PATH = "/telegram"


def create_app(store: Store, metrics: Callable[[], bytes]) -> web.Application:
    """The server without the webhook, which the Telegram room adds."""

    async def health(_request: web.Request) -> web.Response:
        try:
            async with store.read() as log_:
                await log_.current_pause()
        except Exception as error:  # whatever it is, the database does not answer
            log.error("health: the database does not answer", error=type(error).__name__)  # noqa: TRY400
            return web.json_response({"status": "database does not answer"}, status=503)
        return web.json_response({"status": "ok"})

    async def figures(_request: web.Request) -> web.Response:
        return web.Response(body=metrics(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app = web.Application(client_max_size=1024**2)
    app.router.add_get("/health", health)
    app.router.add_get("/metrics", figures)
    return app


@asynccontextmanager
async def served(app: web.Application, host: str, port: int) -> AsyncIterator[None]:
    """Serve while the block runs.

    Raises:
        OSError: the port is taken.
    """
    runner = web.AppRunner(
        app, access_log=None
    )  # an access log is of no use here, and it would tell the webhook's path
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()
