"""Campaigns and their bulk calls."""

import asyncio
from dataclasses import fields, replace

import pytest
import sqlalchemy as sa

from bot.domain.campaign import Bulk, Campaign, CampaignReport, Hold, Stage, Way
from bot.domain.card import Subject
from bot.domain.gateway import Channel
from bot.domain.message import LAWFUL, Message, State
from bot.domain.retry import ATTEMPTS_RAN_OUT
from bot.store import Store
from bot.store.database import Database
from bot.store.schema import bulks, events, messages, tallies
from tests.support.log import (
    LEASE,
    NOW,
    PHONE,
    SECOND,
    campaign,
    campaign_values,
    new_message,
    put,
    queue,
    report,
    sent,
)

OTHER = "992900000002"
FILE = bytes(range(256)) * 40


async def _bulk(store: Store) -> Bulk:
    async with store.write() as tx:
        id_ = await tx.add_campaign(campaign_values(way=Way.BULK, file_name="мизоҷон.csv"))
        await tx.add_bulk(id_, "bulk-1", FILE, NOW + 9 * SECOND, with_params=True, now=NOW)
    return (await report(store, id_)).bulks[0]


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("confidential", [False, True])
async def test_a_campaign_comes_back_as_it_was_given(store: Store, way: Way, confidential: bool) -> None:
    """Every field, each with a value of its own, with nothing ordered yet."""
    values = campaign_values(
        way=way,
        text="Салом, {ном}!",
        channel=Channel.TELEGRAM,
        confidential=confidential,
        latin=True,
        plain=True,
        file_name="a\0b.csv",
        recipients=3,
        parts=9,
        stage=Stage.PAUSED,
        hold=Hold.CANARY,
        starts_at=NOW + SECOND,
        send_at=NOW + 2 * SECOND,
        started_at=NOW + 3 * SECOND,
        ended_at=NOW + 4 * SECOND,
        draft_id=2**31 - 1,
        columns=("phone", "ном", '"\\', "\0"),
        rows=5,
        taken=4,
        ask_after=10,
        checked=True,
        again_of=98,
        again_by=99,
    )
    assert set(values) == {item.name for item in fields(Campaign)} - {"id"}
    id_ = await campaign(store, **values)
    assert await report(store, id_) == CampaignReport(Campaign(id_, **values | {"file_name": "a�b.csv"}), {}, ())
    async with store.read() as tx:
        assert await tx.campaign(id_ + 1) is None


async def test_a_report_counts_where_the_messages_stand(store: Store) -> None:
    """By state, of this campaign alone."""
    id_, foreign = await campaign(store), await campaign(store)
    await queue(store, *(new_message(campaign_id=id_) for _ in range(3)), new_message(campaign_id=foreign))
    async with store.write() as tx:
        rows = [row for row in await tx.claim_messages(NOW, NOW + LEASE, 9) if row.campaign_id == id_]
        await tx.record_sent([sent(rows[0]), sent(rows[1], State.QUEUED)], NOW)
    found = await report(store, id_)
    assert found.states == {State.ACCEPTED: 1, State.SENDING: 1, State.QUEUED: 1}
    assert (found.ordered, found.to_leave, found.decided) == (3, 2, 1)


@pytest.mark.parametrize("stage", Stage)
async def test_a_campaign_moves_on_from_where_it_may(store: Store, stage: Stage) -> None:
    """From the stages that are named and from no other; with a hold and whatever else is set, each time anew."""
    begun = Stage.FINISHED if stage is Stage.CANCELLED else Stage.CANCELLED
    id_ = await campaign(store, stage=begun, hold=Hold.SENDER)
    before = (await report(store, id_)).campaign
    async with store.write() as tx:
        assert not await tx.move_campaign(id_, sorted(set(Stage) - {begun}), stage, NOW + SECOND, Hold.REFUSALS)
        assert not await tx.move_campaign(id_ + 1, list(Stage), stage, NOW + SECOND)
        assert not await tx.move_campaign(id_, [], stage, NOW + SECOND)
    assert (await report(store, id_)).campaign == before
    ended = NOW + SECOND if stage in (Stage.FINISHED, Stage.CANCELLED) else None
    for hold, changes in ((Hold.REFUSALS, {"checked": True, "started_at": NOW + SECOND}), (None, {"ask_after": 9})):
        async with store.write() as tx:
            assert await tx.move_campaign(id_, [begun, stage], stage, NOW + SECOND, hold, **changes)
        before = replace(before, stage=stage, hold=hold, ended_at=ended, **changes)
        assert (await report(store, id_)).campaign == before


