"""OsonSMS protocol 2.0.2 without I/O: a call of ours becomes a `Request`, a reply becomes a result or is raised.

Field reports that differ from the contract are taken as well: see each `read_…`. A reply is success only if it proves
it; what is neither success nor a known error is `ReplyUnreadable`, because the message may have been taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote, urlencode

from bot.domain.errors import (
    AccountError,
    AccountInactive,
    AuthorizationInvalid,
    BalanceExhausted,
    CentreUnreachable,
    DuplicateTxnId,
    GatewayError,
    HostNotAllowed,
    MessageUnknown,
    NoPhoneNumbers,
    Refused,
    ReplyUnreadable,
    SenderInvalid,
    SendingFailed,
    ServerFault,
    StorageFailed,
    TimedOut,
    TooManyRequests,
    VariableMissing,
)
from bot.domain.gateway import Accepted, Balance, BulkAccepted, BulkOrder, Channel, Delivery, DeliveryStatus, Sms
from bot.osonsms import multipart
from bot.osonsms.reading import GATEWAY_ZONE, json_object, moment, money, whole, word
from bot.osonsms.scrub import LONGEST, scrub

CODES: dict[int, type[GatewayError]] = {
    100: VariableMissing,
    105: AccountInactive,
    106: AuthorizationInvalid,
    107: SenderInvalid,
    108: DuplicateTxnId,
    109: StorageFailed,
    112: SendingFailed,
    113: CentreUnreachable,
    114: HostNotAllowed,
    119: BalanceExhausted,
}
"""Every error code of the contract. It decides, whatever the HTTP status."""

CODES_OF_QUERY: dict[int, type[GatewayError]] = {**CODES, 107: MessageUnknown}
"""To a query, 107 says "Message ID is invalid"."""

BULK_ERRORS: dict[str, type[GatewayError]] = {
    "USER NOT FOUND": AccountInactive,
    "NO PHONE NUMBERS": NoPhoneNumbers,
}
"""How the bulk call's errors begin: they have no code."""

HTTP_STATUSES: dict[int, type[GatewayError]] = {
    401: AccountError,
    402: BalanceExhausted,
    403: AccountError,
    408: TimedOut,
    409: ReplyUnreadable,  # without its code 108 it may be a proxy's: neither proof that it was taken nor a refusal
    429: TooManyRequests,
}
"""Without a known code, the HTTP status decides: these, or else the hundred it belongs to."""

STATES: dict[int, DeliveryStatus] = {
    1: DeliveryStatus.ENROUTE,
    2: DeliveryStatus.DELIVERED,
    3: DeliveryStatus.EXPIRED,
    4: DeliveryStatus.DELETED,
    5: DeliveryStatus.UNDELIVERABLE,
    6: DeliveryStatus.ACCEPTED,
    7: DeliveryStatus.UNKNOWN,
    8: DeliveryStatus.REJECTED,
}
"""SMPP 3.4, message_state: what a query gives beside or instead of the contract's `status`."""

LARGEST_FILE = 5_000_000
"""Bytes. The contract says 5 Mb; the smaller reading of it is within both."""

_LARGEST_ID = 2**63 - 1
_MOST_PARTS = 255
_LARGEST_CODE = 99_999
_MOST_FIELDS, _MOST_WORDS = 10, 3


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account. The token stays out of its repr."""

    login: str
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raise ValueError for what could not stand in a header line."""
        if not self.login:
            raise ValueError("the OsonSMS login is empty")
        if not self.token or not all("!" <= c <= "~" for c in self.token):
            raise ValueError("the OsonSMS token is empty or holds something else than printable ASCII without spaces")


