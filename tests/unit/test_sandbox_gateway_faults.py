"""Every fault does on the wire what its row says, by switch and by magic number."""

import asyncio
import time
from collections.abc import Awaitable

import httpx
import pytest

from bot.sandbox.gateway.faults import FAULTS, MAGIC, Fault, Magic
from bot.sandbox.gateway.replies import ERRORS
from tests.unit.test_sandbox_gateway import CONTRACT, SEND, TOKEN, Served, gateway

__all__ = ["gateway"]

EXPECTED: dict[str, tuple[object, bool]] = {
    # name: (HTTP status and code, or the client's exception; whether the message is taken all the same)
    "missing_variable": ((422, 100), False),
    "inactive_account": ((401, 105), False),
    "bad_authorization": ((422, 106), False),
    "bad_sender": ((422, 107), False),
    "bad_msg_id": ((422, 107), False),
    "duplicate": ((409, 108), False),
    "store_failed": ((500, 109), False),
    "send_failed": ((501, 112), False),
    "centre_unreachable": ((599, 113), False),
    "not_whitelisted": ((401, 114), False),
    "no_balance": ((402, 119), False),
    "no_phones": ((400, None), False),
    "timeout_before": (httpx.ReadTimeout, False),
    "timeout_after": (httpx.ReadTimeout, True),
    "reset_before": (httpx.ReadError, False),
    "reset_after": (httpx.ReadError, True),
    "drop_before": (httpx.RemoteProtocolError, False),
    "drop_after": (httpx.RemoteProtocolError, True),
    "cut_after": (httpx.RemoteProtocolError, True),
    "http_500": ((500, None), False),
    "http_500_after": ((500, None), True),
    "html_200": ((200, None), False),
    "html_200_after": ((200, None), True),
    "empty_200": ((200, None), False),
    "empty_200_after": ((200, None), True),
    "error_in_200": ((200, 109), False),
    "ok_in_200": ((200, None), True),
    "http_429": ((429, None), False),
    "http_403": ((403, None), False),
    "unknown_code": ((400, 199), False),
    "slow": ((201, None), True),
}
SENDS = [row for row in MAGIC.values() if row.call == "send"]
QUERIES = [row for row in MAGIC.values() if row.call == "query"]


def code_of(reply: httpx.Response) -> int | None:
    """The contract's code, where the body is one of its errors."""
    try:
        error = reply.json()["error"]
    except (ValueError, KeyError):
        return None
    return int(error["code"]) if isinstance(error, dict) else None


async def outcome_of(call: Awaitable[httpx.Response]) -> object:
    """(HTTP status, code) of a reply, or the class of the exception that the client raised."""
    try:
        reply = await call
    except httpx.TransportError as failure:
        return type(failure)
    return reply.status_code, code_of(reply)


async def assert_send(served: Served, expected: object, **changes: str) -> None:
    """The outcome of a send; the client is impatient only where a time-out is expected."""
    served.patience = 0.1 if expected is httpx.ReadTimeout else 5.0
    assert await outcome_of(served.send(**changes)) == expected


def plain(fault: Fault) -> str:
    return fault.name.removesuffix("_once")


def test_the_whole_table_is_expected() -> None:
    """Every fault stands in the table of this test, and has its twin that acts once."""
    assert set(FAULTS) == set(EXPECTED) | {f"{name}_once" for name in EXPECTED}
    assert {name for name, fault in FAULTS.items() if fault.once} == {f"{name}_once" for name in EXPECTED}


def test_magic_covers_the_contract() -> None:
    """There is a number for every code of the contract on send and query, and every other fault of a send."""
    assert set(ERRORS) == set(CONTRACT)
    assert {row.fault.code for row in SENDS if row.fault} >= set(CONTRACT)
    assert {row.fault.code for row in QUERIES if row.fault} >= {100, 105, 106, 107}
    assert {row.fault.name for row in SENDS if row.fault} == set(FAULTS) - {
        name + once for name in ("bad_msg_id", "no_phones") for once in ("", "_once")
    }
    assert all(phone.startswith("99290000") and len(phone) == 12 for phone in MAGIC)


@pytest.mark.parametrize("name", EXPECTED)
async def test_switch(gateway: Served, name: str) -> None:
    """A switched fault spoils the next send, `carried out` says whether it was taken, and then all is well again."""
    outcome, taken = EXPECTED[name]
    await gateway.control("faults", mode=name, times=1)
    await assert_send(gateway, outcome)
    assert len(await gateway.shown("messages")) == taken
    assert (await gateway.state())["fault"] is None
    await assert_send(gateway, ((409, 108) if taken else (201, None)))
    gateway.clock.at += 4
    assert len(await gateway.shown("handset")) == 1
    assert (await gateway.state())["balance"] == "99.75"
    assert [request["outcome"] for request in await gateway.shown("requests")] == [name, "409/108" if taken else "201"]


@pytest.mark.parametrize("row", SENDS, ids=lambda row: row.phone)
async def test_magic_number_of_send(gateway: Served, row: Magic) -> None:
    """A send to a magic number fares as its row says, each time; with 8 for 9 the first time only."""
    assert row.fault
    outcome, taken = EXPECTED[plain(row.fault)]
    await assert_send(gateway, outcome, phone_number=row.phone)
    assert len(await gateway.shown("messages")) == taken
    if row.fault.once:
        again: object = (409, 108) if taken else (201, None)
    else:
        again = {"ok_in_200": (200, 108), "slow": (409, 108)}.get(row.fault.name, outcome)
    await assert_send(gateway, again, phone_number=row.phone)
    if row.fault.once:
        await assert_send(gateway, outcome, phone_number=row.phone, txn_id="t-2")
    assert row.phone[8] == ("8" if row.fault.once else "9")


