"""A confidential text is gone once it is not needed: not only from the table, but byte by byte from SQLite's files."""

import asyncio
import random
import re
import shutil
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.domain.campaign import Stage, Way
from bot.domain.draft import Order, Outcome, Piece, PieceKind, Step
from bot.domain.message import LAWFUL, UNSENT, State
from bot.store import Store
from bot.store.database import Database
from tests.support.log import (
    LEASE,
    NOW,
    SECOND,
    campaign_values,
    claim,
    look,
    new_message,
    new_text,
    queue,
    record,
    report,
    sent,
)

SECRET = "PAROL-4711"
OUTCOMES = sorted(LAWFUL[State.SENDING] - UNSENT)

_CLAIM_AND_WAIT = """
import asyncio, sys
from bot.store import Store
from bot.store.database import Database
from tests.support.log import claim
async def main(url):
    print(len(await claim(Store(url))), flush=True)
    sys.stdin.readline()
asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database lies."""
    return tmp_path / "data" / "bot.db"


@pytest.fixture
async def sqlite(path: Path, log_sqlite: Path) -> AsyncIterator[Store]:
    """A store on SQLite."""
    path.parent.mkdir()
    shutil.copy(log_sqlite, path)
    store = Store(f"sqlite+aiosqlite:///{path}")
    yield store
    await store.close()


def _held(path: Path) -> set[str]:
    """The secrets that can be read in the files of the database."""
    files = list(path.parent.iterdir())
    assert path in files
    return {match.decode() for file in files for match in re.findall(rb"PAROL-[0-9]+", file.read_bytes())}


@pytest.mark.parametrize("text", [SECRET, SECRET + "x" * 9000, "x" * 9000 + SECRET, SECRET * 1000])
@pytest.mark.parametrize("state", OUTCOMES)
async def test_the_bytes_go_with_the_outcome(sqlite: Store, path: Path, state: State, text: str) -> None:
    """The files hold the text while it has to be sent, and nothing of it as soon as the outcome is recorded."""
    [message] = await queue(sqlite, new_message(confidential=True, text=text))
    [claimed] = await claim(sqlite)
    assert claimed.text == text
    assert _held(path) == {SECRET}
    await record(sqlite, sent(claimed, state))
    assert _held(path) == set()
    assert (await look(sqlite, message.id)).text is None


async def test_the_bytes_of_a_batch_go_and_those_of_others_stay(sqlite: Store, path: Path) -> None:
    """Confidential or not, over or to be repeated, in one commit: gone is what is to go, and nothing else."""
    kinds = {"PAROL-1": True, "PAROL-2": False, "PAROL-3": True, "PAROL-4": True}
    await queue(sqlite, *(new_message(text=text, confidential=secret) for text, secret in kinds.items()))
    first, second, third, fourth = await claim(sqlite)
    await record(sqlite, sent(first), sent(second), sent(third, State.FAILED), sent(fourth, State.QUEUED))
    assert _held(path) == {"PAROL-2", "PAROL-4"}
    assert (await look(sqlite, fourth.id)).text == "PAROL-4"


async def test_the_bytes_of_a_cancelled_message_go(sqlite: Store, path: Path) -> None:
    """What never left is erased too."""
    async with sqlite.write() as tx:
        id_ = await tx.add_campaign(campaign_values(text=None, confidential=True))
    await queue(sqlite, *(new_message(text=SECRET, confidential=True, campaign_id=id_) for _ in range(3)))
    async with sqlite.write() as tx:
        assert await tx.cancel_some(id_, NOW, 9) == 3
    assert _held(path) == set()


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("padding", ["", "x" * 9000])
async def test_the_bytes_of_a_closed_draft_go(sqlite: Store, path: Path, outcome: Outcome, padding: str) -> None:
    """Its text in every version that it went through, and its file."""
    order = Order(text=padding + "PAROL-1", confidential=True, phones=("992900000001",))
    async with sqlite.write() as tx:
        id_ = await tx.add_draft("5:6", 5, 7, Step.CONFIRM, order, NOW, b"PAROL-2")
        assert id_
    async with sqlite.write() as tx:
        await tx.change_draft(id_, Step.CONFIRM, replace(order, text="PAROL-3"), NOW)
        await tx.add_pieces(id_, [Piece(PieceKind.REJECTED, 0, 1, b"PAROL-4" + padding.encode())])
    assert _held(path) >= {"PAROL-2", "PAROL-3", "PAROL-4"}
    async with sqlite.write() as tx:
        assert await tx.close_draft(id_, outcome, NOW)
    assert _held(path) == set()


