"""What each failure of httpx means: the whole of its tree, so that a new one is noticed."""

import ssl

import httpx
import pytest

from bot.domain.errors import ConnectionLost, GatewayError, NotConnected, ReplyUnreadable, TimedOut
from bot.osonsms.client import meaning_of
from bot.osonsms.protocol import Credentials, balance

REQUEST = balance(Credentials("firma", "7f3c9a51e2b84d06"), "https://api.osonsms.com", "b-1")

MEANINGS: dict[type[httpx.HTTPError], type[GatewayError]] = {
    httpx.ConnectError: NotConnected,
    httpx.ConnectTimeout: NotConnected,
    httpx.PoolTimeout: NotConnected,
    httpx.ProxyError: NotConnected,
    httpx.UnsupportedProtocol: NotConnected,
    httpx.ReadTimeout: TimedOut,
    httpx.WriteTimeout: TimedOut,
    httpx.TimeoutException: TimedOut,
    httpx.ReadError: ConnectionLost,
    httpx.WriteError: ConnectionLost,
    httpx.CloseError: ConnectionLost,
    httpx.NetworkError: ConnectionLost,
    httpx.LocalProtocolError: ConnectionLost,
    httpx.RemoteProtocolError: ConnectionLost,
    httpx.ProtocolError: ConnectionLost,
    httpx.TransportError: ConnectionLost,
    httpx.RequestError: ConnectionLost,
    httpx.HTTPError: ConnectionLost,
    httpx.DecodingError: ReplyUnreadable,
    httpx.TooManyRedirects: ReplyUnreadable,
    httpx.HTTPStatusError: ReplyUnreadable,
}

NOT_OF_THE_WIRE: set[type[BaseException]] = {
    httpx.InvalidURL,  # caught where the address is taken
    httpx.CookieConflict,  # no cookies here
    httpx.StreamError,  # misuse of a response: mistakes in our code
    httpx.StreamConsumed,
    httpx.StreamClosed,
    httpx.ResponseNotRead,
    httpx.RequestNotRead,
}


def test_every_exception_of_httpx_has_its_row() -> None:
    """The tables above name all that httpx exports; a new one fails this test."""
    public = {thing for name in httpx.__all__ if isinstance(thing := getattr(httpx, name), type)}
    assert {kind for kind in public if issubclass(kind, BaseException)} == MEANINGS.keys() | NOT_OF_THE_WIRE


@pytest.mark.parametrize("kind", MEANINGS)
def test_a_failure_is_called_unsent_only_if_it_came_before_the_request(kind: type[httpx.HTTPError]) -> None:
    """Each kind has the meaning of its row: in doubt the message may have arrived."""
    failure = kind.__new__(kind)  # some want a response, which does not matter here
    failure.args = ("why",)
    error = meaning_of(failure, REQUEST)
    assert type(error) is MEANINGS[kind]
    assert error.text == f"{kind.__name__} why"


def test_a_failure_of_the_system_or_of_tls_under_way_is_a_lost_connection() -> None:
    """httpcore lets ssl.SSLError through while reading: it must not escape as what it is."""
    for failure in (OSError("no"), ConnectionResetError("no"), ssl.SSLError("no")):
        assert type(meaning_of(failure, REQUEST)) is ConnectionLost
