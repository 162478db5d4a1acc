"""Many small httpx pools behind one: a call takes a pool of its own for as long as it lasts.

httpx's pool looks through all of its connections for every request, so its work per request grows with their number:
`python -m bench.gateway_client` measures it. With one connection a pool there is nothing to look through, no request
queues in a pool where a cancelled one could leave it stuck, and a pool whose request failed is thrown away without harm
to another. Each pool still does what httpx is trusted for: TLS, time-outs, and a look at whether an idle connection has
been closed meanwhile. httpx sends a request once (`retries=0` is about connecting, and is its default).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

KEEP_ALIVE = 4.0
"""Seconds that an idle connection is kept: under the 5 s after which common servers close theirs."""

_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE)


class SmallPools:
    """As many one-connection pools as calls may be under way at once."""

    def __init__(self, count: int) -> None:
        # One for all pools: to read the certificates takes tens of milliseconds. Nothing comes from the environment.
        self._tls = httpx.create_ssl_context(trust_env=False)
        self._count = count
        self._idle: asyncio.LifoQueue[httpx.AsyncHTTPTransport] = asyncio.LifoQueue()
        for _ in range(count):
            self._idle.put_nowait(self._pool())

    def _pool(self) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, limits=_ONE, retries=0)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[httpx.AsyncBaseTransport]:
        """A pool for one request, as soon as one is free: the last used, whose connection is likeliest to be alive.

        Where the block fails or is cancelled, its connection is closed and a new pool takes the place.
        """
        pool = await self._idle.get()
        try:
            yield pool
        except BaseException:
            self._idle.put_nowait(self._pool())  # first: the next line may be cancelled too
            await pool.aclose()
            raise
        self._idle.put_nowait(pool)

    async def aclose(self) -> None:
        """Close every pool, each when its call is over. No call can be made afterwards."""
        for _ in range(self._count):
            await (await self._idle.get()).aclose()