@pytest.mark.parametrize("size", [1, 2000])
@pytest.mark.parametrize("state", OUTCOMES)
async def test_the_bytes_of_a_bulk_file_go(sqlite: Store, path: Path, state: State, size: int) -> None:
    """The phones and names of a list, small or large, in each of its files."""
    async with sqlite.write() as tx:
        id_ = await tx.add_campaign(campaign_values(way=Way.BULK))
        for number in range(4):
            file = f"PAROL-{number}\n".encode() * size
            await tx.add_bulk(id_, f"bulk-{number}", file, NOW, with_params=False, now=NOW)
        rows = await tx.claim_bulks(NOW, NOW + LEASE, 9, NOW)
    assert len(_held(path)) == 4
    for bulk in rows:
        async with sqlite.write() as tx:
            await tx.record_bulk(sent(bulk, state), NOW)
    assert _held(path) == set()


@pytest.mark.parametrize("padding", ["", "x" * 9000])
async def test_the_bytes_of_a_campaign_go(sqlite: Store, path: Path, padding: str) -> None:
    """Its text stands in the draft, in the campaign and in the messages; each is erased when it is needed no more."""
    order = Order(text=padding + "PAROL-1", confidential=True)
    async with sqlite.write() as tx:
        draft_id = await tx.add_draft("5:6", 5, 7, Step.CONFIRM, order, NOW, b"PAROL-2") or 0
        values = campaign_values(text=padding + "PAROL-3", confidential=True, draft_id=draft_id)
        id_ = await tx.add_campaign(values)
        assert await tx.confirm_draft(draft_id, NOW)
    assert _held(path) == {"PAROL-1", "PAROL-2", "PAROL-3"}
    async with sqlite.write() as tx:
        assert await tx.move_campaign(id_, [Stage.RUNNING], Stage.RUNNING, NOW, started_at=NOW)
        await tx.settle_draft(draft_id)
    assert _held(path) == {"PAROL-3"}
    found = await report(sqlite, id_)
    assert found.campaign.text == padding + "PAROL-3"
    async with sqlite.write() as tx:
        await tx.add_campaign_messages(found.campaign, [new_text(text=f"PAROL-{number}") for number in (4, 5)], NOW)
        await tx.rows_taken(id_, 2, NOW)
        await tx.erase_campaign_text(id_)
    assert _held(path) == {"PAROL-4", "PAROL-5"}
    first, second = await claim(sqlite)
    assert (first.text, second.text) == ("PAROL-4", "PAROL-5")
    await record(sqlite, sent(first), sent(second, State.FAILED))
    assert _held(path) == set()


@pytest.mark.parametrize("taken", [0, 1])
@pytest.mark.parametrize("padding", ["", "x" * 9000])
async def test_the_bytes_of_a_campaign_that_is_over_go(sqlite: Store, path: Path, padding: str, taken: int) -> None:
    """Its confidential text; and its list, unless a row of it was never taken."""
    async with sqlite.write() as tx:
        draft_id = await tx.add_draft("5:6", 5, 7, Step.CONFIRM, Order(), NOW) or 0
        await tx.add_pieces(draft_id, [Piece(PieceKind.RECIPIENTS, 0, 1, b"PAROL-1" + padding.encode())])
        values = campaign_values(text=padding + "PAROL-2", confidential=True, draft_id=draft_id, rows=1, taken=taken)
        id_ = await tx.add_campaign(values)
    assert _held(path) == {"PAROL-1", "PAROL-2"}
    async with sqlite.write() as tx:
        await tx.forget_list(id_)
    assert _held(path) == (set() if taken else {"PAROL-1"})


