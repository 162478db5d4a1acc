"""No token, no phone, no text of an SMS in any log line or traceback, whatever level anybody sets."""

import asyncio
import logging
import re
import traceback
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from bot.domain.errors import ConnectionLost, GatewayError
from bot.domain.gateway import Sms
from bot.osonsms import Credentials, OsonSMS
from bot.osonsms.client import meaning_of
from bot.osonsms.protocol import send
from bot.osonsms.quiet import LOGGERS
from tests.support.wire import Answer, Visit, open_wire

TOKEN = "7f3c9a51e2b84d06"
PHONE = "992900001234"
TEXT = "Рамзи шумо: Фирӯза"
SECRETS = (TOKEN, PHONE, PHONE[3:], TEXT, "Фирӯза", quote("Фирӯза"))
CREDENTIALS = Credentials("firma", TOKEN)
SMS = Sms("t-1", PHONE, TEXT, "OsonSMS")


class Everything(logging.Handler):
    """Keeps each record as a formatter writes it."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []
        self.names: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.names.add(record.name)
        self.lines.append(f"{record.name} {logging.Formatter().format(record)} {record.__dict__!r}")


@pytest.fixture
def logged() -> Iterator[Everything]:
    """All that any logger writes, with the root at DEBUG."""
    root, handler = logging.getLogger(), Everything()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


async def refuse(visit: Visit) -> None:
    await visit.reply(422, {"error": {"code": 107, "msg": f"Incorrect sender for {PHONE}: {TEXT}, {TOKEN}"}})


async def redirect(visit: Visit) -> None:
    await visit.reply(302, b"", f"Location: https://elsewhere.example{visit.line.split()[1]}")


async def echo_all(visit: Visit) -> None:
    await visit.reply(500, visit.raw)


async def echo_as_nonsense(visit: Visit) -> None:
    await visit.write(visit.raw + b"\r\n\r\n")


async def reset(visit: Visit) -> None:
    visit.reset()


async def say_nothing(_visit: Visit) -> None:
    await asyncio.Event().wait()


async def echo_half(visit: Visit) -> None:
    await visit.write(b"HTTP/1.1 201 X\r\nContent-Length: 9999\r\n\r\n" + visit.raw)
    await visit.close()


async def attempt(answer: Answer) -> GatewayError | None:
    async with open_wire() as wire:
        wire.answer = answer
        client = OsonSMS(CREDENTIALS, api_url=wire.url, cabinet_url=wire.url, concurrency=1, timeout=0.3)
        try:
            await client.send(SMS)
        except GatewayError as error:
            logging.getLogger("caller").exception("the call failed")
            return error
        finally:
            await client.aclose()
    return None


OUTCOMES: dict[str, Answer] = {
    "201": Visit.accept,
    "302": redirect,
    "422": refuse,
    "500": echo_all,
    "ConnectionLost": reset,
    "ConnectionLost ": echo_half,
    "ConnectionLost  ": echo_as_nonsense,
    "TimedOut": say_nothing,
}


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_whatever_comes_of_a_call_the_log_says_only_what_it_may(logged: Everything, outcome: str) -> None:
    """One line of ours: call, txn_id, outcome, milliseconds; none of httpcore's; no secret in a line or a traceback."""
    error = await attempt(OUTCOMES[outcome])
    told = traceback.format_exception(error) if error else []
    assert [s for s in SECRETS for line in logged.lines + told if s.lower() in line.lower()] == []
    ours = [line for line in logged.lines if line.startswith("bot.osonsms.client ")]
    assert len(ours) == 1
    assert re.match(rf"bot\.osonsms\.client send txn_id=t-1 {outcome.strip()} \d+ ms ", ours[0])
    assert not any(name.startswith(("httpcore", "httpx")) for name in logged.names)


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_an_error_carries_no_other_exception_along(outcome: str) -> None:
    """Those of httpx hold the request with its header; those of json the whole reply."""
    error = await attempt(OUTCOMES[outcome])
    assert error is None or (error.__cause__, error.__context__) == (None, None)


async def test_a_cancelled_call_is_logged_as_such(logged: Everything) -> None:
    """Its line is written too, and holds no secret."""
    async with open_wire() as wire:
        wire.answer = say_nothing
        client = OsonSMS(CREDENTIALS, api_url=wire.url, cabinet_url=wire.url, concurrency=1)
        call = asyncio.create_task(client.send(SMS))
        await wire.visited.wait()
        call.cancel()
        await asyncio.wait([call])
        await client.aclose()
    assert [line for line in logged.lines if "send txn_id=t-1 cancelled" in line]
    assert [s for s in SECRETS for line in logged.lines if s in line] == []


async def test_no_later_configuration_makes_httpcore_talk(logged: Everything) -> None:
    """Not even levels set on its own loggers, after the client was built."""
    async with open_wire() as wire:
        client = OsonSMS(CREDENTIALS, api_url=wire.url, cabinet_url=wire.url, concurrency=1)
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.DEBUG)
        try:
            await client.send(SMS)
            await client.aclose()
        finally:
            for name in LOGGERS:
                logging.getLogger(name).setLevel(logging.CRITICAL)
    assert any(name == "bot.osonsms.client" for name in logged.names)
    assert not any(name.startswith("httpcore") for name in logged.names)


async def test_without_our_silence_httpcore_would_show_the_text(logged: Everything) -> None:
    """What the rule is for; where this fails, httpcore has changed and the rule may go."""
    filters = {name: logging.getLogger(name).filters[:] for name in LOGGERS}
    async with open_wire() as wire:
        wire.answer = redirect
        for name in LOGGERS:
            logging.getLogger(name).filters.clear()
            logging.getLogger(name).setLevel(logging.DEBUG)
        try:
            async with httpx.AsyncClient(trust_env=False) as plain:
                await plain.get(f"{wire.url}/", params={"msg": TEXT})
        finally:
            for name in LOGGERS:
                logging.getLogger(name).filters[:] = filters[name]
                logging.getLogger(name).setLevel(logging.CRITICAL)
    assert any(line.startswith("httpcore") and quote("Фирӯза") in line for line in logged.lines)


async def test_every_logger_of_httpcore_is_silenced() -> None:
    """A logger that a new version adds is noticed here."""
    await attempt(Visit.accept)
    loggers = logging.Logger.manager.loggerDict
    known = {
        name for name, logger in loggers.items() if name.startswith("httpcore.") and isinstance(logger, logging.Logger)
    }
    assert known <= set(LOGGERS)


def test_the_words_of_httpx_are_scrubbed() -> None:
    """h11 quotes a header that it will not send."""
    request = send(CREDENTIALS, "https://api.osonsms.com", SMS)
    error = meaning_of(httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}' {request.url}"), request)
    assert type(error) is ConnectionLost
    assert error.text.startswith("LocalProtocolError Illegal header value")
    assert [s for s in SECRETS if s in str(error)] == []
