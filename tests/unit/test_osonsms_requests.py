"""What is asked of the gateway: every variable of the contract (OsonSMS protocol 2.0.2), and nothing that leaks."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import Refused
from bot.domain.gateway import BulkOrder, Channel, Sms
from bot.osonsms import protocol
from bot.osonsms.protocol import Call, Credentials, Request

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""On a fresh checkout hypothesis first builds its tables, for a second or more; that is no fault of a test."""

TOKEN = "7f3c9a51e2b84d06"
PHONE = "992900001234"
TEXT = "Салом, Фирӯза! Рамзи шумо: 4711 & 100 % + ҳадя\nOsonSMS"
TXN = "01JZ8Q5Y7K3M9N2P4R6S8T0VWX"

CREDENTIALS = Credentials("firma", TOKEN)
SMS = Sms(TXN, PHONE, TEXT, "OsonSMS")
ORDER = BulkOrder(TXN, TEXT, "OsonSMS", datetime(2026, 2, 8, 7, 30, tzinfo=UTC), b"phone\n992900001234\n")
API, CABINET = "https://api.osonsms.com", "https://cab.osonsms.com"

REQUESTS: dict[Call, Request] = {
    Call.SEND: protocol.send(CREDENTIALS, API, SMS),
    Call.QUERY: protocol.query(CREDENTIALS, API, TXN, 163938568),
    Call.BALANCE: protocol.balance(CREDENTIALS, API, TXN),
    Call.CREATE_BULK: protocol.create_bulk(CREDENTIALS, CABINET, ORDER),
}


def test_send_asks_with_every_variable_of_the_contract() -> None:
    """A GET, because a POST was answered with code 100; the token goes in the header alone."""
    request = REQUESTS[Call.SEND]
    url = urlsplit(request.url)
    assert (request.method, f"{url.scheme}://{url.netloc}{url.path}") == ("GET", f"{API}/sendsms_v1.php")
    assert parse_qsl(url.query, strict_parsing=True) == [
        ("from", "OsonSMS"),
        ("phone_number", PHONE),
        ("msg", TEXT),
        ("login", "firma"),
        ("txn_id", TXN),
    ]
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.body == b""


def test_send_names_the_channel_and_the_secrecy_only_where_asked() -> None:
    """Both are optional in the contract; the plain test above shows them absent."""
    sms = Sms(TXN, PHONE, TEXT, "OsonSMS", Channel.TELEGRAM, confidential=True)
    values = dict(parse_qsl(urlsplit(protocol.send(CREDENTIALS, API, sms).url).query))
    assert (values["channel"], values["is_confidential"]) == ("telegram", "true")


def test_nothing_in_a_text_can_be_read_as_a_variable() -> None:
    """A text with `&login=` in it stays a text; a space is %20, a plus %2B."""
    url = protocol.send(CREDENTIALS, API, Sms(TXN, PHONE, "я &x=1+2%\n#", "A/B")).url
    assert "msg=%D1%8F%20%26x%3D1%2B2%25%0A%23&" in url
    assert "from=A%2FB&" in url


@patient
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_arrives_as_it_was(text: str) -> None:
    """What a decoder makes of the query is the text, to the letter."""
    query = urlsplit(protocol.send(CREDENTIALS, API, Sms(TXN, PHONE, text, "S")).url).query
    assert dict(parse_qsl(query, keep_blank_values=True))["msg"] == text


def test_query_asks_by_both_ids_or_by_txn_id_alone() -> None:
    """The msg_id is unknown after a 409; then the variable is left out, not sent empty."""
    with_id = urlsplit(REQUESTS[Call.QUERY].url)
    assert with_id.path == "/query_sms.php"
    assert parse_qsl(with_id.query) == [("login", "firma"), ("txn_id", TXN), ("msg_id", "163938568")]
    without = urlsplit(protocol.query(CREDENTIALS, API, TXN, None).url)
    assert parse_qsl(without.query) == [("login", "firma"), ("txn_id", TXN)]


