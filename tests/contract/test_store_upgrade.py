"""From the first tables to campaigns in stages, with a log that is in use: nothing is lost, nothing is sent twice."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.campaign import Hold, Stage
from bot.domain.card import Subject
from bot.domain.draft import Order, Outcome, Step
from bot.domain.message import State
from bot.store import Store
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.contract.conftest import NewUrl
from tests.support.log import LEASE, NOW, SECOND, claim, record, sent
from tests.support.old_log import count_on, insert, tables_of

MICROS = int(NOW.timestamp()) * 10**6 + NOW.microsecond
OLD_ORDER = (
    '{"phones":["992900000001"],"text":"Салом","sender":"Demo","channel":"sms","confidential":false,'
    '"phone_list":null,"with_params":false,"send_at":null,"questions":["repeat"]}'
)
RUNNING, PAUSED, OVER, EMPTY, BULK, HELD_BULK, SENT_BULK, IN_FLIGHT = range(1, 9)
CAMPAIGNS = {
    RUNNING: ("tracked", False),
    PAUSED: ("tracked", True),
    OVER: ("tracked", True),
    EMPTY: ("tracked", False),
    BULK: ("bulk", False),
    HELD_BULK: ("bulk", True),
    SENT_BULK: ("bulk", False),
    IN_FLIGHT: ("tracked", False),
}
# (campaign, state, attempts): the id is the place. Every state stands in the campaign that is over, but for open ones.
MESSAGES: list[tuple[int | None, str, int]] = [
    (RUNNING, "queued", 0),
    (RUNNING, "queued", 2),
    (RUNNING, "delivered", 1),
    (PAUSED, "queued", 0),
    (PAUSED, "failed", 1),
    *((OVER, state.value, 1) for state in State if state not in (State.QUEUED, State.SENDING)),
    (None, "queued", 0),
    (None, "accepted", 1),
    (IN_FLIGHT, "sending", 1),
]
BULKS = {BULK: "queued", HELD_BULK: "sending", SENT_BULK: "accepted"}


async def _fill(database: Database) -> None:
    """A log as the first tables held it, written past all our code."""
    common = {"text": "Салом", "sender": "Demo", "confidential": False, "actor_id": 7, "created_at": MICROS}
    sizes = {"file_name": "a.csv", "recipients": 9, "parts": 18}
    lists = [{"id": id_, "way": way, "paused": paused, **common, **sizes} for id_, (way, paused) in CAMPAIGNS.items()]
    await insert(database, "campaigns", lists)
    tried = {"retries": 0, "polls": 0, "length": 5, "encoding": "Unicode", "parts": 1, "channel": "sms"}
    messages = [
        {
            "id": id_,
            "campaign_id": owner,
            "state": state,
            "attempts": attempts,
            "may_have_arrived": attempts > 1,
            "due_at": MICROS,
            "phone": f"9929000000{id_:02}",
            "txn_id": f"txn-{id_}",
            "priority": int(owner is not None),
            **common,
            **tried,
        }
        for id_, (owner, state, attempts) in enumerate(MESSAGES, 1)
    ]
    await insert(database, "messages", messages)
    events: list[tuple[int, str | None, str, str]] = [
        (id_, None, "queued", "ordered") for id_ in range(1, len(MESSAGES) + 1)
    ]
    events += [(2, "queued", "sending", "attempt_1"), (2, "sending", "queued", "TimedOut")]
    events += [(2, "queued", "sending", "attempt_2"), (2, "sending", "sending", "lease_ran_out")]
    lines = [{"message_id": m, "at": MICROS, "from_state": a, "to_state": b, "why": why} for m, a, b, why in events]
    await insert(database, "events", lines)
    calls = [
        {
            "id": id_,
            "campaign_id": id_,
            "file": b"992900000001\n",
            "send_at": MICROS,
            "with_params": False,
            "txn_id": f"bulk-{id_}",
            "state": state,
            "due_at": MICROS,
            "attempts": int(state != "queued"),
            "retries": 0,
            "may_have_arrived": False,
        }
        for id_, state in BULKS.items()
    ]
    await insert(database, "bulks", calls)
    await insert(
        database,
        "events",
        [{"bulk_id": BULK, "at": MICROS, "from_state": None, "to_state": "queued", "why": "ordered"}],
    )
    drafts = [("confirm", OLD_ORDER, b"992900000001\n"), ("confirm", OLD_ORDER, None), ("closed", OLD_ORDER, None)]
    places = {"chat_id": 5, "actor_id": 7, "answered": 0, "created_at": MICROS}
    rows = [
        {"id": id_, "origin": f"5:{id_}", "step": step, "order": order, "file": file, "outcome": None, **places}
        for id_, (step, order, file) in enumerate(drafts, 1)
    ]
    await insert(database, "drafts", rows)
    shown = {"telegram_id": 77, "wanted": 1, "shown": 1, "tries": 0, "chat_id": 5, "actor_id": 7}
    await insert(database, "cards", [{"subject": "draft", "subject_id": id_, **shown} for id_ in (1, 2)])
    await insert(database, "people", [{"user_id": 7, "language": "tg"}])
    await count_on(database, "campaigns", "messages", "bulks", "drafts")


@pytest.fixture
async def upgraded(new_url: NewUrl) -> AsyncIterator[Database]:
    """A log in use, brought up to date."""
    database = Database(await new_url())
    await database.run_migration(tables_of("0001"))
    await _fill(database)
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
async def store(upgraded: Database) -> AsyncIterator[Store]:
    """The same as the services use it."""
    store = Store(upgraded.url.render_as_string(hide_password=False))
    yield store
    await store.close()


STAGES = {
    RUNNING: (Stage.RUNNING, None),
    PAUSED: (Stage.PAUSED, Hold.SENDER),
    OVER: (Stage.FINISHED, None),
    EMPTY: (Stage.FINISHED, None),
    BULK: (Stage.RUNNING, None),
    HELD_BULK: (Stage.PAUSED, Hold.SENDER),
    SENT_BULK: (Stage.FINISHED, None),
    IN_FLIGHT: (Stage.RUNNING, None),
}


@pytest.mark.parametrize("id_", CAMPAIGNS)
async def test_a_campaign_stands_where_it_stood(store: Store, id_: int) -> None:
    """What has something to send runs or is paused as it was, all else is finished; its messages are counted."""
    async with store.read() as tx:
        report = await tx.campaign(id_)
    assert report
    campaign = report.campaign
    assert (campaign.stage, campaign.hold) == STAGES[id_]
    ended = NOW if campaign.stage is Stage.FINISHED else None
    assert (campaign.created_at, campaign.starts_at, campaign.started_at, campaign.ended_at) == (NOW, NOW, NOW, ended)
    assert (campaign.recipients, campaign.parts, campaign.text, campaign.file_name) == (9, 18, "Салом", "a.csv")
    assert (campaign.columns, campaign.rows, campaign.taken, report.is_taken) == ((), 0, 0, True)
    states = [State(state) for owner, state, _ in MESSAGES if owner == id_]
    assert report.states == {state: states.count(state) for state in states}
    assert [bulk.state for bulk in report.bulks] == ([State(BULKS[id_])] if id_ in BULKS else [])


async def test_what_was_to_be_sent_is_sent(store: Store) -> None:
    """Single ones first; of a paused campaign once it is let go; each under its txn_id, as often tried as it was."""
    to_send = {n: row for n, row in enumerate(MESSAGES, 1) if row[1] in ("queued", "sending")}
    held = {n for n, row in to_send.items() if row[0] == PAUSED}
    claimed = await claim(store) + await claim(store)
    assert {row.id for row in claimed} == set(to_send) - held
    assert claimed[0].campaign_id is None
    for row in claimed:
        assert (row.txn_id, row.attempts) == (f"txn-{row.id}", to_send[row.id][2] + 1)
        assert row.may_have_arrived == (to_send[row.id][2] > 1 or to_send[row.id][1] == "sending")
    await record(store, *map(sent, claimed))
    async with store.write() as tx:
        for id_ in (PAUSED, HELD_BULK):
            assert await tx.move_campaign(id_, [Stage.PAUSED], Stage.RUNNING, NOW)
        assert {row.id for row in await tx.claim_messages(NOW, NOW + LEASE, 99)} == held
        bulks = await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW)
        assert [(bulk.txn_id, bulk.attempts) for bulk in bulks] == [(f"bulk-{BULK}", 1), (f"bulk-{HELD_BULK}", 2)]
        assert await tx.bulk_file(BULK) == b"992900000001\n"
        report = await tx.campaign(RUNNING)
    assert report
    assert report.states == {State.ACCEPTED: 2, State.DELIVERED: 1}


async def test_the_history_is_told_as_before(store: Store) -> None:
    """Each begins with its order, once; what became of each attempt is still there, and a bulk call's lines are."""
    async with store.read() as tx:
        for id_ in range(1, len(MESSAGES) + 1):
            lines = await tx.history(id_)
            assert [line.why for line in lines].count("ordered") == 1
            assert (lines[0].at, lines[0].from_state, lines[0].to_state, lines[0].why) == (
                NOW,
                None,
                State.QUEUED,
                "ordered",
            )
        told = [line.why for line in await tx.history(2) if not line.why.startswith("attempt_")]
    assert told == ["ordered", "TimedOut", "lease_ran_out"]


