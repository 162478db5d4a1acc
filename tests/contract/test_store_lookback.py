"""Looking back: each filter gives what it says, page after page, however a look is cut; phones by their last digits."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.lookback import KIND_OF, Bounds, Glance, Kind, Wanted
from bot.domain.message import Message, State
from bot.store import Store, Transaction
from bot.store.database import Database
from tests.support.log import LEASE, NOW, PHONE, SECOND, campaign, campaign_values, everything, fill, new_message, queue

OTHER = "992900000002"
OPEN: Bounds = (None, None)
TIMES: list[Bounds] = [OPEN, (NOW + 300 * SECOND, None), (NOW + 200 * SECOND, NOW + 400 * SECOND)]
FILTERS = [
    (Wanted(phone, actor, kind, owner), time)
    for phone, actor, kind, owner, time in product((None, PHONE), (None, 7), (None, *Kind), (None, 1), TIMES)
]
HYPOTHESIS = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def log(store: Store, database: Database) -> list[Message]:
    """Two hundred messages of all states, two phones, actors and campaigns; their clocks differ by half a minute."""
    return await _filled(store, database, 200)


@pytest.fixture
async def short_log(store: Store, database: Database) -> list[Message]:
    """As many of them as can be walked over again and again."""
    return await _filled(store, database, 60)


async def _filled(store: Store, database: Database, number: int) -> list[Message]:
    for id_ in (1, 2):
        assert await campaign(store, id=id_) == id_
    await fill(database, _rows(random.Random(1), number))  # noqa: S311 (the same log each time)
    return await everything(database)


def _rows(chance: random.Random, number: int) -> list[dict[str, Any]]:
    return [
        {
            "phone": chance.choice([PHONE, OTHER]),
            "actor_id": chance.choice([7, 7, 8]),
            "campaign_id": chance.choice([1, 1, 2, None]),
            "state": chance.choice(list(State)),
            "created_at": NOW + (3 * place + chance.uniform(-15, 15)) * SECOND,
        }
        for place in range(number)
    ]


def _is_in(moment: datetime, time: Bounds) -> bool:
    since, until = time
    return (since is None or since <= moment) and (until is None or moment < until)


def _wanted(log: Sequence[Message], wanted: Wanted, time: Bounds) -> list[int]:
    """The same in plain words, newest first."""
    return [
        row.id
        for row in reversed(log)
        if wanted.phone in (None, row.phone)
        and wanted.actor_id in (None, row.actor_id)
        and wanted.campaign_id in (None, row.campaign_id)
        and wanted.kind in (None, KIND_OF[row.state])
        and _is_in(row.created_at, time)
    ]


def _ids(glances: Sequence[Glance]) -> list[int]:
    return [message.id for glance in glances for message in glance.messages]


async def _look(
    tx: Transaction, what: tuple[Wanted, Bounds], edge: int | None, limit: int, *, newer: bool = False
) -> Glance:
    """One page: it is full, or cut, or the last."""
    glance = await tx.look_back(*what, edge, newer=newer, limit=limit)
    on = glance.newer if newer else glance.older
    assert len(glance.messages) <= limit
    assert glance.cut == (len(glance.messages) < limit and on is not None)
    return glance


async def _older(tx: Transaction, what: tuple[Wanted, Bounds], edge: int | None, limit: int) -> list[Glance]:
    """From there to the end, newest first."""
    glances = [await _look(tx, what, edge, limit)]
    while (edge := glances[-1].older) is not None:
        assert len(glances) < 500
        glances.append(await _look(tx, what, edge, limit))
    return glances


async def _newer(tx: Transaction, what: tuple[Wanted, Bounds], edge: int | None, limit: int) -> list[Glance]:
    """From there to the newest; in the order of `_older`."""
    glances: list[Glance] = []
    while edge is not None:
        assert len(glances) < 500
        glances.append(await _look(tx, what, edge, limit, newer=True))
        edge = glances[-1].newer
    return glances[::-1]


@pytest.mark.parametrize("kind", [None, *Kind])
async def test_each_filter_gives_what_it_says(store: Store, log: list[Message], kind: Kind | None) -> None:
    """What a plain look at every message gives, newest first, in full pages, and no page without need."""
    async with store.read() as tx:
        for wanted, time in FILTERS:
            if wanted.kind is kind:
                expected = _wanted(log, wanted, time)
                glances = await _older(tx, (wanted, time), None, 10)
                assert _ids(glances) == expected, (wanted, time)
                assert len(glances) == max(1, -(-len(expected) // 10))
                assert not any(glance.cut for glance in glances)
                assert glances[0].newer is None
    assert sum(len(_wanted(log, *each)) > 10 for each in FILTERS) > 60, "many have more than a page"


@pytest.mark.parametrize("kind", [None, *Kind])
async def test_a_look_that_is_cut_goes_on(
    store: Store, log: list[Message], kind: Kind | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut after a few rows that do not fit, it says so; whoever goes on finds all the same."""
    monkeypatch.setattr("bot.store.lookback._REACH", 6)
    cut = 0
    async with store.read() as tx:
        for wanted, time in FILTERS[::5]:  # some of each kind, with each of the rest
            if wanted.kind is kind:
                glances = await _older(tx, (wanted, time), None, 10)
                assert _ids(glances) == _wanted(log, wanted, time), (wanted, time)
                cut += sum(glance.cut for glance in glances)
    assert cut


