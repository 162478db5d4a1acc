"""Both stand-ins with a watch at their door: it keeps every send as it came, and springs the trap."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox import gateway, telegram
from tests.support.lives import Life
from tests.support.world import BOT_TOKEN, World
from tests.torture.plan import CARD, LATE, ORDER, PRESS, SEND, START, Moment

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Trap:
    """Kills a process at its moment."""

    def __init__(self) -> None:
        self.alive = asyncio.Event()
        """Whether the process has called anybody yet."""
        self.in_time = False
        """Whether the moment came; else patience ended."""
        self._kill: Callable[[], None] | None = None
        self._moment = Moment(START)
        self._left = 0

    def arm(self, life: Life, moment: Moment, nth: int) -> None:
        """Kill this new life at the nth time that the moment comes, or when patience (from its first call) ends."""
        self.disarm()
        self._kill = life.kill
        self._moment, self._left = moment, nth
        self.saw(START)

    def disarm(self) -> None:
        """Let the next process live."""
        self.alive.clear()
        self.in_time, self._kill = False, None

    def saw(self, call: str, *, done: bool = False) -> None:
        """The process has come so far."""
        if call != START and not self.alive.is_set():
            self.alive.set()
            self._kill_after(self._moment.patience)
        if (call, done) == (self._moment.call, self._moment.done):
            self._left -= 1
            if self._left == 0:
                self.in_time = True
                self._kill_after(self._moment.delay)
        elif call == SEND and self._moment.early and not self.in_time:
            self._kill_after(0)

    def _kill_after(self, seconds: float) -> None:
        if self._kill and seconds:
            asyncio.get_running_loop().call_later(seconds, self._kill)
        elif self._kill:
            self._kill()


class Watch:
    """What came to the stand-ins, seen before they see it."""

    def __init__(self, seed: int) -> None:
        self.trap = Trap()
        self.sends: dict[str, list[str]] = defaultdict(list)
        """Every send as it came (method, address, authorization), by its txn_id."""
        self.phones: list[str] = []
        """The phone of every send, in their order."""
        self._dice = random.Random(seed)  # noqa: S311 (repeatable, no secret)

    @web.middleware
    async def door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request in, and its reply out."""
        if "/control/" in request.path:
            return await handler(request)
        call = request.path.rpartition("/")[2]
        if call == SEND:
            authorization = request.headers.get("Authorization", "")
            self.phones.append(request.query.get("phone_number", ""))
            self.sends[request.query.get("txn_id", "")].append(f"{request.method} {request.raw_path} {authorization}")
        self.trap.saw(call)
        if call == SEND and self._dice.random() < LATE:
            await asyncio.sleep(self._dice.uniform(0.5, 2.5))
        response = await handler(request)
        self.trap.saw(call, done=True)
        if call in ("getUpdates", "sendMessage") and isinstance(response, web.Response):
            self._look_into(bytes(response.body or b""))  # type: ignore[arg-type] # no Payload is ever put there
        return response

    def _look_into(self, reply: bytes) -> None:
        """What a getUpdates brought, or a sendMessage said."""
        match json.loads(reply):
            case {"result": [*updates]}:
                for kind, moment in (("message", ORDER), ("callback_query", PRESS)):
                    if any(kind in update for update in updates):
                        self.trap.saw(moment, done=True)
            case {"result": {"text": str(text)}} if text.startswith("Campaign "):
                self.trap.saw(CARD, done=True)


@asynccontextmanager
async def stand_ins(folder: Path, watch: Watch) -> AsyncIterator[World]:
    """Both stand-ins behind the watch; no number is magic, there is money for everybody, SMS are delivered at once."""
    app = web.Application(middlewares=[watch.door])
    quick = {"enroute_seconds": 0, "delivered_seconds": 0, "hold_seconds": 3, "slow_seconds": 0.3}
    app.add_subapp("/gateway", gateway.create_app(**quick, magic=False, balance=Decimal(1_000_000)))
    app.add_subapp("/telegram", telegram.create_app(token=BOT_TOKEN))
    server = TestServer(app)
    await server.start_server(access_log=None, shutdown_timeout=0.05)
    try:
        yield World(str(server.make_url("")).rstrip("/"), folder)
    finally:
        await server.close()
