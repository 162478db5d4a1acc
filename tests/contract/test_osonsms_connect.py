"""Before a request can leave: who is spoken to, over what, and that a failure then is known to have sent nothing."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.errors import GatewayError, NotConnected
from bot.domain.gateway import Accepted, Sms
from bot.osonsms import Credentials, OsonSMS
from bot.osonsms.transport import SmallPools
from tests.support.wire import open_wire

CREDENTIALS = Credentials("firma", "7f3c9a51e2b84d06")
SMS = Sms("t-1", "992900001234", "Салом", "OsonSMS")


async def outcome(url: str, timeout: float = 5) -> object:  # noqa: ASYNC109 - the client's own
    client = OsonSMS(CREDENTIALS, api_url=url, cabinet_url=url, concurrency=1, timeout=timeout)
    try:
        return await client.send(SMS)
    except GatewayError as error:
        return error
    finally:
        await client.aclose()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for this machine, and its key."""
    openssl = shutil.which("openssl")
    if not openssl:
        assert os.environ.get("CI") != "true", "CI has no openssl"
        pytest.skip("needs the openssl command to make a certificate")
    cert, key = folder / "cert.pem", folder / "key.pem"
    kind = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [openssl, "req", "-x509", *kind, "-days", "2", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


async def test_a_refused_connection_cannot_have_arrived() -> None:
    """Nobody listens there, so nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert isinstance(await outcome(f"http://127.0.0.1:{port}"), NotConnected)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves a caller waiting when the queue is full")
async def test_a_host_that_does_not_answer_the_call_cannot_have_received_anything() -> None:
    """The time to connect is shorter than the whole, so this is told apart from a reply that does not come."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(server.getsockname())
        assert isinstance(await outcome(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=0.4), NotConnected)
        for caller in callers:
            caller.close()


async def test_a_host_that_does_not_speak_tls_receives_nothing() -> None:
    """One that keeps silent, and one that answers in the clear. Each is called once: not even that is repeated."""
    received: list[bytes] = []

    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read())
        writer.close()

    async def answer_in_clear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read(9))
        writer.write(b"HTTP/1.1 201 Created\r\n\r\n")
        writer.close()

    for handler in (keep_silent, answer_in_clear):
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            assert isinstance(await outcome(f"https://127.0.0.1:{port}", timeout=0.6), NotConnected)
    assert len(received) == 2
    assert all(b"sendsms" not in raw for raw in received)


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    """The server sees the handshake fail and never a request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path))
    requests = 0

    async def count(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        requests += 1
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0, ssl=context)
    async with server:
        result = await outcome(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert isinstance(result, NotConnected)
    assert "CERTIFICATE_VERIFY_FAILED" in str(result)
    assert requests == 0


async def test_tls_is_verified_by_one_context_for_all_pools() -> None:
    """It demands a certificate and that it is the host's."""
    pools = SmallPools(3)
    context = pools._tls
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    await pools.aclose()


async def test_nothing_of_the_environment_bends_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxy variables are ignored: a proxy would see, and might repeat, each request."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with open_wire() as wire:
        assert await outcome(wire.url) == Accepted(163938568, None, None)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.osonsms.com",
        "https://192.0.2.1:8443/x",
        "http://localhost:1",
        "http://127.9.9.9",
        "http://[::1]:8000/a",
    ],
)
async def test_https_anywhere_and_plain_http_on_this_machine_are_taken(url: str) -> None:
    """Loopback is 127.0.0.0/8, ::1 and localhost."""
    await OsonSMS(CREDENTIALS, api_url=url, cabinet_url=url, concurrency=1).aclose()


@pytest.mark.parametrize(
    "url",
    [
        "http://api.osonsms.com",
        "http://192.0.2.1",
        "http://0.0.0.0",
        "http://[::]",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://127.1",
        "HTTP://api.osonsms.com",
        "http://user:secret@localhost",
        "https://user:secret@api.osonsms.com",
        "https://api.osonsms.com?a=secret",
        "https://api.osonsms.com/?",
        "https://api.osonsms.com#x",
        "ftp://localhost",
        "localhost:8000",
        "https://",
        "//localhost",
        "https://a:99999",
        "https://[::1",
        "",
    ],
)
def test_an_address_that_would_show_the_token_or_is_none_is_refused(url: str) -> None:
    """For both addresses, at once, in a sentence that quotes no secret of the address."""
    for api, cabinet in ((url, "https://localhost"), ("https://localhost", url)):
        with pytest.raises(ValueError, match=r"https|not a URL") as caught:
            OsonSMS(CREDENTIALS, api_url=api, cabinet_url=cabinet)
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None
