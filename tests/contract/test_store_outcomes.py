"""Outcomes of attempts to send: what they change, who may still tell one, and what is kept of a late one."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.domain.card import Subject
from bot.domain.log import Event
from bot.domain.message import FINAL, LAWFUL, UNSENT, Settlement, State
from bot.store import Store
from bot.store.database import Database
from tests.support.log import (
    LEASE,
    NOW,
    SECOND,
    claim,
    count_events,
    look,
    new_message,
    outgoing,
    put,
    queue,
    record,
    sent,
)

LATER = NOW + 10 * SECOND
OUTCOMES = sorted(LAWFUL[State.SENDING] - {State.SENDING})


@pytest.mark.parametrize("state", OUTCOMES)
async def test_an_outcome_moves_its_message(store: Store, state: State) -> None:
    """To each state that an attempt can end in, with all that is known, and with one line of history."""
    [message] = await queue(store)
    [claimed] = await claim(store)
    before = await look(store, message.id)
    words: dict[str, Any] = {"http_status": 500, "code": 109, "text": "Unable", "reason": "Why"}
    if state is State.ACCEPTED:  # there is nothing to say of it then
        words = {"http_status": None, "code": None, "text": None, "reason": "accepted"}
    outcome = sent(claimed, state, retries=2, parts=3, **words)
    await record(store, outcome, now=LATER)
    assert await look(store, message.id) == replace(
        before,
        state=state,
        due_at=outcome.due_at,
        retries=2,
        may_have_arrived=True,
        msg_id=outcome.msg_id,
        gateway_parts=3,
        reason=words["reason"],
        code=words["code"],
        gateway_text=words["text"],
        accepted_at=LATER if state is State.ACCEPTED else None,
        final_at=LATER if state in FINAL else None,
    )
    async with store.read() as tx:
        assert (await tx.history(message.id))[1:] == [
            Event(LATER, State.SENDING, state, words["reason"], words["http_status"], words["code"], words["text"], 1)
        ]


async def test_the_outcome_of_an_older_attempt_changes_nothing(store: Store) -> None:
    """Whoever comes after his lease ran out has no say; but a msg_id that only he has heard is kept."""
    [message] = await queue(store)
    [first] = await claim(store)
    [second] = await claim(store, NOW + LEASE)
    before = await look(store, message.id)
    assert before.reason == "lease_ran_out"
    for state in OUTCOMES:
        await record(store, sent(first, state, msg_id=None))
        assert await look(store, message.id) == before
    await record(store, sent(first, msg_id=55))
    assert await look(store, message.id) == replace(before, msg_id=55)
    await record(store, sent(first, msg_id=66))
    assert await look(store, message.id) == replace(before, msg_id=55), "a known one is not overwritten"
    assert await count_events(store, message.id) == 2
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
    assert await count_events(store, message.id) == 3


@pytest.mark.parametrize("due_at", [None, LATER])
async def test_a_late_msg_id_makes_the_delivery_askable_again(store: Store, due_at: datetime | None) -> None:
    """Where it was given up for want of a msg_id, it is asked for at once; else at its time."""
    await queue(store)
    [first] = await claim(store)
    [second] = await claim(store, NOW + LEASE)
    await record(store, sent(second, msg_id=None, due_at=due_at))
    await record(store, sent(first, msg_id=77), now=NOW + SECOND)
    after = await look(store, second.id)
    assert (after.state, after.msg_id, after.due_at) == (State.ACCEPTED, 77, due_at or NOW + SECOND)


@pytest.mark.parametrize("due_at", [None, LATER])
async def test_a_late_msg_id_asks_anew_for_what_is_uncertain(
    store: Store, database: Database, due_at: datetime | None
) -> None:
    """It went: nobody is to send it again. Out of the inbox, and asked for at once, as often as one that is new."""
    await queue(store)
    [first] = await claim(store)
    [second] = await claim(store, NOW + LEASE)
    await record(store, sent(second, State.UNCERTAIN, due_at=due_at))
    await put(database, first.id, polls=4)
    before = await look(store, first.id)
    async with store.write() as tx:
        for subject, id_ in ((Subject.MESSAGE, first.id), (Subject.INBOX, 0)):
            await tx.add_card(5, 7, subject, id_, NOW)
        for card in await tx.due_cards(NOW, 9):
            await tx.card_shown(card, 70 + card.id, NOW, None)
    await record(store, sent(first, msg_id=77), now=NOW + SECOND)
    after = await look(store, first.id)
    assert after == replace(before, msg_id=77, due_at=NOW + SECOND, polls=0)
    async with store.write() as tx:
        assert await tx.due_for_status(NOW + SECOND, 9) == [after]
        assert await tx.count_unsettled() == 0
        assert {card.subject for card in await tx.due_cards(NOW + SECOND, 9)} == {Subject.MESSAGE, Subject.INBOX}


@pytest.mark.parametrize("how", [Settlement.SENT_AGAIN, Settlement.CLOSED])
async def test_a_late_msg_id_undoes_no_decision(store: Store, how: Settlement) -> None:
    """It is kept; what somebody has closed or sent again stays decided."""
    await queue(store)
    [first] = await claim(store)
    [second] = await claim(store, NOW + LEASE)
    await record(store, sent(second, State.UNCERTAIN))
    async with store.write() as tx:
        assert await tx.settle(first.id, how, 7, NOW)
    before = await look(store, first.id)
    await record(store, sent(first, msg_id=77))
    assert await look(store, first.id) == replace(before, msg_id=77)


@pytest.mark.parametrize("state", sorted(set(State) - {State.ACCEPTED, State.SENDING, State.UNCERTAIN}))
async def test_a_late_msg_id_wakes_nothing_that_is_over(store: Store, database: Database, state: State) -> None:
    """It is kept, and that is all."""
    [message] = await queue(store)
    await put(database, message.id, state=state, attempts=2, due_at=None)
    before = await look(store, message.id)
    await record(store, sent(replace(before, attempts=1), msg_id=77))
    assert await look(store, message.id) == replace(before, msg_id=77)


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
        assert outgoing(await look(store, row.id)) == row
        assert await count_events(store, row.id) == 1


@pytest.mark.parametrize("state", OUTCOMES)
async def test_an_outcome_erases_a_confidential_text(store: Store, state: State) -> None:
    """As soon as it is not needed for sending any more; another one's text stays for good."""
    await queue(store, new_message(confidential=True, text="geheim"), new_message(text="offen"))
    claimed = await claim(store)
    await record(store, *(sent(row, state) for row in claimed))
    secret, plain = [await look(store, row.id) for row in claimed]
    assert secret.text == ("geheim" if state in UNSENT else None)
    assert plain.text == "offen"
