"""Drafts: what an admin has begun to send outlives a restart, and is sent once."""

import asyncio
import string
from dataclasses import fields, replace
from datetime import UTC, timedelta, timezone
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.campaign import Way
from bot.domain.card import Subject
from bot.domain.draft import Draft, Order, Outcome, PhoneList, Piece, PieceKind, Step
from bot.domain.gateway import Channel
from bot.store import Store
from tests.support.log import NOW, PHONE, SECOND

ORDER = Order(phones=(PHONE,), text="Салом", sender="Demo")
LISTED = PhoneList("list.csv", 1, 1, 0, {}, (), ("phone",), ((PHONE,),))
PIECES = [Piece(PieceKind.RECIPIENTS, 0, 2, b"a\nb\n"), Piece(PieceKind.RECIPIENTS, 2, 1, b"c\n")]
TYPED = (Step.PHONE, Step.TEXT, Step.SEND_AT, Step.SENDER, Step.TEST)
"""What is answered by typing."""

_NUMBERS = count()
_WORDS = st.text(max_size=20)
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50)
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5))])
_PHONELIST: dict[str, st.SearchStrategy[Any]] = {
    "file_name": _WORDS,
    "rows": st.integers(0, 10**6),
    "recipients": st.integers(0, 10**6),
    "duplicates": st.integers(0, 10**6),
    "faults": st.dictionaries(_WORDS, st.integers(0, 10**6), max_size=3),
    "fault_rows": st.lists(st.tuples(st.integers(1, 10**6), _WORDS), max_size=3).map(tuple),
    "columns": st.lists(_WORDS, max_size=3).map(tuple),
    "samples": st.lists(st.lists(_WORDS, max_size=3).map(tuple), max_size=3).map(tuple),
    "parts": st.tuples(*[st.integers(0, 10**6)] * 3),
    "encoding": _WORDS,
    "header": st.lists(_WORDS, max_size=3).map(tuple),
    "phone_at": st.integers(0, 99),
    "operators": st.dictionaries(_WORDS, st.integers(0, 10**6), max_size=3),
    "missing": st.integers(0, 10**6),
    "blocked": st.integers(0, 10**6),
}
_LISTS = st.builds(PhoneList, **_PHONELIST)
_ORDER: dict[str, st.SearchStrategy[Any]] = {
    "phones": st.lists(st.text(string.digits, max_size=12), max_size=3).map(tuple),
    "text": _TEXT,
    "sender": _WORDS,
    "channel": st.sampled_from(Channel),
    "confidential": st.booleans(),
    "file_name": _WORDS,
    "phone_list": st.none() | _LISTS,
    "send_at": st.none() | st.datetimes(timezones=_ZONES),
    "questions": st.lists(_WORDS, max_size=3).map(tuple),
    "way": st.sampled_from(Way),
    "latin": st.booleans(),
    "plain": st.booleans(),
    "day": st.none() | st.dates(),
    "unknown": st.none() | st.tuples(_WORDS, st.none() | _WORDS),
    "balance": st.none() | st.decimals(0, 10**9, places=4),
    "refused": _WORDS,
    "again_of": st.none() | st.integers(1, 2**40),
    "settles": st.none() | st.integers(1, 2**40),
    "blocked": st.lists(st.text(string.digits, max_size=12), max_size=3).map(tuple),
}
_ORDERS = st.builds(Order, **_ORDER)


async def _add(
    store: Store, step: Step = Step.TEXT, *, origin: str | None = None, actor_id: int = 7, order: Order = ORDER
) -> int:
    async with store.write() as tx:
        id_ = await tx.add_draft(origin or f"5:{next(_NUMBERS)}", 5, actor_id, step, order, NOW)
    assert id_
    return id_


async def _draft(store: Store, id_: int) -> Draft:
    async with store.read() as tx:
        draft = await tx.draft(id_)
    assert draft
    return draft


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(first=_ORDERS, second=_ORDERS, file=st.none() | st.binary(max_size=50))
async def test_an_order_comes_back_as_it_was_given(
    store: Store, first: Order, second: Order, file: bytes | None
) -> None:
    """Every field of it, whatever it holds, when begun and when changed; and its file."""
    async with store.write() as tx:
        id_ = await tx.add_draft(f"h:{next(_NUMBERS)}", 5, 7, Step.CONFIRM, first, NOW, file)
        assert id_
        assert await tx.draft(id_) == Draft(id_, 5, 7, Step.CONFIRM, first, None, NOW)
        assert await tx.draft_source(id_) == (None, file)
        await tx.change_draft(id_, Step.TEXT, second, NOW)
        assert await tx.draft(id_) == Draft(id_, 5, 7, Step.TEXT, second, None, NOW)
        assert await tx.draft_source(id_) == (None, file)


