"""Every way a call to the gateway can go other than well: one tree, a class for each meaning.

    GatewayError
    ├── DuplicateTxnId           409/108   this txn_id is known to the gateway already
    ├── AccountError             nothing can be sent until somebody mends the account
    │   ├── BalanceExhausted     402/119
    │   ├── AccountInactive      401/105, bulk 404 "User not found"
    │   ├── AuthorizationInvalid 422/106
    │   └── HostNotAllowed       401/114
    ├── Refused                  this request will never be taken as it stands
    │   ├── VariableMissing      422/100, bulk 422 with `data` → .fields
    │   ├── SenderInvalid        422/107 of send
    │   ├── MessageUnknown       107 of query ("Message ID is invalid")
    │   └── NoPhoneNumbers       bulk 400
    └── Transient                the same request may be repeated under the same txn_id
        ├── StorageFailed        500/109
        ├── SendingFailed        501/112
        ├── CentreUnreachable    599/113
        ├── TooManyRequests      429
        ├── ServerFault          any other 5xx
        ├── ReplyUnreadable      no reply that could be understood: HTML, an empty body, wrong types, a strange 2xx
        └── NoReply              the transport failed
            ├── NotConnected     before anything was sent
            ├── TimedOut         no reply within the contract's 20 seconds
            └── ConnectionLost   reset or closed under way

Without a known code the HTTP status decides: 401 and 403 are `AccountError` itself, 402 `BalanceExhausted`, 408
`TimedOut`, 409 `ReplyUnreadable` (neither proof nor refusal), 429 `TooManyRequests`, any other 4xx
`Refused` itself, 5xx `ServerFault`; the code and the text are kept. A 2xx or 3xx that cannot be read may have arrived,
so it is never a refusal. What can never be sent (a file over 5 MB, half a character) is `Refused` before it leaves.
"""

from datetime import datetime
from typing import ClassVar


class GatewayError(Exception):
    """A call to the gateway did not do what it was to do."""

    may_have_arrived: ClassVar[bool] = False
    """Whether the gateway may hold the message all the same."""
    may_repeat: ClassVar[bool] = False
    """Whether the same request, under the same txn_id, may help."""

    def __init__(
        self,
        text: str = "",
        *,
        http_status: int | None = None,
        code: int | None = None,
        timestamp: datetime | None = None,
        fields: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.text = text
        """The gateway's own words, or the transport's; never a phone, a text or the token."""
        self.http_status = http_status
        self.code = code
        self.timestamp = timestamp
        self.fields = fields or {}
        """Bulk only: what was wrong with each variable."""
        super().__init__(text)

    def __str__(self) -> str:
        """Meaning, HTTP status, code and the gateway's words, in one line."""
        facts = "/".join(str(fact) for fact in (self.http_status, self.code) if fact is not None)
        return " ".join(part for part in (type(self).__name__, facts, self.text) if part)


class DuplicateTxnId(GatewayError):
    """The gateway knows this txn_id. What that means depends on what we did before: see `bot.domain.retry`."""


class AccountError(GatewayError):
    """Nothing can be sent until somebody mends the account."""


class BalanceExhausted(AccountError):
    """Not enough money on the balance."""


class AccountInactive(AccountError):
    """The login is blocked or does not exist."""


class AuthorizationInvalid(AccountError):
    """The token is not the login's."""


class HostNotAllowed(AccountError):
    """This machine's address is not on the account's white list."""


class Refused(GatewayError):
    """This request will never be taken as it stands."""


class VariableMissing(Refused):
    """A variable of the request is missing: a bug of ours."""


class SenderInvalid(Refused):
    """The account may not send under this name."""


class MessageUnknown(Refused):
    """The gateway does not know the message that was asked for."""


class NoPhoneNumbers(Refused):
    """The bulk file holds no phone."""


class Transient(GatewayError):
    """The same request may be repeated under the same txn_id."""

    may_have_arrived = True
    may_repeat = True


class StorageFailed(Transient):
    """The gateway could not store the message."""


class SendingFailed(Transient):
    """The gateway could not pass the message on."""


class CentreUnreachable(Transient):
    """The gateway could not reach its SMS centre."""


class TooManyRequests(Transient):
    """We ask too often. Turned away at the door, so it cannot have arrived."""

    may_have_arrived = False


class ServerFault(Transient):
    """The gateway, or something before it, broke."""


class ReplyUnreadable(Transient):
    """A reply came that could not be understood."""


class NoReply(Transient):
    """The transport failed."""


class NotConnected(NoReply):
    """No connection came about, so nothing was sent."""

    may_have_arrived = False


class TimedOut(NoReply):
    """No reply within the time the contract allows."""


class ConnectionLost(NoReply):
    """The connection was reset or closed under way."""
