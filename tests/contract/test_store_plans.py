"""What is asked often is answered from an index, on both engines: the log may grow."""

from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa

from bot.domain.card import Subject
from bot.domain.draft import Order, Step
from bot.store import Store, Transaction
from bot.store.database import Database
from tests.support.log import LEASE, NOW, PHONE, accepted, campaign_values, new_message

Ask = Callable[[Transaction], Awaitable[Any]]


# What is asked, the index that must answer it, and whether its order must come from the index too.
QUESTIONS: dict[str, tuple[Ask, str, bool]] = {
    "claim_messages": (lambda tx: tx.claim_messages(NOW, NOW + LEASE, 5), "ix_messages_to_send", True),
    "due_for_status": (lambda tx: tx.due_for_status(NOW, 5), "ix_messages_to_ask", True),
    "due_cards": (lambda tx: tx.due_cards(NOW, 5), "ix_cards_due", False),
    "messages_by_txn_id": (lambda tx: tx.messages_by_txn_id("x"), "uq_messages_txn_id", False),
    "message_of_origin": (lambda tx: tx.message_of_origin("x"), "uq_messages_origin", False),
    "messages_by_msg_id": (lambda tx: tx.messages_by_msg_id(1, 5), "ix_messages_msg_id", False),
    "messages_by_phone": (lambda tx: tx.messages_by_phone(PHONE, 5), "ix_messages_phone", True),
    "sent_since": (lambda tx: tx.sent_since(PHONE, "x", NOW), "ix_messages_phone", False),
    "campaign_messages": (lambda tx: tx.campaign_messages(1, 20), "ix_messages_campaign", True),
    "history": (lambda tx: tx.history(1), "ix_events_message_id", False),
    "card_in_chat": (lambda tx: tx.card_in_chat(5, 6), "ix_cards_telegram", False),
    "bump": (lambda tx: tx.bump(Subject.MESSAGE, 1, NOW), "ix_cards_subject", False),
    "campaign_by_txn_id": (lambda tx: tx.campaign_by_txn_id("x"), "uq_bulks_txn_id", False),
    "waiting_draft": (lambda tx: tx.waiting_draft(5, 7), "ix_drafts_open", False),
}


async def test_each_is_answered_from_its_index(store: Store, database: Database) -> None:
    """The first statement of each names its index in its plan, scans no table, and sorts nothing that comes sorted."""
    await _fill(store, database)
    plans = {}
    for name, (ask, _, in_order) in QUESTIONS.items():
        async with store.write() as tx:
            with _first_statement() as statements:
                await ask(tx)
        plans[name] = await _plan(database, *statements[0], in_order=in_order)
    for name, (_, index, in_order) in QUESTIONS.items():
        plan = plans[name]
        # SQLite makes the index of a UNIQUE itself and calls it by a name of its own.
        names = (index, f"sqlite_autoindex_{index.split('_')[1]}") if index.startswith("uq_") else (index,)
        assert any(known in plan for known in names), f"{name}: {plan}"
        assert not [line for line in plan.splitlines() if _scans_a_log(line)], f"{name}: {plan}"
        assert not in_order or ("TEMP B-TREE" not in plan and "Sort" not in plan), f"{name}: {plan}"


def _scans_a_log(line: str) -> bool:
    whole = line.startswith("SCAN ") and "INDEX" not in line
    return "Seq Scan on messages" in line or (whole and line.startswith(("SCAN messages", "SCAN cards", "SCAN events")))


async def _fill(store: Store, database: Database) -> None:
    """As a log grows: many rows, campaign after campaign. PostgreSQL counts them by itself in time."""
    await accepted(store)
    async with store.write() as tx:
        ids = [await tx.add_campaign(campaign_values(id=id_)) for id_ in range(1, 51)]
        kinds = [(f"99290000{number:04d}", f"o{number}", ids[number // 40]) for number in range(2000)]
        await tx.add_messages([new_message(phone=p, origin=o, campaign_id=c) for p, o, c in kinds], NOW)
        for number in range(100):
            await tx.add_card(number, 7, Subject.MESSAGE, number, NOW)
            await tx.add_draft(f"o{number}", number, 7, Step.TEXT, Order(), NOW)
    if not database.is_sqlite:
        async with database.write() as connection:
            await connection.exec_driver_sql("ANALYZE")


class _first_statement:  # noqa: N801 (used as a function)
    """Keeps what is executed while it is open: (statement, parameters)."""

    def __enter__(self) -> list[tuple[str, Any]]:
        self._kept: list[tuple[str, Any]] = []
        sa.event.listen(sa.Engine, "before_cursor_execute", self._keep)
        return self._kept

    def __exit__(self, *_: object) -> None:
        sa.event.remove(sa.Engine, "before_cursor_execute", self._keep)

    def _keep(self, _c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        self._kept.append((statement, parameters))


async def _plan(database: Database, statement: str, parameters: Any, *, in_order: bool) -> str:
    async with database.read() as connection:
        if database.is_sqlite:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return "\n".join(row.detail for row in rows)
        # These remain where there is no other way, and only there.
        for way in ("seqscan", "bitmapscan", "sort") if in_order else ("seqscan",):
            await connection.exec_driver_sql(f"SET enable_{way} = off")
        rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return "\n".join(rows.scalars())
