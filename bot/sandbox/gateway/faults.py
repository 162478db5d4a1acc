"""Everything that can be made to go wrong: one table of faults, one of magic numbers.

A fault is had in two ways: a phone from `MAGIC` spoils its own message, a switch (`switch.py`) spoils any request.
Every fault `x` has a twin `x_once` which acts only on the first request of a txn_id, so that the repeat goes well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from bot.sandbox.gateway.replies import BULK_NO_PHONES, Call, Reply, Status


class Wire(Enum):
    """What becomes of the reply on its way."""

    REPLY = "it is written"
    SLOW = "it is kept back, then written"
    HOLD = "nothing is written; the connection is closed when the client has waited long"
    RESET = "nothing is written; the connection is reset (RST)"
    DROP = "nothing is written; the connection is closed in order (FIN)"
    CUT = "half of it is written, then the connection is closed"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong."""

    name: str
    meaning: str
    wire: Wire = Wire.REPLY
    carried_out: bool = False
    """Whether the request is carried out all the same (a send: the SMS goes out, and it costs)."""
    code: int | None = None
    """The contract's error that is answered."""
    raw: Reply | None = None
    """The foreign reply that is answered."""
    http: int | None = None
    """An HTTP status in place of the reply's own."""
    once: bool = False
    """Whether it acts on the first request of a txn_id only."""


_HTML = Reply(200, b"<html><body><h1>Welcome</h1></body></html>", "text/html")
_BROKEN = Reply(500, b"Internal Server Error", "text/plain")
_BUSY = Reply(429, b"Too Many Requests", "text/plain")
_FORBIDDEN = Reply(403, b"Forbidden", "text/plain")
_STRANGE = Reply(400, b'{"error":{"code":199,"error_type":"fatal","msg":"Something new."}}', code=199)
_EMPTY = Reply(200, b"")

_PLAIN = (
    # the contract's error rows
    Fault("missing_variable", "a variable is missing (422/100)", code=100),
    Fault("inactive_account", "the account is blocked or unknown (401/105; bulk: 404)", code=105),
    Fault("bad_authorization", "the token is wrong (422/106; bulk: 401)", code=106),
    Fault("bad_sender", "the sender is not allowed (422/107)", code=107),
    Fault("bad_msg_id", "the msg_id is unknown (422/107)", code=107),
    Fault("duplicate", "the txn_id is known, though nothing was taken (409/108)", code=108),
    Fault("store_failed", "it cannot be stored (500/109)", code=109),
    Fault("send_failed", "it cannot be sent (501/112)", code=112),
    Fault("centre_unreachable", "the SMS centre cannot be reached (599/113)", code=113),
    Fault("not_whitelisted", "the address is not on the white list (401/114)", code=114),
    Fault("no_balance", "the balance does not suffice (402/119)", code=119),
    Fault("no_phones", "the file holds no phone (400)", raw=BULK_NO_PHONES),
    # no reply
    Fault("timeout_before", "no reply, nothing done", Wire.HOLD),
    Fault("timeout_after", "no reply, but carried out", Wire.HOLD, carried_out=True),
    Fault("reset_before", "reset, nothing done", Wire.RESET),
    Fault("reset_after", "reset, but carried out", Wire.RESET, carried_out=True),
    Fault("drop_before", "closed after reading, nothing done", Wire.DROP),
    Fault("drop_after", "closed after reading, but carried out", Wire.DROP, carried_out=True),
    Fault("cut_after", "half a reply, then closed; carried out", Wire.CUT, carried_out=True),
    # a reply that nobody expects
    Fault("http_500", "500 in plain text, nothing done", raw=_BROKEN),
    Fault("http_500_after", "500 in plain text, but carried out", raw=_BROKEN, carried_out=True),
    Fault("html_200", "200 with HTML, nothing done", raw=_HTML),
    Fault("html_200_after", "200 with HTML, but carried out", raw=_HTML, carried_out=True),
    Fault("empty_200", "200 with an empty body, nothing done", raw=_EMPTY),
    Fault("empty_200_after", "200 with an empty body, but carried out", raw=_EMPTY, carried_out=True),
    Fault("error_in_200", "error 109 inside HTTP 200, nothing done", code=109, http=200),
    Fault("ok_in_200", "the good reply, with HTTP 200", carried_out=True, http=200),
    Fault("http_429", "429 in plain text, nothing done", raw=_BUSY),
    Fault("http_403", "403 in plain text, nothing done", raw=_FORBIDDEN),
    Fault("unknown_code", "400 with code 199, which no contract names", raw=_STRANGE),
    Fault("slow", "the good reply, but late", Wire.SLOW, carried_out=True),
)


