"""A gateway of bare bytes: it keeps what it was sent as it came, and answers, or fails to, just as a test says."""

import asyncio
import json
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any


class Visit:
    """One request as the gateway has read it, and the connection it came by."""

    def __init__(self, raw: bytes, writer: asyncio.StreamWriter) -> None:
        self.raw = raw
        self._writer = writer

    @property
    def line(self) -> str:
        """The request line."""
        return self.raw.split(b"\r\n", 1)[0].decode()

    @property
    def headers(self) -> dict[str, str]:
        """The headers, their names in small letters."""
        lines = self.raw.split(b"\r\n\r\n", 1)[0].decode().split("\r\n")[1:]
        return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    @property
    def body(self) -> bytes:
        """What came after the headers."""
        return self.raw.split(b"\r\n\r\n", 1)[1]

    @property
    def txn_id(self) -> str:
        """The txn_id of a GET."""
        found = re.search(r"[?&]txn_id=([A-Za-z0-9-]+)", self.line)
        return found[1] if found else ""

    async def write(self, raw: bytes) -> None:
        """Send these bytes."""
        self._writer.write(raw)
        await self._writer.drain()

    async def reply(self, http_status: int, body: object, *headers: str) -> None:
        """Send a whole reply: bytes as they are, anything else as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = [f"HTTP/1.1 {http_status} X", "Content-Type: application/json", f"Content-Length: {len(raw)}", *headers]
        await self.write("\r\n".join([*head, "", ""]).encode() + raw)

    async def accept(self, **changes: object) -> None:
        """Take the message."""
        await self.reply(201, {"status": "ok", "txn_id": self.txn_id, "msg_id": 163938568, **changes})

    async def close(self) -> None:
        """Close the connection in good order; return once it is closed."""
        self._writer.close()
        await self._writer.wait_closed()

    def reset(self) -> None:
        """Break the connection off."""
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Answer = Callable[[Visit], Awaitable[None]]


class Wire:
    """The gateway. `answer` is called for each request; the next request of a connection is read when it returns."""

    def __init__(self) -> None:
        self.answer: Answer = Visit.accept
        self.visits: list[Visit] = []
        self.visited = asyncio.Event()
        """Set at every request; for a test to wait on, and to clear."""
        self.connections = 0
        self.port = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.connections += 1
        try:
            while True:
                visit = Visit(await _one_request(reader), writer)
                self.visits.append(visit)
                self.visited.set()
                await self.answer(visit)
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            pass  # the client is gone, or the test is over
        finally:
            writer.close()
            self._tasks.discard(task)


async def _one_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


@asynccontextmanager
async def open_wire() -> AsyncIterator[Wire]:
    """A gateway on a free port of this machine, for the length of the block."""
    wire = Wire()
    server = await asyncio.start_server(wire._serve, "127.0.0.1", 0, limit=2**17)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        tasks = list(wire._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
