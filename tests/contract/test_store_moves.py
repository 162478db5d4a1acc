"""Moves: what an outcome or an answer may change, and that nothing else does. Each is tried for all pairs of states."""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.gateway import DeliveryStatus
from bot.domain.log import Event
from bot.domain.message import FINAL, FINAL_BY_STATUS, LAWFUL, UNSENT, Message, State
from bot.store import Store
from bot.store.attempts import sent_update
from bot.store.database import Database
from bot.store.messages import heard_update
from bot.store.schema import bulks, messages
from tests.support.log import (
    LEASE,
    NOW,
    SECOND,
    accepted,
    campaign_values,
    claim,
    count_events,
    get,
    heard,
    look,
    new_message,
    put,
    queue,
    record,
    sent,
)

LATER = NOW + 10 * SECOND
_BOUND = ("b_due_at", "b_reason", "b_code", "b_text", "b_accepted_at", "b_final_at", "b_status", "b_status_at")
OUTCOMES = sorted(LAWFUL[State.SENDING] - {State.SENDING})


@pytest.mark.parametrize("state", OUTCOMES)
async def test_an_outcome_moves_its_message(store: Store, state: State) -> None:
    """To each state that an attempt can end in, with all that is known, and with one line of history."""
    [message] = await queue(store)
    [claimed] = await claim(store)
    outcome = sent(claimed, state, reason="Why", retries=2, parts=3, http_status=500, code=109, text="Unable")
    await record(store, outcome, now=LATER)
    assert await look(store, message.id) == replace(
        claimed,
        state=state,
        due_at=outcome.due_at,
        retries=2,
        may_have_arrived=True,
        msg_id=outcome.msg_id,
        gateway_parts=3,
        reason="Why",
        code=109,
        gateway_text="Unable",
        accepted_at=LATER if state is State.ACCEPTED else None,
        final_at=LATER if state in FINAL else None,
    )
    async with store.read() as tx:
        assert (await tx.history(message.id))[2:] == [Event(LATER, State.SENDING, state, "Why", 500, 109, "Unable")]


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
    assert history[3:] == [Event(LATER, state, target, status, None, 1, "words")]


async def _one_for_each_target(store: Store, database: Database, state: State) -> dict[State, Message]:
    """As many messages as there are states to move to, all in this one."""
    rows = await queue(store, *(new_message() for _ in State))
    async with database.write() as connection:
        await connection.execute(sa.update(messages).values(state=state, attempts=1))
    return {target: replace(row, state=state, attempts=1) for row, target in zip(rows, State, strict=True)}


async def _check(store: Store, rows: dict[State, Message], lawful: Collection[State]) -> None:
    """Moved is what moves lawfully, with a line of history; everything else is as it was, without."""
    async with store.read() as tx:
        for target, before in rows.items():
            after, lines = await get(tx, before.id), len(await tx.history(before.id))
            if target in lawful:
                assert (after.state, lines) == (target, 2), target
            else:
                assert (after, lines) == (before, 1), target


@pytest.mark.parametrize("state", State)
async def test_no_outcome_makes_an_unlawful_move(store: Store, database: Database, state: State) -> None:
    """Whatever an outcome says, only what is being sent moves, and only to where an attempt can end."""
    rows = await _one_for_each_target(store, database, state)
    async with store.write() as tx:
        for target, row in rows.items():
            await tx.record_sent([sent(row, target, msg_id=None)], LATER)
    await _check(store, rows, OUTCOMES if state is State.SENDING else [])


