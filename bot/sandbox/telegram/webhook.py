"""Delivery of updates by POST: in order, one at a time, again and again until the bot takes it."""

import asyncio
import contextlib
import ipaddress
import re
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiohttp

from .errors import ApiError, bad
from .params import Params, read_params
from .people import JSON
from .updates import Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)
Answer = Callable[[str, Params], Awaitable[object]]
"""Carries out a method that a webhook's reply names."""


class Webhook:
    """Where updates are sent, if anywhere. Only this machine may be named: a stand-in reaches nobody else."""

    def __init__(self, updates: Updates, retry_seconds: float) -> None:
        self.url = ""
        self.secret = ""
        self.max_connections = 40
        self.last_error: tuple[int, str] | None = None
        self.answer: Answer | None = None
        self._updates = updates
        self._retry_seconds = retry_seconds
        self._task: asyncio.Task[None] | None = None

    def info(self) -> JSON:
        """As the Bot API's `WebhookInfo`."""
        facts: JSON = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending),
        }
        if self.url:
            facts |= {"max_connections": self.max_connections, "ip_address": "127.0.0.1"}
        if self.last_error:
            facts |= {"last_error_date": self.last_error[0], "last_error_message": self.last_error[1]}
        if self._updates.allowed:
            facts["allowed_updates"] = self._updates.allowed
        return facts

    async def set(self, url: str, secret: str) -> None:
        """Deliver there from now on. Raises ApiError on an address that is not this machine's, or a bad secret."""
        if not _is_loopback(url):
            raise bad("bad webhook: the stand-in delivers to this machine only")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad("secret token contains unallowed characters")
        await self.delete()
        self.url, self.secret, self.last_error = url, secret, None
        self._updates.interrupt()
        self._task = asyncio.create_task(self._deliver())

    async def delete(self) -> None:
        """Deliver no longer."""
        self.url = ""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _deliver(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            while not self._updates.closed:
                if not self._updates.pending:
                    await self._updates.bell.heard(60)
                elif not await self._taken(session, self._updates.pending[0]):
                    await asyncio.sleep(self._retry_seconds)

    async def _taken(self, session: aiohttp.ClientSession, update: JSON) -> bool:
        """Whether the bot took it. An update that it took is forgotten."""
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        try:
            async with session.post(self.url, json=update, headers=headers) as response:
                if response.ok:
                    self._updates.acknowledge(update["update_id"])
                    await self._carry_out(response)
                    return True
                problem = f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            problem = "Connection timed out" if isinstance(error, TimeoutError) else "Connection refused"
        self.last_error = (int(time.time()), problem)
        return False

    async def _carry_out(self, response: aiohttp.ClientResponse) -> None:
        """A reply may itself be a call; whether it succeeds, Telegram does not tell."""
        with contextlib.suppress(ApiError):
            params = await read_params(response, response.headers, {})
            method = params.fields.pop("method", "")
            if method and self.answer is not None:
                await self.answer(str(method), params)


def _is_loopback(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in {"http", "https"} and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False
