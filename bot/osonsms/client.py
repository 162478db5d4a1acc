"""The client: sends the bytes that `protocol` builds, and lets nothing out but its results and `bot.domain.errors`."""

import asyncio
import functools
import ipaddress
import logging
import time

import httpx

from bot.domain.errors import ConnectionLost, GatewayError, NotConnected, ReplyUnreadable, TimedOut
from bot.domain.gateway import Accepted, Balance, BulkAccepted, BulkOrder, Delivery, Sms
from bot.osonsms import protocol
from bot.osonsms.protocol import Credentials, Request
from bot.osonsms.quiet import silence_httpcore
from bot.osonsms.scrub import scrub
from bot.osonsms.transport import SmallPools

log = logging.getLogger(__name__)

LARGEST_REPLY = 64 * 1024
"""Bytes; the contract's replies have under one thousand."""

FAILURES: dict[type[Exception], type[GatewayError]] = {
    httpx.ConnectError: NotConnected,
    httpx.ConnectTimeout: NotConnected,
    httpx.PoolTimeout: NotConnected,
    httpx.ProxyError: NotConnected,
    httpx.UnsupportedProtocol: NotConnected,
    httpx.TimeoutException: TimedOut,
    httpx.DecodingError: ReplyUnreadable,
    httpx.TooManyRedirects: ReplyUnreadable,
    httpx.HTTPStatusError: ReplyUnreadable,
    httpx.HTTPError: ConnectionLost,
    OSError: ConnectionLost,  # a TLS record that is broken under way comes as ssl.SSLError
}
"""What each failure of httpx means; the nearest class counts. In doubt the message may have arrived."""


class OsonSMS:
    """One for the life of the process. Every method raises one of `bot.domain.errors` if it does not return.

    `timeout` (seconds; the contract's 20) is for a whole call. `concurrency` calls run at once, the others wait for
    their turn within their time. Plain http is refused (ValueError) unless the host is this machine.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        api_url: str = "https://api.osonsms.com",
        cabinet_url: str = "https://cab.osonsms.com",
        concurrency: int = 64,
        timeout: float = 20.0,
    ) -> None:
        self._credentials = credentials
        self._api_url = _safe_base(api_url)
        self._cabinet_url = _safe_base(cabinet_url)
        self._timeout = timeout
        # Time-outs of TCP and of TLS, short of the whole: so a host that is away is known to have received nothing.
        self._timeouts = {"connect": timeout / 4}
        self._pools = SmallPools(concurrency)
        silence_httpcore()

    async def send(self, sms: Sms) -> Accepted:
        """Hand one SMS to the gateway."""
        request = protocol.send(self._credentials, self._api_url, sms)
        return protocol.read_accepted(request, *await self._exchange(request))

    async def query(self, txn_id: str, msg_id: int | None) -> Delivery:
        """Ask what became of a message; without its msg_id the gateway may refuse."""
        request = protocol.query(self._credentials, self._api_url, txn_id, msg_id)
        return protocol.read_delivery(request, *await self._exchange(request))

    async def balance(self, txn_id: str) -> Balance:
        """Ask what is left on the account."""
        request = protocol.balance(self._credentials, self._api_url, txn_id)
        return protocol.read_balance(request, *await self._exchange(request))

    async def create_bulk(self, order: BulkOrder) -> BulkAccepted:
        """Hand a list of phones to the gateway's own bulk."""
        request = protocol.create_bulk(self._credentials, self._cabinet_url, order)
        return protocol.read_bulk(request, *await self._exchange(request))

    async def aclose(self) -> None:
        """Close all connections, once the calls under way are over."""
        await self._pools.aclose()

    async def _exchange(self, request: Request) -> tuple[int, bytes]:
        """Send once; the reply's HTTP status and body. One debug line, whatever comes of it."""
        start = time.perf_counter()
        outcome = "cancelled"
        try:
            status, body = await self._attempt(request)
            outcome = str(status)
        except GatewayError as error:
            outcome = type(error).__name__
            raise
        finally:
            taken = (time.perf_counter() - start) * 1000
            log.debug("%s txn_id=%s %s %.0f ms", request.call, request.txn_id, outcome, taken)
        return status, body

    async def _attempt(self, request: Request) -> tuple[int, bytes]:
        """Send once within the time. Failures are raised outside of `except`: those of httpx may hold URL and token."""
        failure: GatewayError
        given_pool = False
        try:
            async with asyncio.timeout(self._timeout), self._pools.one() as pool:
                given_pool = True
                return await _roundtrip(pool, self._prepared(request))
        except TimeoutError:
            failure = TimedOut("no reply in time") if given_pool else NotConnected("no free connection in time")
        except (httpx.HTTPError, OSError) as error:
            failure = meaning_of(error, request)
        raise failure

    def _prepared(self, request: Request) -> httpx.Request:
        """The request as httpx takes it, with the query as the extension `target`.

        So the query goes out byte for byte, stands in no text of httpx, and is not parsed again for every message.
        """
        address, _, values = request.url.partition("?")
        url = _parsed(address)
        target = url.raw_path + (f"?{values}".encode() if values else b"")
        extensions = {"timeout": self._timeouts, "target": target}
        return httpx.Request(request.method, url, headers=request.headers, content=request.body, extensions=extensions)


_parsed = functools.lru_cache(maxsize=8)(httpx.URL)
"""An address without its query; there are four."""


async def _roundtrip(pool: httpx.AsyncBaseTransport, request: httpx.Request) -> tuple[int, bytes]:
    response = await pool.handle_async_request(request)
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LARGEST_REPLY:
            raise ReplyUnreadable(f"the reply is over {LARGEST_REPLY} bytes", http_status=response.status_code)
    return response.status_code, bytes(body)


def meaning_of(error: Exception, request: Request) -> GatewayError:
    """The error of ours that says what a failure of httpx means, in words without a secret."""
    meaning = next(FAILURES[kind] for kind in type(error).__mro__ if kind in FAILURES)
    return meaning(scrub(f"{type(error).__name__} {error}".strip(), request.secrets))


def _safe_base(url: str) -> str:
    """The base without a closing slash; ValueError where the token would travel in the clear, or for no base at all."""
    try:
        base = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        raise ValueError("the gateway's address is not a URL") from None
    complete = base.scheme in ("http", "https") and base.host and (base.port or 1) in range(1, 65536)
    if not complete or base.userinfo or "?" in url or "#" in url:
        raise ValueError("the gateway's address must be like https://host/path, without a user, a query or a fragment")
    if base.scheme == "http" and not _is_loopback(base.host):
        raise ValueError(f"plain http to {base.host} would show the token to everybody on the way: use https")
    return str(base).rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