class Call(StrEnum):
    """The gateway's four calls."""

    SEND = "send"
    QUERY = "query"
    BALANCE = "balance"
    CREATE_BULK = "create_bulk"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as plain data. Its repr is fit for a log."""

    call: Call
    txn_id: str
    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    """What must not reach a log, though the reply quote it."""


def send(credentials: Credentials, api_url: str, sms: Sms) -> Request:
    """One SMS (contract: Отправка смс). Raises Refused for a text that is not Unicode."""
    values = {
        "from": sms.sender,
        "phone_number": sms.phone,
        "msg": sms.text,
        "login": credentials.login,
        "txn_id": sms.txn_id,
    }
    if sms.channel is Channel.TELEGRAM:
        values["channel"] = "telegram"
    if sms.confidential:
        values["is_confidential"] = "true"
    return _get(Call.SEND, credentials, f"{api_url}/sendsms_v1.php", values, secrets=(sms.phone, sms.text))


def query(credentials: Credentials, api_url: str, txn_id: str, msg_id: int | None) -> Request:
    """What became of a message (contract: Проверка статуса). Without a msg_id the txn_id alone must do."""
    values = {"login": credentials.login, "txn_id": txn_id}
    if msg_id is not None:
        values["msg_id"] = str(msg_id)
    return _get(Call.QUERY, credentials, f"{api_url}/query_sms.php", values)


def balance(credentials: Credentials, api_url: str, txn_id: str) -> Request:
    """What is left (contract: Проверка баланса). Its table of variables omits txn_id, its error 100 demands it."""
    values = {"login": credentials.login, "txn_id": txn_id}
    return _get(Call.BALANCE, credentials, f"{api_url}/check_balance.php", values)


def create_bulk(credentials: Credentials, cabinet_url: str, order: BulkOrder) -> Request:
    """A list of phones (contract: Массовая отправка СМС). Raises Refused for a file over `LARGEST_FILE`.

    `send_at` must be aware (ValueError) and is written in the gateway's zone.
    """
    if order.send_at.tzinfo is None:
        raise ValueError("send_at has no time zone")
    if len(order.file) > LARGEST_FILE:
        raise Refused(f"the file is over {LARGEST_FILE} bytes")
    values = {
        "from": order.sender,
        "msg": order.text,
        "login": credentials.login,
        "txn_id": order.txn_id,
        "send_at": f"{order.send_at.astimezone(GATEWAY_ZONE):%Y-%m-%d %H:%M:%S}",
    }
    if order.with_params:
        values["with_params"] = "1"
    content_type, body = multipart.encode(_encoded(values), order.file_name, order.file)
    return Request(
        call=Call.CREATE_BULK,
        txn_id=order.txn_id,
        method="POST",
        url=f"{cabinet_url}/api/v1/bulk-sms/create",
        headers={**_headers(credentials), "Content-Type": content_type},
        body=body,
        secrets=(credentials.token, order.text),
    )


def _get(
    call: Call, credentials: Credentials, url: str, values: Mapping[str, str], secrets: tuple[str, ...] = ()
) -> Request:
    return Request(
        call=call,
        txn_id=values["txn_id"],
        method="GET",
        url=f"{url}?{urlencode(_encoded(values), quote_via=quote)}",
        headers=_headers(credentials),
        body=b"",
        secrets=(credentials.token, *secrets),
    )


def _headers(credentials: Credentials) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {credentials.token}",
        "User-Agent": "osonsms-bot",
        "Accept": "application/json",  # else the bulk call's framework may answer a mistake with a redirect
        "Accept-Encoding": "identity",  # the replies are tiny, and a packed one could unpack without bound
    }


def _encoded(values: Mapping[str, str]) -> dict[str, bytes]:
    """The variables in UTF-8. Half a surrogate pair can never be sent: it is refused before it costs an attempt."""
    try:
        return {name: value.encode() for name, value in values.items()}
    except UnicodeEncodeError:
        pass  # raised below: this exception holds the text
    raise Refused("a variable is not valid Unicode")


def read_accepted(request: Request, http_status: int, body: bytes) -> Accepted:
    """The reply to `send`: 201, or 200 with the same body.

    Proof is `status` ok with a `msg_id`, for no other txn_id than ours. The parts are `smmc_msg_parts` in the contract,
    `smsc_msg_parts` in the field.
    """
    reply = _success(request, http_status, body)
    msg_id = whole(reply.get("msg_id"), _LARGEST_ID)
    if word(reply.get("status")) != "OK" or msg_id is None:
        raise ReplyUnreadable("no status ok with a msg_id", http_status=http_status)
    if not _same(reply.get("txn_id"), request.txn_id):
        raise ReplyUnreadable("the reply is for another txn_id", http_status=http_status)
    parts = whole(reply.get("smsc_msg_parts"), _MOST_PARTS) or whole(reply.get("smmc_msg_parts"), _MOST_PARTS)
    return Accepted(msg_id, parts, moment(reply.get("timestamp")))


def _same(echo: object, txn_id: str) -> bool:
    """Whether a reply's txn_id does not contradict ours: the same, or the same digits as a number, or none at all."""
    return echo in (None, txn_id) or (type(echo) is int and str(echo) == txn_id)


