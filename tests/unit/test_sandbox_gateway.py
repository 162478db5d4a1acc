"""The stand-in keeps the contract on send, query and balance, over real HTTP."""

import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.sandbox.gateway import create_app
from bot.sandbox.gateway.faults import MAGIC

TOKEN = "demo-token"
PHONE = "992900001234"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loads no certificates, which would take most of a test's time
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
SEND = {"login": "demo", "from": "Demo", "msg": "Hello", "txn_id": "t-1", "phone_number": PHONE}

CONTRACT = {
    100: (422, "One of the mandatory variables ("),
    105: (401, "Inactive or non-existent account"),
    106: (422, "Incorrect Authorization"),
    107: (422, "Incorrect sender"),
    108: (409, "Duplicate txn_id. It should be unique."),
    109: (500, "Unable to store message."),
    112: (501, "Error while sending sms."),
    113: (599, "Unable to connect to smmc host."),
    114: (401, "Host is not in whitelist"),
    119: (402, "Balance overdraft limit has reached. Please top up your balance."),
}


@dataclass
class Clock:
    """Time that stands still until it is moved."""

    at: float = 1_750_663_586.0  # 2025-06-23 12:26:26 in Dushanbe

    def __call__(self) -> float:
        return self.at


@dataclass
class Served:
    """A gateway that listens, and a client that calls it."""

    http: httpx.AsyncClient
    url: str
    clock: Clock = field(default_factory=Clock)
    patience: float = 5.0
    """Seconds that the client waits for a reply."""

    async def get(self, path: str, said: dict[str, str], token: str | None = TOKEN) -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return await self.http.get(self.url + path, params=said, headers=headers, timeout=self.patience)

    async def send(self, token: str | None = TOKEN, **changes: str) -> httpx.Response:
        return await self.get("/sendsms_v1.php", SEND | {name.rstrip("_"): v for name, v in changes.items()}, token)

    async def query(self, token: str | None = TOKEN, **said: str) -> httpx.Response:
        return await self.get("/query_sms.php", {"login": "demo"} | said, token)

    async def balance(self, token: str | None = TOKEN, login: str = "demo") -> httpx.Response:
        return await self.get("/check_balance.php", {"login": login}, token)

    async def control(self, verb: str, **body: Any) -> httpx.Response:
        return await self.http.post(f"{self.url}/control/{verb}", json=body)

    async def shown(self, what: str, after: int = 0) -> list[dict[str, Any]]:
        reply = (await self.http.get(f"{self.url}/control/{what}", params={"after": after})).json()
        (listed,) = reply.values()
        assert isinstance(listed, list)
        return listed

    async def state(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get(f"{self.url}/control/state")).json()
        return found


