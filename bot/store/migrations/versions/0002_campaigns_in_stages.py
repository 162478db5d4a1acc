"""Campaigns go through stages; lists are kept in pieces; messages of a campaign are counted as they move."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STATES = (
    "queued",
    "sending",
    "accepted",
    "delivered",
    "undeliverable",
    "expired",
    "rejected",
    "deleted",
    "unknown",
    "failed",
    "uncertain",
    "cancelled",
)
_TO_SEND = "state IN ('queued', 'sending')"
_OPEN = f"SELECT campaign_id FROM messages WHERE campaign_id IS NOT NULL AND {_TO_SEND}"  # noqa: S608 (words of ours)
_OPEN_BULKS = f"SELECT campaign_id FROM bulks WHERE {_TO_SEND}"  # noqa: S608 (words of ours)


def upgrade() -> None:
    _campaigns()
    _tallies()
    _messages()
    _drafts()
    op.add_column("cards", sa.Column("replaces", sa.BigInteger()))
    op.add_column("people", sa.Column("test_phone", sa.Text()))


def _campaigns() -> None:
    """What has something to send runs, or is paused as it was; all else is finished."""
    for column in (
        sa.Column("channel", sa.Text(), nullable=False, server_default="sms"),
        sa.Column("latin", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("plain", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("stage", sa.Text(), nullable=False, server_default="waiting"),
        sa.Column("hold", sa.Text()),
        sa.Column("starts_at", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("send_at", sa.BigInteger()),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("draft_id", _KEY),
        sa.Column("columns", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("rows", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("taken", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("ask_after", sa.Integer()),
        sa.Column("checked", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("again_of", _KEY),
        sa.Column("again_by", _KEY),
    ):
        op.add_column("campaigns", column)
    op.execute(
        "UPDATE campaigns SET checked = paused, starts_at = created_at, started_at = created_at, "  # noqa: S608 (words of ours)
        "hold = CASE WHEN paused THEN 'sender' END, "
        f"stage = CASE WHEN id NOT IN ({_OPEN}) AND id NOT IN ({_OPEN_BULKS}) THEN 'finished' "
        "WHEN paused THEN 'paused' ELSE 'running' END"
    )
    op.execute("UPDATE campaigns SET ended_at = created_at, hold = NULL WHERE stage = 'finished'")
    op.drop_column("campaigns", "paused")
    where = sa.text("stage NOT IN ('finished', 'cancelled')")
    op.create_index(
        "ix_campaigns_at_work", "campaigns", ["stage", "starts_at"], sqlite_where=where, postgresql_where=where
    )


def _tallies() -> None:
    op.create_table(
        "tallies",
        sa.Column("campaign_id", _KEY, autoincrement=False, nullable=False),
        *(sa.Column(state, sa.Integer(), nullable=False) for state in _STATES),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_tallies_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_tallies")),
    )
    counts = ", ".join(f"count(CASE WHEN m.state = '{state}' THEN 1 END)" for state in _STATES)
    op.execute(
        f"INSERT INTO tallies (campaign_id, {', '.join(_STATES)}) "  # noqa: S608 (words of ours)
        f"SELECT c.id, {counts} FROM campaigns c LEFT JOIN messages m ON m.campaign_id = c.id GROUP BY c.id"
    )


def _messages() -> None:
    op.drop_index("ix_messages_to_send", "messages")
    op.drop_column("messages", "priority")
    op.drop_index("ix_messages_to_ask", "messages")
    for name, columns, rows in (
        ("ix_messages_to_ask", ["due_at"], "state = 'accepted' AND campaign_id IS NOT NULL"),
        ("ix_messages_to_ask_single", ["campaign_id", "due_at"], "state = 'accepted' AND campaign_id IS NULL"),
        ("ix_messages_fresh", ["campaign_id", "id"], "state = 'queued' AND attempts = 0"),
        ("ix_messages_tried", ["campaign_id", "due_at", "id"], f"{_TO_SEND} AND attempts > 0"),
    ):
        op.create_index(name, "messages", columns, sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))
    for table, column in (("messages", "msg_id"), ("events", "bulk_id")):  # most rows have none
        op.drop_index(f"ix_{table}_{column}", table)
        some = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=some, postgresql_where=some)
    # That a message was ordered is told by the message itself, and an attempt by its outcome.
    op.add_column("events", sa.Column("attempt", sa.Integer()))
    op.execute("DELETE FROM events WHERE message_id IS NOT NULL AND from_state IS NULL")
    op.execute("DELETE FROM events WHERE to_state = 'sending' AND why LIKE 'attempt_%'")


def _drafts() -> None:
    """A draft of a list that is open now was read by what came before: it is dropped, and its card says so."""
    op.add_column("drafts", sa.Column("file_id", sa.Text()))
    op.add_column("drafts", sa.Column("fault", sa.Text()))
    op.add_column("drafts", sa.Column("asked_at", sa.BigInteger()))
    op.execute("UPDATE drafts SET asked_at = created_at")
    op.execute(
        "UPDATE cards SET wanted = wanted + 1, due_at = coalesce(due_at, 0) WHERE subject = 'draft' "
        "AND subject_id IN (SELECT id FROM drafts WHERE file IS NOT NULL AND step <> 'closed')"
    )
    op.execute(
        "UPDATE drafts SET step = 'closed', outcome = 'outdated', file = NULL, \"order\" = '{}' WHERE file IS NOT NULL"
    )
    op.create_table(
        "pieces",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("draft_id", _KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_pieces_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pieces")),
    )
    op.create_index("ix_pieces_list", "pieces", ["draft_id", "kind", "first"])