@pytest.mark.parametrize("row", QUERIES, ids=lambda row: row.phone)
async def test_magic_number_of_query(gateway: Served, row: Magic) -> None:
    """A message to one of these is sent well; asking for it fares as the row says."""
    assert row.fault
    await assert_send(gateway, (201, None), phone_number=row.phone)
    outcome, _ = EXPECTED[plain(row.fault)]
    gateway.patience = 0.1 if outcome is httpx.ReadTimeout else 5.0
    assert await outcome_of(gateway.query(txn_id="t-1")) == outcome
    if row.fault.once:
        assert (await gateway.query(txn_id="t-1")).status_code == 200


async def test_magic_needs_a_request_in_order(gateway: Served) -> None:
    """A wrong token stays a wrong token, whatever the phone."""
    await assert_send(gateway, (422, 106), phone_number="992900009501", token="wrong")


@pytest.mark.parametrize("call", ["send", "query", "balance"])
async def test_switch_for_one_call(gateway: Served, call: str) -> None:
    """A switch with a call leaves the others alone, and counts only its own."""
    await gateway.send(txn_id="before")
    await gateway.control("faults", mode="http_500", call=call, times=1)
    for name in sorted(("send", "query", "balance"), key=call.__eq__):  # its own call comes last
        reply = await getattr(gateway, name)(**({"txn_id": "before"} if name == "query" else {}))
        assert (reply.status_code == 500) == (name == call)


async def test_switch_until_cleared(gateway: Served) -> None:
    """Without times a switch stays on until mode none; it comes before magic numbers."""
    await gateway.control("faults", mode="http_429")
    for _ in range(3):
        await assert_send(gateway, (429, None), phone_number="992900009109")
    await gateway.control("faults", mode="none")
    await assert_send(gateway, (500, 109), phone_number="992900009109")


async def test_times(gateway: Served) -> None:
    """`times` counts down in the state and then the switch is off."""
    await gateway.control("faults", mode="http_429", times=2)
    await assert_send(gateway, (429, None))
    assert (await gateway.state())["fault"] == {"mode": "http_429", "times": 1, "delay": None, "call": None}
    await assert_send(gateway, (429, None))
    await assert_send(gateway, (201, None))


async def test_once_for_every_message(gateway: Served) -> None:
    """An `_once` switch spoils the first request of each txn_id and no repeat."""
    await gateway.control("faults", mode="reset_after_once")
    for txn_id in ("a", "b"):
        await assert_send(gateway, httpx.ReadError, txn_id=txn_id)
        await assert_send(gateway, (409, 108), txn_id=txn_id)
    assert len(await gateway.shown("messages")) == 2


async def test_random_mixture_repeats_itself(gateway: Served) -> None:
    """The same seed brings the same faults in the same order, in about the shares asked for."""
    rates = {"http_500": 0.3, "http_429": 0.2}
    runs = []
    for _ in range(2):
        await gateway.control("faults", mode="random", seed=7, rates=rates)
        runs.append([(await gateway.balance()).status_code for _ in range(200)])
    assert runs[0] == runs[1]
    assert 40 < runs[0].count(500) < 80
    assert 25 < runs[0].count(429) < 60
    assert runs[0].count(200) == 200 - runs[0].count(500) - runs[0].count(429)


async def test_random_ends_with_its_times(gateway: Served) -> None:
    """A mixture counts the requests that it let pass, too, and is off after the last."""
    await gateway.control("faults", mode="random", rates={"http_500": 0.0}, times=2)
    for _ in range(2):
        assert (await gateway.balance()).status_code == 200
    assert (await gateway.state())["fault"] is None


async def test_delay(gateway: Served) -> None:
    """`delay` is how long a fault waits: a time-out fault then closes without a reply."""
    await gateway.control("faults", mode="timeout_before", delay=0.1, times=1)
    began = time.monotonic()
    await assert_send(gateway, httpx.RemoteProtocolError)
    assert 0.1 <= time.monotonic() - began < 0.3
    await gateway.control("faults", mode="store_failed", delay=0.1, times=1)
    began = time.monotonic()
    await assert_send(gateway, (500, 109))
    assert time.monotonic() - began >= 0.1


async def test_reset_and_drop_on_a_kept_connection(gateway: Served) -> None:
    """The second request of one connection is read, logged once and gets no reply."""
    for mode in ("reset_before", "drop_before"):
        await gateway.control("reset")
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(gateway.url).port)
        query = httpx.QueryParams(SEND)
        head = (
            f"GET /gateway/sendsms_v1.php?{query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
        )
        writer.write(head)
        assert b"201" in await reader.readline()
        await gateway.control("faults", mode=mode, times=1)
        writer.write(head)
        try:
            rest = await reader.read()
        except ConnectionResetError:
            assert mode == "reset_before"
        else:
            assert mode == "drop_before"
            assert rest.count(b"HTTP/1.1") == 0
        writer.close()
        last = (await gateway.shown("requests"))[-2:]
        assert [request["outcome"] for request in last] == ["201", mode]


async def test_a_held_request_does_not_hold_the_server(gateway: Served) -> None:
    """While requests are held, others are answered; and the server can be closed (the fixture does) at once."""
    await gateway.control("faults", mode="timeout_before", call="send")
    gateway.patience = 1.0
    held = [asyncio.create_task(outcome_of(gateway.send(txn_id=f"t-{n}"))) for n in range(20)]
    assert (await gateway.balance()).status_code == 200
    assert not any(task.done() for task in held)
    for task in held:
        task.cancel()
    await asyncio.wait(held)