def test_every_field_of_an_order_is_tried() -> None:
    """A field that is added is tried above, or this fails."""
    assert set(_ORDER) == {item.name for item in fields(Order)}
    assert set(_PHONELIST) == {item.name for item in fields(PhoneList)}


async def test_a_draft_knows_where_its_file_is(store: Store) -> None:
    """By Telegram's id of it, until it is read; found by whoever reads files, the oldest first."""
    async with store.write() as tx:
        assert await tx.drafts_to_read() == []
        first, second, read, closed = [
            await tx.add_draft(f"5:{n}", 5, 7, Step.READING, Order(), NOW, file_id=f"file {n}") or 0 for n in range(4)
        ]
        pasted = await tx.add_draft("5:p", 5, 7, Step.READING, Order(), NOW, file=b"992900000001")
        assert pasted
        await tx.change_draft(read, Step.CONFIRM, ORDER, NOW)
        await tx.close_draft(closed, Outcome.REFUSED, NOW)
        assert await tx.draft_source(second) == ("file 1", None)
        assert await tx.draft_source(pasted) == (None, b"992900000001")
        assert await tx.drafts_to_read() == [first, second, pasted]


async def test_no_draft_under_a_number_that_is_none(store: Store) -> None:
    """What is not there is None."""
    async with store.read() as tx:
        assert await tx.draft(1) is None


async def test_an_update_opens_one_draft(store: Store) -> None:
    """Delivered again, the same update opens nothing, also after the draft was closed."""
    id_ = await _add(store, origin="5:x")
    for _ in range(2):
        async with store.write() as tx:
            assert await tx.add_draft("5:x", 5, 7, Step.TEXT, ORDER, NOW) is None
            await tx.close_draft(id_, Outcome.SENT, NOW)


@pytest.mark.parametrize("outcome", Outcome)
async def test_a_draft_is_closed_once(store: Store, outcome: Outcome) -> None:
    """With its outcome, and nothing left of what it held; never again, and never changed after."""
    id_ = await _add(store, Step.CONFIRM)
    async with store.write() as tx:
        await tx.add_pieces(id_, PIECES)
        assert await tx.close_draft(id_, outcome, NOW, "no_phones")
    for late in Outcome:
        async with store.write() as tx:
            assert not await tx.close_draft(id_, late, NOW, "late")
            assert not await tx.confirm_draft(id_, NOW)
            await tx.change_draft(id_, Step.CONFIRM, ORDER, NOW)
    assert await _draft(store, id_) == Draft(id_, 5, 7, Step.CLOSED, Order(), outcome, NOW, fault="no_phones")
    async with store.read() as tx:
        assert (await tx.draft_source(id_))[1] is None
        assert [await tx.pieces(id_, kind) for kind in PieceKind] == [[], []]


async def test_a_confirmed_draft_may_be_taken_back(store: Store) -> None:
    """It is closed, and nothing of it is lost; opened again it is as it was, but for its age."""
    id_ = await _add(store, Step.CONFIRM)
    before = await _draft(store, id_)
    async with store.write() as tx:
        await tx.add_card(5, 7, Subject.DRAFT, id_, NOW)
        await tx.add_pieces(id_, PIECES)
        assert await tx.confirm_draft(id_, NOW)
        assert not await tx.confirm_draft(id_, NOW), "of two taps one confirms"
        assert not await tx.close_draft(id_, Outcome.DROPPED, NOW)
        assert await tx.draft(id_) == replace(before, step=Step.CLOSED, outcome=Outcome.SENT)
        assert await tx.latest_draft(5, 7) is None
        await tx.reopen_draft(id_, NOW + SECOND)
        assert await tx.draft(id_) == replace(before, created_at=NOW + SECOND)
        assert [card.wanted for card in await tx.due_cards(NOW, 9)] == [3]
        assert await tx.pieces(id_, PieceKind.RECIPIENTS) == PIECES


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.SENT}))
async def test_only_a_confirmed_draft_is_reopened(store: Store, outcome: Outcome) -> None:
    """What was dropped holds nothing any more; what is open stays as it is."""
    closed, open_ = await _add(store, Step.CONFIRM), await _add(store, Step.TEST)
    async with store.write() as tx:
        await tx.close_draft(closed, outcome, NOW)
    before = [await _draft(store, id_) for id_ in (closed, open_)]
    async with store.write() as tx:
        for id_ in (closed, open_):
            await tx.reopen_draft(id_, NOW + SECOND)
    assert [await _draft(store, id_) for id_ in (closed, open_)] == before


