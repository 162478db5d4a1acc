"""Tallies: how many messages of a campaign stand in each state, as counted in the commits that moved them."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from bot.domain.campaign import Stage
from bot.domain.gateway import DeliveryStatus
from bot.domain.message import LAWFUL, Message, Outgoing, State
from bot.store import Store, Transaction
from bot.store.database import Database
from bot.store.schema import messages, tallies
from tests.support.log import LEASE, NOW, SECOND, campaign, heard, look, new_message, new_text, queue, report, sent

OUTCOMES = sorted(LAWFUL[State.SENDING] - {State.SENDING})
ANSWERS = [None, *sorted(LAWFUL[State.ACCEPTED] | LAWFUL[State.UNCERTAIN])]

Counts = dict[int, dict[State, int]]


async def _counted(database: Database) -> Counts:
    """By campaign and state, from the messages themselves."""
    columns = (messages.c.campaign_id, messages.c.state)
    query = sa.select(*columns, sa.func.count()).where(columns[0].is_not(None)).group_by(*columns)
    counts: Counts = {}
    async with database.read() as connection:
        for id_, state, number in await connection.execute(query):
            counts.setdefault(id_, {})[state] = number
    return counts


async def _tallied(database: Database) -> Counts:
    """By campaign and state, as the log keeps count; without what is none."""
    async with database.read() as connection:
        rows = [row._mapping for row in await connection.execute(sa.select(tallies))]
    counts = {row["campaign_id"]: {state: row[state.value] for state in State if row[state.value]} for row in rows}
    return {id_: states for id_, states in counts.items() if states}


@dataclass
class Walk:
    """A worker that does at random what may be done, and remembers what it has claimed: also long after."""

    store: Store
    chance: random.Random
    campaigns: Sequence[int]
    is_alone: bool = True
    now: datetime = NOW
    claimed: list[Outgoing] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    async def step(self) -> None:
        """One transaction, one that is rolled back now and then."""
        acts = (self._add, self._claim, self._claim, self._record, self._record, self._hear, self._cancel, self._move)
        act = self.chance.choice(acts)
        self.now += self.chance.choice([0, 1, 60]) * SECOND
        try:
            self.claimed += await self._commit(act) or []
            self.done[act.__name__] += 1
        except InterruptedError:
            self.done["rolled back"] += 1

    async def _commit(self, act: Callable[[Transaction], Awaitable[list[Outgoing] | None]]) -> list[Outgoing] | None:
        async with self.store.write() as tx:
            claimed = await act(tx)
            if self.chance.random() < 0.1:
                raise InterruptedError
        return claimed

    async def _add(self, tx: Transaction) -> None:
        number, secret = self.chance.randint(0, 9), self.chance.random() < 0.2
        owner = self.chance.choice([*self.campaigns, None])
        found = await tx.campaign(owner) if owner and self.chance.random() < 0.5 else None
        if found:
            await tx.add_campaign_messages(found.campaign, [new_text() for _ in range(number)], self.now)
        else:
            owners = [self.chance.choice([owner, None]) for _ in range(number)]
            await tx.add_messages([new_message(campaign_id=id_, confidential=secret) for id_ in owners], self.now)

    async def _claim(self, tx: Transaction) -> list[Outgoing]:
        return await tx.claim_messages(self.now, self.now + LEASE, self.chance.randint(0, 30))

    async def _record(self, tx: Transaction) -> None:
        """Of what was claimed of late, or ever: in time, late, or once more."""
        known = self.claimed[-self.chance.choice([20, len(self.claimed)]) :]
        chosen = self.chance.sample(known, min(len(known), self.chance.randint(0, 9)))
        states = [self.chance.choice(OUTCOMES) for _ in chosen]
        outcomes = [sent(row, state, due_at=self.now) for row, state in zip(chosen, states, strict=True)]
        await tx.record_sent(outcomes, self.now)

    async def _hear(self, tx: Transaction) -> None:
        """Of what was ever claimed, whatever the gateway may say; two answers for one at once, too.

        With others at work, only of what has an outcome: nobody asks for what is still being sent.
        """
        rows = [await tx.message(row.id) for row in self.chance.choices(self.claimed, k=9)] if self.claimed else []
        asked = (State.ACCEPTED, State.UNCERTAIN)
        said = [self.chance.choice(ANSWERS) for _ in rows]
        answers = [
            heard(row, state)
            for row, state in zip(rows, said, strict=True)
            if row and (self.is_alone or row.state in asked)
        ]
        await tx.record_heard(answers, self.now)

    async def _cancel(self, tx: Transaction) -> None:
        await tx.cancel_some(self.chance.choice(self.campaigns), self.now, self.chance.randint(1, 3))

    async def _move(self, tx: Transaction) -> None:
        open_ = [*[Stage.RUNNING] * 4, Stage.PAUSED, Stage.CLEARING]
        await tx.move_campaign(self.chance.choice(self.campaigns), list(Stage), self.chance.choice(open_), self.now)


@pytest.mark.parametrize("seed", range(4))
async def test_tallies_equal_the_counts_of_the_messages(
    store: Store, database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After every commit of a long walk over several campaigns and single messages, late outcomes among them."""
    walk = Walk(store, random.Random(seed), [await campaign(store) for _ in range(3)])  # noqa: S311 (it fails the same way twice)
    monkeypatch.setattr("bot.store.attempts.random", walk.chance)
    seen: set[State] = set()
    for _ in range(240):
        await walk.step()
        counts = await _counted(database)
        assert await _tallied(database) == counts
        seen |= {state for states in counts.values() for state in states}
    assert min(walk.done.values()) > 3
    assert len(seen) >= 5, "the walk comes far"
    for id_ in walk.campaigns:
        assert (await report(store, id_)).states == (await _counted(database))[id_]