async def test_of_two_that_move_a_campaign_at_once_one_does(store: Store, other: Store) -> None:
    """One tap pauses it, another one cancels it: the second finds it elsewhere."""
    id_ = await campaign(store)

    async def move(own: Store, stage: Stage) -> bool:
        async with own.write() as tx:
            await tx.campaign(id_, lock=True)
            return await tx.move_campaign(id_, [Stage.RUNNING], stage, NOW)

    moves = [move(store, Stage.PAUSED), move(other, Stage.CANCELLING), move(other, Stage.FINISHED)]
    assert sorted(await asyncio.gather(*moves)) == [False, False, True]


async def test_a_locked_campaign_is_nobody_elses(store: Store, other: Store) -> None:
    """Whoever takes a piece of a list holds its campaign until he is done."""
    id_ = await campaign(store)

    async def cancel() -> int:
        async with other.write() as tx:
            await tx.move_campaign(id_, [Stage.RUNNING], Stage.CANCELLING, NOW)
            found = await tx.campaign(id_)
        assert found
        return found.campaign.taken

    async with store.write() as tx:
        assert await tx.campaign(id_, lock=True)
        theirs = asyncio.create_task(cancel())
        await asyncio.wait({theirs}, timeout=0.1)
        assert not theirs.done()
        await tx.rows_taken(id_, 500, NOW)
    assert await theirs == 500


async def test_campaigns_at_work(store: Store) -> None:
    """In the stages that are asked for, in their order; over or not due yet they are not at work."""
    ids = {stage: await campaign(store, stage=stage) for stage in Stage}
    late = await campaign(store, stage=Stage.WAITING, starts_at=NOW + SECOND)
    ended = {Stage.FINISHED, Stage.CANCELLED}
    async with store.read() as tx:

        async def at_work(stages: list[Stage], seconds: int = 0) -> list[int]:
            return [found.campaign.id for found in await tx.campaigns_at_work(stages, NOW + seconds * SECOND)]

        assert await at_work(list(Stage)) == [id_ for stage, id_ in ids.items() if stage not in ended]
        for stage in Stage:
            assert await at_work([stage]) == ([] if stage in ended else [ids[stage]])
        assert await at_work([Stage.WAITING], 1) == [ids[Stage.WAITING], late]
        assert await at_work(list(Stage), -1) == []
        assert await at_work([]) == []


async def test_the_latest_campaigns(store: Store) -> None:
    """All that are not over, the newest first; then the last ones of those that are."""
    ids = [await campaign(store, stage=stage) for _ in range(2) for stage in Stage]
    over = [id_ for id_, stage in zip(ids, [*Stage] * 2, strict=True) if stage in (Stage.FINISHED, Stage.CANCELLED)]
    open_ = [id_ for id_ in ids if id_ not in over]
    async with store.read() as tx:
        for limit in (1, 3, 9):
            found = [found.campaign.id for found in await tx.latest_campaigns(limit)]
            assert found == [*reversed(open_), *list(reversed(over))[:limit]]


async def test_a_campaign_that_told_as_many_the_same(store: Store) -> None:
    """The latest that was ordered since then, whatever became of it: the same text to as many, to the letter."""
    same = {"text": "Салом", "recipients": 5}
    ids = [await campaign(store, **same, created_at=NOW, stage=stage) for stage in Stage]
    await campaign(store, **same, created_at=NOW - SECOND)
    await campaign(store, text="Салом!", recipients=5)
    await campaign(store, text="Салом", recipients=6)
    async with store.read() as tx:
        assert await tx.same_campaign("Салом", 5, NOW) == ids[-1]
        assert await tx.same_campaign("Салом", 5, NOW + SECOND) is None
        assert await tx.same_campaign("салом", 5, NOW) is None


async def test_what_is_not_sent_again_after_all_may_be_sent_by_another(store: Store) -> None:
    """A campaign that is cancelled before any of it left frees what it was to send again."""
    first = await campaign(store, stage=Stage.FINISHED)
    id_ = await campaign(store, stage=Stage.WAITING, again_of=first)
    async with store.write() as tx:
        assert await tx.claim_again(first, id_, NOW)
        await tx.free_again(id_ + 1, NOW)
        assert not await tx.claim_again(first, id_ + 1, NOW)
        await tx.free_again(id_, NOW)
        assert await tx.claim_again(first, id_ + 1, NOW)


