"""Many rows in one parameter: a JSON document that the database takes apart itself.

The work on each row is then the database's, in C; a statement is prepared once, whatever number of rows it is given.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class Rows:
    """Rows whose cells have these names and types. `cells` and `each` stand in a statement, `pack` makes its parameter.

    Cells are given as the database stores them: a moment in microseconds, a word as its text.
    """

    def __init__(self, **types: type[TypeEngine[Any]]) -> None:
        self.each = _json_rows(sa.bindparam("rows", type_=sa.Text)).table_valued("value", name="given")
        self.cells = {
            name: _json_cell(self.each.c.value, place, kind()) for place, (name, kind) in enumerate(types.items())
        }

    @staticmethod
    def pack(rows: Iterable[Sequence[Any]]) -> dict[str, str]:
        """The parameter that holds `rows`, their cells in the order of the names."""
        return {"rows": json.dumps(list(rows), ensure_ascii=False)}


def given(name: str, kind: type[TypeEngine[Any]] = sa.BigInteger) -> sa.BindParameter[Any]:
    """A value as the database stores it: a moment in microseconds, a word as its text."""
    return sa.bindparam(name, type_=kind)


class _json_rows(FunctionElement[Any]):  # noqa: N801 (a function of SQL)
    """The elements of a JSON array, a row each."""

    name = "json_rows"
    inherit_cache = True


class _json_cell(FunctionElement[Any]):  # noqa: N801 (a function of SQL)
    """The element of a JSON array at a place."""

    name = "json_cell"
    inherit_cache = True

    def __init__(self, value: sa.ColumnElement[Any], place: int, type_: TypeEngine[Any]) -> None:
        self.type = type_
        super().__init__(value, sa.literal_column(str(place)), sa.null().cast(type_))


@compiles(_json_rows, "sqlite")
def _rows_of_sqlite(element: _json_rows, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(_json_rows, "postgresql")
def _rows_of_postgresql(element: _json_rows, compiler: SQLCompiler, **kw: Any) -> str:
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **kw)} AS jsonb))"


@compiles(_json_cell, "sqlite")
def _cell_of_sqlite(element: _json_cell, compiler: SQLCompiler, **kw: Any) -> str:
    value, place, _ = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json_extract({value}, '$[{place}]')"


@compiles(_json_cell, "postgresql")
def _cell_of_postgresql(element: _json_cell, compiler: SQLCompiler, **kw: Any) -> str:
    value, place, _ = (compiler.process(clause, **kw) for clause in element.clauses)
    kind = compiler.dialect.type_compiler_instance.process(element.type)
    return f"CAST({value} ->> {place} AS {kind})"
