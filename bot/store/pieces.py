"""The pieces of lists: some hundred rows each, so that neither memory nor a transaction grows with a list."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bot.domain.draft import Piece, PieceKind
from bot.store.base import Statements
from bot.store.schema import pieces


class Pieces(Statements):
    """The statements of pieces."""

    async def add_pieces(self, draft_id: int, new: Sequence[Piece]) -> None:
        """Keep the pieces of a draft's list."""
        rows = [
            {"draft_id": draft_id, "kind": piece.kind, "first": piece.first, "rows": piece.rows, "data": piece.data}
            for piece in new
        ]
        if rows:
            await self._connection.execute(sa.insert(pieces), rows)

    async def piece(self, draft_id: int, kind: PieceKind, row: int) -> Piece | None:
        """The piece in which this row stands; None past the last one."""
        query = self._pieces(draft_id, kind).where(pieces.c.first <= row).order_by(pieces.c.first.desc()).limit(1)
        found = (await self._connection.execute(query)).first()
        piece = _piece(found) if found else None
        return piece if piece and row < piece.first + piece.rows else None

    async def pieces(self, draft_id: int, kind: PieceKind) -> list[Piece]:
        """All pieces of a kind, in order: a whole list, which is at most as large as the file that was sent."""
        rows = await self._connection.execute(self._pieces(draft_id, kind).order_by(pieces.c.first))
        return [_piece(row) for row in rows]

    def _pieces(self, draft_id: int, kind: PieceKind) -> sa.Select[Any]:
        columns = (pieces.c.kind, pieces.c.first, pieces.c.rows, pieces.c.data)
        return sa.select(*columns).where(pieces.c.draft_id == draft_id, pieces.c.kind == kind)


def _piece(row: sa.Row[Any]) -> Piece:
    return Piece(row.kind, row.first, row.rows, bytes(row.data))
