"""The contract (OsonSMS protocol 2.0.2) and the field reports, row by row, without I/O."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.domain import errors
from bot.domain.errors import GatewayError, Refused, ReplyUnreadable
from bot.domain.gateway import Accepted, Balance, BulkAccepted, BulkOrder, Delivery, DeliveryStatus, Sms
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
ORDER = BulkOrder(TXN, TEXT, "OsonSMS", datetime(2026, 2, 8, 7, 30, tzinfo=UTC), b"phone\n")
API, CABINET = "https://api.osonsms.com", "https://cab.osonsms.com"

REQUESTS: dict[Call, Request] = {
    Call.SEND: protocol.send(CREDENTIALS, API, SMS),
    Call.QUERY: protocol.query(CREDENTIALS, API, TXN, 163938568),
    Call.BALANCE: protocol.balance(CREDENTIALS, API, TXN),
    Call.CREATE_BULK: protocol.create_bulk(CREDENTIALS, CABINET, ORDER),
}
READERS: dict[Call, Callable[[Request, int, bytes], object]] = {
    Call.SEND: protocol.read_accepted,
    Call.QUERY: protocol.read_delivery,
    Call.BALANCE: protocol.read_balance,
    Call.CREATE_BULK: protocol.read_bulk,
}

STAMP = "2025-06-23 12:26:26"
MOMENT = datetime(2025, 6, 23, 7, 26, 26, tzinfo=UTC)

# Every error row of the contract: call, HTTP status, code, the gateway's words, meaning.
ERRORS = [
    (Call.SEND, 409, 108, "Duplicate txn_id. It should be unique.", errors.DuplicateTxnId),
    (
        Call.SEND,
        422,
        100,
        "One of the mandatory variables (from,phone_number,msg,login,txn_id) not set.",
        errors.VariableMissing,
    ),
    (Call.SEND, 401, 105, "Inactive or non-existent account", errors.AccountInactive),
    (Call.SEND, 422, 107, "Incorrect sender", errors.SenderInvalid),
    (
        Call.SEND,
        402,
        119,
        "Balance overdraft limit has reached. Please top up your balance.",
        errors.BalanceExhausted,
    ),
    (Call.SEND, 422, 106, "Incorrect Authorization", errors.AuthorizationInvalid),
    (Call.SEND, 500, 109, "Unable to store message.", errors.StorageFailed),
    (Call.SEND, 501, 112, "Error while sending sms.", errors.SendingFailed),
    (Call.SEND, 599, 113, "Unable to connect to smmc host.", errors.CentreUnreachable),
    (Call.SEND, 401, 114, "Host is not in whitelist", errors.HostNotAllowed),
    (Call.QUERY, 422, 100, "One of the mandatory variables (login, msg_id) not set.", errors.VariableMissing),
    (Call.QUERY, 401, 105, "Inactive or non-existent account", errors.AccountInactive),
    (Call.QUERY, 422, 106, "Incorrect Authorization", errors.AuthorizationInvalid),
    (Call.QUERY, 422, 107, "Message ID is invalid", errors.MessageUnknown),  # the vendor's client, 2017
    (Call.BALANCE, 422, 100, "One of the mandatory variables (login,txn_id) not set.", errors.VariableMissing),
    (Call.BALANCE, 401, 105, "Inactive or non-existent account", errors.AccountInactive),
    (Call.BALANCE, 422, 106, "Incorrect Authorization", errors.AuthorizationInvalid),
]

# Every status row of the contract, with the code that SMPP gives it.
STATUSES = [
    ("ENROUTE", 1),
    ("DELIVERED", 2),
    ("EXPIRED", 3),
    ("DELETED", 4),
    ("UNDELIVERABLE", 5),
    ("ACCEPTED", 6),
    ("UNKNOWN", 7),
    ("REJECTED", 8),
]

# Bulk's own errors: HTTP status, body, meaning.
BULK_ERRORS: list[tuple[int, dict[str, object], type[GatewayError]]] = [
    (
        422,
        {"success": False, "message": "Validation errors", "data": {"from": ["The from field is required."]}},
        errors.VariableMissing,
    ),
    (404, {"error": "User not found"}, errors.AccountInactive),
    (400, {"error": "No phone numbers found in the file"}, errors.NoPhoneNumbers),
]

# Without a known code: what each HTTP status means by itself.
HTTP_STATUSES = {
    **dict.fromkeys(range(100, 400), errors.ReplyUnreadable),
    **dict.fromkeys(range(400, 500), errors.Refused),
    **dict.fromkeys(range(500, 600), errors.ServerFault),
    401: errors.AccountError,
    402: errors.BalanceExhausted,
    403: errors.AccountError,
    408: errors.TimedOut,
    409: errors.ReplyUnreadable,
    429: errors.TooManyRequests,
}

# What must never be taken for success, whatever the HTTP status.
UNREADABLE = [
    b"",
    b" ",
    b"null",
    b"true",
    b"201",
    b'"ok"',
    b"[]",
    b'[{"status":"ok","msg_id":1}]',
    b"{}",
    b"<html><body>502 Bad Gateway</body></html>",
    b"\xff\xfe{",
    b'{"status":"ok","msg_id":',
    b'{"status":"ok","msg_id":1',
    b'{"status":"ok","msg_id":1}}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"status":"ok","msg_id":NaN}',
    b'{"status":"ok","msg_id":1,"x":Infinity}',
    b'{"status":"ok","msg_id":1,"x":1e99999999999999999999}',
    b'{"status":"ok","msg_id":1,"msg_id":2}',
    b'{"status":"ok","msg_id":1,"x":{"a":1,"a":2}}',
    b'{"status":"ok","msg_id":' + b"9" * 5000 + b"}",
]


def read(call: Call, http_status: int, reply: object, request: Request | None = None) -> object:
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    return READERS[call](request or REQUESTS[call], http_status, body)


def failure(call: Call, http_status: int, reply: object, request: Request | None = None) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        read(call, http_status, reply, request)
    return caught.value


def accepted(**changes: object) -> dict[str, object]:
    """The reply seen in the field, with changes; None takes a member away."""
    reply = {
        "status": "ok",
        "timestamp": STAMP,
        "txn_id": TXN,
        "msg_id": 163938568,
        "smsc_msg_id": "+5E23D871",
        "smsc_msg_status": "success",
        "smsc_msg_parts": 2,
    }
    return {name: value for name, value in (reply | changes).items() if value is not None}


# What is answered: success


def test_send_is_accepted_by_the_contract_and_as_seen_in_the_field() -> None:
    """Contract and field spell the parts differently; both are read."""
    contract = {"status": "ok", "txn_id": TXN, "msg_id": 163938568, "smmc_msg_parts": 2, "timestamp": STAMP}
    for reply in (contract, accepted()):
        assert read(Call.SEND, 201, reply) == Accepted(163938568, 2, MOMENT)


@pytest.mark.parametrize(
    ("change", "msg_id", "parts"),
    [
        ({"msg_id": "163938568"}, 163938568, 2),
        ({"msg_id": 2**63 - 1}, 2**63 - 1, 2),
        ({"smsc_msg_parts": "3"}, 163938568, 3),
        ({"smsc_msg_parts": None}, 163938568, None),
        ({"smsc_msg_parts": None, "smmc_msg_parts": 4}, 163938568, 4),
        ({"smsc_msg_parts": []}, 163938568, None),
        ({"smsc_msg_parts": True}, 163938568, None),
        ({"smsc_msg_parts": 10**30}, 163938568, None),
        ({"smsc_msg_id": None, "smsc_msg_status": None}, 163938568, 2),
        ({"status": "OK"}, 163938568, 2),
        ({"txn_id": None}, 163938568, 2),
        ({"error": []}, 163938568, 2),
    ],
)
def test_send_is_accepted_in_every_spelling(change: dict[str, object], msg_id: int, parts: int | None) -> None:
    """Ids and parts as numbers or digits, under 201 or 200; what is optional may be missing or odd."""
    for http_status in (200, 201):
        assert read(Call.SEND, http_status, accepted(**change)) == Accepted(msg_id, parts, MOMENT)


def test_a_txn_id_of_digits_may_come_back_as_a_number() -> None:
    """PHP turns digits into numbers; the same digits contradict nothing."""
    request = protocol.send(CREDENTIALS, API, Sms("1750663585800", PHONE, TEXT, "S"))
    reply = accepted(txn_id=1750663585800)
    assert read(Call.SEND, 201, reply, request) == Accepted(163938568, 2, MOMENT)


def test_a_byte_order_mark_before_the_reply_does_no_harm() -> None:
    """PHP files saved with one print it before everything."""
    assert read(Call.SEND, 201, b"\xef\xbb\xbf" + json.dumps(accepted()).encode()) == Accepted(163938568, 2, MOMENT)


@pytest.mark.parametrize(
    "stamp",
    ["", "yesterday", "2025-06-23", "2025-06-23 12:26:99", "9999-12-31 23:59:59", "0001-01-01 00:00:00", 5, [], {}],
)
def test_a_timestamp_that_cannot_be_read_does_no_harm(stamp: object) -> None:
    """It is optional: an odd one is None, and one at the calendar's edge too, which no zone could convert."""
    assert read(Call.SEND, 201, accepted(timestamp=stamp)) == Accepted(163938568, 2, None)


