"""The stand-in keeps the contract on the bulk call, over real HTTP."""

from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.gateway.bulk import MAX_FILE_BYTES, file_text, letters, read_send_at
from bot.sandbox.gateway.faults import MAGIC, Wire
from tests.unit.test_sandbox_gateway import TOKEN, Served, assert_error, gateway

__all__ = ["gateway"]

FORM = {"from": "Demo", "msg": "Hello", "login": "demo", "txn_id": "b-1", "send_at": "2025-06-23 12:26:26"}
FILE = b"992900000001\n992900000002\n"


async def create(
    served: Served,
    file: bytes | None = FILE,
    token: str | None = TOKEN,
    without: str = "",
    changes: dict[str, str] | None = None,
) -> httpx.Response:
    form = {name: value for name, value in (FORM | (changes or {})).items() if name != without}
    fields: dict[str, Any] = {name: (None, value) for name, value in form.items()}
    if file is not None:
        fields["file"] = ("recipients.csv", file, "text/csv")
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return await served.http.post(
        f"{served.url}/api/v1/bulk-sms/create", files=fields, headers=headers, timeout=served.patience
    )


async def arrived(served: Served) -> list[tuple[str, str]]:
    return [(sms["phone"], sms["text"]) for sms in await served.shown("handset")]


async def test_list_of_phones(gateway: Served) -> None:
    """A file of phones: each gets the text, each costs, and the answer names the bulk."""
    reply = await create(gateway)
    (made,) = await gateway.shown("bulks")
    assert reply.status_code == 200
    assert reply.json() == {
        "status": "success",
        "message": "Bulk SMS created successfully",
        "sms_bulk_name": made["name"],
    }
    assert (made["txn_id"], made["count"], made["with_params"]) == ("b-1", 2, False)
    assert made["file"] == FILE.decode()
    assert {message["bulk"] for message in await gateway.shown("messages")} == {made["name"]}
    assert (await gateway.state())["balance"] == "99.50"
    gateway.clock.at += 4
    assert await arrived(gateway) == [("992900000001", "Hello"), ("992900000002", "Hello")]


async def test_with_params(gateway: Served) -> None:
    """with_params=1: the first row names the columns, and each text is filled from its row and billed by its length."""
    file = "name;phone;sum\nАлиҷон;992900000001;5\nМарям;992900000002;12\n".encode()
    await create(gateway, file, changes={"msg": "{name}: {sum} {left}", "with_params": "1"})
    gateway.clock.at += 4
    assert await arrived(gateway) == [("992900000001", "Алиҷон: 5 {left}"), ("992900000002", "Марям: 12 {left}")]


async def test_scheduled(gateway: Served) -> None:
    """send_at is Dushanbe time: a bulk for later is paid at once, waits as ENROUTE, and arrives when it is due."""
    due = datetime.fromtimestamp(gateway.clock.at, timezone(timedelta(hours=5))) + timedelta(hours=1)
    await create(gateway, changes={"send_at": due.strftime("%Y-%m-%d %H:%M:%S")})
    assert (await gateway.state())["balance"] == "99.50"
    gateway.clock.at += 3600 + 1
    assert {message["status"] for message in await gateway.shown("messages")} == {"ENROUTE"}
    assert await arrived(gateway) == []
    gateway.clock.at += 3
    assert len(await arrived(gateway)) == 2


async def test_past_send_at_is_now(gateway: Served) -> None:
    """A send_at that is over goes out at once."""
    await create(gateway, changes={"send_at": "2001-01-01 00:00:00"})
    gateway.clock.at += 4
    assert len(await arrived(gateway)) == 2


@pytest.mark.parametrize("name", FORM)
async def test_needs_each_variable(gateway: Served, name: str) -> None:
    """Each variable but with_params is mandatory: 422 in the cabinet's shape names it."""
    expected = {name: [f"The {name.replace('_', ' ')} field is required."]}
    for reply in (await create(gateway, without=name), await create(gateway, changes={name: ""})):
        assert reply.status_code == 422
        assert reply.json() == {"success": False, "message": "Validation errors", "data": expected}


@pytest.mark.parametrize(
    ("changes", "file", "field"),
    [
        ({"send_at": "23.06.2025 12:00"}, FILE, "send_at"),
        ({"send_at": "2025-13-01 12:00:00"}, FILE, "send_at"),
        ({"with_params": "yes"}, FILE, "with_params"),
        ({"from": "Nobody"}, FILE, "from"),
        ({}, None, "file"),
        ({}, b"", "file"),
        ({}, b"992900000001\n" + b"x" * MAX_FILE_BYTES, "file"),
    ],
)
async def test_unfit_variables(gateway: Served, changes: dict[str, str], file: bytes | None, field: str) -> None:
    """What is there but cannot be used is a validation error too."""
    reply = await create(gateway, file, changes=changes)
    assert reply.status_code == 422
    assert list(reply.json()["data"]) == [field]


async def test_largest_file(gateway: Served) -> None:
    """A file of 5 MB is read, though the server around allows less for other bodies."""
    file = FILE + b"\n" * (MAX_FILE_BYTES - len(FILE))
    assert (await create(gateway, file)).status_code == 200
    assert len(await gateway.shown("messages")) == 2


