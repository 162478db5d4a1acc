"""Answers to the question for a status: what they change, what is news, and that a final one stays."""

from dataclasses import replace
from datetime import datetime

import pytest

from bot.domain.gateway import DeliveryStatus
from bot.domain.log import Event
from bot.domain.message import FINAL, FINAL_BY_STATUS, LAWFUL, State
from bot.store import Store
from bot.store.database import Database
from tests.support.log import (
    NOW,
    SECOND,
    accepted,
    get,
    heard,
    look,
    put,
)

LATER = NOW + 10 * SECOND


@pytest.mark.parametrize(
    ("state", "target"), [(a, b) for a in (State.ACCEPTED, State.UNCERTAIN) for b in sorted(LAWFUL[a])]
)
async def test_an_answer_moves_its_message(store: Store, database: Database, state: State, target: State) -> None:
    """From accepted and uncertain to each lawful state, with all that is known, and with one line of history."""
    message = await accepted(store)
    await put(database, message.id, state=state)
    before = await look(store, message.id)
    async with store.write() as tx:
        await tx.record_heard([heard(message, target, code=1, text="words")], LATER)
        after, history = await get(tx, message.id), await tx.history(message.id)
    status = DeliveryStatus(target.name)
    assert after == replace(
        before,
        state=target,
        status=status,
        status_at=LATER,
        due_at=None if target in FINAL else NOW + SECOND,
        polls=1,
        reason="because",
        code=1,
        gateway_text="words",
        final_at=LATER if target in FINAL else None,
    )
    assert history[2:] == [Event(LATER, state, target, status, None, 1, "words")]


async def test_an_answer_that_says_nothing_new_only_counts(store: Store) -> None:
    """No line of history for silence, or for the same status again; the next question has its time."""
    message = await accepted(store)
    async with store.write() as tx:
        await tx.record_heard([heard(message, None, reason="TimedOut", due_at=LATER)], NOW)
        silent = await get(tx, message.id)
        enroute = heard(message, None, status=DeliveryStatus.ENROUTE, due_at=LATER)
        await tx.record_heard([enroute], NOW)
        await tx.record_heard([enroute], LATER)
        after, history = await get(tx, message.id), await tx.history(message.id)
    assert silent == replace(message, polls=1, due_at=LATER)
    assert (after.state, after.status, after.status_at, after.polls) == (
        State.ACCEPTED,
        DeliveryStatus.ENROUTE,
        LATER,
        3,
    )
    assert [(line.from_state, line.to_state, line.why) for line in history[2:]] == [
        (State.ACCEPTED, State.ACCEPTED, "ENROUTE")
    ]


async def test_an_answer_asked_for_by_hand_does_not_count(store: Store) -> None:
    """It leaves the pace of the questions as it was."""
    message = await accepted(store)
    async with store.write() as tx:
        await tx.record_heard([heard(message, None, due_at=LATER, counts=False)], NOW)
        assert (await get(tx, message.id)).polls == 0
        await tx.record_heard([heard(message, None, due_at=LATER, counts=True), heard(message, None)], NOW)
        assert (await get(tx, message.id)).polls == 1


async def test_that_nothing_more_will_be_heard_is_told(store: Store) -> None:
    """The last answer of all is news even if it says nothing: the delivery is not known."""
    message = await accepted(store)
    async with store.write() as tx:
        await tx.record_heard([heard(message, None, reason="delivery_not_known", due_at=None, code=107)], NOW)
        after, history = await get(tx, message.id), await tx.history(message.id)
    assert (after.state, after.due_at, after.reason, after.code) == (State.ACCEPTED, None, "delivery_not_known", 107)
    assert [line.why for line in history[2:]] == ["delivery_not_known"]


@pytest.mark.parametrize("first", sorted(set(FINAL_BY_STATUS.values())))
async def test_a_final_status_is_never_overwritten(store: Store, first: State) -> None:
    """Not by another final one, not by an older one that comes late, not in the same commit."""
    message = await accepted(store)
    async with store.write() as tx:
        await tx.record_heard([heard(message, first)], NOW)
        before = await get(tx, message.id)
        late = [heard(message, state) for state in (*FINAL_BY_STATUS.values(), State.ACCEPTED)]
        for answer in (*late, heard(message, None, status=DeliveryStatus.ENROUTE)):
            await tx.record_heard([answer], LATER)
        assert await get(tx, message.id) == before
        assert len(await tx.history(message.id)) == 3


async def test_answers_of_many_kinds_in_one_commit(store: Store) -> None:
    """Each message gets its own; none at all is nothing."""
    states = [*FINAL_BY_STATUS.values(), None, None]
    pairs = [(await accepted(store), state) for state in states]
    async with store.write() as tx:
        await tx.record_heard([], NOW)
        await tx.record_heard([heard(message, state) for message, state in pairs], NOW)
        assert [(await get(tx, message.id)).state for message, _ in pairs] == [
            state or State.ACCEPTED for state in states
        ]


async def test_two_answers_for_one_message_in_one_commit_leave_one_line(store: Store) -> None:
    """The final one holds, in whichever order they come."""
    for order in (1, -1):
        message = await accepted(store)
        answers = [heard(message, State.DELIVERED), heard(message, None, status=DeliveryStatus.ENROUTE)]
        async with store.write() as tx:
            await tx.record_heard(answers[::order], NOW)
            assert (await get(tx, message.id)).state is State.DELIVERED
            assert len(await tx.history(message.id)) == 3


@pytest.mark.parametrize("due_at", [None, LATER])
async def test_silence_about_an_uncertain_one_tells_nothing_of_an_accepted_one(
    store: Store, database: Database, due_at: datetime | None
) -> None:
    """Somebody has found it at the gateway while the last question by itself timed out: it is asked for still."""
    uncertain = await accepted(store)
    await put(database, uncertain.id, state=State.UNCERTAIN, accepted_at=None)
    uncertain = await look(store, uncertain.id)
    async with store.write() as tx:
        await tx.record_heard([heard(uncertain, State.ACCEPTED, due_at=NOW + SECOND)], NOW)
        found, lines = await get(tx, uncertain.id), await tx.history(uncertain.id)
        assert await tx.record_heard([heard(uncertain, None, due_at=due_at)], LATER) == 0
        assert await get(tx, uncertain.id) == found
        assert await tx.history(uncertain.id) == lines
        assert await tx.due_for_status(LATER, 9) == [found]