@pytest.fixture
async def gateway() -> AsyncIterator[Served]:
    """Mounted under /gateway; its clock stands still, and a time-out lasts longer than any client here waits."""
    clock = Clock()
    root = web.Application()
    root.add_subapp("/gateway", create_app(clock=clock, slow_seconds=0.05))
    runner = web.AppRunner(root, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        yield Served(http, f"http://127.0.0.1:{runner.addresses[0][1]}/gateway", clock)
    await runner.cleanup()


def assert_error(reply: httpx.Response, code: int, words: str | None = None) -> None:
    """An error in the shape seen live, with the HTTP status and the words of the contract."""
    http, contract_words = CONTRACT[code]
    body = reply.json()["error"]
    assert reply.status_code == http
    assert (body["code"], body["error_type"]) == (code, "fatal")
    assert body["msg"].startswith(words or contract_words)
    assert STAMP.fullmatch(body["timestamp"])


async def test_send_is_taken(gateway: Served) -> None:
    """201 has the fields seen live: msg_id a number over 169 million, txn_id a string, time in UTC+5."""
    reply = await gateway.send(txn_id="0042")
    body = reply.json()
    assert reply.status_code == 201
    assert reply.headers["content-type"] == "application/json"
    assert body["status"] == "ok"
    assert body["txn_id"] == "0042"
    assert isinstance(body["msg_id"], int)
    assert body["msg_id"] > 169_000_000
    assert body["timestamp"] == "2025-06-23 12:26:26"
    assert body["smsc_msg_parts"] == 1
    assert body["smsc_msg_status"] == "success"
    assert body["smsc_msg_id"].startswith("+")


@pytest.mark.parametrize("name", SEND)
@pytest.mark.parametrize("how", ["absent", "empty", "blank"])
async def test_send_needs_each_variable(gateway: Served, name: str, how: str) -> None:
    """Each of the five variables is mandatory, and an empty one is none: 422/100."""
    said = {key: value for key, value in SEND.items() if key != name}
    if how != "absent":
        said[name] = "" if how == "empty" else "  "
    words = "One of the mandatory variables (from,phone_number,msg,login,txn_id) not set."
    assert_error(await gateway.get("/sendsms_v1.php", said), 100, words)


@pytest.mark.parametrize(
    "phone", ["900001234", "+992900001234", "99290000123", "9929000012345", "99290000123x", "79001234567"]
)
async def test_send_needs_a_phone_of_the_contract(gateway: Served, phone: str) -> None:
    """A phone that is not 992 and nine digits counts as not set: 422/100."""
    assert_error(await gateway.send(phone_number=phone), 100, "One of the mandatory variables")


@pytest.mark.parametrize("path", ["sendsms_v1.php", "query_sms.php", "check_balance.php"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_get_only(gateway: Served, path: str, method: str) -> None:
    """Another method than GET is answered with 422/100, as seen in live use, though all variables stand in the URL."""
    said = SEND | {"msg_id": "1"}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    reply = await gateway.http.request(method, f"{gateway.url}/{path}", params=said, headers=headers)
    assert_error(reply, 100, "One of the mandatory variables")


async def test_unknown_path(gateway: Served) -> None:
    """What the contract does not name is not there: 404."""
    assert (await gateway.get("/send.php", SEND)).status_code == 404


@pytest.mark.parametrize("call", ["send", "query", "balance"])
async def test_account_and_token(gateway: Served, call: str) -> None:
    """Wrong or wrong-case login or a blocked account 401/105, wrong or missing token 422/106, strange host 401/114."""
    more = {"msg_id": "1"} if call == "query" else {}
    do = getattr(gateway, call)
    assert_error(await do(login="nobody", **more), 105)
    assert_error(await do(login="DEMO", **more), 105)
    assert_error(await do(token="wrong", **more), 106)
    assert_error(await do(token=None, **more), 106)
    await gateway.control("account", whitelisted=False)
    assert_error(await do(**more), 114, "Host is not in whitelist. Remote address is 127.0.0.1")
    await gateway.control("account", active=False)
    assert_error(await do(**more), 105)


async def test_order_of_checks(gateway: Served) -> None:
    """Variables, account, token, white list, txn_id, sender, balance: the first that fails is told."""
    await gateway.send(txn_id="known")
    await gateway.control("balance", balance="0")
    wrong = {"msg": "", "login": "nobody", "token": "wrong", "txn_id": "known", "from_": "Nobody"}
    await gateway.control("account", whitelisted=False)
    for code, cure in [
        (100, {"msg": "Hello"}),
        (105, {"login": "demo"}),
        (106, {"token": TOKEN}),
        (114, {}),
        (108, {"txn_id": "new"}),
        (107, {"from_": "OsonSMS"}),
        (119, {}),
    ]:
        assert_error(await gateway.send(**wrong), code)
        wrong |= cure
        if code == 114:
            await gateway.control("account", whitelisted=True)
    await gateway.control("balance", balance="0.25")
    assert (await gateway.send(**wrong)).status_code == 201


async def test_duplicate(gateway: Served) -> None:
    """A txn_id is taken once: its repeat gets 409/108, costs nothing and sends nothing, and carries no msg_id."""
    await gateway.send()
    reply = await gateway.send(msg="Another", phone_number="992900004321")
    assert_error(reply, 108)
    assert "msg_id" not in reply.text
    assert len(await gateway.shown("messages")) == 1
    assert (await gateway.state())["balance"] == "99.75"


async def test_refused_txn_id_is_free(gateway: Served) -> None:
    """A send that was refused leaves no trace: the same txn_id may be sent afterwards."""
    assert_error(await gateway.send(from_="Nobody"), 107)
    assert (await gateway.send()).status_code == 201


async def test_txn_id_has_no_limit(gateway: Served) -> None:
    """The contract names no limit to a txn_id."""
    long = "x" * 2000
    assert (await gateway.send(txn_id=long)).json()["txn_id"] == long


async def test_billing(gateway: Served) -> None:
    """Each part costs; a balance that does not suffice for all parts gives 402/119 and stays as it is."""
    await gateway.control("balance", balance="1.00")
    assert (await gateway.send(msg="я" * 135)).json()["smsc_msg_parts"] == 3
    assert (await gateway.balance()).json()["balance"] == 0.25
    assert_error(await gateway.send(txn_id="t-2", msg="я" * 71), 119)
    assert (await gateway.send(txn_id="t-3")).status_code == 201
    assert_error(await gateway.send(txn_id="t-4"), 119)
    assert (await gateway.state())["balance"] == "0.00"


async def test_balance(gateway: Served) -> None:
    """Balance is a JSON number with a timestamp; only the login is mandatory."""
    assert (await gateway.balance()).json() == {"balance": 100.0, "timestamp": "2025-06-23 12:26:26"}
    reply = await gateway.get("/check_balance.php", {})
    assert_error(reply, 100, "One of the mandatory variables (login,txn_id) not set.")


async def test_progress(gateway: Served) -> None:
    """ENROUTE, after two seconds ACCEPTED, after four DELIVERED, by msg_id, by both ids and by txn_id alone."""
    msg_id = str((await gateway.send()).json()["msg_id"])
    for moved, status in [(0.0, "ENROUTE"), (1.9, "ENROUTE"), (0.2, "ACCEPTED"), (1.8, "ACCEPTED"), (0.2, "DELIVERED")]:
        gateway.clock.at += moved
        for said in ({"msg_id": msg_id}, {"msg_id": msg_id, "txn_id": "t-1"}, {"txn_id": "t-1"}):
            reply = await gateway.query(**said)
            assert reply.status_code == 200
            assert reply.json()["status"] == status
            assert STAMP.fullmatch(reply.json()["timestamp"])
    assert [sms["text"] for sms in await gateway.shown("handset")] == ["Hello"]


async def test_query_of_what_is_not_there(gateway: Served) -> None:
    """An unknown msg_id or txn_id, or two that do not belong together: 422/107; neither of them: 422/100."""
    msg_id = str((await gateway.send()).json()["msg_id"])
    for said in ({"msg_id": "1"}, {"msg_id": "x"}, {"txn_id": "t-2"}, {"msg_id": msg_id, "txn_id": "t-2"}):
        assert_error(await gateway.query(**said), 107, "Message ID is invalid")
    assert_error(await gateway.query(), 100, "One of the mandatory variables (login, msg_id) not set.")


async def test_query_by_txn_id_can_be_refused(gateway: Served) -> None:
    """With allow_txn_only off a txn_id alone gets 422/100; the msg_id still works."""
    msg_id = str((await gateway.send()).json()["msg_id"])
    await gateway.control("options", allow_txn_only=False)
    assert_error(await gateway.query(txn_id="t-1"), 100, "One of the mandatory variables (login, msg_id) not set.")
    assert (await gateway.query(msg_id=msg_id)).status_code == 200


@pytest.mark.parametrize("row", [row for row in MAGIC.values() if row.final], ids=lambda row: row.phone)
async def test_every_status(gateway: Served, row: Any) -> None:
    """A phone for each of the eight statuses; both query styles tell it; only DELIVERED reaches the phone."""
    body = (await gateway.send(phone_number=row.phone)).json()
    gateway.clock.at += 3
    assert (await gateway.query(txn_id="t-1")).json()["status"] == ("ENROUTE" if row.final == "ENROUTE" else "ACCEPTED")
    gateway.clock.at += 3600
    assert (await gateway.query(txn_id="t-1")).json()["status"] == row.final
    await gateway.control("options", query_style="vendor")
    told = (await gateway.query(txn_id="t-1")).json()
    assert told["message_id"] == str(body["msg_id"])
    assert told["message_state"] == row.final.capitalize()
    assert told["message_state_code"] == int(row.phone[-1])
    assert told["error_code"] == 0
    assert (told["final_date"] is None) == (row.final in ("ENROUTE", "ACCEPTED"))
    assert len(await gateway.shown("handset")) == (row.final == "DELIVERED")


async def test_confidential(gateway: Served) -> None:
    """With is_confidential=true the text is shown nowhere but on the phone."""
    await gateway.send(is_confidential="true")
    await gateway.send(is_confidential="false", txn_id="t-2")
    gateway.clock.at += 4
    kept = [(message["confidential"], message["text"]) for message in await gateway.shown("messages")]
    assert kept == [(True, None), (False, "Hello")]
    assert [sms["text"] for sms in await gateway.shown("handset")] == ["Hello", "Hello"]


async def test_channel(gateway: Served) -> None:
    """channel=telegram arrives through Telegram; another channel is refused with 422/100."""
    await gateway.send(channel="telegram")
    assert_error(await gateway.send(channel="pigeon", txn_id="t-2"), 100, "One of the mandatory variables")
    gateway.clock.at += 4
    assert [sms["channel"] for sms in await gateway.shown("handset")] == ["telegram"]
    assert [message["channel"] for message in await gateway.shown("messages")] == ["telegram"]
