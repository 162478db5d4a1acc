"""The client over real sockets: the bytes it sends, and that each request goes out once, whatever becomes of it."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.domain.errors import (
    AccountInactive,
    ConnectionLost,
    DuplicateTxnId,
    GatewayError,
    NotConnected,
    ReplyUnreadable,
    TimedOut,
)
from bot.domain.gateway import Accepted, Balance, BulkAccepted, BulkOrder, Channel, Delivery, DeliveryStatus, Sms
from bot.osonsms import Credentials, OsonSMS
from bot.osonsms.client import LARGEST_REPLY
from tests.support.wire import Visit, Wire, open_wire

CREDENTIALS = Credentials("firma", "7f3c9a51e2b84d06")
PHONE = "992900001234"
SMS = Sms("t-1", PHONE, "Салом & 1+1=2, 100%\n", "OsonSMS")
ACCEPTED = Accepted(163938568, None, None)
SHORT = 0.3
"""Seconds, where a test waits for time to run out."""


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with open_wire() as opened:
        yield opened


NewClient = Callable[..., OsonSMS]


@pytest.fixture
async def new_client(wire: Wire) -> AsyncIterator[NewClient]:
    """Makes clients of the wire, closed after the test."""
    async with AsyncExitStack() as stack:

        def new(*, url: str = "", concurrency: int = 4, timeout: float = 5) -> OsonSMS:
            base = url or wire.url
            client = OsonSMS(CREDENTIALS, api_url=base, cabinet_url=base, concurrency=concurrency, timeout=timeout)
            stack.push_async_callback(client.aclose)
            return client

        yield new


def sms(number: int) -> Sms:
    return Sms(f"t-{number}", PHONE, "Салом", "OsonSMS")


# The bytes of each request


async def test_send_goes_out_as_the_contract_spells_it(wire: Wire, new_client: NewClient) -> None:
    """Request line and headers are these to the byte; Cyrillic, `&`, `+`, `=`, `%`, line ends are percent-encoded."""
    await new_client().send(Sms("t-1", PHONE, SMS.text, "OsonSMS", Channel.TELEGRAM, confidential=True))
    [visit] = wire.visits
    assert visit.line == (
        "GET /sendsms_v1.php?from=OsonSMS&phone_number=992900001234"
        "&msg=%D0%A1%D0%B0%D0%BB%D0%BE%D0%BC%20%26%201%2B1%3D2%2C%20100%25%0A"
        "&login=firma&txn_id=t-1&channel=telegram&is_confidential=true HTTP/1.1"
    )
    assert visit.headers == {
        "host": f"127.0.0.1:{wire.port}",
        "authorization": "Bearer 7f3c9a51e2b84d06",
        "user-agent": "osonsms-bot",
        "accept": "application/json",
        "accept-encoding": "identity",
    }
    assert visit.body == b""


async def test_query_and_balance_go_out_as_the_contract_spells_them(wire: Wire, new_client: NewClient) -> None:
    """Both are GETs with the bearer token; a query without msg_id asks by txn_id alone."""
    replies: list[object] = [{"status": "DELIVERED"}, {"status": "ENROUTE"}, {"balance": 6.07}]

    async def answer(visit: Visit) -> None:
        await visit.reply(200, replies.pop(0))

    wire.answer = answer
    client = new_client()
    assert await client.query("t-1", 163938568) == Delivery(DeliveryStatus.DELIVERED, None)
    assert await client.query("t-1", None) == Delivery(DeliveryStatus.ENROUTE, None)
    assert await client.balance("b-1") == Balance(Decimal("6.07"), None)
    assert [visit.line for visit in wire.visits] == [
        "GET /query_sms.php?login=firma&txn_id=t-1&msg_id=163938568 HTTP/1.1",
        "GET /query_sms.php?login=firma&txn_id=t-1 HTTP/1.1",
        "GET /check_balance.php?login=firma&txn_id=b-1 HTTP/1.1",
    ]
    assert {visit.headers["authorization"] for visit in wire.visits} == {"Bearer 7f3c9a51e2b84d06"}


async def test_bulk_goes_out_as_a_form_that_another_reader_understands(wire: Wire, new_client: NewClient) -> None:
    """The standard library's own mail parser finds every variable and the file in the body as they were given."""

    async def answer(visit: Visit) -> None:
        await visit.reply(200, {"status": "success", "sms_bulk_name": "Рассылка 8"})

    wire.answer = answer
    file = b"name,phone\r\n\xd0\x90,992900001234\r\n"
    order = BulkOrder("t-1", SMS.text, "OsonSMS", datetime(2026, 12, 31, 20, tzinfo=UTC), file, with_params=True)
    assert await new_client().create_bulk(order) == BulkAccepted("Рассылка 8")
    [visit] = wire.visits
    assert visit.line == "POST /api/v1/bulk-sms/create HTTP/1.1"
    assert visit.headers["authorization"] == "Bearer 7f3c9a51e2b84d06"
    head = f"Content-Type: {visit.headers['content-type']}\r\n\r\n".encode()
    form = email.message_from_bytes(head + visit.body, policy=email.policy.HTTP)
    parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
    assert {name: part.get_payload(decode=True) for name, part in parts.items()} == {
        "from": b"OsonSMS",
        "msg": SMS.text.encode(),
        "login": b"firma",
        "txn_id": b"t-1",
        "send_at": b"2027-01-01 01:00:00",
        "with_params": b"1",
        "file": file,
    }
    assert (parts["file"].get_filename(), parts["file"].get_content_type()) == ("recipients.csv", "text/csv")