@pytest.mark.parametrize(
    "change",
    [
        {"status": None},
        {"status": "error"},
        {"status": 1},
        {"status": ["ok"]},
        {"msg_id": None},
        {"msg_id": 0},
        {"msg_id": -5},
        {"msg_id": 2**63},
        {"msg_id": "12a"},
        {"msg_id": "١٢"},
        {"msg_id": ""},
        {"msg_id": True},
        {"msg_id": 1.5},
        {"msg_id": [1]},
        {"txn_id": "another"},
        {"txn_id": 7},
        {"txn_id": [TXN]},
        {"txn_id": ""},
        {"error": {"code": 0}},
        {"error": "?"},
        {"error": [105]},
    ],
)
def test_a_201_without_proof_for_our_txn_id_is_never_success(change: dict[str, object]) -> None:
    """Neither is it a refusal: the message may have been taken, so the reply is unreadable."""
    assert type(failure(Call.SEND, 201, accepted(**change))) is ReplyUnreadable


@pytest.mark.parametrize("http_status", [s for s in range(100, 600) if s not in (200, 201)])
def test_the_best_body_is_no_success_under_another_http_status(http_status: int) -> None:
    """Only 200 and 201 can be success."""
    assert type(failure(Call.SEND, http_status, accepted())) is HTTP_STATUSES[http_status]


