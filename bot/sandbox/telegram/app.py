"""The stand-in as an aiohttp application, to be mounted under `/telegram`."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from . import api, control, feed
from .api import WORLD
from .people import DEFAULT_TOKEN, PEOPLE, Person
from .world import Options, World

PREFIX = "/telegram"
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]", ""}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(
    *,
    token: str = DEFAULT_TOKEN,
    people: tuple[Person, ...] = PEOPLE,
    group_title: str = "Office",
    flood_limits: bool = False,
    callback_seconds: float = 15.0,
    webhook_retry_seconds: float = 1.0,
) -> web.Application:
    """A stand-in with empty chats.

    token: the one that the bot must use; people: who there is; flood_limits: whether Telegram's own pace is kept;
    callback_seconds: how long a press may be answered; webhook_retry_seconds: pause after a failed delivery.
    """
    options = Options(token, people, group_title, flood_limits, callback_seconds, webhook_retry_seconds)
    app = web.Application(middlewares=[only_this_machine])
    world = app[WORLD] = World(options)
    world.webhook.answer = lambda name, params: api.perform(world, name, params)
    app.add_routes([*api.ROUTES, *control.ROUTES, *feed.ROUTES])
    app.on_shutdown.append(_stop)
    return app


async def _stop(app: web.Application) -> None:
    app[WORLD].close()
    await app[WORLD].webhook.delete()


@web.middleware
async def only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse pages of other sites: their requests carry their own Origin, or a host name that only looks like ours."""
    host = request.host.rpartition(":")[0] if ":" in request.host.rpartition("]")[2] else request.host
    origin = request.headers.get("Origin")
    if host not in _LOOPBACK or (origin is not None and origin.partition("://")[2] != request.host):
        raise web.HTTPForbidden(text="only for this machine's own page")
    return await handler(request)