@HYPOTHESIS
@given(
    what=st.sampled_from(FILTERS),
    limit=st.integers(1, 12),
    reach=st.integers(1, 5) | st.integers(6, 60) | st.just(10_000),
    start=st.integers(-3, 63),
    newer=st.booleans(),
)
async def test_pages_meet(
    store: Store, short_log: list[Message], what: tuple[Wanted, Bounds], limit: int, reach: int, start: int, newer: bool
) -> None:
    """Wherever one stands, what is newer, what is shown and what is older are all there is, each once, in order.

    Coming from above or from below, past either end, at pages that are empty, with looks that are cut.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.store.lookback._REACH", reach)
        async with store.read() as tx:
            glance = await _look(tx, what, short_log[0].id + start, limit, newer=newer)
            above = await _newer(tx, what, glance.newer, limit)
            below = [] if glance.older is None else await _older(tx, what, glance.older, limit)
    assert _ids([*above, glance, *below]) == _wanted(short_log, *what)


@pytest.mark.parametrize("owner", [None, 1])
@pytest.mark.parametrize("reach", [1, 2, 3])
async def test_several_states_are_cut_at_one_place(
    store: Store, short_log: list[Message], owner: int | None, reach: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each state is gone through by itself: of none is shown what lies beyond the end of another's look."""
    monkeypatch.setattr("bot.store.lookback._REACH", reach)
    what = (Wanted(kind=Kind.UNDELIVERED, campaign_id=owner), OPEN)
    expected = _wanted(short_log, *what)
    async with store.read() as tx:
        older = await _older(tx, what, None, 40)
        newer = await _newer(tx, what, 0, 40)
    assert _ids(older) == _ids(newer) == expected
    assert older[0].cut
    assert newer[-1].cut


