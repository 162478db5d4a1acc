"""The control API, the command and the documentation of the stand-in; and what holds whatever comes in."""

import asyncio
import os
import re
import signal
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.gateway import Options
from bot.sandbox.gateway.checks import Ask
from bot.sandbox.gateway.control import SET, SHOWN
from bot.sandbox.gateway.core import Gateway
from bot.sandbox.gateway.faults import FAULTS, MAGIC
from bot.sandbox.gateway.parts import count_parts
from bot.sandbox.gateway.replies import Call, Status
from bot.sandbox.gateway.switch import ControlError, read_switch
from bot.sandbox.gateway.whims import Whims
from tests.unit.test_sandbox_gateway import NO_TLS, PHONE, SEND, Clock, Served, gateway

__all__ = ["gateway"]

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "sandbox-gateway.md").read_text(encoding="utf-8")


async def test_state(gateway: Served) -> None:
    """The state names the account, the switch, every fault and every magic number; never the token."""
    state = await gateway.state()
    account = {
        name: state[name] for name in ("login", "senders", "balance", "price", "currency", "active", "whitelisted")
    }
    assert account == {
        "login": "demo",
        "senders": ["Demo", "OsonSMS", "fason.tj"],
        "balance": "100.00",
        "price": "0.25",
        "currency": "TJS",
        "active": True,
        "whitelisted": True,
    }
    assert state["fault"] is None
    assert state["statuses"] == Whims().as_dict()
    assert state["faults"] == list(FAULTS)
    assert [row["phone"] for row in state["magic"]] == list(MAGIC)
    assert all(row["meaning"] for row in state["magic"])
    assert "demo-token" not in str(state)


async def test_what_is_shown_of_a_message(gateway: Served) -> None:
    """A message, its arrival and its request show exactly the fields that the page and the tests rely on."""
    msg_id = (await gateway.send()).json()["msg_id"]
    gateway.clock.at += 4
    at = "2025-06-23T12:26:26.000+05:00"
    assert await gateway.shown("messages") == [
        {
            "id": 1,
            "txn_id": "t-1",
            "msg_id": msg_id,
            "from": "Demo",
            "phone": PHONE,
            "text": "Hello",
            "parts": 1,
            "channel": "sms",
            "confidential": False,
            "status": "DELIVERED",
            "at": at,
            "bulk": None,
            "told": [],
        }
    ]
    arrived = {
        "id": 1,
        "phone": PHONE,
        "from": "Demo",
        "text": "Hello",
        "at": at.replace("26.000", "30.000"),
        "channel": "sms",
    }
    assert await gateway.shown("handset") == [arrived]
    assert await gateway.shown("requests") == [{"id": 1, "call": "send", "txn_id": "t-1", "at": at, "outcome": "201"}]


async def test_after(gateway: Served) -> None:
    """`after` gives what came later, also after a reset: numbers are not used again."""
    for txn_id in ("a", "b", "c"):
        await gateway.send(txn_id=txn_id)
    assert [message["txn_id"] for message in await gateway.shown("messages", after=1)] == ["b", "c"]
    assert await gateway.shown("messages", after=3) == []
    await gateway.control("reset")
    await gateway.send(txn_id="a")
    assert [(message["id"], message["txn_id"]) for message in await gateway.shown("messages", after=3)] == [(4, "a")]
    assert [request["id"] for request in await gateway.shown("requests", after=0)] == [4]


@pytest.mark.parametrize("status", list(Status))
async def test_forced_status(gateway: Served, status: str) -> None:
    """A status set by hand stays, whatever the clock says; the phone gets the SMS once at most, if DELIVERED."""
    await gateway.send()
    await gateway.control("status", txn_id="t-1", status=status)
    for moved in (0, 3600):
        gateway.clock.at += moved
        assert (await gateway.query(txn_id="t-1")).json()["status"] == status
        assert len(await gateway.shown("handset")) == (status == "DELIVERED")
    await gateway.control("status", txn_id="t-1", status="DELIVERED")
    await gateway.control("status", txn_id="t-1", status="EXPIRED")
    await gateway.control("status", txn_id="t-1", status="DELIVERED")
    assert len(await gateway.shown("handset")) == 1


async def test_speed(gateway: Served) -> None:
    """With both spans at 0 a message is delivered at once."""
    await gateway.control("options", enroute_seconds=0, delivered_seconds=0)
    await gateway.send()
    assert (await gateway.query(txn_id="t-1")).json()["status"] == "DELIVERED"
    assert len(await gateway.shown("handset")) == 1


