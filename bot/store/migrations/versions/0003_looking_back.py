"""Indexes to look back by, the words of texts, the stop list, what was spent, balances, wishes for notices."""

import sqlalchemy as sa
from alembic import op

from bot.store.words import KEEP, pack_words

revision = "0003"
down_revision = "0002"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ASKED = "state IN ('accepted', 'uncertain')"
_TROUBLE = "state IN ('cancelled', 'deleted', 'expired', 'failed', 'rejected', 'uncertain', 'undeliverable', 'unknown')"
_PHONE_BACKWARDS = " || ".join(f"substr(phone, {place}, 1)" for place in range(12, 0, -1))
_QUARTER = 15 * 60 * 1_000_000
_WORDS = {
    "sqlite": ("CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none, columnsize=0, tokenize='ascii')",),
    "postgresql": (
        "CREATE TABLE words (rowid BIGINT NOT NULL, words TSVECTOR NOT NULL, CONSTRAINT pk_words PRIMARY KEY (rowid))",
        "CREATE INDEX ix_words ON words USING gin (words) WITH (fastupdate = off)",
    ),
}
_TEXTS = sa.text(
    "SELECT id, campaign_id, text FROM messages WHERE id > :after AND NOT confidential ORDER BY id LIMIT 16000"
)
# A bulk call counts for its share of the whole list.
_SPENT_SO_FAR = f"""
INSERT INTO spent (quarter, messages, parts)
SELECT at - at % {_QUARTER}, sum(number), sum(size) FROM (
    SELECT accepted_at AS at, 1 AS number, coalesce(gateway_parts, parts) AS size FROM messages
    UNION ALL
    SELECT accepted_at, (2 * recipients + files) / (2 * files), (2 * parts + files) / (2 * files)
    FROM bulks JOIN campaigns ON campaigns.id = campaign_id
    JOIN (SELECT campaign_id AS owner, count(*) AS files FROM bulks GROUP BY campaign_id) AS shares
        ON owner = campaign_id
) AS taken WHERE at IS NOT NULL GROUP BY 1
"""  # noqa: S608 (words of ours)


def upgrade() -> None:
    _messages()
    _words()
    _tables()
    op.add_column("events", sa.Column("actor_id", sa.BigInteger()))
    op.add_column("bulks", sa.Column("settled_at", sa.BigInteger()))
    op.add_column("people", sa.Column("whose", sa.Text(), nullable=False, server_default="own"))
    op.add_column("people", sa.Column("what", sa.Text(), nullable=False, server_default="failures"))
    op.add_column("people", sa.Column("digest_hour", sa.Integer()))
    op.add_column("people", sa.Column("digest_day", sa.Integer(), nullable=False, server_default="0"))


def _messages() -> None:
    op.drop_index("ix_messages_phone", "messages")
    include = " INCLUDE (phone)" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"CREATE INDEX ix_messages_phone ON messages (({_PHONE_BACKWARDS}), id){include}")
    op.create_index("ix_messages_actor", "messages", ["actor_id", "id"])
    op.create_index("ix_messages_created_at", "messages", ["created_at"])
    op.drop_index("ix_messages_to_ask", "messages")
    op.drop_index("ix_messages_to_ask_single", "messages")
    for name, columns, rows in (
        ("ix_messages_to_ask", ["due_at"], f"{_ASKED} AND campaign_id IS NOT NULL"),
        ("ix_messages_to_ask_single", ["campaign_id", "due_at"], f"{_ASKED} AND campaign_id IS NULL"),
        ("ix_messages_trouble", ["state", "id"], _TROUBLE),
        ("ix_messages_unsettled", ["id"], "state = 'uncertain' AND final_at IS NULL"),
        ("ix_messages_trouble_of", ["campaign_id", "state", "id"], f"{_TROUBLE} AND campaign_id IS NOT NULL"),
    ):
        op.create_index(name, "messages", columns, sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))


def _words() -> None:
    """An index of the words of what is there, kept up by the bot from now on."""
    connection = op.get_bind()
    for statement in _WORDS[connection.dialect.name]:
        op.execute(statement)
    after = 0
    while rows := connection.execute(_TEXTS, {"after": after}).all():
        connection.execute(
            KEEP[connection.dialect.name], pack_words((row.id, row.campaign_id, row.text) for row in rows)
        )
        after = rows[-1].id


def _tables() -> None:
    op.create_table(
        "stops",
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_stops")),
    )
    op.create_table(
        "lists",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
    )
    op.create_table(
        "figures",
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("since", "until", name=op.f("pk_figures")),
    )
    op.create_table(
        "spent",
        sa.Column("quarter", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("quarter", name=op.f("pk_spent")),
    )
    op.execute(_SPENT_SO_FAR)
    op.create_table(
        "balances",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balances")),
    )
    op.create_index("ix_balances_at", "balances", ["at"])
    op.create_table(
        "lows",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("days", sa.Float()),
        sa.Column("back_at", sa.BigInteger()),
        sa.Column("back_amount", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lows")),
    )
