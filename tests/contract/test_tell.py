"""Who is told of a campaign that is over."""

import pytest
import sqlalchemy as sa

from bot.domain.campaign import Way
from bot.domain.card import Subject
from bot.domain.message import State
from bot.domain.notices import What, Whose, Wishes
from bot.domain.timing import Timing
from bot.services.tell import Tell
from bot.store import Store
from bot.store.database import Database
from bot.store.schema import bulks, tallies
from tests.support.log import NOW, campaign, new_message, put, queue, report

ACTOR, ALL, FAILURES, OWN = 7, 8, 9, 10
WISHES = {
    ACTOR: Wishes(Whose.ALL, What.EVERYTHING),
    ALL: Wishes(Whose.ALL, What.EVERYTHING),
    FAILURES: Wishes(Whose.ALL, What.FAILURES),
    OWN: Wishes(Whose.OWN, What.EVERYTHING),
}
WELL = {State.QUEUED, State.SENDING, State.ACCEPTED, State.DELIVERED, State.CANCELLED}


async def _told(store: Store, campaign_id: int) -> set[int]:
    """Who gets a card of it."""
    async with store.write() as tx:
        for admin, wishes in WISHES.items():
            await tx.set_wishes(admin, wishes)
    ended = await report(store, campaign_id)
    async with store.write() as tx:
        await Tell(list(WISHES), Timing()).campaign(tx, ended, NOW)
        cards = await tx.due_cards(NOW, 9)
    assert {(card.subject, card.subject_id) for card in cards} == {(Subject.CAMPAIGN, campaign_id)}
    return {card.chat_id for card in cards}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("way", Way)
async def test_failures_are_told_to_who_wants_only_those(
    store: Store, database: Database, way: Way, state: State
) -> None:
    """One message that went wrong is enough, and of the gateway's own way one list; who ordered it sees it anyway."""
    id_ = await campaign(store, way=way, actor_id=ACTOR)
    if way is Way.TRACKED:
        good, bad = await queue(store, new_message(campaign_id=id_), new_message(campaign_id=id_))
        await put(database, good.id, state=State.DELIVERED)
        await put(database, bad.id, state=state)
        await _tally(database, id_, state)
    else:
        async with store.write() as tx:
            for name in ("good", "bad"):
                await tx.add_bulk(id_, name, b"992900000001\n", NOW, with_params=False, now=NOW)
        for name, stands in (("good", State.ACCEPTED), ("bad", state)):
            async with database.write() as connection:
                await connection.execute(sa.update(bulks).where(bulks.c.txn_id == name).values(state=stands))
    assert await _told(store, id_) == ({ALL} if state in WELL else {ALL, FAILURES})


async def _tally(database: Database, campaign_id: int, state: State) -> None:
    counted = {each.value: int(each is state) for each in State} | {
        State.DELIVERED.value: 1 + (state is State.DELIVERED)
    }
    async with database.write() as connection:
        await connection.execute(sa.update(tallies).where(tallies.c.campaign_id == campaign_id).values(counted))