async def test_reset(gateway: Served) -> None:
    """A reset brings back the start: account, options, no message, no fault, free txn_ids."""
    before = await gateway.state()
    await gateway.send()
    await gateway.control("balance", balance="5")
    await gateway.control("account", active=False, whitelisted=False)
    await gateway.control("options", query_style="vendor", allow_txn_only=False, enroute_seconds=9, delivered_seconds=9)
    await gateway.control("faults", mode="slow")
    await gateway.control("statuses", late=1)
    assert await gateway.state() != before
    assert (await gateway.control("reset")).json() == before
    assert all([await gateway.shown(what) == [] for what in SHOWN if what != "state"])
    assert (await gateway.send()).status_code == 201


WRONG: list[tuple[str, Any]] = [
    ("faults", {}),
    ("faults", {"mode": "nonsense"}),
    ("faults", {"mode": ["slow"]}),
    ("faults", {"mode": "slow", "times": 0}),
    ("faults", {"mode": "slow", "times": True}),
    ("faults", {"mode": "slow", "delay": -1}),
    ("faults", {"mode": "slow", "delay": "1"}),
    ("faults", {"mode": "slow", "call": "fax"}),
    ("faults", {"mode": "slow", "tims": 1}),
    ("faults", {"mode": "random"}),
    ("faults", {"mode": "random", "rates": {"nonsense": 0.1}}),
    ("faults", {"mode": "random", "rates": {"slow": 0.6, "http_500": 0.6}}),
    ("faults", {"mode": "random", "rates": {"slow": 0.1}, "seed": "x"}),
    ("balance", {}),
    ("balance", {"balance": "much"}),
    ("balance", {"balance": "-1"}),
    ("balance", {"balance": "NaN"}),
    ("account", {"active": 1}),
    ("account", {"activ": True}),
    ("status", {"txn_id": "none", "status": "DELIVERED"}),
    ("status", {"txn_id": "t-1", "status": "GONE"}),
    ("status", {"txn_id": "t-1", "status": {}}),
    ("statuses", {"late": 1.1}),
    ("statuses", {"late": True}),
    ("statuses", {"contradicting": "often"}),
    ("statuses", {"slow": -0.1}),
    ("statuses", {"vendor": None}),
    ("statuses", {"late_seconds": 4000}),
    ("statuses", {"slow_seconds": None}),
    ("statuses", {"seed": 1.5}),
    ("statuses", {"finals": ["EXPIRED"]}),
    ("statuses", {"finals": {"ENROUTE": 0.1}}),
    ("statuses", {"finals": {"EXPIRED": "0.1"}}),
    ("statuses", {"finals": {"EXPIRED": 0.6, "DELETED": 0.6}}),
    ("statuses", {"lates": 0.1}),
    ("options", {"query_style": "other"}),
    ("options", {"enroute_seconds": "fast"}),
    ("options", {"allow_txn_only": "no"}),
    ("reset", {"everything": True}),
    ("reset", []),
]


@pytest.mark.parametrize(("verb", "body"), WRONG)
async def test_wrong_input(gateway: Served, verb: str, body: Any) -> None:
    """What cannot be done is refused with 400 and a sentence, and changes nothing."""
    await gateway.send()
    before = await gateway.state()
    reply = await gateway.http.post(f"{gateway.url}/control/{verb}", json=body)
    assert reply.status_code == 400
    assert re.fullmatch(r".+ .+ .+\.", reply.json()["error"])
    assert await gateway.state() == before


async def test_wrong_after_and_body(gateway: Served) -> None:
    """`after` must be a whole number, a body JSON; a verb that is not there is 404."""
    for after in ("x", "-1", "1_0", "٣", "9" * 5000):
        assert (await gateway.http.get(f"{gateway.url}/control/messages", params={"after": after})).status_code == 400
    for body in (b"{", b"\xff", b"[" * 100_000):
        assert (await gateway.http.post(f"{gateway.url}/control/reset", content=body)).status_code == 400
    assert (await gateway.control("nonsense")).status_code == 404
    assert {verb for verb, _ in WRONG} == set(SET)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(sorted(FAULTS)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {"mode": st.sampled_from(["random", "slow", "none"])},
        optional=dict.fromkeys(("times", "delay", "call", "seed", "rates"), JSON),
    )
)
def test_any_switch_is_read(body: dict[str, Any]) -> None:
    """Whatever is asked for, it is a switch that can be drawn from and shown, or it is refused."""
    try:
        switch = read_switch(body)
    except ControlError:
        return
    if switch is not None:
        switch.draw(Call.SEND)
        assert switch.as_dict()["mode"] == body["mode"]


