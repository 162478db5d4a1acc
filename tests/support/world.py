"""The whole bot on both stand-ins, over real HTTP and a real database: what story tests live in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app import App
from bot.domain.timing import Timing
from bot.sandbox import gateway, telegram
from bot.services.sheets import Limits
from bot.settings import Settings
from tests.support.timing import QUICK

OWNER, ADMIN, STRANGER = 900000001, 900000002, 900000003
REPOSITORY = Path(__file__).parents[2]
START = 60
"""Seconds that a process may take to start where the machine is busy: aiogram alone takes two."""
BOT_TOKEN = "1000000001:demo-token-for-the-sandbox-only"


@dataclass(frozen=True, slots=True)
class World:
    """Where the stand-ins are."""

    address: str
    folder: Path

    def environment(self, **changes: str) -> dict[str, str]:
        """Settings for a bot that lives here."""
        return {
            "BOT_TOKEN": BOT_TOKEN,
            "ADMIN_IDS": f"{OWNER},{ADMIN}",
            "OSONSMS_LOGIN": "demo",
            "OSONSMS_TOKEN": "demo-token",
            "OSONSMS_SENDER": "Demo",
            "OSONSMS_API_URL": f"{self.address}/gateway",
            "OSONSMS_CABINET_URL": f"{self.address}/gateway",
            "TELEGRAM_API_URL": f"{self.address}/telegram",
            "DATABASE_URL": f"sqlite+aiosqlite:///{self.folder}/bot.db",
            "LANGUAGE": "en",
            "HTTP_PORT": "0",
            "LOG_LEVEL": "WARNING",
        } | changes

    async def gateway(self, path: str, **body: Any) -> Any:
        """Read from the gateway's control API, or with a body write to it."""
        async with httpx.AsyncClient(base_url=f"{self.address}/gateway/control/") as client:
            answer = await (client.post(path, json=body) if body else client.get(path))
        return answer.raise_for_status().json()

    async def arrived(self) -> list[dict[str, Any]]:
        """Every SMS that arrived on a phone."""
        return list((await self.gateway("handset"))["sms"])

    async def taken(self) -> list[dict[str, Any]]:
        """Every message that the gateway took."""
        return list((await self.gateway("messages"))["messages"])

    async def requests(self, call: str) -> list[dict[str, Any]]:
        """Every request of this kind that the gateway read, before any fault."""
        return [one for one in (await self.gateway("requests"))["requests"] if one["call"] == call]

    async def received(self) -> list[tuple[str, str]]:
        """(phone, text) of every SMS that arrived, sorted: what people got."""
        return sorted((sms["phone"], sms["text"]) for sms in await self.arrived())

    async def fault(
        self, mode: str, times: int | None = 1, call: str | None = None, delay: float | None = None
    ) -> None:
        """Let the gateway misbehave."""
        await self.gateway("faults", mode=mode, times=times, call=call, delay=delay)


async def until(holds: Callable[[], Awaitable[object]], seconds: float = 10) -> None:
    """Wait until it holds. TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def stand_ins(folder: Path, **gateway_options: Any) -> AsyncIterator[World]:
    """Both stand-ins on one port; SMS are delivered at once."""
    app = web.Application()
    options = {"enroute_seconds": 0, "delivered_seconds": 0, "hold_seconds": 3, "slow_seconds": 0.3} | gateway_options
    app.add_subapp("/gateway", gateway.create_app(**options))
    app.add_subapp("/telegram", telegram.create_app(token=BOT_TOKEN))
    server = TestServer(app)
    await server.start_server(access_log=None, shutdown_timeout=0.05)
    try:
        yield World(str(server.make_url("")).rstrip("/"), folder)
    finally:
        await server.close()


@asynccontextmanager
async def running_bot(
    world: World, timing: Timing = QUICK, limits: Limits | None = None, **changes: str
) -> AsyncIterator[App]:
    """The bot in this process, until the block ends; it then stops in order."""
    values: dict[str, Any] = {name.lower(): value for name, value in world.environment(**changes).items()}
    app = App(Settings(_env_file=None, **values), timing, limits)
    task = asyncio.create_task(app.run())
    try:
        yield app
    finally:
        app.stop.set()
        await asyncio.wait_for(task, 15)