@pytest.mark.parametrize("seed", [1, 5])
async def test_no_copy_of_a_campaign_stays_behind(sqlite: Store, path: Path, seed: int) -> None:
    """Rows of campaigns grow and shrink as they go on; SQLite moves them, and leaves copies in the gaps."""
    chance = random.Random(seed)  # noqa: S311 (it fails the same way twice)
    async with sqlite.write() as tx:
        texts = [f"PAROL-{number}" * chance.randint(1, 40) for number in range(80)]
        ids = [await tx.add_campaign(campaign_values(text=text, confidential=True)) for text in texts]
    for id_ in chance.choices(ids, k=150):
        async with sqlite.write() as tx:
            name = "x" * chance.randint(0, 900)
            assert await tx.move_campaign(id_, list(Stage), Stage.RUNNING, NOW, file_name=name, columns=(name,))
    assert len(_held(path)) == 80
    for id_ in chance.sample(ids, 80):
        async with sqlite.write() as tx:
            await tx.erase_campaign_text(id_)
    assert _held(path) == set()


@pytest.mark.parametrize("size", [1, 60, 900])
@pytest.mark.parametrize("seed", [2, 4, 13])
async def test_no_copy_of_a_piece_stays_behind(sqlite: Store, path: Path, seed: int, size: int) -> None:
    """Lists of many drafts, read at the same time and dropped or worked off in any order: none of these stays."""
    chance = random.Random(seed)  # noqa: S311 (it fails the same way twice)
    async with sqlite.write() as tx:
        ids = [await tx.add_draft(f"5:{n}", 5, n, Step.READING, Order(), NOW) or 0 for n in range(40)]
        owners = {id_: await tx.add_campaign(campaign_values(draft_id=id_)) for id_ in ids}
    for first, id_ in enumerate(chance.choices(ids, k=160)):
        async with sqlite.write() as tx:
            data = f"PAROL-{first}\n".encode() * chance.randint(1, size)
            await tx.add_pieces(id_, [Piece(chance.choice(list(PieceKind)), first, 1, data)])
    assert len(_held(path)) == 160
    for id_ in chance.sample(ids, len(ids)):
        async with sqlite.write() as tx:
            if chance.random() < 0.5:
                await tx.forget_list(owners[id_])
            else:
                assert await tx.close_draft(id_, Outcome.DROPPED, NOW)
    assert _held(path) == set()


async def test_the_bytes_of_a_draft_that_another_replaces_go(sqlite: Store, path: Path) -> None:
    """A draft that waited for something is dropped when another is begun."""
    async with sqlite.write() as tx:
        await tx.add_draft("5:6", 5, 7, Step.PHONE, Order(text=SECRET, confidential=True), NOW)
    async with sqlite.write() as tx:
        await tx.add_draft("5:7", 5, 7, Step.PHONE, Order(text="new"), NOW)
    assert _held(path) == set()


@pytest.mark.parametrize("seed", [0, 9])
async def test_no_copy_of_a_message_stays_behind(sqlite: Store, path: Path, seed: int) -> None:
    """Rows grow and shrink in any order; SQLite moves them from page to page, and leaves copies in the gaps."""
    chance = random.Random(seed)  # noqa: S311 (it fails the same way twice)
    texts = [f"PAROL-{number}" * chance.randint(1, 20) for number in range(150)]
    await queue(sqlite, *(new_message(text=text, confidential=True) for text in texts))
    for size in (100, 400):
        rows = await claim(sqlite, NOW + 2 * LEASE)
        chance.shuffle(rows)
        for row in rows[:75]:
            await record(sqlite, sent(row, State.QUEUED, text="x" * size))
    assert len(_held(path)) == 150
    rows = await claim(sqlite, NOW + 9 * LEASE, 999)
    chance.shuffle(rows)
    await record(sqlite, *map(sent, rows))
    assert _held(path) == set()


