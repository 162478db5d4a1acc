"""Sending again: every state a message can be in, what is asked before, and that it goes once."""

from typing import Any

import pytest

from bot.domain.draft import Draft, Step
from bot.domain.message import Message, Settlement, State
from bot.domain.timing import Timing
from bot.services.compose import Compose, OrderError, OrderFault, Place
from bot.services.resend import QUESTIONS, SENT_SINCE, Resend
from bot.store import Store
from bot.store.database import Database
from tests.support.log import (
    NOW,
    PHONE,
    SECOND,
    campaign,
    heard,
    look,
    new_message,
    one_in_each_state,
    put,
    queue,
)

OTHER = "992900000002"
HERE = Place(5, 7, 100)
LATER = NOW + 3600 * SECOND
"""By then no text counts as repeated in haste."""
AT_ONCE = {State.FAILED, State.CANCELLED}
WORDS = {
    "again_on_way": {State.QUEUED, State.SENDING, State.ACCEPTED},
    "again_delivered": {State.DELIVERED},
    "again_undelivered": {State.UNDELIVERABLE, State.EXPIRED, State.REJECTED, State.DELETED},
    "again_uncertain": {State.UNKNOWN, State.UNCERTAIN},
    None: AT_ONCE,
}


class Desk:
    """What sends again, at a later time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.compose = Compose(store, lambda: LATER, Timing(), lambda: None, "Demo")
        self.resend = Resend(store, self.compose)

    async def asked(self, place: Place = HERE) -> Draft | None:
        """The question that stands."""
        async with self.store.read() as log:
            return await log.latest_draft(place.chat_id, place.actor_id)

    async def new(self, than: int) -> list[Message]:
        """The messages ordered after this one."""
        async with self.store.read() as log:
            return [message for message in await log.latest_messages(99) if message.id > than]


@pytest.fixture
def desk(store: Store) -> Desk:
    """At work on an empty log."""
    return Desk(store)


def test_every_state_has_its_words() -> None:
    """Only what has certainly not left goes without a question."""
    assert {state: word for word, states in WORDS.items() for state in states} == QUESTIONS
    assert set(QUESTIONS) == set(State)


@pytest.mark.parametrize("state", State)
async def test_each_state_is_sent_again_once(store: Store, database: Database, desk: Desk, state: State) -> None:
    """At once, or after a question; under a txn_id of its own; said again or confirmed again it counts once."""
    rows = await one_in_each_state(store, database)
    old, last = await look(store, rows[state].id), max(row.id for row in rows.values())
    for _ in range(2):
        assert await desk.resend(HERE, old.id)
    draft = await desk.asked()
    if state in AT_ONCE:
        assert draft is None
    else:
        assert draft is not None
        assert (draft.step, draft.order.questions) == (Step.CONFIRM, (QUESTIONS[state],))
        assert await desk.new(last) == []
        assert not await desk.compose.confirm(draft.id, 8), "another admin's"
        assert [await desk.compose.confirm(draft.id, 7) for _ in range(2)] == [True, False]
    [new] = await desk.new(last)
    assert new.txn_id != old.txn_id
    assert (new.phone, new.text, new.sender, new.channel) == (old.phone, old.text, old.sender, old.channel)
    assert (new.state, new.actor_id, new.campaign_id) == (State.QUEUED, 7, None)
    after = await look(store, old.id)
    assert after == old if state is not State.UNCERTAIN else after.settlement is Settlement.SENT_AGAIN


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(
    ("lacks", "fault"), [("text", OrderFault.TEXT_ERASED), ("leave", OrderFault.BLOCKED), ("settlement", None)]
)
async def test_what_cannot_be_sent_again_is_not(
    store: Store, database: Database, desk: Desk, state: State, lacks: str, fault: OrderFault | None
) -> None:
    """An erased text, a blocked phone; what was decided before may go, and its decision stands."""
    rows = await one_in_each_state(store, database)
    old, last = rows[state], max(row.id for row in rows.values())
    if lacks == "text":
        await put(database, old.id, text=None)
    async with store.write() as tx:
        if lacks == "leave":
            await tx.block(old.phone, 7, NOW)
        elif lacks == "settlement":
            await tx.settle(old.id, Settlement.CLOSED, 7, NOW)
    before = await look(store, old.id)
    if fault is None:
        assert await desk.resend(HERE, old.id)
        draft = await desk.asked()
        assert draft is None or await desk.compose.confirm(draft.id, 7)
        assert len(await desk.new(last)) == 1
    else:
        with pytest.raises(OrderError) as caught:
            await desk.resend(HERE, old.id)
        assert caught.value.fault is fault
        assert (await desk.new(last), await desk.asked()) == ([], None)
    assert await look(store, old.id) == before


@pytest.mark.parametrize("what", ["delivered", "decided", "blocked"])
async def test_a_question_that_was_overtaken_sends_nothing(
    store: Store, database: Database, desk: Desk, what: str
) -> None:
    """Between question and confirmation the fate came to light, somebody decided, or the phone was blocked."""
    old = (await one_in_each_state(store, database))[State.UNCERTAIN]
    last = (await desk.new(0))[0].id
    await desk.resend(HERE, old.id)
    draft = await desk.asked()
    assert draft is not None
    async with store.write() as tx:
        match what:
            case "delivered":
                await tx.record_heard([heard(old, State.DELIVERED)], NOW)
            case "decided":
                await tx.settle(old.id, Settlement.MARKED_SENT, 8, NOW)
            case _:
                await tx.block(old.phone, 8, NOW)
    before = await look(store, old.id)
    with pytest.raises(OrderError) as caught:
        await desk.compose.confirm(draft.id, 7)
    assert caught.value.fault is (OrderFault.BLOCKED if what == "blocked" else OrderFault.SETTLED)
    assert (await desk.new(last), await look(store, old.id)) == ([], before)
    assert (await desk.asked() is None) == (what != "blocked"), "one that may be allowed again can still be confirmed"


async def test_a_crash_between_the_decision_and_the_new_message_loses_neither(
    store: Store, database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are one commit: if the second cannot be written, the first is not."""
    old = (await one_in_each_state(store, database))[State.UNCERTAIN]
    await desk.resend(HERE, old.id)
    draft = await desk.asked()
    assert draft is not None

    async def broken(*_: Any) -> list[int]:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("bot.store.Transaction.add_messages", broken)
        with pytest.raises(ConnectionError):
            await desk.compose.confirm(draft.id, 7)
    assert (await look(store, old.id)).is_unsettled
    assert await desk.compose.confirm(draft.id, 7)
    assert (await look(store, old.id)).settlement is Settlement.SENT_AGAIN


