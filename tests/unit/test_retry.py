"""What is done after an attempt to send: the whole table.

A cell is the state, then what goes with it: `+3s` it is sent again after so long, `!` the gateway may hold it,
`counts` the attempt counts against the bound, `pauses` all sending stops, `holds` its campaign stops.
"""

import inspect
from itertools import product

import pytest

from bot.domain import errors
from bot.domain.errors import AccountError, DuplicateTxnId, GatewayError
from bot.domain.message import LAWFUL, State
from bot.domain.retry import Attempt, Decision, decide

PAUSES = (3.0, 10.0)

CASES = {
    "first": Attempt(retries=0, may_have_arrived=False),
    "used up": Attempt(retries=2, may_have_arrived=False),  # none of the earlier ones can have arrived
    "repeat": Attempt(retries=1, may_have_arrived=True),
    "last repeat": Attempt(retries=2, may_have_arrived=True),
}

TABLE = """
                     | no earlier one can have arrived          | an earlier one may have arrived
                     | first               | used up            | repeat               | last repeat
(taken)              | accepted !          | accepted !         | accepted !           | accepted !
DuplicateTxnId       | uncertain !         | uncertain !        | accepted !           | accepted !
AccountError         | queued +0s pauses   | queued +0s pauses  | queued +0s ! pauses  | queued +0s ! pauses
BalanceExhausted     | queued +0s pauses   | queued +0s pauses  | queued +0s ! pauses  | queued +0s ! pauses
AccountInactive      | queued +0s pauses   | queued +0s pauses  | queued +0s ! pauses  | queued +0s ! pauses
AuthorizationInvalid | queued +0s pauses   | queued +0s pauses  | queued +0s ! pauses  | queued +0s ! pauses
HostNotAllowed       | queued +0s pauses   | queued +0s pauses  | queued +0s ! pauses  | queued +0s ! pauses
GatewayError         | failed              | failed             | uncertain !          | uncertain !
Refused              | failed              | failed             | uncertain !          | uncertain !
VariableMissing      | failed              | failed             | uncertain !          | uncertain !
SenderInvalid        | failed holds        | failed holds       | uncertain ! holds    | uncertain ! holds
MessageUnknown       | failed              | failed             | uncertain !          | uncertain !
NoPhoneNumbers       | failed              | failed             | uncertain !          | uncertain !
Transient            | queued +3s ! counts | uncertain ! counts | queued +10s ! counts | uncertain ! counts
StorageFailed        | queued +3s ! counts | uncertain ! counts | queued +10s ! counts | uncertain ! counts
SendingFailed        | queued +3s ! counts | uncertain ! counts | queued +10s ! counts | uncertain ! counts
CentreUnreachable    | queued +3s ! counts | uncertain ! counts | queued +10s ! counts | uncertain ! counts
ServerFault          | queued +3s ! counts | uncertain ! counts | queued +10s ! counts | uncertain ! counts
ReplyUnreadable      | queued +3s ! counts | uncertain ! counts | queued +10s ! counts | uncertain ! counts
NoReply              | queued +3s ! counts | uncertain ! counts | queued +10s ! counts | uncertain ! counts
TimedOut             | queued +3s ! counts | uncertain ! counts | queued +10s ! counts | uncertain ! counts
ConnectionLost       | queued +3s ! counts | uncertain ! counts | queued +10s ! counts | uncertain ! counts
TooManyRequests      | queued +3s counts   | failed counts      | queued +10s ! counts | uncertain ! counts
NotConnected         | queued +3s counts   | failed counts      | queued +10s ! counts | uncertain ! counts
"""

ERRORS = {name: kind for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, GatewayError)}


def _rows() -> dict[str, list[str]]:
    lines = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    assert lines[1][1:] == list(CASES)
    return {name: cells for name, *cells in lines[2:]}


def _decision(cell: str) -> Decision:
    state, *words = cell.split()
    assert set(words) <= {"+0s", "+3s", "+10s", "!", "counts", "pauses", "holds"}
    again = [float(word[1:-1]) for word in words if word.startswith("+")]
    return Decision(
        State(state),
        may_have_arrived="!" in words,
        again_after=again[0] if again else None,
        counts="counts" in words,
        pause="pauses" in words,
        pause_campaign="holds" in words,
    )


def _error(name: str) -> GatewayError | None:
    return None if name == "(taken)" else ERRORS[name]()


def test_every_error_has_its_row() -> None:
    """A class without a row, or a row without a class, fails here."""
    assert set(_rows()) == {"(taken)", *ERRORS}


@pytest.mark.parametrize(("name", "case"), list(product(_rows(), CASES)))
def test_the_table(name: str, case: str) -> None:
    """Each error in each case leads where its row says."""
    expected = _decision(_rows()[name][list(CASES).index(case)])
    assert decide(_error(name), CASES[case], PAUSES) == expected


EVERYTHING = list(product(["(taken)", *ERRORS], range(5), [False, True]))


@pytest.mark.parametrize(("name", "retries", "arrived"), EVERYTHING)
def test_the_promise(name: str, retries: int, arrived: bool) -> None:
    """Never sent twice, never lost, never called sent when it was not: whatever the error, whatever came before."""
    error = _error(name)
    decision = decide(error, Attempt(retries, may_have_arrived=arrived), PAUSES)
    may_be_there = arrived or error is None or error.may_have_arrived or isinstance(error, DuplicateTxnId)
    assert decision.state in LAWFUL[State.SENDING] - {State.SENDING}
    assert decision.may_have_arrived is may_be_there, "what may have arrived is not forgotten, and not made up"
    if decision.state is State.FAILED:
        assert not may_be_there, "«failed» invites a second SMS"
    if decision.state is State.ACCEPTED:
        assert error is None or (arrived and isinstance(error, DuplicateTxnId)), "«sent» wants a proof"
    assert (decision.again_after is not None) == (decision.state is State.QUEUED), "what is queued has its time"


@pytest.mark.parametrize("name", ERRORS)
def test_the_repeats_are_bounded(name: str) -> None:
    """An error that goes on ends within the pauses and one attempt more, but for a pause of all, which no time ends."""
    kind = ERRORS[name]
    attempt = Attempt(0, may_have_arrived=False)
    waited: list[float | None] = []
    decision = decide(kind(), attempt, PAUSES)
    while decision.state is State.QUEUED and len(waited) <= len(PAUSES):
        waited.append(decision.again_after)
        attempt = Attempt(attempt.retries + decision.counts, decision.may_have_arrived)
        decision = decide(kind(), attempt, PAUSES)
    if issubclass(kind, AccountError):
        assert decision.pause
        assert attempt == Attempt(0, may_have_arrived=False), "an account's trouble costs the message nothing"
    else:
        assert decision.state is not State.QUEUED
        assert waited == (list(PAUSES) if kind.may_repeat else [])


def test_without_repeats_the_first_attempt_decides() -> None:
    """No pauses means no repeats."""
    first = Attempt(0, may_have_arrived=False)
    assert decide(errors.TimedOut(), first, ()).state is State.UNCERTAIN
    assert decide(errors.NotConnected(), first, ()).state is State.FAILED