def _twin(fault: Fault) -> Fault:
    return replace(fault, name=f"{fault.name}_once", meaning=f"{fault.meaning}; the first time only", once=True)


FAULTS: Mapping[str, Fault] = {fault.name: fault for plain in _PLAIN for fault in (plain, _twin(plain))}
"""Every fault by its name."""


@dataclass(frozen=True, slots=True)
class Magic:
    """What a phone that ends in these four digits brings about."""

    phone: str
    meaning: str
    call: Call | None
    """The call that the fault spoils; None where the number sets a status."""
    fault: Fault | None = None
    final: Status | None = None
    """The status its messages end in."""


_ENDINGS: Mapping[str, tuple[Call, str] | Status] = {
    # send: 91 and the contract's code
    "9100": (Call.SEND, "missing_variable"),
    "9105": (Call.SEND, "inactive_account"),
    "9106": (Call.SEND, "bad_authorization"),
    "9107": (Call.SEND, "bad_sender"),
    "9108": (Call.SEND, "duplicate"),
    "9109": (Call.SEND, "store_failed"),
    "9112": (Call.SEND, "send_failed"),
    "9113": (Call.SEND, "centre_unreachable"),
    "9114": (Call.SEND, "not_whitelisted"),
    "9119": (Call.SEND, "no_balance"),
    # the status it ends in: 92 and the SMPP code
    "9201": Status.ENROUTE,
    "9202": Status.DELIVERED,
    "9203": Status.EXPIRED,
    "9204": Status.DELETED,
    "9205": Status.UNDELIVERABLE,
    "9206": Status.ACCEPTED,
    "9207": Status.UNKNOWN,
    "9208": Status.REJECTED,
    # query: 93 and the contract's code; the send goes well
    "9300": (Call.QUERY, "missing_variable"),
    "9305": (Call.QUERY, "inactive_account"),
    "9306": (Call.QUERY, "bad_authorization"),
    "9307": (Call.QUERY, "bad_msg_id"),
    "9314": (Call.QUERY, "not_whitelisted"),
    "9329": (Call.QUERY, "http_429"),
    "9350": (Call.QUERY, "http_500"),
    "9351": (Call.QUERY, "timeout_before"),
    # bulk: 9 and the HTTP status; the first phone of the file decides
    "9400": (Call.BULK, "no_phones"),
    "9401": (Call.BULK, "bad_authorization"),
    "9402": (Call.BULK, "no_balance"),
    "9404": (Call.BULK, "inactive_account"),
    "9409": (Call.BULK, "duplicate"),
    "9422": (Call.BULK, "missing_variable"),
    "9451": (Call.BULK, "timeout_before"),
    "9452": (Call.BULK, "timeout_after"),
    # send: no reply
    "9501": (Call.SEND, "timeout_before"),
    "9502": (Call.SEND, "timeout_after"),
    "9503": (Call.SEND, "reset_before"),
    "9504": (Call.SEND, "reset_after"),
    "9505": (Call.SEND, "drop_before"),
    "9506": (Call.SEND, "drop_after"),
    "9507": (Call.SEND, "cut_after"),
    # send: a reply that nobody expects
    "9511": (Call.SEND, "http_500"),
    "9512": (Call.SEND, "http_500_after"),
    "9513": (Call.SEND, "html_200"),
    "9514": (Call.SEND, "html_200_after"),
    "9515": (Call.SEND, "empty_200"),
    "9516": (Call.SEND, "empty_200_after"),
    "9517": (Call.SEND, "error_in_200"),
    "9518": (Call.SEND, "ok_in_200"),
    "9519": (Call.SEND, "http_429"),
    "9520": (Call.SEND, "http_403"),
    "9521": (Call.SEND, "unknown_code"),
    "9530": (Call.SEND, "slow"),
}


def _magic() -> dict[str, Magic]:
    """The table by phone; a fault has its `_once` twin under 8… in place of 9…."""
    table = {}
    for ending, what in _ENDINGS.items():
        if isinstance(what, Status):
            rows = [Magic(f"99290000{ending}", f"ends {what}", None, final=what)]
        else:
            call, name = what
            pair = ((ending, FAULTS[name]), (f"8{ending[1:]}", FAULTS[f"{name}_once"]))
            rows = [Magic(f"99290000{end}", f"{call}: {f.meaning}", call, fault=f) for end, f in pair]
        table.update({row.phone: row for row in rows})
    return dict(sorted(table.items()))


MAGIC: Mapping[str, Magic] = _magic()
"""Every magic number by its phone."""