@pytest.mark.parametrize("seed", [2, 4, 13])
async def test_no_copy_of_a_draft_stays_behind(sqlite: Store, path: Path, seed: int) -> None:
    """The same for drafts, that grow as they are talked over."""
    chance = random.Random(seed)  # noqa: S311 (it fails the same way twice)
    numbers = range(100)
    async with sqlite.write() as tx:
        orders = {number: Order(text=f"PAROL-{number}") for number in numbers}
        ids = [await tx.add_draft(f"5:{n}", 5, n, Step.CONFIRM, orders[n], NOW) or 0 for n in numbers]
    for number in chance.sample(numbers, 100):
        async with sqlite.write() as tx:
            order = Order(text=f"PAROL-{number}" * chance.randint(1, 50))
            await tx.change_draft(ids[number], Step.CONFIRM, order, NOW)
    async with sqlite.write() as tx:
        for id_ in chance.sample(ids, 100):
            assert await tx.close_draft(id_, Outcome.DROPPED, NOW)
    assert _held(path) == set()


async def test_the_text_outlives_a_crash_before_the_outcome(store: Store, url: str) -> None:
    """A worker killed after its claim: whoever takes over has the text, and knows that it may have arrived."""
    [message] = await queue(store, new_message(confidential=True, text=SECRET))
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _CLAIM_AND_WAIT, url, stdin=PIPE, stdout=PIPE)
    assert process.stdout
    assert await process.stdout.readline() == b"1\n"
    process.kill()
    await process.communicate()
    [again] = await claim(store, NOW + LEASE)
    assert (again.id, again.text, again.attempts, again.may_have_arrived) == (message.id, SECRET, 2, True)


async def test_a_crash_between_the_outcome_and_the_wipe_is_made_good(sqlite: Store, path: Path, tmp_path: Path) -> None:
    """The journal of a killed process still holds the text; the first commit of the next one wipes it."""
    await queue(sqlite, new_message(confidential=True, text=SECRET))
    image = tmp_path / "image" / "bot.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("UPDATE messages SET text = NULL, state = 'failed'")
        connection.commit()
        shutil.copytree(path.parent, image.parent)  # the files as a power cut would leave them
    connection.close()
    assert _held(image) == {SECRET}
    survivor = Store(f"sqlite+aiosqlite:///{image}")
    await survivor.migrate()
    async with survivor.write() as tx:
        await tx.set_language(7, "tg")
    assert _held(image) == set()
    await survivor.close()


async def test_a_wipe_that_a_reader_holds_up_is_done_later(sqlite: Store, path: Path) -> None:
    """A backup that reads for long delays the wipe, not the sending; the next commit makes up for it."""
    await queue(sqlite, new_message(confidential=True, text=SECRET))
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM messages").fetchone()
    [claimed] = await claim(sqlite)
    async with asyncio.timeout(5):
        await record(sqlite, sent(claimed))
    assert _held(path) == {SECRET}, "the reader still sees it"
    reader.close()
    async with sqlite.write() as tx:
        await tx.set_language(7, "tg")
    assert _held(path) == set()


async def test_a_wipe_does_not_forget_what_is_erased_meanwhile(path: Path) -> None:
    """While one wipes, another erases and commits: he wipes too, for the first may have come too early for him."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    wipes = 0

    def erase_meanwhile(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal wipes
        if "wal_checkpoint" in statement:
            wipes += 1
            if wipes == 1:
                database.erase_after_commit()

    sa.event.listen(sa.Engine, "after_cursor_execute", erase_meanwhile)
    for expected in (1, 2, 2):
        async with database.write() as connection:
            await connection.exec_driver_sql("PRAGMA user_version")
        assert wipes == expected
    sa.event.remove(sa.Engine, "after_cursor_execute", erase_meanwhile)
    await database.close()


async def test_a_text_that_is_not_confidential_stays(sqlite: Store, path: Path) -> None:
    """Only what is confidential is erased: the check above can fail."""
    await queue(sqlite, new_message(text=SECRET))
    await record(sqlite, *map(sent, await claim(sqlite)), now=NOW + SECOND)
    assert _held(path) == {SECRET}
