"""A request as it was read, and the checks that need nothing but the account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.sandbox.gateway import bulk, replies
from bot.sandbox.gateway.options import Options
from bot.sandbox.gateway.replies import Call, Reply

_MANDATORY: Mapping[Call, tuple[str, ...]] = {
    Call.SEND: ("from", "phone_number", "msg", "login", "txn_id"),
    Call.QUERY: ("login",),
    Call.BALANCE: ("login",),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as it was read."""

    call: Call
    variables: Mapping[str, str] = field(repr=False)
    bearer: str | None = field(repr=False)
    remote: str = ""
    method_fits: bool = True
    file: bytes | None = field(default=None, repr=False)

    @property
    def txn_id(self) -> str:
        """Empty when the request has none."""
        return self.variables.get("txn_id", "")

    def letters(self) -> Iterator[tuple[str, str]]:
        """(phone, text) of each row of a bulk's file."""
        text = bulk.file_text(self.file or b"")
        return bulk.letters(self.variables.get("msg", ""), text, with_params=self.variables.get("with_params") == "1")


def error(code: int, ask: Ask, now: float) -> Reply:
    """The contract's error `code` as the answer to this request."""
    return replies.error(code, ask.call, now, ask.remote)


def refusal(ask: Ask, account: Options, now: float) -> Reply | None:
    """What is wrong with the request itself. Order: variables, account, token, white list; None when all is well."""
    if ask.call is Call.BULK:
        return _bulk_refusal(ask, account, now)
    if not _has_variables(ask, allow_txn_only=account.allow_txn_only):
        return error(100, ask, now)
    return _account_refusal(ask, account, now)


def _bulk_refusal(ask: Ask, account: Options, now: float) -> Reply | None:
    """The same for the cabinet, which looks at the token before it reads the form."""
    if ask.bearer != account.token:
        return error(106, ask, now)
    if faults := bulk.faults_of_form(ask.variables, ask.file):
        return replies.bulk_invalid(faults)
    return _account_refusal(ask, account, now)


def _account_refusal(ask: Ask, account: Options, now: float) -> Reply | None:
    if ask.variables["login"] != account.login or not account.active:
        return error(105, ask, now)
    if ask.bearer != account.token:
        return error(106, ask, now)
    return None if account.whitelisted else error(114, ask, now)


def _has_variables(ask: Ask, *, allow_txn_only: bool) -> bool:
    """Whether all that the call must have is there; what cannot be used counts as not set."""
    said = ask.variables
    if not ask.method_fits or not all(said.get(name, "").strip() for name in _MANDATORY[ask.call]):
        return False
    if ask.call is Call.SEND:
        return bool(bulk.PHONE.fullmatch(said["phone_number"])) and said.get("channel", "") in ("", "telegram")
    if ask.call is Call.QUERY:
        return bool(said.get("msg_id")) or (allow_txn_only and bool(ask.txn_id))
    return True