@pytest.mark.parametrize("state", State)
async def test_no_answer_makes_an_unlawful_move(store: Store, database: Database, state: State) -> None:
    """Whatever an answer says and however late it comes, a final status stays, and so does what was never asked for."""
    rows = await _one_for_each_target(store, database, state)
    async with store.write() as tx:
        for target, row in rows.items():
            await tx.record_heard([heard(row, target, status=DeliveryStatus.DELIVERED)], LATER)
    await _check(store, rows, LAWFUL[state] if state in (State.ACCEPTED, State.UNCERTAIN) else [])


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("update", [partial(sent_update, messages), heard_update])
async def test_the_update_itself_refuses(
    store: Store, database: Database, state: State, update: Callable[[State], sa.Update]
) -> None:
    """Executed past every check in Python, the guarded UPDATE makes no move that the table of moves has not."""
    rows = await _one_for_each_target(store, database, state)
    statements = {target: update(target) for target in State}
    values: dict[str, Any] = dict.fromkeys(_BOUND) | {"b_attempt": 1, "b_may_have_arrived": True, "b_retries": 0}
    async with database.write() as connection:
        for target, statement in statements.items():
            bound = {name: values[name] for name in statement.compile().params if name in values}
            await connection.execute(statement, bound | {"b_id": rows[target].id})
    starts = {State.ACCEPTED, State.UNCERTAIN} if update is heard_update else {State.SENDING}
    async with store.read() as tx:
        for target, row in rows.items():
            moved = state in starts and target in LAWFUL[state]
            assert (await get(tx, row.id)).state is (target if moved else state), target


async def test_the_update_itself_refuses_an_older_attempt(store: Store, database: Database) -> None:
    """The fence stands in the UPDATE: it holds also where another process took over between the look and the write."""
    rows = await _one_for_each_target(store, database, State.SENDING)
    values: dict[str, Any] = dict.fromkeys(_BOUND) | {"b_may_have_arrived": True, "b_retries": 0}
    async with database.write() as connection:
        for target, row in rows.items():
            statement = sent_update(messages, target)
            bound = {name: values[name] for name in statement.compile().params if name in values}
            for attempt in (0, 2):
                await connection.execute(statement, bound | {"b_id": row.id, "b_attempt": attempt})
    await _check(store, rows, [])


@pytest.mark.parametrize("state", State)
async def test_the_update_of_a_bulk_call_refuses_too(store: Store, database: Database, state: State) -> None:
    """A bulk call moves as a message does, by its outcomes alone."""
    async with store.write() as tx:
        id_ = await tx.add_campaign(campaign_values())
        for target in State:
            await tx.add_bulk(id_, f"bulk-{target}", b"x", NOW, with_params=False, now=NOW)
        rows = dict(zip(State, await tx.claim_bulks(NOW, NOW + LEASE, 99), strict=True))
    async with database.write() as connection:
        await connection.execute(sa.update(bulks).values(state=state))
    async with store.write() as tx:
        for target, bulk in rows.items():
            await tx.record_bulk(sent(bulk, target), NOW)
        report = await tx.campaign(id_)
    assert report
    moves = set(OUTCOMES) if state is State.SENDING else set[State]()
    assert [bulk.state for bulk in report.bulks] == [target if target in moves else state for target in State]


async def test_the_outcome_of_an_older_attempt_changes_nothing(store: Store) -> None:
    """Whoever comes after his lease ran out has no say; but a msg_id that only he has heard is kept."""
    [message] = await queue(store)
    [first] = await claim(store)
    [second] = await claim(store, NOW + LEASE)
    for state in OUTCOMES:
        await record(store, sent(first, state, msg_id=None))
        assert await look(store, message.id) == second
    await record(store, sent(first, msg_id=55))
    assert await look(store, message.id) == replace(second, msg_id=55)
    await record(store, sent(first, msg_id=66))
    assert await look(store, message.id) == replace(second, msg_id=55), "a known one is not overwritten"
    assert await count_events(store, message.id) == 3
    await record(store, sent(second, msg_id=None), now=LATER)
    after = await look(store, message.id)
    assert (after.state, after.msg_id) == (State.ACCEPTED, 55), "the 409 of the repeat keeps what the late 201 brought"


async def test_a_late_msg_id_reaches_what_its_repeat_made_accepted(store: Store) -> None:
    """The repeat got a 409 without a msg_id; the late 201 of the first attempt brings it."""
    [message] = await queue(store)
    [first] = await claim(store)
    [second] = await claim(store, NOW + LEASE)
    await record(store, sent(second, msg_id=None), sent(first, msg_id=77))
    after = await look(store, message.id)
    assert (after.state, after.msg_id, after.attempts) == (State.ACCEPTED, 77, 2)
    assert await count_events(store, message.id) == 4


