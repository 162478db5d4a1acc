"""What the tracker costs with a million open messages: to claim questions, to write the answers, and by which index."""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.domain.errors import GatewayError
from bot.domain.gateway import Accepted, Balance, BulkAccepted, BulkOrder, Delivery, DeliveryStatus, Sms
from bot.domain.log import Heard
from bot.domain.message import Message, State
from bot.domain.timing import Timing
from bot.services.tell import Tell
from bot.services.track import Track
from bot.store import Store, Transaction

BATCHES, TURNS = (32, 500), 15
BAR_MICROS = 1_000.0
"""For each question, claim and answer together: a tenth of a core at a hundred a second."""

Hear = Callable[[Message], Heard]


class _Nobody:
    """A gateway that is not asked."""

    async def send(self, sms: Sms) -> Accepted:
        raise GatewayError

    async def query(self, txn_id: str, msg_id: int | None) -> Delivery:
        raise GatewayError

    async def balance(self, txn_id: str) -> Balance:
        raise GatewayError

    async def create_bulk(self, order: BulkOrder) -> BulkAccepted:
        raise GatewayError


def _now() -> datetime:
    return datetime.now(UTC)


def _later() -> datetime:
    return _now() + timedelta(hours=2)


ANSWERS: dict[str, Hear] = {
    "no news": lambda message: Heard(message.id, message.state, message.status, str(message.status), _later()),
    "news": lambda message: Heard(
        message.id, message.state, DeliveryStatus.ACCEPTED, DeliveryStatus.ACCEPTED, _later()
    ),
    "delivered": lambda message: Heard(
        message.id, message.state, DeliveryStatus.DELIVERED, DeliveryStatus.DELIVERED, None, State.DELIVERED
    ),
}


async def measure(store: Store) -> bool:
    """Print what claims and records cost; whether each question costs little and is found by its index."""
    track = Track(store, _Nobody(), _now, Timing(), lambda: None, Tell((), Timing()))
    good = await _by_index(store)
    for batch in BATCHES:
        claims: list[float] = []
        records = {name: await _turns(track, batch, hear, claims) for name, hear in ANSWERS.items()}
        claim = statistics.median(claims)
        told = ", ".join(f"{name} {took:.1f}" for name, took in records.items())
        micros = (claim + max(records.values())) * 1000 / batch
        good &= micros < BAR_MICROS
        verdict = "reached" if micros < BAR_MICROS else "MISSED"
        print(f"  {batch} questions: claimed in {claim:.1f} ms; answers written, ms: {told}", end=" ")
        print(f"(at most {micros:.0f} µs a question; bar {BAR_MICROS:.0f}, {verdict})", flush=True)
    return good


async def _turns(track: Track, batch: int, hear: Hear, claims: list[float]) -> float:
    """Milliseconds to write the answers to a batch, the median; the claims' go into `claims`."""
    times: list[float] = []
    for _ in range(TURNS):
        jobs, took = await _timed(track.claim(batch))
        claims.append(took)
        assert len(jobs) == batch
        times.append((await _timed(track.record([hear(job) for job in jobs])))[1])
    return statistics.median(times)


async def _timed(work: Awaitable[Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    done = await work
    return done, (time.perf_counter() - began) * 1000


async def _by_index(store: Store) -> bool:
    """Whether both statements that look for what is due name their index and go through no table."""
    kept: list[tuple[str, Any]] = []
    async with store.read() as log:
        await _watch(log, kept)
        plans = [await _plan(log, *each) for each in kept]
    wanted = ("ix_messages_to_ask_single", "ix_messages_to_ask")
    good = len(plans) == 2 and all(name in plan for name, plan in zip(wanted, plans, strict=True))
    good &= not any("Seq Scan" in plan or "SCAN messages" in plan for plan in plans)
    for plan in plans:
        print(f"  due by: {plan.splitlines()[0].strip()} … {plan.splitlines()[-1].strip()}")
    print(f"  what is due is found by its index ({'reached' if good else 'MISSED'})")
    return good


async def _watch(log: Transaction, kept: list[tuple[str, Any]]) -> None:
    """Keep what `due_for_status` executes."""
    connection = log._connection
    driver: Any = (await connection.get_raw_connection()).driver_connection
    if connection.dialect.name == "sqlite":
        await driver.set_trace_callback(lambda statement: kept.append((statement, ())))
        await log.due_for_status(_now(), 32)
        await driver.set_trace_callback(None)
        return

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        kept.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", keep)
    await log.due_for_status(_now(), 32)
    sa.event.remove(sa.Engine, "before_cursor_execute", keep)


async def _plan(log: Transaction, statement: str, parameters: Sequence[Any]) -> str:
    connection = log._connection
    word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = (await connection.exec_driver_sql(f"{word} {statement}", parameters)).all()
    return "\n".join(str(row[-1]) for row in rows)
