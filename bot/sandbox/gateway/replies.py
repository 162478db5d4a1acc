"""Everything the gateway can say, in the words of the contract (OsonSMS protocol 2.0.2) and as seen in live use."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

DUSHANBE = timezone(timedelta(hours=5))


class Call(StrEnum):
    """What can be asked of the gateway."""

    SEND = "send"
    QUERY = "query"
    BALANCE = "balance"
    BULK = "bulk"


class Status(StrEnum):
    """The contract's delivery statuses, in the order of their SMPP codes (1 to 8)."""

    ENROUTE = "ENROUTE"
    DELIVERED = "DELIVERED"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
    UNDELIVERABLE = "UNDELIVERABLE"
    ACCEPTED = "ACCEPTED"
    UNKNOWN = "UNKNOWN"
    REJECTED = "REJECTED"

    @property
    def smpp(self) -> int:
        """The SMPP message state."""
        return list(Status).index(self) + 1

    @property
    def is_final(self) -> bool:
        """Whether nothing comes after it."""
        return self not in (Status.ENROUTE, Status.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply, ready to be written."""

    http: int
    body: bytes
    content_type: str = "application/json"
    code: int | None = None
    """The contract's error code, where there is one."""
    tells: Status | None = None
    """The delivery status that it tells, if it tells one."""
    wait: float = 0.0
    """Seconds for which it is kept back."""

    @property
    def outcome(self) -> str:
        """For the log of requests: `201`, `409/108`."""
        return str(self.http) if self.code is None else f"{self.http}/{self.code}"


ERRORS: Mapping[int, tuple[int, str]] = {
    100: (422, "One of the mandatory variables ({variables}) not set."),
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
"""Every error code of the contract: HTTP status and words."""

VARIABLES: Mapping[Call, str] = {
    Call.SEND: "from,phone_number,msg,login,txn_id",
    Call.QUERY: "login, msg_id",
    Call.BALANCE: "login,txn_id",
    Call.BULK: "from,msg,login,txn_id,send_at,file",
}
"""What the words of error 100 name, by call."""


def stamp(now: float) -> str:
    """A time (seconds since 1970) as the gateway writes it: its own clock, UTC+5."""
    return datetime.fromtimestamp(now, DUSHANBE).strftime("%Y-%m-%d %H:%M:%S")


def as_json(http: int, body: Mapping[str, object], code: int | None = None) -> Reply:
    """A reply with a JSON body."""
    return Reply(http, json.dumps(body, separators=(",", ":")).encode(), code=code)


def error(code: int, call: Call, now: float, remote: str = "") -> Reply:
    """The contract's error `code` as the answer to `call`; `remote` is the caller's address, told with 114."""
    if call is Call.BULK and code in _BULK_ERRORS:
        return _BULK_ERRORS[code]
    http, words = ERRORS[code]
    if code == 107 and call is Call.QUERY:
        words = "Message ID is invalid"
    if code == 114 and remote:
        words = f"{words}. Remote address is {remote}"
    words = words.format(variables=VARIABLES[call])
    fault = {"code": code, "error_type": "fatal", "msg": words, "timestamp": stamp(now)}
    return as_json(http, {"error": fault}, code)


def sent(txn_id: str, msg_id: int, parts: int, now: float) -> Reply:
    """Send, 201: as every live reply spells it."""
    body = {
        "status": "ok",
        "timestamp": stamp(now),
        "txn_id": txn_id,
        "msg_id": msg_id,
        "smsc_msg_id": f"+{msg_id & 0xFFFFFFFF:08X}",
        "smsc_msg_status": "success",
        "smsc_msg_parts": parts,
    }
    return as_json(201, body)


def status_contract(status: Status, now: float) -> Reply:
    """Query, 200, as the contract has it."""
    return replace(as_json(200, {"status": status, "timestamp": stamp(now)}), tells=status)


def status_vendor(status: Status, msg_id: int, final_at: float | None) -> Reply:
    """Query, 200, as the vendor's own client reads it; `final_at` is None before the end."""
    day = None if final_at is None else f"{stamp(final_at)}.000000"
    body = {
        "message_id": str(msg_id),
        "final_date": day and {"date": day, "timezone_type": 3, "timezone": "Asia/Dushanbe"},
        "message_state_code": status.smpp,
        "error_code": 0,
        "message_state": status.capitalize(),
    }
    return replace(as_json(200, body), tells=status)


def balance(amount: Decimal, now: float) -> Reply:
    """Balance, 200: a JSON number, in somoni."""
    return as_json(200, {"balance": float(amount), "timestamp": stamp(now)})


def bulk_created(name: str) -> Reply:
    """Bulk, 200."""
    return as_json(200, {"status": "success", "message": "Bulk SMS created successfully", "sms_bulk_name": name})


def bulk_invalid(data: Mapping[str, list[str]]) -> Reply:
    """Bulk, 422: what is wrong with each variable."""
    return as_json(422, {"success": False, "message": "Validation errors", "data": data})


BULK_NO_PHONES = as_json(400, {"error": "No phone numbers found in the file"})
_BULK_ERRORS: Mapping[int, Reply] = {
    100: bulk_invalid({"from": ["The from field is required."]}),
    105: as_json(404, {"error": "User not found"}),
    106: as_json(401, {"message": "Unauthenticated."}),
    107: bulk_invalid({"from": ["The selected from is invalid."]}),
}
"""The bulk call belongs to another program (the cabinet) and says these its own way."""