async def test_a_campaign_that_has_not_begun_is_taken_back(store: Store, database: Database) -> None:
    """Nothing of it stays, and what it was to send again may be sent again by another one; its card says so."""
    first = await campaign(store, stage=Stage.FINISHED)
    id_ = await campaign(store, stage=Stage.WAITING, again_of=first)
    async with store.write() as tx:
        for about in (first, id_):
            await tx.add_card(5, 7, Subject.CAMPAIGN, about, NOW)

        async def wanted() -> int:
            [card] = [card for card in await tx.due_cards(NOW, 9) if card.subject_id == first]
            return card.wanted

        assert await tx.claim_again(first, id_, NOW)
        assert await wanted() == 2
        assert not await tx.claim_again(first, id_ + 1, NOW), "one does already"
        assert await wanted() == 2
        assert await tx.take_back_campaign(id_, NOW)
        assert await wanted() == 3
        assert await tx.campaign(id_) is None
        assert await tx.claim_again(first, id_ + 1, NOW)
        assert not await tx.claim_again(id_, 1, NOW)
    async with database.read() as connection:
        assert list(await connection.scalars(sa.select(tallies.c.campaign_id))) == [first]


async def test_a_campaign_that_has_begun_is_not_taken_back(store: Store) -> None:
    """A message or a bulk call of it may have left: it stays, with its counts."""
    tracked, bulk = await campaign(store), await campaign(store, way=Way.BULK)
    await queue(store, new_message(campaign_id=tracked))
    async with store.write() as tx:
        await tx.add_bulk(bulk, "bulk-1", FILE, NOW, with_params=False, now=NOW)
        assert [await tx.take_back_campaign(id_, NOW) for id_ in (tracked, bulk)] == [False, False]
    assert (await report(store, tracked)).ordered == 1
    assert len((await report(store, bulk)).bulks) == 1


async def test_the_place_in_a_list_is_kept(store: Store) -> None:
    """How far it is taken; of this campaign alone."""
    id_, foreign = await campaign(store, rows=900), await campaign(store, rows=900)
    for taken in (500, 900):
        async with store.write() as tx:
            await tx.rows_taken(id_, taken, NOW)
        found = await report(store, id_)
        assert (found.campaign.taken, found.is_taken) == (taken, taken == 900)
    assert (await report(store, foreign)).campaign.taken == 0


async def test_the_pages_of_a_campaign(store: Store) -> None:
    """Its messages in order, page by page; none twice, none of another one's."""
    id_, foreign = await campaign(store), await campaign(store)
    rows = await queue(store, *(new_message(campaign_id=owner) for owner in (id_, foreign, None) * 5))
    mine, seen = [row for row in rows if row.campaign_id == id_], list[Message]()
    async with store.read() as tx:
        while page := await tx.campaign_page(id_, seen[-1].id if seen else 0, 2):
            assert len(page) <= 2
            seen += page
    assert seen == mine


async def test_failures_that_may_have_passed(store: Store, database: Database) -> None:
    """Failed, of this campaign, for a reason that passes, with its text still there; page by page."""
    id_, foreign = await campaign(store), await campaign(store)
    kinds = [
        (owner, state, reason, text)
        for owner in (id_, foreign, None)
        for state in State
        for reason in ("SenderInvalid", ATTEMPTS_RAN_OUT, "TimedOut", None)
        for text in ("Салом", None)
    ]
    owners = enumerate(owner for owner, *_ in kinds)
    rows = await queue(store, *(new_message(campaign_id=id_, phone=f"99290000{n:04d}") for n, id_ in owners))
    async with database.write() as connection:
        for row, (_, state, reason, text) in zip(rows, kinds, strict=True):
            change = sa.update(messages).where(messages.c.id == row.id)
            await connection.execute(change.values(state=state, reason=reason, text=text))
    wanted = {(id_, State.FAILED, reason, "Салом") for reason in (ATTEMPTS_RAN_OUT, "TimedOut")}
    expected = [row.id for row, kind in zip(rows, kinds, strict=True) if kind in wanted]
    async with store.read() as tx:
        assert [row.id for row in await tx.passing_failures(id_, 0, 9)] == expected
        assert [row.id for row in await tx.passing_failures(id_, 0, 1)] == expected[:1]
        assert [row.id for row in await tx.passing_failures(id_, expected[0], 9)] == expected[1:]