async def test_a_list_that_is_open_is_dropped_and_nothing_else(store: Store) -> None:
    """It was read by what came before: outdated, with nothing left of it. A draft of a single message goes on."""
    order = Order(phones=("992900000001",), text="Салом", sender="Demo", questions=("repeat",))
    async with store.write() as tx:
        listed, single, closed = await tx.draft(1), await tx.draft(2), await tx.draft(3)
        assert listed
        assert single
        assert closed
        assert listed == replace(single, id=1, step=Step.CLOSED, order=Order(), outcome=Outcome.OUTDATED)
        assert (single.step, single.order, closed.order) == (Step.CONFIRM, order, order)
        assert await tx.draft_source(1) == (None, None)
        assert await tx.close_draft(2, Outcome.SENT, NOW)


async def test_the_card_of_a_dropped_list_says_so(store: Store) -> None:
    """Its buttons would lead nowhere."""
    async with store.read() as tx:
        cards = await tx.due_cards(NOW + SECOND, 9)
    assert [(card.subject, card.subject_id, card.wanted) for card in cards] == [(Subject.DRAFT, 1, 2)]


async def test_the_log_goes_on(store: Store, upgraded: Database) -> None:
    """No reference leads nowhere, numbers go on, and what was known of people is known."""
    async with store.write() as tx:
        assert await tx.language(7) == "tg"
        assert await tx.test_phone(7) is None
        await tx.set_test_phone(7, "992900000001")
        await tx.set_test_phone(8, "992900000002")
        assert [await tx.test_phone(user) for user in (7, 8)] == ["992900000001", "992900000002"]
        assert [await tx.language(user) for user in (7, 8)] == ["tg", None]
    if upgraded.is_sqlite:
        async with upgraded.write() as connection:
            assert (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all() == []
            assert (await connection.exec_driver_sql("PRAGMA integrity_check")).scalar_one() == "ok"