async def test_what_was_sent_again_already_is_asked_about(store: Store, database: Database, desk: Desk) -> None:
    """However long ago: the same text to the same phone after it, unless that came to nothing too."""
    [failed] = await queue(store, new_message())
    await put(database, failed.id, state=State.FAILED)
    lost, other = await queue(store, new_message(), new_message(phone="992900000009"))
    await put(database, lost.id, state=State.FAILED)
    assert await desk.resend(HERE, failed.id)
    [new] = await desk.new(other.id)
    await desk.resend(Place(5, 7, 101), failed.id)
    draft = await desk.asked()
    assert draft is not None
    assert draft.order.questions == (SENT_SINCE,)
    await put(database, new.id, state=State.DELIVERED)
    await desk.resend(Place(5, 7, 102), new.id)
    draft = await desk.asked()
    assert draft is not None
    assert draft.order.questions == ("again_delivered",), "it is no repeat of itself"


async def test_what_another_campaign_repeats_is_asked_about(store: Store, database: Database, desk: Desk) -> None:
    """From its confirmation on, when nothing of it is in the log yet; not what that campaign leaves out."""
    owner, repeat = await campaign(store), await campaign(store)
    passing, lasting = await queue(store, *(new_message(campaign_id=owner, phone=phone) for phone in (PHONE, OTHER)))
    await put(database, passing.id, state=State.FAILED, reason="TimedOut")
    await put(database, lasting.id, state=State.FAILED, reason="SenderInvalid")
    async with store.write() as tx:
        assert await tx.claim_again(owner, repeat, NOW)
    await desk.resend(HERE, passing.id)
    assert await desk.new(lasting.id) == []
    draft = await desk.asked()
    assert draft is not None
    assert draft.order.questions == (SENT_SINCE,)
    await desk.resend(Place(5, 7, 101), lasting.id)
    assert [message.phone for message in await desk.new(lasting.id)] == [OTHER]


async def test_each_press_of_a_button_is_an_order_of_its_own(store: Store, database: Database, desk: Desk) -> None:
    """The same press, delivered again, is none; no such message is said."""
    [failed] = await queue(store, new_message())
    await put(database, failed.id, state=State.FAILED)
    for act in ("resend:1", "resend:1", "resend:2"):
        await desk.resend(Place(5, 7, 100, act), failed.id)
    assert len(await desk.new(failed.id)) == 1, "the second is asked about"
    assert await desk.asked() is not None
    assert not await desk.resend(HERE, 999)
