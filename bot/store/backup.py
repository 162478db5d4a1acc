"""A copy of a SQLite log while the bot runs."""

import sqlite3
from pathlib import Path

import sqlalchemy as sa


class BackupError(Exception):
    """No backup was made; its text says what to do."""


def backup(url: str, target: Path) -> int:
    """Copy the log at `url` to the new file `target`, as of one moment; return its messages.

    Raises:
        BackupError: not SQLite, no log there, or `target` exists.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise BackupError("DATABASE_URL is PostgreSQL: back it up with pg_dump")
    source = Path(parsed.database or "")
    if not source.is_file():
        raise BackupError(f"there is no log at {source}")
    if target.exists():
        raise BackupError(f"{target} exists: name a new file")
    return _copy(source, target)


def _copy(source: Path, target: Path) -> int:
    partial = target.with_name(target.name + ".partial")
    origin, copy = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True), sqlite3.connect(partial)
    try:
        origin.backup(copy)
        count = int(copy.execute("SELECT count(*) FROM messages").fetchone()[0])
    finally:
        copy.close()
        origin.close()
    partial.rename(target)  # whoever sees the name sees a whole copy
    return count