def test_every_status_of_the_contract_has_its_row() -> None:
    """The table of this test, the adapter's and the domain's hold the same eight."""
    assert [name for name, _ in STATUSES] == [STATE.value for _, STATE in sorted(protocol.STATES.items())]
    assert {name for name, _ in STATUSES} == set(DeliveryStatus)


@pytest.mark.parametrize(("name", "code"), STATUSES)
def test_query_tells_the_status_in_every_spelling(name: str, code: int) -> None:
    """The contract's `status`, the vendor's `message_state` in any case, or the SMPP code, each also alone."""
    vendor: dict[str, object] = {
        "message_id": "57861909",
        "final_date": {"date": "2017-12-13 15:51:00.000000", "timezone_type": 3, "timezone": "Asia/Dushanbe"},
        "message_state_code": code,
        "error_code": 0,
        "message_state": name.capitalize(),
    }
    status = DeliveryStatus(name)
    assert read(Call.QUERY, 200, {"status": name, "timestamp": STAMP}) == Delivery(status, MOMENT)
    assert read(Call.QUERY, 200, {"status": name.lower()}) == Delivery(status, None)
    assert read(Call.QUERY, 200, vendor) == Delivery(status, None)
    assert read(Call.QUERY, 200, vendor | {"status": "ok"}) == Delivery(status, None)
    assert read(Call.QUERY, 200, vendor | {"message_state": "?"}) == Delivery(status, None)
    assert read(Call.QUERY, 200, {"message_state": name.capitalize()}) == Delivery(status, None)
    assert read(Call.QUERY, 200, {"message_state_code": str(code)}) == Delivery(status, None)


