"""Statements of the hot path, run in one step.

aiosqlite works in a thread, and SQLAlchemy hands every statement to it in four steps (a cursor, the statement, its
rows, the end), each of which costs as much as the work on ten rows. These few statements are compiled once and handed
over whole; values go in and come out as the database stores them. PostgreSQL's driver has no thread: there they run as
any other.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

_compiled: dict[sa.Executable, tuple[str, list[tuple[str, Any]]]] = {}
"""The text of each statement, and its places in order with what stands in them if nothing is given."""


async def quick(connection: AsyncConnection, statement: sa.Executable, values: Mapping[str, Any]) -> list[Any]:
    """Run a statement that lives as long as the process, and whose every value is in `values`; return its rows.

    Raises:
        sqlite3.Error, sqlalchemy.exc.DBAPIError: the database refuses it, on the one engine and on the other.
    """
    if connection.dialect.name != "sqlite":
        result = await connection.execute(statement, dict(values))
        return list(result.all()) if result.returns_rows else []
    sql, places = _compiled.get(statement) or _compile(connection, statement)
    driver: Any = (await connection.get_raw_connection()).driver_connection
    return list(
        await driver.execute_fetchall(sql, [values[name] if fixed is None else fixed for name, fixed in places])
    )


def _compile(connection: AsyncConnection, statement: sa.Executable) -> tuple[str, list[tuple[str, Any]]]:
    compiled: Any = statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]  # every statement has it
    _compiled[statement] = compiled.string, [(name, compiled.params[name]) for name in compiled.positiontup]
    return _compiled[statement]