async def test_a_look_goes_through_so_many_rows(
    store: Store, log: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that finds nothing ends after that many of those that the index chose, and goes on below them."""
    monkeypatch.setattr("bot.store.lookback._REACH", 20)
    hopeless = Wanted(kind=Kind.DELIVERED, actor_id=9)
    nobody = Wanted(actor_id=9)
    async with store.read() as tx:
        assert await tx.look_back(nobody, OPEN, None, newer=False, limit=5) == Glance((), None, None)
        for wanted, chosen in ((replace(hopeless, phone=PHONE), PHONE), (replace(hopeless, phone=OTHER), OTHER)):
            rows = [row.id for row in reversed(log) if row.phone == chosen]
            glance = await tx.look_back(wanted, OPEN, None, newer=False, limit=5)
            assert glance == Glance((), rows[20], None, cut=True)
            glance = await tx.look_back(wanted, OPEN, rows[50], newer=True, limit=5)
            assert glance == Glance((), rows[50] + 1, rows[29], cut=True)


async def test_clocks_that_differ_lose_nothing(store: Store, database: Database) -> None:
    """Round midnight a late clock numbers its messages among those of the next day: each is found on its own."""
    seconds = [-50, 20, -40, 1, -1, 40, 0, -20, 50]
    await fill(database, [{"created_at": NOW + second * SECOND} for second in seconds])
    log = await everything(database)
    for time in ((None, NOW), (NOW, None), (NOW - 45 * SECOND, NOW), (NOW, NOW + 45 * SECOND)):
        expected = _wanted(log, Wanted(), time)
        async with store.read() as tx:
            glance = await tx.look_back(Wanted(), time, None, newer=False, limit=99)
            figures, _ = await tx.count_messages(time, None, 0, 99)
            page = await tx.page_of_time(time, 0, 99)
        assert [row.id for row in glance.messages] == expected
        assert [row.id for row in page] == expected[::-1]
        assert figures.of(State) == len(expected)


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("limit", [1, 7, 999])
async def test_a_time_page_by_page(store: Store, log: list[Message], time: Bounds, limit: int) -> None:
    """All messages of the time, each once, oldest first, in full pages."""
    found: list[int] = []
    async with store.read() as tx:
        while page := await tx.page_of_time(time, found[-1] if found else 0, limit):
            found += [row.id for row in page]
            assert len(found) % limit == 0 or found[-1] == _wanted(log, Wanted(), time)[0]
    assert found == _wanted(log, Wanted(), time)[::-1]


@pytest.mark.parametrize("length", range(4, 13))
async def test_phones_by_their_last_digits(store: Store, database: Database, length: int) -> None:
    """All whose phones end so, newest first, as many as asked for; a phone in full finds its own."""
    phones = ["992900001234", "992900011234", "992900101234", "992900001235", "992900012340", "992900000123"]
    await fill(database, [{"phone": phone} for phone in phones * 3])
    log = await everything(database)
    async with store.read() as tx:
        for phone in phones:
            end = phone[-length:]
            expected = [row.id for row in reversed(log) if row.phone.endswith(end)]
            assert [row.id for row in await tx.messages_by_phone_end(end, 99)] == expected
            assert [row.id for row in await tx.messages_by_phone_end(end, 2)] == expected[:2]
        assert await tx.messages_by_phone_end("9" * length, 99) == []
        assert await tx.messages_by_phone_end("0" * length, 99) == []


async def test_what_a_list_is_narrowed_to_is_kept(store: Store) -> None:
    """Each list has its own, the last one given; of a list that is not known nothing is."""
    async with store.write() as tx:
        first, second = [await tx.add_list(7, wanted, NOW) for wanted in ("a", "b")]
        await tx.narrow_list(first, "Ғ")
        await tx.narrow_list(second + 1, "c")
        assert [await tx.list_wanted(id_) for id_ in (first, second, second + 1)] == ["Ғ", "b", None]


async def test_the_ends_of_the_log(store: Store) -> None:
    """When the first message of all was ordered, and the last one of a campaign; nothing yet is no time."""
    owner = await campaign(store)
    async with store.read() as tx:
        assert (await tx.first_message_at(), await tx.last_message_at(owner)) == (None, None)
    async with store.write() as tx:
        await tx.add_messages([new_message()], NOW)
        await tx.add_messages([new_message(campaign_id=owner)], NOW + SECOND)
        await tx.add_messages(
            [new_message(), new_message(campaign_id=await tx.add_campaign(campaign_values()))], NOW + LEASE
        )
    async with store.read() as tx:
        assert (await tx.first_message_at(), await tx.last_message_at(owner)) == (NOW, NOW + SECOND)


async def test_single_messages_among_others(store: Store) -> None:
    """Of those asked for, only what is no campaign's, in their order."""
    owner = await campaign(store)
    rows = await queue(store, new_message(), new_message(campaign_id=owner), new_message(), new_message())
    async with store.read() as tx:
        assert await tx.single_messages([rows[2].id, rows[1].id, rows[0].id, 99]) == [rows[0], rows[2]]
        assert await tx.single_messages([]) == []