def test_the_contracts_status_goes_before_the_vendors() -> None:
    """Where they disagree, the contract's word counts."""
    reply = {"status": "DELIVERED", "message_state": "Expired", "message_state_code": 8}
    assert read(Call.QUERY, 200, reply) == Delivery(DeliveryStatus.DELIVERED, None)


@pytest.mark.parametrize(
    "reply",
    [
        {"status": "ok"},
        {"status": ["DELIVERED"]},
        {"message_state_code": 0},
        {"message_state_code": 9},
        {"message_state_code": True},
        {"message_state_code": 2.0},
        {"status": "DELIVERED", "error": {"code": 999}},
    ],
)
def test_a_status_that_is_none_of_the_eight_is_no_status(reply: dict[str, object]) -> None:
    """Nothing is guessed from a word or a code that is not known."""
    assert type(failure(Call.QUERY, 200, reply)) is ReplyUnreadable


@pytest.mark.parametrize(
    ("spelled", "amount"),
    [
        ("6.07", "6.07"),
        ("0", "0"),
        ("0.10", "0.10"),
        ("-12.5", "-12.5"),
        ("1500", "1500"),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("1e2", "1E+2"),
        ('"6.07"', "6.07"),
        ('" 1500 "', "1500"),
        ('"-0.50"', "-0.50"),
    ],
)
def test_the_balance_is_exactly_the_number_that_was_written(spelled: str, amount: str) -> None:
    """Money never passes through a float, nor loses a digit or a closing zero."""
    body = f'{{"balance":{spelled},"timestamp":"{STAMP}"}}'.encode()
    result = read(Call.BALANCE, 200, body)
    assert result == Balance(Decimal(amount), MOMENT)
    assert isinstance(result, Balance)
    assert str(result.amount) == amount


@pytest.mark.parametrize(
    "spelled",
    [
        "null",
        "true",
        "[]",
        "{}",
        '""',
        '"6,07"',
        '"NaN"',
        '"1e5"',
        '"٦"',
        "NaN",
        "-Infinity",
        "1e40",
        "1e-40",
        "9" * 40,
    ],
)
def test_what_is_no_amount_is_no_balance(spelled: str) -> None:
    """A call that failed must not read as "0 somoni"."""
    body = f'{{"balance":{spelled}}}'.encode()
    assert type(failure(Call.BALANCE, 200, body)) is ReplyUnreadable


def test_bulk_is_accepted_with_its_name() -> None:
    """`status` success and the bulk's name are the proof."""
    reply = {"status": "success", "message": "Bulk SMS created successfully", "sms_bulk_name": "Рассылка 8"}
    assert read(Call.CREATE_BULK, 200, reply) == BulkAccepted("Рассылка 8")


@pytest.mark.parametrize(
    "change",
    [
        {"status": "ok"},
        {"sms_bulk_name": ""},
        {"sms_bulk_name": None},
        {"sms_bulk_name": 8},
        {"error": "?"},
        {"success": False},
    ],
)
def test_a_bulk_without_proof_is_no_success(change: dict[str, object]) -> None:
    """Each of the two alone, or beside an error, proves nothing."""
    reply = {"status": "success", "sms_bulk_name": "Рассылка 8"} | change
    assert type(failure(Call.CREATE_BULK, 200, reply)) is ReplyUnreadable


# What is answered: errors


def test_every_code_of_the_contract_has_its_row() -> None:
    """The adapter's table holds the codes of this test's, and no other."""
    assert {code for _, _, code, _, _ in ERRORS} == set(protocol.CODES)