def test_balance_asks_with_login_and_txn_id() -> None:
    """The contract's table omits txn_id, its error 100 demands it."""
    url = urlsplit(REQUESTS[Call.BALANCE].url)
    assert url.path == "/check_balance.php"
    assert parse_qsl(url.query) == [("login", "firma"), ("txn_id", TXN)]


def test_bulk_is_a_form_in_the_cabinet_with_send_at_in_dushanbe() -> None:
    """Every variable of the contract, `send_at` in the gateway's zone and format."""
    request = REQUESTS[Call.CREATE_BULK]
    assert (request.method, request.url) == ("POST", f"{CABINET}/api/v1/bulk-sms/create")
    boundary = request.headers["Content-Type"].removeprefix("multipart/form-data; boundary=")
    assert request.body.decode() == "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in [
            ("from", "OsonSMS"),
            ("msg", TEXT),
            ("login", "firma"),
            ("txn_id", TXN),
            ("send_at", "2026-02-08 12:30:00"),
        ]
    ) + (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="recipients.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\nphone\n992900001234\n\r\n--{boundary}--\r\n"
    )


def test_bulk_with_params_says_so() -> None:
    """`with_params=1` where asked, and no such variable where not."""
    order = BulkOrder(TXN, TEXT, "S", ORDER.send_at, b"", with_params=True)
    assert b'name="with_params"\r\n\r\n1\r\n' in protocol.create_bulk(CREDENTIALS, CABINET, order).body
    assert b"with_params" not in REQUESTS[Call.CREATE_BULK].body


def test_a_file_name_cannot_end_its_line() -> None:
    """A quote or a line end in it would otherwise write headers of its own."""
    order = BulkOrder(TXN, TEXT, "S", ORDER.send_at, b"", file_name='рӯйхат".csv\r\nX: y\ud800')
    body = protocol.create_bulk(CREDENTIALS, CABINET, order).body.decode()
    assert 'filename="рӯйхат%22.csv%0D%0AX: y?"\r\n' in body


def test_a_file_over_five_megabytes_is_refused_before_it_leaves() -> None:
    """Exactly at the contract's bound it is taken."""

    def order(size: int) -> BulkOrder:
        return BulkOrder(TXN, TEXT, "S", ORDER.send_at, bytes(size))

    protocol.create_bulk(CREDENTIALS, CABINET, order(5_000_000))
    with pytest.raises(Refused):
        protocol.create_bulk(CREDENTIALS, CABINET, order(5_000_001))


def test_a_time_without_zone_is_a_mistake() -> None:
    """To guess the zone would send a campaign hours off."""
    order = BulkOrder(TXN, TEXT, "S", datetime(2026, 2, 8), b"")  # noqa: DTZ001 - the mistake itself
    with pytest.raises(ValueError, match="time zone"):
        protocol.create_bulk(CREDENTIALS, CABINET, order)


def test_half_a_character_is_refused_before_it_leaves_and_without_the_text() -> None:
    """A lone surrogate has no UTF-8; Python's own error about it would hold the text."""
    with pytest.raises(Refused) as caught:
        protocol.send(CREDENTIALS, API, Sms(TXN, PHONE, "secret \ud83d", "S"))
    assert caught.value.__context__ is None
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "a\n", "ключ", "a\x7f"])
def test_a_token_that_could_not_stand_in_a_header_is_not_taken(token: str) -> None:
    """Told at the start, not at the first message, and without quoting it."""
    with pytest.raises(ValueError, match="token") as caught:
        Credentials("firma", token)
    assert not token or token not in str(caught.value)


def test_a_login_is_needed() -> None:
    """An empty one is told at the start."""
    with pytest.raises(ValueError, match="login"):
        Credentials("", TOKEN)


def test_credentials_and_requests_show_no_secret_and_cannot_change() -> None:
    """Reprs reach logs."""
    assert repr(CREDENTIALS) == "Credentials(login='firma')"
    with pytest.raises(FrozenInstanceError):
        CREDENTIALS.token = "x"  # type: ignore[misc] # the point of the test
    for request in REQUESTS.values():
        assert repr(request) == f"Request(call={request.call!r}, txn_id='{TXN}', method='{request.method}')"