async def test_account(gateway: Served) -> None:
    """Wrong token 401 before all else; unknown or blocked account 404; strange host 401/114."""
    for token in (None, "wrong"):
        reply = await create(gateway, token=token, without="msg")
        assert (reply.status_code, reply.json()) == (401, {"message": "Unauthenticated."})
    await gateway.control("account", whitelisted=False)
    assert_error(await create(gateway), 114)
    await gateway.control("account", active=False)
    for changes in (None, {"login": "nobody"}):
        reply = await create(gateway, changes=changes)
        assert (reply.status_code, reply.json()) == (404, {"error": "User not found"})


async def test_no_phones(gateway: Served) -> None:
    """A file without a phone: 400, and the txn_id stays free."""
    for file, params in [(b"phone\nnobody\n", "0"), (b"name,phone\n", "1"), (b"name\nAli\n", "1"), (b"\x00\xff", "0")]:
        reply = await create(gateway, file, changes={"with_params": params})
        assert (reply.status_code, reply.json()) == (400, {"error": "No phone numbers found in the file"})
    assert (await create(gateway)).status_code == 200


async def test_sent_once(gateway: Served) -> None:
    """A txn_id of a bulk or of a single SMS is not taken again by either: 409/108."""
    await gateway.send()
    await create(gateway)
    assert_error(await create(gateway, b"992900000003\n"), 108)
    assert_error(await create(gateway, changes={"txn_id": "t-1"}), 108)
    assert_error(await gateway.send(txn_id="b-1"), 108)
    assert len(await gateway.shown("messages")) == 3


async def test_balance(gateway: Served) -> None:
    """A balance that does not suffice for the whole list sends none of it: 402/119."""
    await gateway.control("balance", balance="0.49")
    assert_error(await create(gateway), 119)
    assert await gateway.shown("messages") == []
    await gateway.control("balance", balance="0.50")
    assert (await create(gateway)).status_code == 200


async def test_not_a_form(gateway: Served) -> None:
    """A body that is no multipart form, or a broken one, has no fields and breaks nothing."""
    url, headers = f"{gateway.url}/api/v1/bulk-sms/create", {"Authorization": f"Bearer {TOKEN}"}
    for kind in (
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "multipart/mixed; boundary=x",
    ):
        for body in (
            b"",
            b"{}",
            b"--x\r\n",
            b"--x\r\n\r\n",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nhalf',
        ):
            reply = await gateway.http.post(url, content=body, headers=headers | {"Content-Type": kind})
            assert reply.status_code == 422, (kind, body)


@pytest.mark.parametrize(
    ("file", "with_params", "expected"),
    [
        (b"\xef\xbb\xbf992900000001\r\n", False, [("992900000001", "Hi {name}")]),
        (
            b"992900000001\n\n 992900000002 ,x\nx,992900000003\n",
            False,
            [("992900000001", "Hi {name}"), ("992900000002", "Hi {name}")],
        ),
        ("name;телефон\nАли;992900000001\n".encode("cp1251"), True, [("992900000001", "Hi Али")]),
        (b"name\tphone\n\x98\t992900000001\n", True, [("992900000001", "Hi \ufffd")]),
        (b"name,friend,Phone\nAli,992900000009,992900000001\n", True, [("992900000001", "Hi Ali")]),
        (
            b"name,number\nAli,992900000001\n992900000009,992900000002\n",
            True,
            [("992900000001", "Hi Ali"), ("992900000002", "Hi 992900000009")],
        ),
        (b'name,phone\n"Ali, junior",992900000001\nshort\n', True, [("992900000001", "Hi Ali, junior")]),
        (b"name,phone\n" + b"x" * 200_000 + b",992900000001\n", True, []),
    ],
)
def test_kinds_of_file(file: bytes, with_params: bool, expected: list[tuple[str, str]]) -> None:
    """BOM, cp1251, three delimiters and quotes are read; the phone column is known by its name, else by a phone."""
    assert list(letters("Hi {name}", file_text(file), with_params=with_params)) == expected


STATUSES = {
    "no_phones": 400,
    "bad_authorization": 401,
    "no_balance": 402,
    "inactive_account": 404,
    "duplicate": 409,
    "missing_variable": 422,
}


@pytest.mark.parametrize("row", [row for row in MAGIC.values() if row.call == "bulk"], ids=lambda row: row.phone)
async def test_magic_numbers(gateway: Served, row: Any) -> None:
    """The first phone of a file decides over the bulk: one for every error row of the contract, and for time-outs."""
    file = f"{row.phone}\n992900000002\n".encode()
    if row.fault.wire is Wire.HOLD:
        gateway.patience = 0.1
        with pytest.raises(httpx.ReadTimeout):
            await create(gateway, file)
        gateway.patience = 5.0
    else:
        assert (await create(gateway, file)).status_code == STATUSES[row.fault.name.removesuffix("_once")]
    assert len(await gateway.shown("messages")) == (2 if row.fault.carried_out else 0)
    if row.fault.once:
        assert (await create(gateway, file)).status_code == (409 if row.fault.carried_out else 200)


@given(st.binary(max_size=300) | st.text().map(str.encode), st.text(max_size=20), st.booleans())
def test_any_file_is_read(file: bytes, text: str, with_params: bool) -> None:
    """Whatever the file holds, reading it yields phones of the contract and nothing worse."""
    for phone, _ in letters(text, file_text(file), with_params=with_params):
        assert phone.isascii()
        assert len(phone) == 12


@given(st.text(alphabet="0123456789-: T+Z", max_size=25))
def test_any_send_at_is_read(written: str) -> None:
    """Whatever send_at holds, it is a time or none."""
    at = read_send_at(written)
    assert at is None or len(written) == 19
