"""What to do after an attempt to send: a pure decision. Its table is tests/unit/test_retry.py."""

from dataclasses import dataclass

from bot.domain.errors import AccountError, BalanceExhausted, DuplicateTxnId, GatewayError, SenderInvalid
from bot.domain.message import State


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known when an attempt ends."""

    retries: int
    """Attempts without a verdict before this one."""
    may_have_arrived: bool
    """Whether one of them may have reached the gateway."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of the message."""

    state: State
    may_have_arrived: bool
    again_after: float | None = None
    """Seconds until it is sent again under the same txn_id."""
    counts: bool = False
    """Whether this attempt counts against the bound."""
    pause: bool = False
    """Whether all sending stops until the account is mended."""
    pause_campaign: bool = False
    """Whether its campaign stops until somebody looks at it."""


ACCEPTED = Decision(State.ACCEPTED, may_have_arrived=True)
"""What becomes of nearly all."""


def decide(error: GatewayError | None, attempt: Attempt, pauses: tuple[float, ...]) -> Decision:
    """Decide on the message after an attempt that ended in `error` (None: the gateway took it).

    `pauses` are the seconds before each repeat; their number bounds the repeats.
    """
    arrived = attempt.may_have_arrived
    if error is None:
        return ACCEPTED
    if isinstance(error, DuplicateTxnId):
        # The contract: a repeated request under its txn_id is not sent twice. So a 409 on a repeat says that an earlier
        # attempt was taken. On a first attempt it says that somebody else's request bore our txn_id: not ours to call.
        return Decision(State.ACCEPTED if arrived else State.UNCERTAIN, may_have_arrived=True)
    if isinstance(error, AccountError):
        return Decision(State.QUEUED, may_have_arrived=arrived, again_after=0.0, pause=True)
    if error.may_repeat:
        return _again(attempt, arrived=arrived or error.may_have_arrived, pauses=pauses)
    # Refused as it stands. If an earlier attempt may have been taken, the refusal says nothing of that one.
    state = State.UNCERTAIN if arrived else State.FAILED
    return Decision(state, may_have_arrived=arrived, pause_campaign=isinstance(error, SenderInvalid))


def _again(attempt: Attempt, *, arrived: bool, pauses: tuple[float, ...]) -> Decision:
    if attempt.retries < len(pauses):
        return Decision(State.QUEUED, may_have_arrived=arrived, again_after=pauses[attempt.retries], counts=True)
    return Decision(State.UNCERTAIN if arrived else State.FAILED, may_have_arrived=arrived, counts=True)


def _subclasses(kind: type[GatewayError]) -> set[type[GatewayError]]:
    return {kind}.union(*(_subclasses(child) for child in kind.__subclasses__()))


ATTEMPTS_RAN_OUT = "attempts_ran_out"
PASSING = frozenset({ATTEMPTS_RAN_OUT} | {kind.__name__ for kind in _subclasses(GatewayError) if kind.may_repeat})
"""Reasons of a failure that may have passed by now."""


def pause_ends_by_itself(reason: str) -> bool:
    """Whether a pause for this reason (an error's class name) ends when the balance is back, without anybody's word."""
    return reason == BalanceExhausted.__name__