def read_delivery(request: Request, http_status: int, body: bytes) -> Delivery:
    """The reply to `query`: the contract's `status`, else `message_state`, else `message_state_code`."""
    reply = _success(request, http_status, body)
    for name in ("status", "message_state"):
        if (said := word(reply.get(name))) in DeliveryStatus.__members__:
            return Delivery(DeliveryStatus[said], moment(reply.get("timestamp")))
    code = whole(reply.get("message_state_code"), max(STATES))
    if code is None:
        raise ReplyUnreadable("no delivery status", http_status=http_status)
    return Delivery(STATES[code], moment(reply.get("timestamp")))


def read_balance(request: Request, http_status: int, body: bytes) -> Balance:
    """The reply to `balance`: a number, or one in a string, exactly as it is spelled."""
    reply = _success(request, http_status, body)
    amount = money(reply.get("balance"))
    if amount is None:
        raise ReplyUnreadable("no balance", http_status=http_status)
    return Balance(amount, moment(reply.get("timestamp")))


def read_bulk(request: Request, http_status: int, body: bytes) -> BulkAccepted:
    """The reply to `create_bulk`: `status` success with a name of at most 300 characters."""
    reply = _success(request, http_status, body)
    name = reply.get("sms_bulk_name")
    if word(reply.get("status")) != "SUCCESS" or not isinstance(name, str) or not name.strip():
        raise ReplyUnreadable("no status success with a sms_bulk_name", http_status=http_status)
    return BulkAccepted(name.strip()[:LONGEST])


def _success(request: Request, http_status: int, body: bytes) -> dict[str, object]:
    """The reply's object, where the HTTP status is good and no error is in it; else its error is raised."""
    reply = json_object(body) or {}
    if http_status in (200, 201) and not reply.get("error") and reply.get("success") is not False:
        return reply
    raise _error(request, http_status, reply)


def _error(request: Request, http_status: int, reply: Mapping[str, object]) -> GatewayError:
    """What a reply that is no success means: its code, else its bulk shape, else its HTTP status."""
    error = reply.get("error")
    facts = error if isinstance(error, dict) else {}
    code = whole(facts.get("code"), _LARGEST_CODE)
    fields = _fields(request, reply)
    known = (
        (CODES_OF_QUERY if request.call is Call.QUERY else CODES).get(code or 0)
        or next((meaning for start, meaning in BULK_ERRORS.items() if word(error).startswith(start)), None)
        or (VariableMissing if fields else None)
        or _meaning_of(http_status)
    )
    said = next(filter(None, (scrub(w, request.secrets) for w in (facts.get("msg"), error, reply.get("message")))), "")
    return known(said, http_status=http_status, code=code, timestamp=moment(facts.get("timestamp")), fields=fields)


def _meaning_of(http_status: int) -> type[GatewayError]:
    if http_status in HTTP_STATUSES:
        return HTTP_STATUSES[http_status]
    return {4: Refused, 5: ServerFault}.get(http_status // 100, ReplyUnreadable)


def _fields(request: Request, reply: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """What bulk finds wrong with each variable: `{"success": false, "data": {"from": ["…"]}}`."""
    data = reply.get("data")
    if reply.get("success") is not False or not isinstance(data, dict):
        return {}
    lists = [(name, words if isinstance(words, list) else [words]) for name, words in data.items()]
    return {
        scrub(name, request.secrets): tuple(scrub(w, request.secrets) for w in words[:_MOST_WORDS])
        for name, words in lists[:_MOST_FIELDS]
    }