@pytest.mark.parametrize(("call", "http_status", "code", "words", "meaning"), ERRORS)
def test_every_error_of_the_contract_in_every_spelling(
    call: Call, http_status: int, code: int, words: str, meaning: type[GatewayError]
) -> None:
    """The code decides, as number or digits, with or without error_type, under any HTTP status, 200 included."""
    contract: dict[str, object] = {"code": code, "msg": words, "timestamp": STAMP}
    for error in (contract, contract | {"error_type": "fatal"}, contract | {"code": str(code)}):
        raised = failure(call, http_status, {"error": error})
        assert type(raised) is meaning
        assert (raised.text, raised.http_status, raised.code) == (words, http_status, code)
        assert raised.timestamp == MOMENT
    for other_status in (200, 201, 500):  # the code decides, also within a "success"
        assert type(failure(call, other_status, {"error": contract})) is meaning
        assert type(failure(call, other_status, accepted(error=contract))) is meaning


def test_the_words_never_decide() -> None:
    """They may carry a suffix, or be another code's words."""
    reply = {
        "error": {"code": 114, "error_type": "fatal", "msg": "Host is not in whitelist. Remote address is 192.0.2.7"}
    }
    raised = failure(Call.SEND, 401, reply)
    assert type(raised) is errors.HostNotAllowed
    assert raised.text.endswith("Remote address is 192.0.2.7")
    assert (
        type(failure(Call.SEND, 401, {"error": {"code": 105, "msg": "Host is not in whitelist"}}))
        is errors.AccountInactive
    )


@pytest.mark.parametrize(("http_status", "reply", "meaning"), BULK_ERRORS)
def test_every_error_of_bulk(http_status: int, reply: dict[str, object], meaning: type[GatewayError]) -> None:
    """Three shapes without a code, also within HTTP 200; and the other calls' shape is understood as well."""
    for status in (http_status, 200):
        raised = failure(Call.CREATE_BULK, status, reply)
        assert type(raised) is meaning
        assert raised.text == reply.get("error", reply.get("message"))
    assert type(failure(Call.CREATE_BULK, 422, {"error": {"code": 106}})) is errors.AuthorizationInvalid


def test_bulk_tells_what_is_wrong_with_each_variable() -> None:
    """In `fields`, whatever types the gateway put there."""
    data = {"from": ["The from field is required."], "file": "Too large.", "msg": [1, ["x"]], "z": []}
    raised = failure(Call.CREATE_BULK, 422, {"success": False, "message": "Validation errors", "data": data})
    assert raised.fields == {
        "from": ("The from field is required.",),
        "file": ("Too large.",),
        "msg": ("", ""),
        "z": (),
    }


@pytest.mark.parametrize("http_status", range(100, 600))
def test_without_a_known_code_the_http_status_decides(http_status: int) -> None:
    """For every HTTP status, with bodies that cannot be read and codes that are not known."""
    unknown: list[object] = [{"code": 150, "msg": "New"}, {"code": True}, {"code": [105]}, {"code": "1.0"}, "New", [{}]]
    bodies = [*UNREADABLE, *({"error": error} for error in unknown)]
    for call in Call if http_status < 300 else (Call.SEND,):
        for reply in bodies:
            assert type(failure(call, http_status, reply)) is HTTP_STATUSES[http_status]


def test_an_unknown_code_and_its_words_are_kept() -> None:
    """Somebody will want to look it up."""
    raised = failure(Call.SEND, 422, {"error": {"code": 150, "msg": "Something new", "timestamp": STAMP}})
    assert (type(raised), raised.code, raised.text, raised.timestamp) == (Refused, 150, "Something new", MOMENT)
    assert failure(Call.SEND, 500, {"message": "Server Error"}).text == "Server Error"


def test_an_errors_facts_are_bounded() -> None:
    """A gateway that answers without end must not fill the log."""
    raised = failure(Call.SEND, 422, {"error": {"code": 10**300, "msg": "z" * 10_000}})
    assert (raised.code, len(raised.text)) == (None, 300)
    many = {f"f{n}": ["x" * 400] * 9 for n in range(99)}
    fields = failure(Call.CREATE_BULK, 422, {"success": False, "data": many}).fields
    assert (len(fields), len(fields["f0"]), len(fields["f0"][0])) == (10, 3, 300)