SENDS = st.fixed_dictionaries(
    {
        "login": st.just("demo"),
        "from": st.sampled_from(["Demo", "OsonSMS", "Nobody"]),
        "msg": st.text(max_size=200),
        "txn_id": st.sampled_from("abcdef"),
        "phone_number": st.sampled_from([PHONE, *MAGIC]),
    }
)


@settings(max_examples=50)
@given(st.lists(SENDS, max_size=30), st.sampled_from(["0.00", "1.00", "100.00"]))
def test_books_balance(sends: list[dict[str, str]], start: str) -> None:
    """Whatever is sent in whatever order, no txn_id is taken twice, every part is paid for, none goes out on credit."""
    clock = Clock()
    core = Gateway(Options(balance=Decimal(start), clock=clock))
    for said in sends:
        core.answer(Ask(Call.SEND, said, "demo-token"))
        clock.at += 1
    clock.at += 4
    core.now()
    taken = core.outbox.messages.after(0)
    assert len({message.txn_id for message in taken}) == len(taken)
    assert core.options.balance == Decimal(start) - sum(message.parts for message in taken) * core.options.price
    assert core.options.balance >= 0
    assert all(message.parts == count_parts(message.text or "") for message in taken)
    delivered = [message for message in taken if message.status(clock.at) is Status.DELIVERED]
    assert sorted(message.phone for message in delivered) == sorted(sms.phone for sms in core.outbox.handset.after(0))


@given(
    st.sampled_from(list(Call)),
    st.dictionaries(st.sampled_from([*SEND, "msg_id", "send_at"]), st.text(max_size=9)),
    st.none() | st.text(),
    st.none() | st.binary(),
)
def test_any_request_is_answered(call: Call, said: dict[str, str], bearer: str | None, file: bytes | None) -> None:
    """Whatever a request holds, it gets an answer with a lawful HTTP status."""
    answer = Gateway(Options()).answer(Ask(call, said, bearer, file=file))
    assert 200 <= answer.reply.http < 600


def test_nothing_private_in_reprs() -> None:
    """No token, phone or text shows in a repr: reprs reach logs."""
    core = Gateway(Options(token="secret-token"))
    ask = Ask(Call.SEND, SEND | {"msg": "secret text"}, "secret-token")
    answer = core.answer(ask)
    core.options.clock = lambda: 4e9
    core.now()
    shown = repr((core.options, ask, answer, core.outbox.messages.after(0), core.outbox.handset.after(0)))
    assert "secret" not in shown
    assert PHONE not in shown


def test_docs_list_the_tables() -> None:
    """The documentation lists every magic number (the twins with 8 by their rule) and every fault, word for word."""
    listed = re.findall(r"^\| `(992\d{9})` \| (.+) \|$", DOCS, re.MULTILINE)
    assert listed == [(row.phone, row.meaning) for row in MAGIC.values() if row.phone[8] == "9"]
    names = re.findall(r"^\| `(\w+)` \| (.+) \|$", DOCS.split("## Switches")[1].split("\n## ")[0], re.MULTILINE)
    assert names == [(fault.name, fault.meaning) for fault in FAULTS.values() if not fault.once]


def test_docs_list_the_whims() -> None:
    """The documentation lists every way in which statuses stray."""
    rows = re.findall(r"^\| (`.+?) \|", DOCS.split("## Statuses")[1].split("\n## ")[0], re.MULTILINE)
    assert {*re.findall(r"\w+", " ".join(rows)), "seed"} == Whims().as_dict().keys()


def test_docs_list_the_control_api() -> None:
    """The documentation lists every control call."""
    calls = re.findall(r"^\| (GET|POST) `(\w+)` \|", DOCS, re.MULTILINE)
    assert sorted(calls) == sorted([*(("GET", name) for name in SHOWN), *(("POST", name) for name in SET)])


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_command(how: signal.Signals) -> None:
    """The command prints one line with its address on 127.0.0.1, serves there, and ends when told, held or not."""
    command = (sys.executable, "-m", "bot.sandbox.gateway", "--port", "0", "--login", "other", "--senders", "A, B")
    child = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=dict(os.environ)
    )
    assert child.stdout
    word, url = (await child.stdout.readline()).decode().split()
    assert word == "gateway"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/gateway", url)
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        served = Served(http, url)
        state = await served.state()
        assert (state["login"], state["senders"]) == ("other", ["A", "B"])
        held = asyncio.create_task(served.send(login="other", from_="A", phone_number="992900009501"))
        async with asyncio.timeout(5):
            while not await served.shown("requests"):
                pass
        child.send_signal(how)
        with pytest.raises(httpx.RemoteProtocolError):
            await held
    assert await asyncio.wait_for(child.wait(), 5) == 0
    assert await child.stdout.read() == b""