@pytest.mark.parametrize("state", State)
async def test_what_was_sent_again_by_hand_is_no_failure_any_more(
    store: Store, database: Database, state: State
) -> None:
    """Nobody gets it twice: unless what was sent since is another text, to another phone, or came to nothing too."""
    id_ = await campaign(store)
    failed, other = await queue(store, *(new_message(campaign_id=id_, phone=phone) for phone in (PHONE, OTHER)))
    for row in (failed, other):
        await put(database, row.id, state=State.FAILED, reason="TimedOut")
    again, _ = await queue(store, new_message(), new_message(text="another", phone=OTHER))
    await put(database, again.id, state=state)
    left = [other.id] if state not in (State.FAILED, State.CANCELLED) else [failed.id, other.id]
    async with store.read() as tx:
        assert [row.id for row in await tx.passing_failures(id_, 0, 9)] == left
        assert await tx.count_passing_failures(id_) == len(left)


async def test_a_campaign_is_decided_when_it_is_over_and_nothing_is_awaited(store: Store, database: Database) -> None:
    """Asked for by its messages; what may still change keeps it open, and so does its stage."""
    over, at_work, open_, other = [await campaign(store) for _ in range(4)]
    rows = await queue(store, *(new_message(campaign_id=owner) for owner in (over, at_work, open_, other)))
    await tallied(database, over, State.DELIVERED)
    async with store.write() as tx:
        for owner in (over, open_, other):
            assert await tx.move_campaign(owner, list(Stage), Stage.FINISHED, NOW)
    for state in State:
        await tallied(database, open_, state)
        async with store.read() as tx:
            found = [report.campaign.id for report in await tx.decided_campaigns([row.id for row in rows[:3]])]
        awaited = state in (State.QUEUED, State.SENDING, State.ACCEPTED)
        assert found == ([over] if awaited else [over, open_]), state


async def tallied(database: Database, campaign_id: int, state: State) -> None:
    """Have the log's count say that all of a campaign is in one state."""
    counted = {each.value: int(each is state) for each in State}
    async with database.write() as connection:
        await connection.execute(sa.update(tallies).where(tallies.c.campaign_id == campaign_id).values(counted))


async def test_the_text_of_a_campaign_goes_if_it_is_confidential(store: Store) -> None:
    """It stands in the messages by then; another one's stays for good."""
    ids = [await campaign(store, confidential=confidential) for confidential in (True, False, True)]
    async with store.write() as tx:
        for id_ in ids[:2]:
            await tx.erase_campaign_text(id_)
    assert [(await report(store, id_)).campaign.text for id_ in ids] == [None, "Салом", "Салом"]


async def test_bulk_calls_that_cannot_have_left_are_cancelled(store: Store, database: Database) -> None:
    """Of all states only queued, and of that nothing that may have arrived; its file goes, other campaigns' stay."""
    mine, foreign = await campaign(store, way=Way.BULK), await campaign(store, way=Way.BULK)
    kinds = [(state, tried) for state in State for tried in (False, True)]
    async with store.write() as tx:
        for place, _ in enumerate(kinds):
            for owner in (mine, foreign):
                await tx.add_bulk(owner, f"bulk-{owner}-{place}", FILE, NOW, with_params=False, now=NOW)
    async with database.write() as connection:
        for place, (state, tried) in enumerate(kinds):
            change = sa.update(bulks).where(bulks.c.txn_id.in_([f"bulk-{mine}-{place}", f"bulk-{foreign}-{place}"]))
            await connection.execute(change.values(state=state, may_have_arrived=tried))
    before = {owner: (await report(store, owner)).bulks for owner in (mine, foreign)}
    for _ in range(2):
        async with store.write() as tx:
            await tx.cancel_bulks(mine, NOW + SECOND)
    after = (await report(store, mine)).bulks
    assert (await report(store, foreign)).bulks == before[foreign]
    for was, bulk, kind in zip(before[mine], after, kinds, strict=True):
        cancelled = kind == (State.QUEUED, False)
        assert bulk == (replace(was, state=State.CANCELLED) if cancelled else was)
        async with store.read() as tx:
            assert await tx.bulk_file(bulk.id) == (b"" if cancelled else FILE)
        lines = (await _lines(database, bulk.id))[1:]
        assert lines == ([(State.QUEUED, State.CANCELLED, "cancelled", None, None)] if cancelled else [])