async def test_workers_at_once_lose_no_count(store: Store, other: Store, database: Database) -> None:
    """Two processes walk over the same campaigns at the same time; neither waits for the other for good."""
    campaigns = [await campaign(store) for _ in range(3)]
    owns = enumerate((store, other, other, store))
    walks = [Walk(own, random.Random(seed), campaigns, is_alone=False) for seed, own in owns]  # noqa: S311 (the same acts each time)

    async def go(walk: Walk) -> None:
        for _ in range(60):
            await walk.step()

    async with asyncio.timeout(60):
        await asyncio.gather(*map(go, walks))
    assert await _tallied(database) == await _counted(database)
    assert sum(sum(states.values()) for states in (await _counted(database)).values()) > 20


@pytest.mark.parametrize("state", State)
async def test_what_does_not_move_is_not_counted(store: Store, database: Database, state: State) -> None:
    """Through each door from each state to each: the count follows the message, and stays where the move is refused."""
    for target in State:
        id_ = await campaign(store)
        [row] = await queue(store, new_message(campaign_id=id_))
        async with database.write() as connection:
            moved = sa.update(messages).where(messages.c.id == row.id).values(state=state, attempts=1)
            await connection.execute(moved)
            counted = sa.update(tallies).where(tallies.c.campaign_id == id_)
            await connection.execute(counted.values({"queued": 0}))
            await connection.execute(counted.values({state.value: 1}))
        row = replace(row, state=state, attempts=1)
        for door in (_record, _hear):
            await door(store, row, target)
            assert (await report(store, id_)).states == {(await look(store, row.id)).state: 1}, target


async def _record(store: Store, row: Message, target: State) -> None:
    async with store.write() as tx:
        await tx.record_sent([sent(row, target), sent(row, target, attempt=0)], NOW)


async def _hear(store: Store, row: Message, target: State) -> None:
    async with store.write() as tx:
        await tx.record_heard([heard(row, target, status=DeliveryStatus.DELIVERED), heard(row, None)], NOW)