async def test_a_base_address_may_hold_a_path(wire: Wire, new_client: NewClient) -> None:
    """The contract's path is appended to that of the base, whose closing slash does not count."""
    await new_client(url=f"{wire.url}/gateway/").send(SMS)
    assert wire.visits[0].line.startswith("GET /gateway/sendsms_v1.php?from=")


# Replies


async def test_an_error_of_the_gateway_is_raised_and_the_connection_goes_on(wire: Wire, new_client: NewClient) -> None:
    """A refusal is an ordinary reply: it costs no connection."""

    async def refuse(visit: Visit) -> None:
        await visit.reply(401, {"error": {"code": 105, "msg": "Inactive or non-existent account"}})

    wire.answer = refuse
    client = new_client()
    with pytest.raises(AccountInactive):
        await client.send(SMS)
    wire.answer = Visit.accept
    assert await client.send(SMS) == ACCEPTED
    assert wire.connections == 1


async def test_a_redirect_is_not_followed(wire: Wire, new_client: NewClient) -> None:
    """Elsewhere is not where the token may go; and the reply proves nothing."""

    async def redirect(visit: Visit) -> None:
        await visit.reply(302, b"", f"Location: {wire.url}/elsewhere")

    wire.answer = redirect
    with pytest.raises(ReplyUnreadable):
        await new_client().send(SMS)
    assert len(wire.visits) == 1


async def test_a_409_is_told_as_such(wire: Wire, new_client: NewClient) -> None:
    """What a duplicate means depends on earlier attempts, so the client only reports it."""

    async def refuse(visit: Visit) -> None:
        await visit.reply(409, {"error": {"code": 108, "msg": "Duplicate txn_id. It should be unique."}})

    wire.answer = refuse
    with pytest.raises(DuplicateTxnId):
        await new_client().send(SMS)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_reply_without_end_is_not_read_to_its_end(wire: Wire, new_client: NewClient, *, chunked: bool) -> None:
    """Past the bound reading stops, the reply is unreadable, and the next call works."""

    async def flood(visit: Visit) -> None:
        head = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 9999999999"
        await visit.write(b"HTTP/1.1 201 Created\r\n" + head + b"\r\n\r\n")
        while True:
            await visit.write(b"1000\r\n" + b" " * 4096 + b"\r\n")

    wire.answer = flood
    client = new_client(concurrency=1)
    with pytest.raises(ReplyUnreadable, match=str(LARGEST_REPLY)):
        await client.send(SMS)
    wire.answer = Visit.accept
    assert await client.send(SMS) == ACCEPTED


