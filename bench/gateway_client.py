"""How many sends a second one core makes, through httpx as it comes and through our client.

Run: `python -m bench.gateway_client`. The gateway is a stand-in in another process that answers at once, so what is
measured is the client's own work; where the system allows it, each of the two keeps to a core of its own.
"""

import asyncio
import multiprocessing
import os
import re
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from multiprocessing.connection import Connection
from typing import NamedTuple

import httpx

from bot.domain.gateway import Sms
from bot.osonsms import Credentials, OsonSMS

IN_FLIGHT = (16, 64, 256)
RUNS = 5
SECONDS = 0.7
"""For each run; half of it once before, to open the connections."""

BAR_IN_FLIGHT, BAR = 64, 3.0

CREDENTIALS = Credentials("bench", "bench-token")
TEXT = "Салом! Ваш заказ 25 & 26 готов, скидка 10 %"

Send = Callable[[int], Awaitable[object]]


class Gateway(asyncio.Protocol):
    """Takes every send at once."""

    reply = b'{"status":"ok","timestamp":"2026-02-08 12:00:00","txn_id":"%s","msg_id":163938568,"smsc_msg_parts":1}'
    head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with nothing read."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.unread = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer every whole request; a GET ends with its head."""
        *requests, self.unread = (self.unread + data).split(b"\r\n\r\n")
        for request in requests:
            txn_id = re.search(rb"txn_id=([A-Za-z0-9-]+)", request)
            assert txn_id
            body = self.reply % txn_id[1]
            self.transport.write(self.head % len(body) + body)


def serve(port: Connection) -> None:
    """The stand-in's process: tell the port, then answer until it is ended."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Gateway, "127.0.0.1", 0, backlog=1024)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    keep_to_core(1)
    asyncio.run(run())


def keep_to_core(number: int) -> None:
    """Let this process run on one core alone, where the system can do that and has more than one."""
    if sys.platform == "linux" and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(0, {cores[number]})


class Run(NamedTuple):
    """One way to send, measured once."""

    rate: float
    """Sends a second."""
    work: float
    """Microseconds of processor time a send, which the rest of the machine can hardly spoil."""


async def measure(send: Send, in_flight: int, seconds: float) -> Run:
    """Send for so long, with so many under way at once."""
    end = time.perf_counter() + seconds
    numbers: Iterator[int] = iter(range(10**9))
    done = 0

    async def sender() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await send(next(numbers))
            done += 1

    start, work = time.perf_counter(), time.process_time()
    await asyncio.gather(*(sender() for _ in range(in_flight)))
    return Run(done / (time.perf_counter() - start), (time.process_time() - work) / done * 1e6)


async def in_turns(before: Send, after: Send, in_flight: int) -> list[tuple[Run, Run]]:
    """The runs of both, turn by turn, so that a slow moment of the machine meets both."""
    for send in (before, after):
        await measure(send, in_flight, SECONDS / 2)
    return [(await measure(before, in_flight, SECONDS), await measure(after, in_flight, SECONDS)) for _ in range(RUNS)]


async def compare(url: str, in_flight: int) -> list[tuple[Run, Run]]:
    """The runs through httpx as it comes and through ours."""
    ours = OsonSMS(CREDENTIALS, api_url=url, cabinet_url=url, concurrency=in_flight)
    headers = {"Authorization": f"Bearer {CREDENTIALS.token}"}
    async with httpx.AsyncClient(timeout=20, headers=headers) as plain:

        async def send_plain(number: int) -> object:
            values = {"from": "BENCH", "phone_number": "992900000001", "msg": TEXT, "login": "bench"}
            reply = await plain.get(f"{url}/sendsms_v1.php", params={**values, "txn_id": f"bench-{number}"})
            return reply.json()["msg_id"]

        async def send_ours(number: int) -> object:
            return await ours.send(Sms(f"bench-{number}", "992900000001", TEXT, "BENCH"))

        turns = await in_turns(send_plain, send_ours, in_flight)
    await ours.aclose()
    return turns


async def report(url: str) -> bool:
    """Print the table; whether the bar was reached."""
    print("sends a second on one core (µs of processor time a send), medians")
    print(f"{'in flight':>9} {'httpx as it comes':>20} {'ours':>20} {'ratio':>7} {'by µs':>7}")
    ratios = {}
    for in_flight in IN_FLIGHT:
        turns = await compare(url, in_flight)
        before, after = (Run(*map(statistics.median, zip(*runs, strict=True))) for runs in zip(*turns, strict=True))
        ratios[in_flight] = statistics.median(ours.rate / plain.rate for plain, ours in turns)
        cells = [f"{run.rate:,.0f} ({run.work:,.0f})" for run in (before, after)]
        by_work = before.work / after.work
        print(f"{in_flight:>9} {cells[0]:>20} {cells[1]:>20} {ratios[in_flight]:>6.1f}× {by_work:>6.1f}×", flush=True)
    reached = ratios[BAR_IN_FLIGHT] >= BAR
    print(f"bar: at least {BAR} × at {BAR_IN_FLIGHT} in flight: {'reached' if reached else 'MISSED'}")
    return reached


def main() -> int:
    """Start the stand-in, measure, end it. 1 if the bar was missed."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    gateway = context.Process(target=serve, args=(theirs,), daemon=True)
    gateway.start()
    try:
        port = ours.recv()
        keep_to_core(0)
        return 0 if asyncio.run(report(f"http://127.0.0.1:{port}")) else 1
    finally:
        gateway.terminate()
        gateway.join()


if __name__ == "__main__":
    sys.exit(main())