async def test_outcomes_of_many_kinds_in_one_commit(store: Store) -> None:
    """Each message gets its own; none at all is nothing."""
    rows = await queue(store, *(new_message() for _ in OUTCOMES))
    claimed = {row.id: row for row in await claim(store)}
    pairs = list(zip(rows, OUTCOMES, strict=True))
    await record(store, *(sent(claimed[row.id], state, reason=f"to {state}") for row, state in pairs))
    await record(store)
    for row, state in pairs:
        after = await look(store, row.id)
        assert (after.state, after.reason) == (state, f"to {state}")


async def test_outcomes_that_are_rolled_back_leave_nothing(store: Store) -> None:
    """A group commit is all or nothing; the messages then wait for their leases."""
    await queue(store, new_message(), new_message(confidential=True))
    claimed = await claim(store)

    async def record_and_fail() -> None:
        async with store.write() as tx:
            await tx.record_sent([sent(row) for row in claimed], NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await record_and_fail()
    for row in claimed:
        assert await look(store, row.id) == row
        assert await count_events(store, row.id) == 2


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
    assert [(line.from_state, line.to_state, line.why) for line in history[3:]] == [
        (State.ACCEPTED, State.ACCEPTED, "ENROUTE")
    ]


async def test_that_nothing_more_will_be_heard_is_told(store: Store) -> None:
    """The last answer of all is news even if it says nothing: the delivery is not known."""
    message = await accepted(store)
    async with store.write() as tx:
        await tx.record_heard([heard(message, None, reason="delivery_not_known", due_at=None, code=107)], NOW)
        after, history = await get(tx, message.id), await tx.history(message.id)
    assert (after.state, after.due_at, after.reason, after.code) == (State.ACCEPTED, None, "delivery_not_known", 107)
    assert [line.why for line in history[3:]] == ["delivery_not_known"]


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
        assert len(await tx.history(message.id)) == 4


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
            assert len(await tx.history(message.id)) == 4


async def test_only_what_cannot_have_left_is_cancelled(store: Store, database: Database) -> None:
    """Of all states only queued, and of that nothing that may have arrived; other campaigns stay as they are."""
    async with store.write() as tx:
        mine, foreign = [await tx.add_campaign(campaign_values()) for _ in range(2)]
    kinds = [
        (state, campaign, tried) for state in State for campaign in (mine, foreign, None) for tried in (False, True)
    ]
    rows = await queue(store, *(new_message(campaign_id=campaign) for _, campaign, _ in kinds))
    async with database.write() as connection:
        for row, (state, _, tried) in zip(rows, kinds, strict=True):
            change = sa.update(messages).where(messages.c.id == row.id)
            await connection.execute(change.values(state=state, may_have_arrived=tried))
    async with store.write() as tx:
        assert await tx.cancel_campaign_messages(mine, LATER) == 1
        assert await tx.cancel_campaign_messages(mine, LATER) == 0
        for row, kind in zip(rows, kinds, strict=True):
            after, history = await get(tx, row.id), await tx.history(row.id)
            if kind == (State.QUEUED, mine, False):
                assert State.CANCELLED in LAWFUL[State.QUEUED]
                assert after == replace(row, state=State.CANCELLED, due_at=None, final_at=LATER)
                assert history[1:] == [Event(LATER, State.QUEUED, State.CANCELLED, "cancelled", None, None, None)]
            else:
                assert after == replace(row, state=kind[0], may_have_arrived=kind[2])
                assert len(history) == 1


@pytest.mark.parametrize("state", OUTCOMES)
async def test_an_outcome_erases_a_confidential_text(store: Store, state: State) -> None:
    """As soon as it is not needed for sending any more; another one's text stays for good."""
    await queue(store, new_message(confidential=True, text="geheim"), new_message(text="offen"))
    claimed = await claim(store)
    await record(store, *(sent(row, state) for row in claimed))
    secret, plain = [await look(store, row.id) for row in claimed]
    assert secret.text == ("geheim" if state in UNSENT else None)
    assert plain.text == "offen"