async def test_only_what_was_never_tried_is_given_another_time(store: Store) -> None:
    """A repeat must be the same request to the letter; another campaign's calls keep their time too."""
    id_, foreign = await campaign(store, way=Way.BULK), await campaign(store, way=Way.BULK, stage=Stage.PAUSED)
    async with store.write() as tx:
        await tx.add_bulk(id_, "tried", FILE, NOW, with_params=False, now=NOW)
        [tried] = await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW)
        await tx.record_bulk(sent(tried, State.QUEUED), NOW)
        await tx.add_bulk(id_, "new", FILE, NOW, with_params=False, now=NOW)
        await tx.add_bulk(foreign, "foreign", FILE, NOW, with_params=False, now=NOW)
        await tx.delay_bulks(id_, NOW + 9 * SECOND)
    times = {bulk.txn_id: bulk.send_at for owner in (id_, foreign) for bulk in (await report(store, owner)).bulks}
    assert times == {"tried": NOW, "new": NOW + 9 * SECOND, "foreign": NOW}


async def test_a_bulk_call_comes_back_as_it_was_given(store: Store, database: Database) -> None:
    """Every field, its file byte by byte, one line of history; found by its txn_id."""
    bulk = await _bulk(store)
    expected = Bulk(
        bulk.id, bulk.campaign_id, "bulk-1", State.QUEUED, NOW + 9 * SECOND, True, 0, 0, False, None, None, None, None
    )
    assert bulk == expected
    async with store.read() as tx:
        assert await tx.bulk_file(bulk.id) == FILE
        assert await tx.campaign_by_txn_id("bulk-1") == bulk.campaign_id
        assert await tx.campaign_by_txn_id("bulk-2") is None
    assert await _lines(database, bulk.id) == [(None, State.QUEUED, "ordered", None, None)]


async def _lines(database: Database, bulk_id: int) -> list[tuple[State | None, State, str, int | None, str | None]]:
    columns = (events.c.from_state, events.c.to_state, events.c.why, events.c.code, events.c.text)
    query = sa.select(*columns).where(events.c.bulk_id == bulk_id).order_by(events.c.id)
    async with database.read() as connection:
        return [(row[0], row[1], row[2], row[3], row[4]) for row in await connection.execute(query)]


@pytest.mark.parametrize("state", sorted(LAWFUL[State.SENDING] - {State.SENDING}))
async def test_the_outcome_of_a_bulk_call(store: Store, database: Database, state: State) -> None:
    """Each state that an attempt can end in, with all that is known, and one line of history."""
    bulk = await _bulk(store)
    async with store.write() as tx:
        [claimed] = await tx.claim_bulks(NOW, NOW + LEASE, 1, NOW)
        outcome = sent(claimed, state, reason="Why", retries=1, name="Na\0me", code=109, text="wo\0rds")
        await tx.record_bulk(outcome, NOW)
    assert (await report(store, bulk.campaign_id)).bulks == (
        replace(
            claimed,
            state=state,
            retries=1,
            may_have_arrived=True,
            name="Na�me",
            reason="Why",
            code=109,
            gateway_text="wo�rds",
        ),
    )
    assert (await _lines(database, bulk.id))[1:] == [(State.SENDING, state, "Why", 109, "wo�rds")]


@pytest.mark.parametrize("state", sorted(LAWFUL[State.SENDING] - {State.SENDING}))
async def test_the_file_of_a_bulk_call_goes_with_the_outcome(store: Store, state: State) -> None:
    """The phones in it are needed for sending alone."""
    bulk = await _bulk(store)
    async with store.write() as tx:
        [claimed] = await tx.claim_bulks(NOW, NOW + LEASE, 1, NOW)
        await tx.record_bulk(sent(claimed, state), NOW)
        assert await tx.bulk_file(bulk.id) == (FILE if state is State.QUEUED else b"")


async def test_a_late_outcome_of_a_bulk_call_changes_nothing(store: Store, database: Database) -> None:
    """The number of the attempt is the fence here too."""
    bulk = await _bulk(store)
    async with store.write() as tx:
        [first] = await tx.claim_bulks(NOW, NOW + LEASE, 1, NOW)
        [second] = await tx.claim_bulks(NOW + LEASE, NOW + 2 * LEASE, 1, NOW)
        await tx.record_bulk(sent(first, name="late"), NOW)
    assert (await report(store, bulk.campaign_id)).bulks == (second,)
    lines = [why for _, _, why, _, _ in await _lines(database, bulk.id)]
    assert lines == ["ordered", "lease_ran_out"]


async def test_a_bulk_call_needs_its_campaign(store: Store) -> None:
    """The table refuses one without."""
    with pytest.raises(sa.exc.IntegrityError):
        async with store.write() as tx:
            await tx.add_bulk(99, "bulk-1", FILE, NOW, with_params=False, now=NOW)