async def test_a_settled_draft_holds_its_pieces_and_nothing_else(store: Store) -> None:
    """Its campaign has begun: what it said is erased, the list is still to be worked off; an open one stays whole."""
    confirmed, open_ = await _add(store, Step.CONFIRM), await _add(store, Step.CONFIRM)
    before = await _draft(store, open_)
    async with store.write() as tx:
        for id_ in (confirmed, open_):
            await tx.add_pieces(id_, PIECES)
        await tx.confirm_draft(confirmed, NOW)
        for id_ in (confirmed, open_):
            await tx.settle_draft(id_)
        assert await tx.draft(confirmed) == Draft(confirmed, 5, 7, Step.CLOSED, Order(), Outcome.SENT, NOW)
        assert await tx.draft(open_) == before
        assert [await tx.pieces(id_, PieceKind.RECIPIENTS) for id_ in (confirmed, open_)] == [PIECES, PIECES]


async def test_of_two_that_close_at_once_one_does(store: Store, other: Store) -> None:
    """Two taps on «Send», in two processes, send once."""
    for _ in range(5):
        id_ = await _add(store, Step.CONFIRM)

        async def close(own: Store, id_: int = id_) -> bool:
            async with own.write() as tx:
                await tx.draft(id_)
                return await tx.close_draft(id_, Outcome.SENT, NOW)

        assert sorted(await asyncio.gather(close(store), close(other), close(store))) == [False, False, True]


@pytest.mark.parametrize("step", Step)
async def test_the_draft_that_waits_for_something_typed(store: Store, step: Step) -> None:
    """Only one that asks for something to be typed, of this admin, in this chat."""
    id_ = await _add(store)
    async with store.write() as tx:
        await tx.change_draft(id_, step, ORDER, NOW)
    async with store.read() as tx:
        draft = await tx.waiting_draft(5, 7)
        assert (draft.id if draft else None) == (id_ if step in TYPED else None)
        assert await tx.waiting_draft(5, 8) is None
        assert await tx.waiting_draft(6, 7) is None


@pytest.mark.parametrize(
    ("step", "becomes", "outcome"),
    [
        *[(step, Step.CLOSED, Outcome.DROPPED) for step in TYPED],
        (Step.READING, Step.READING, None),
        (Step.CONFIRM, Step.CONFIRM, None),
        (Step.CLOSED, Step.CLOSED, Outcome.SENT),
    ],
)
async def test_a_new_draft_ends_the_waiting_of_older_ones(
    store: Store, step: Step, becomes: Step, outcome: Outcome | None
) -> None:
    """What is typed next belongs to the new one; another admin's drafts go on waiting."""
    mine, his = await _add(store), await _add(store, actor_id=8)
    async with store.write() as tx:
        for id_ in (mine, his):
            if step is Step.CLOSED:
                await tx.close_draft(id_, Outcome.SENT, NOW)
            else:
                await tx.change_draft(id_, step, ORDER, NOW)
    before = await _draft(store, his)
    new = await _add(store, Step.TEXT)
    after = await _draft(store, mine)
    assert (after.step, after.outcome) == (becomes, outcome)
    assert after.order == (Order() if becomes is Step.CLOSED else ORDER)
    assert await _draft(store, his) == before
    async with store.read() as tx:
        waiting = await tx.waiting_draft(5, 7)
    assert waiting
    assert waiting.id == new


@pytest.mark.parametrize(
    ("step", "becomes"),
    [*[(step, Step.CLOSED) for step in TYPED], (Step.READING, Step.READING), (Step.CONFIRM, Step.CONFIRM)],
)
async def test_the_waiting_ends_on_demand(store: Store, step: Step, becomes: Step) -> None:
    """Of this admin in this chat alone: a message that lacks something is dropped; what only waits for a tap stays."""
    mine, his = await _add(store, step), await _add(store, step, actor_id=8)
    async with store.write() as tx:
        for id_ in (mine, his):
            await tx.add_card(5, 7, Subject.DRAFT, id_, NOW)
        await tx.stop_waiting(5, 7, NOW)
        await tx.stop_waiting(6, 8, NOW)
        assert await tx.waiting_draft(5, 7) is None
        assert [card.wanted for card in await tx.due_cards(NOW, 9)] == [1 + (becomes is not step), 1]
    assert (await _draft(store, mine)).step is becomes
    assert (await _draft(store, his)).step is step


