"""Alembic's entry: it runs on the connection that `bot.store.migrate` hands it, and on nothing else."""

from typing import Literal

import sqlalchemy as sa
from alembic import context

from bot.store.schema import Amount, Moment, Names, Quote, Word, metadata


def _plain_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations name the column's own type: what a word of the domain means may change, what was migrated may not."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.BigInteger()"
    return "sa.Text()" if kind == "type" and isinstance(item, Amount | Names | Quote | Word) else False


connection: sa.Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_item=_plain_type)
with context.begin_transaction():
    context.run_migrations()
