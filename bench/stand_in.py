"""The stand-in gateway of the benchmarks: takes every send at once, or after a set time; in a process of its own.

It does as little as it can, so that what is measured is the bot's own work.
"""

import asyncio
import multiprocessing
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

_SENT = b'{"status":"ok","timestamp":"2026-02-08 12:00:00","txn_id":"%s","msg_id":%d,"smsc_msg_parts":1}'
_STATUS = b'{"status":"ok","timestamp":"2026-02-08 12:00:00","txn_id":"%s","msg_id":%d,"message_state":"ENROUTE"}'
_BALANCE = b'{"balance":"1000000.00","timestamp":"2026-02-08 12:00:00"}'
_HEAD = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_TXN_ID = re.compile(rb"txn_id=([A-Za-z0-9-]+)")


class Gateway(asyncio.Protocol):
    """One connection. Sends are counted over all of them."""

    delay = 0.0
    """Seconds before a reply."""
    sent = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with nothing read."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.unread = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer every whole request; a GET ends with its head."""
        *requests, self.unread = (self.unread + data).split(b"\r\n\r\n")
        for request in requests:
            reply = self._reply(request)
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self.transport.write, reply)
            else:
                self.transport.write(reply)

    def _reply(self, request: bytes) -> bytes:
        txn_id = _TXN_ID.search(request)
        assert txn_id
        if b"sendsms" in request:
            Gateway.sent += 1
            body, status = _SENT % (txn_id[1], 163_000_000 + Gateway.sent), 201
        else:
            body, status = _BALANCE if b"balance" in request else _STATUS % (txn_id[1], 1), 200
        return _HEAD % (status, len(body)) + body


def _serve(port: Connection, delay: float) -> None:
    """The process: tell the port, then answer until it is ended."""

    async def run() -> None:
        Gateway.delay = delay
        server = await asyncio.get_running_loop().create_server(Gateway, "127.0.0.1", 0, backlog=1024)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    keep_to_core(1)
    asyncio.run(run())


@contextmanager
def gateway(delay: float = 0.0) -> Iterator[str]:
    """A gateway that answers after `delay` seconds; gives its address, and ends it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, delay), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def keep_to_core(number: int) -> None:
    """Let this process run on one core alone, where the system can do that and has more than one."""
    if sys.platform == "linux" and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(0, {cores[number]})