# Failures under way: (what the gateway does after it has read the request, what the client raises)


async def _says_nothing(_visit: Visit) -> None:
    await asyncio.Event().wait()


async def _trickles(visit: Visit) -> None:
    await visit.write(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n")
    while True:
        await visit.write(b" ")
        await asyncio.sleep(SHORT / 20)


async def _says_half(visit: Visit) -> None:
    await visit.write(b'HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"status":"ok",')
    await visit.close()


async def _resets(visit: Visit) -> None:
    visit.reset()


async def _talks_nonsense(visit: Visit) -> None:
    await visit.write(b"220 smtp.example ESMTP\r\n\r\n")


async def _sends_endless_headers(visit: Visit) -> None:
    await visit.write(b"HTTP/1.1 201 Created\r\n" + b"X: y\r\n" * 30_000)


FAILURES: list[tuple[Callable[[Visit], Awaitable[None]], type[GatewayError]]] = [
    (_says_nothing, TimedOut),
    (_trickles, TimedOut),
    (Visit.close, ConnectionLost),
    (_resets, ConnectionLost),
    (_says_half, ConnectionLost),
    (_talks_nonsense, ConnectionLost),
    (_sends_endless_headers, ConnectionLost),
]


@pytest.mark.parametrize(("answer", "meaning"), FAILURES)
@pytest.mark.parametrize("kept_alive", [False, True])
async def test_a_request_that_was_read_is_never_sent_again(
    wire: Wire,
    new_client: NewClient,
    answer: Callable[[Visit], Awaitable[None]],
    meaning: type[GatewayError],
    *,
    kept_alive: bool,
) -> None:
    """Also on a kept-alive connection, where clients are wont to repeat a GET. What it means: it may have arrived."""
    client = new_client(concurrency=1, timeout=SHORT)
    if kept_alive:
        await client.send(sms(0))
    wire.answer = answer
    with pytest.raises(GatewayError) as caught:
        await client.send(sms(1))
    assert type(caught.value) is meaning
    assert caught.value.may_have_arrived
    wire.answer = Visit.accept
    assert await client.send(sms(2)) == ACCEPTED
    assert [v.txn_id for v in wire.visits] == ["t-0"] * kept_alive + ["t-1", "t-2"]


async def test_a_connection_closed_between_two_requests_is_not_used_again(wire: Wire, new_client: NewClient) -> None:
    """The client notices before it sends: the second request goes once, by a new connection."""
    closed = asyncio.Event()

    async def accept_and_close(visit: Visit) -> None:
        await visit.accept()
        await visit.close()
        closed.set()

    wire.answer = accept_and_close
    client = new_client(concurrency=1)
    await client.send(sms(1))
    await closed.wait()
    assert await client.send(sms(2)) == ACCEPTED
    assert [v.txn_id for v in wire.visits] == ["t-1", "t-2"]
    assert wire.connections == 2


async def test_a_body_that_is_not_read_runs_out_of_time(new_client: NewClient) -> None:
    """A gateway that stops reading a large file holds nobody longer than the whole time."""

    async def read_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await released.wait()

    released = asyncio.Event()
    server = await asyncio.start_server(read_nothing, "127.0.0.1", 0, limit=1024)
    async with server:
        client = new_client(url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=SHORT)
        order = BulkOrder("t-1", "Салом", "OsonSMS", datetime.now(UTC), bytes(5_000_000))
        with pytest.raises(TimedOut):
            await client.create_bulk(order)
        released.set()


# Many at once, and cancelled ones


async def test_a_hundred_calls_at_once_share_the_connections(wire: Wire, new_client: NewClient) -> None:
    """Calls beyond `concurrency` wait for a turn; each goes out once, and no more connections are opened."""
    client = new_client(concurrency=8)
    assert await asyncio.gather(*(client.send(sms(number)) for number in range(100))) == [ACCEPTED] * 100
    assert sorted(v.txn_id for v in wire.visits) == sorted(f"t-{number}" for number in range(100))
    assert wire.connections <= 8


async def test_no_call_waits_behind_another_while_one_may_run(wire: Wire, new_client: NewClient) -> None:
    """All of `concurrency` calls are with the gateway at the same time."""
    barrier = asyncio.Barrier(64)

    async def together(visit: Visit) -> None:
        await barrier.wait()
        await visit.accept()

    wire.answer = together
    client = new_client(concurrency=64)
    assert await asyncio.gather(*(client.send(sms(number)) for number in range(128))) == [ACCEPTED] * 128
    assert wire.connections == 64


async def test_a_call_whose_turn_does_not_come_in_time_cannot_have_arrived(wire: Wire, new_client: NewClient) -> None:
    """With every pool taken until its time is over, a call has sent nothing and says so."""
    client = new_client(concurrency=1, timeout=SHORT)
    async with client._pools.one():  # a call that ran out of time itself would free its place just then
        with pytest.raises(NotConnected):
            await client.send(SMS)
    assert wire.visits == []


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_cancelled_call_leaves_the_pool_usable(wire: Wire, new_client: NewClient, times: int) -> None:
    """However often it is cancelled, even while it cleans up: httpx alone would lose the connection's place."""
    wire.answer = _says_nothing
    client = new_client(concurrency=1)
    call = asyncio.create_task(client.send(sms(1)))
    await wire.visited.wait()
    for _ in range(times):
        call.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await call
    wire.answer = Visit.accept
    assert await client.send(sms(2)) == ACCEPTED
    assert [v.txn_id for v in wire.visits] == ["t-1", "t-2"]


async def test_calls_cancelled_at_any_moment_leave_the_pool_usable(wire: Wire, new_client: NewClient) -> None:
    """After any number of steps of the loop: no other call suffers, nothing goes out twice, no place is lost."""
    client = new_client(concurrency=2)
    for steps in range(60):
        call = asyncio.create_task(client.send(sms(steps)))
        other = asyncio.create_task(client.send(sms(1000 + steps)))
        for _ in range(steps):
            await asyncio.sleep(0)
        call.cancel()
        assert await other == ACCEPTED
        await asyncio.wait([call])
    assert await asyncio.gather(*(client.send(sms(number)) for number in (2001, 2002))) == [ACCEPTED] * 2
    txn_ids = [v.txn_id for v in wire.visits]
    assert len(txn_ids) == len(set(txn_ids))


async def test_a_call_cancelled_while_it_waits_for_its_turn_takes_no_place(wire: Wire, new_client: NewClient) -> None:
    """A turn that nobody waits for any more passes to the next call."""
    wire.answer = _says_nothing
    client = new_client(concurrency=1, timeout=SHORT)
    first, second = (asyncio.create_task(client.send(sms(number))) for number in (1, 2))
    await wire.visited.wait()
    second.cancel()
    await asyncio.wait([first, second])
    wire.answer = Visit.accept
    assert await client.send(sms(3)) == ACCEPTED


async def test_closing_waits_for_the_call_under_way(wire: Wire) -> None:
    """To break it off would leave a message of which nobody knows whether it was taken."""
    go = asyncio.Event()

    async def accept_later(visit: Visit) -> None:
        await go.wait()
        await visit.accept()

    wire.answer = accept_later
    client = OsonSMS(CREDENTIALS, api_url=wire.url, cabinet_url=wire.url, concurrency=2)
    call = asyncio.create_task(client.send(SMS))
    await wire.visited.wait()
    closing = asyncio.create_task(client.aclose())
    await asyncio.sleep(0)
    go.set()
    await closing
    assert call.done()
    assert call.result() == ACCEPTED