@pytest.mark.parametrize("echo", [TOKEN, PHONE, f"+{PHONE}", TEXT, TEXT[5:22], "4711"])
def test_no_error_quotes_the_token_the_phone_or_the_text(echo: str) -> None:
    """An error is logged: an echo of a secret, in any of the shapes, is blotted out of it."""
    words = f"Incorrect sender: {echo}."
    for call, reply in [
        (Call.SEND, {"error": {"code": 107, "msg": words}}),
        (Call.SEND, {"error": words}),
        (Call.SEND, {"message": words}),
        (Call.CREATE_BULK, {"success": False, "data": {words: [words]}, "message": words}),
    ]:
        raised = failure(call, 422, reply)
        shown = f"{raised} {raised!r} {raised.fields}"
        assert "Incorrect sender" in shown
        assert echo not in shown


# Whatever comes


NAMES = [
    *("status", "msg_id", "txn_id", "error", "code", "msg", "message", "data", "success", "balance", "timestamp"),
    *("smsc_msg_parts", "smmc_msg_parts", "message_state", "message_state_code", "sms_bulk_name", "from"),
]
WORDS = ["ok", "success", "DELIVERED", TXN, STAMP, 2, 105, 107, "108", 163938568, "User not found", False]

names = st.sampled_from(NAMES)
leaves = st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5))
near_replies = st.dictionaries(names, values, max_size=8).map(lambda reply: json.dumps(reply).encode())


def outcome(call: Call, http_status: int, body: bytes) -> object:
    try:
        return read(call, http_status, body)
    except GatewayError as error:
        return error


def proves(call: Call, reply: dict[str, Any]) -> bool:
    """Whether a reply shows success, as a second reading of the contract has it."""
    if reply.get("error"):
        return False
    if call is Call.SEND:
        named = reply.get("txn_id") is None or str(reply["txn_id"]) == TXN
        return bool(reply["status"].strip().lower() == "ok" and 0 < int(reply["msg_id"]) < 2**63 and named)
    if call is Call.QUERY:
        states = {
            *(name for name, _ in STATUSES),
            *(code for _, code in STATUSES),
            *(str(code) for _, code in STATUSES),
        }
        said = [reply.get(name) for name in ("status", "message_state", "message_state_code")]
        return any((word.strip().upper() if isinstance(word, str) else word) in states for word in said if word != [])
    if call is Call.BALANCE:
        return isinstance(reply["balance"], int | float | str) and math.isfinite(float(reply["balance"]))
    return reply["status"].strip().lower() == "success" and bool(reply["sms_bulk_name"].strip())


@patient
@given(st.sampled_from(list(Call)), st.integers(100, 599), st.binary() | near_replies)
@example(Call.SEND, 201, json.dumps(accepted()).encode())
@example(Call.BALANCE, 200, b'{"balance":1}')
def test_whatever_comes_is_a_result_with_proof_or_one_of_our_errors(call: Call, http_status: int, body: bytes) -> None:
    """For any bytes and any HTTP status nothing else is raised, and success stands up to a second reading."""
    result = outcome(call, http_status, body)
    if isinstance(result, GatewayError):
        assert result.http_status == http_status
        assert len(result.text) <= 300
        assert result.__context__ is None
    else:
        assert http_status in (200, 201)
        assert proves(call, json.loads(body.decode("utf-8-sig")))


@patient
@given(st.sampled_from(list(Call)), st.sampled_from([200, 201]), near_replies)
def test_a_success_that_cannot_be_read_is_never_a_refusal_without_a_known_reason(
    call: Call, http_status: int, body: bytes
) -> None:
    """A refusal says "failed", and somebody sends again: within a 2xx it takes a code or a shape of the contract."""
    result = outcome(call, http_status, body)
    if isinstance(result, Refused):
        assert result.code in protocol.CODES or result.fields or type(result) is errors.NoPhoneNumbers
