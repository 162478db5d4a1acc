"""The wire: reads a request, lets the core answer it, and does with the connection what the answer says."""

import asyncio
import socket
import struct
from contextlib import suppress

from aiohttp import BodyPartReader, web

from bot.sandbox.gateway.bulk import MAX_FILE_BYTES
from bot.sandbox.gateway.checks import Ask
from bot.sandbox.gateway.core import Answer, Gateway
from bot.sandbox.gateway.faults import Wire
from bot.sandbox.gateway.replies import Call, Reply

GATEWAY = web.AppKey("gateway", Gateway)
CLOSING = web.AppKey("closing", asyncio.Event)
_LOOK_SECONDS = 0.2
"""How often a held connection is looked at: the server tells no handler that its client has left."""
_MAX_FIELD_BYTES = 64 * 1024
_MAX_FIELDS = 32


async def send(request: web.Request) -> web.StreamResponse:
    """`GET sendsms_v1.php`."""
    return await _serve(request, _read(request, Call.SEND))


async def query(request: web.Request) -> web.StreamResponse:
    """`GET query_sms.php`."""
    return await _serve(request, _read(request, Call.QUERY))


async def balance(request: web.Request) -> web.StreamResponse:
    """`GET check_balance.php`."""
    return await _serve(request, _read(request, Call.BALANCE))


async def create_bulk(request: web.Request) -> web.StreamResponse:
    """`POST api/v1/bulk-sms/create`."""
    variables, file = await _read_form(request)
    ask = Ask(Call.BULK, variables, _bearer(request), request.remote or "", file=file)
    return await _serve(request, ask)


def _read(request: web.Request, call: Call) -> Ask:
    """A request whose variables stand in the URL; of a variable given twice the first counts."""
    variables = {name: request.query[name] for name in request.query}
    return Ask(call, variables, _bearer(request), request.remote or "", method_fits=request.method == "GET")


def _bearer(request: web.Request) -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


async def _read_form(request: web.Request) -> tuple[dict[str, str], bytes | None]:
    """Fields and file of a multipart form, each no longer than it may be; a body that is none has no fields."""
    variables: dict[str, str] = {}
    file: bytes | None = None
    if not request.content_type.startswith("multipart/"):
        return variables, file
    with suppress(ValueError, web.HTTPException):  # malformed: what was read until then counts
        reader = await request.multipart()
        for _ in range(_MAX_FIELDS):
            part = await reader.next()
            if not isinstance(part, BodyPartReader):
                break
            if part.name == "file":
                file = await _read_part(part, MAX_FILE_BYTES)
            else:
                variables[part.name or ""] = (await _read_part(part, _MAX_FIELD_BYTES)).decode(errors="replace")
    return variables, file


async def _read_part(part: BodyPartReader, limit: int) -> bytes:
    """At most one byte more than the limit, so that the core sees that it is too long; the rest is read and dropped."""
    read = bytearray()
    while chunk := await part.read_chunk():
        read += chunk[: limit + 1 - len(read)]
    return bytes(read)


async def _serve(request: web.Request, ask: Ask) -> web.StreamResponse:
    answer = request.app[GATEWAY].answer(ask)
    if answer.wait:
        await _wait(request, answer.wait)
    return await _write(request, answer)


async def _write(request: web.Request, answer: Answer) -> web.StreamResponse:
    response = _response(answer.reply)
    if answer.wire is Wire.CUT:
        await _write_half(request, answer.reply)
    elif answer.wire is Wire.RESET:
        _reset(request)
    if answer.wire in (Wire.CUT, Wire.DROP, Wire.HOLD) and request.transport:
        request.transport.close()
    return response  # goes nowhere when the connection is closed by now


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.http, body=reply.body, content_type=reply.content_type)


async def _write_half(request: web.Request, reply: Reply) -> None:
    response = web.StreamResponse(status=reply.http, headers={"Content-Type": reply.content_type})
    response.content_length = len(reply.body)
    await response.prepare(request)
    await response.write(reply.body[: len(reply.body) // 2])


def _reset(request: web.Request) -> None:
    """Close with RST: the kernel sends it when a socket that does not linger is closed."""
    if request.transport:
        raw = request.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()


async def _wait(request: web.Request, seconds: float) -> None:
    """Until the time is over, the client has left or the server closes."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    closing = request.app[CLOSING]
    while request.transport and not closing.is_set() and (left := end - loop.time()) > 0:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(left, _LOOK_SECONDS)):
                await closing.wait()
