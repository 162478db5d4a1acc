"""The states of a message and the moves between them; the txn_id; what a message is queued with."""

import re
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from bot.domain import message as words
from bot.domain.draft import Order
from bot.domain.gateway import Channel, DeliveryStatus
from bot.domain.message import (
    DELIVERY_STATES,
    FINAL,
    FINAL_BY_STATUS,
    LAWFUL,
    UNSENT,
    NewMessage,
    State,
    new_txn_id,
    sources,
)
from bot.domain.text import TextError

Move = tuple[State, State]

NEW = NewMessage(new_txn_id(), "992900000001", "Hi", "Demo", Channel.SMS, False, "GSM-7", 1, 1)


def test_every_state_has_its_moves() -> None:
    """LAWFUL knows every state and leads to no other thing than a state."""
    assert set(LAWFUL) == set(State)
    assert {target for targets in LAWFUL.values() for target in targets} <= set(State)


def test_a_final_state_leads_nowhere() -> None:
    """What is over stays as it is; all that is not over can still end."""
    assert {*DELIVERY_STATES, State.FAILED, State.CANCELLED} == FINAL
    assert all(not LAWFUL[state] for state in FINAL)
    assert all(_reachable(state) & FINAL for state in set(State) - FINAL)


def _reachable(state: State) -> set[State]:
    found, waiting = set[State](), {state}
    while waiting:
        step = waiting.pop()
        waiting |= LAWFUL[step] - found
        found |= LAWFUL[step]
    return found


def test_every_state_but_the_first_can_be_reached() -> None:
    """No state is decoration."""
    assert _reachable(State.QUEUED) == set(State)


def test_nothing_that_has_left_or_may_have_left_is_queued_but_by_its_own_attempt() -> None:
    """Only an attempt that is under way puts a message back; nothing else can make it leave again."""
    assert sources(State.QUEUED) == {State.SENDING}
    assert sources(State.SENDING) == {State.QUEUED, State.SENDING}
    assert {State.QUEUED, State.SENDING} == UNSENT


def test_accepted_is_only_what_was_sent() -> None:
    """«Sent» is said of what was being sent or was uncertain; delivered of what may have been sent."""
    assert sources(State.ACCEPTED) == {State.SENDING, State.UNCERTAIN, State.ACCEPTED}
    for state in DELIVERY_STATES:
        assert sources(state) == {State.ACCEPTED, State.UNCERTAIN}


def test_sources_mirror_the_table() -> None:
    """`sources` is LAWFUL read backwards, for every pair."""
    for target in State:
        for state in State:
            assert (state in sources(target)) == (target in LAWFUL[state])


def test_every_final_delivery_status_means_a_state_of_its_own() -> None:
    """Each status of the contract is either under way or mapped; no two mean the same state."""
    assert set(FINAL_BY_STATUS) == {status for status in DeliveryStatus if status.is_final}
    assert len(DELIVERY_STATES) == len(FINAL_BY_STATUS)
    assert {s for s in DeliveryStatus if not s.is_final} == {DeliveryStatus.ENROUTE, DeliveryStatus.ACCEPTED}
    assert all(state.value == status.value.lower() for status, state in FINAL_BY_STATUS.items())


def test_the_drawing_shows_the_table() -> None:
    """Every move that is drawn in the docstring is lawful, and every lawful one is drawn or told below the drawing."""
    told = {(State(a), State(b)) for a, b in re.findall(r"(\w+) → (\w+)", words.__doc__ or "")}
    told |= {(State.UNCERTAIN, state) for state in DELIVERY_STATES}
    assert "to whatever the gateway says of it" in (words.__doc__ or "")
    assert _drawn(words.__doc__ or "").isdisjoint(told)
    assert _drawn(words.__doc__ or "") | told == {(a, b) for a in State for b in LAWFUL[a]}


def _drawn(drawing: str) -> set[Move]:
    """The moves of the drawing: along its first line, and from a word of it down to where an arrow ends."""
    lines = drawing.splitlines()
    first = next(line for line in lines if line.startswith("queued"))
    heads = [(m.start(), m.end(), State(m[0])) for m in re.finditer(r"queued|sending|accepted", first)]
    path = [state for _, _, state in heads]
    moves = set(pairwise(path))
    moves |= {(State.ACCEPTED, State(word)) for word in re.findall(r"\w+", first[heads[-1][1] :])}
    for line in lines[lines.index(first) + 1 :]:
        for branch in re.finditer(r"[├└]─[^├└]*?(?:▶ (?P<end>\w+)|(?P<back>┘))", line):
            if branch["end"]:
                moves.add((_above(heads, branch.start()), State(branch["end"])))
            else:  # an arrow back: it starts under the right word and ends under the left one
                moves.add((_above(heads, branch.start("back")), _above(heads, branch.start())))
    return moves


def _above(heads: list[tuple[int, int, State]], column: int) -> State:
    [state] = [state for start, end, state in heads if start <= column < end]
    return state


def test_a_txn_id_fits_what_gateways_take() -> None:
    """At most 36 of `[A-Za-z0-9-]`, and never the same twice."""
    ids = [new_txn_id() for _ in range(20_000)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9-]{1,36}", txn_id) for txn_id in ids)


def test_txn_ids_are_in_the_order_of_time() -> None:
    """A later one sorts after an earlier one, to the millisecond: the index of the log grows at its end."""
    ids = []
    for _ in range(20):
        ids.append(new_txn_id())
        before = time.time_ns() // 1_000_000
        while time.time_ns() // 1_000_000 == before:
            pass
    assert ids == sorted(ids)


@pytest.mark.parametrize("text", ["\0", "\ud83d"])
def test_a_text_that_cannot_be_sent_is_never_queued(text: str) -> None:
    """It is refused where it enters: neither an order nor a message can be made of it."""
    with pytest.raises(TextError):
        Order(text=text)
    with pytest.raises(TextError):
        replace(NEW, text=text)


def test_phone_and_text_stay_out_of_a_repr() -> None:
    """Reprs reach logs and tracebacks."""
    assert "992900000001" not in repr(NEW)
    assert "'Hi'" not in repr(NEW)
    assert "992900000001" not in repr(Order(phones=("992900000001",), text="Hi"))
    assert "'Hi'" not in repr(Order(phones=("992900000001",), text="Hi"))