@pytest.mark.parametrize("step", TYPED)
@pytest.mark.parametrize("by", ["a new draft", "a word"])
async def test_a_list_outlives_the_end_of_waiting(store: Store, step: Step, by: str) -> None:
    """With a text it goes back to its preview; without one it goes on waiting for it. Neither is dropped."""
    listed = replace(ORDER, phones=(), phone_list=LISTED)
    bare, ready = [await _add(store, step, order=order) for order in (replace(listed, text=""), listed)]
    before = await _draft(store, bare)
    if by == "a word":
        async with store.write() as tx:
            await tx.stop_waiting(5, 7, NOW)
    else:
        await _add(store, Step.READING)
    after = await _draft(store, ready)
    assert (after.step, after.order, after.outcome) == (Step.CONFIRM, listed, None)
    assert await _draft(store, bare) == before
    async with store.read() as tx:
        assert await tx.waiting_draft(5, 7) == before


async def test_the_draft_of_an_update(store: Store) -> None:
    """Open or closed, it is known by the update that opened it."""
    id_ = await _add(store, origin="5:x")
    async with store.write() as tx:
        assert await tx.draft_of_origin("5:x") == await tx.draft(id_)
        await tx.close_draft(id_, Outcome.SENT, NOW)
        assert await tx.draft_of_origin("5:x") == await tx.draft(id_)
        assert await tx.draft_of_origin("5:y") is None


async def test_the_latest_draft(store: Store) -> None:
    """Of the open ones of this admin in this chat, whatever it waits for."""
    first, second = [await _add(store, Step.CONFIRM) for _ in range(2)]
    await _add(store, actor_id=8)
    async with store.write() as tx:
        assert await tx.latest_draft(5, 7) == await tx.draft(second)
        await tx.close_draft(second, Outcome.SENT, NOW)
        assert await tx.latest_draft(5, 7) == await tx.draft(first)
        await tx.close_draft(first, Outcome.SENT, NOW)
        assert await tx.latest_draft(5, 7) is None
        assert await tx.latest_draft(6, 8) is None


async def test_a_draft_knows_what_answered_last(store: Store) -> None:
    """Given when begun and when changed; kept where it is not given."""
    async with store.write() as tx:
        id_ = await tx.add_draft("5:x", 5, 7, Step.PHONE, ORDER, NOW, answered=2**40)
        assert id_
        draft = await tx.draft(id_)
        assert draft == Draft(id_, 5, 7, Step.PHONE, ORDER, None, NOW, 2**40)
        await tx.change_draft(id_, Step.TEXT, ORDER, NOW)
        assert await tx.draft(id_) == replace(draft, step=Step.TEXT)
        await tx.change_draft(id_, Step.TEXT, ORDER, NOW, answered=7)
        assert await tx.draft(id_) == replace(draft, step=Step.TEXT, answered=7)


async def test_drafts_left_lying(store: Store) -> None:
    """Open ones that were begun before a time."""
    old, closed = await _add(store, Step.CONFIRM), await _add(store, Step.CONFIRM)
    async with store.write() as tx:
        await tx.close_draft(closed, Outcome.SENT, NOW)
        young = await tx.add_draft("5:young", 5, 9, Step.CONFIRM, ORDER, NOW + SECOND)
        assert await tx.old_drafts(NOW) == []
        assert await tx.old_drafts(NOW + SECOND) == [old]
        assert sorted(await tx.old_drafts(NOW + 2 * SECOND)) == [old, young]


async def test_the_card_of_a_draft_follows_it(store: Store) -> None:
    """A change and the close of it make its card due."""
    id_ = await _add(store, Step.CONFIRM)
    async with store.write() as tx:
        await tx.add_card(5, 7, Subject.DRAFT, id_, NOW)
        await tx.change_draft(id_, Step.CONFIRM, replace(ORDER, text="x"), NOW)
        assert [card.wanted for card in await tx.due_cards(NOW, 9)] == [2]
        await tx.close_draft(id_, Outcome.SENT, NOW)
        await tx.close_draft(id_, Outcome.SENT, NOW)
        assert [card.wanted for card in await tx.due_cards(NOW, 9)] == [3]
