"""Pieces: a list is kept and worked off some hundred rows at a time."""

import random
from itertools import accumulate

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.draft import Order, Piece, PieceKind, Step
from bot.store import Store
from tests.support.log import NOW, campaign, report

_SIZES = st.lists(st.integers(1, 9), max_size=6)


def _pieces(kind: PieceKind, sizes: list[int]) -> list[Piece]:
    """Pieces of so many rows; the data of each are its own."""
    ends = list(accumulate(sizes))
    return [Piece(kind, end - rows, rows, f"{kind} {end}\0".encode()) for end, rows in zip(ends, sizes, strict=True)]


async def _draft(store: Store, *pieces: Piece) -> int:
    async with store.write() as tx:
        known = len(await tx.drafts_to_read())
        id_ = await tx.add_draft(f"5:{known}", 5, 7, Step.READING, Order(), NOW)
        assert id_
        await tx.add_pieces(id_, pieces)
    return id_


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(recipients=_SIZES, rejected=_SIZES, shuffled=st.randoms(use_true_random=False))
async def test_the_piece_of_every_row_is_found(
    store: Store, recipients: list[int], rejected: list[int], shuffled: random.Random
) -> None:
    """Row by row the piece in which it stands, of its own kind; None past the end; all in order, however added."""
    kept = {PieceKind.RECIPIENTS: recipients, PieceKind.REJECTED: rejected}
    lists = {kind: _pieces(kind, sizes) for kind, sizes in kept.items()}
    added = [piece for pieces in lists.values() for piece in pieces]
    shuffled.shuffle(added)
    draft_id = await _draft(store, *added)
    async with store.read() as tx:
        for kind, pieces in lists.items():
            assert await tx.pieces(draft_id, kind) == pieces
            for piece in pieces:
                for row in range(piece.first, piece.first + piece.rows):
                    assert await tx.piece(draft_id, kind, row) == piece
            end = sum(kept[kind])
            assert [await tx.piece(draft_id, kind, row) for row in (end, end + 1, 10**9)] == [None] * 3


async def test_a_row_in_a_gap_is_in_no_piece(store: Store) -> None:
    """A piece that is missing is not made up for by the one before it."""
    pieces = _pieces(PieceKind.RECIPIENTS, [2, 2, 2])
    draft_id = await _draft(store, pieces[0], pieces[2])
    async with store.read() as tx:
        found = [await tx.piece(draft_id, PieceKind.RECIPIENTS, row) for row in range(6)]
    assert found == [pieces[0], pieces[0], None, None, pieces[2], pieces[2]]


@pytest.mark.parametrize("taken", range(8))
@pytest.mark.parametrize("confidential", [False, True])
async def test_a_campaign_that_is_over_forgets_its_list(store: Store, taken: int, confidential: bool) -> None:
    """All kinds of it once all six rows were taken, else none: the result has to tell of the rest from it.

    A confidential text goes either way; nothing of another draft's list does.
    """
    pieces = [piece for kind in PieceKind for piece in _pieces(kind, [3, 3])]
    mine, foreign = await _draft(store, *pieces), await _draft(store, *pieces)
    ids = [
        await campaign(store, draft_id=draft_id, rows=6, taken=taken, confidential=confidential)
        for draft_id in (mine, foreign, None)
    ]
    async with store.write() as tx:
        await tx.forget_list(ids[0])
        await tx.forget_list(ids[2])
        await tx.add_pieces(mine, [])
        for kind in PieceKind:
            own = [piece for piece in pieces if piece.kind is kind]
            assert await tx.pieces(mine, kind) == own * (taken < 6)
            assert await tx.piece(mine, kind, 0) == (own[0] if taken < 6 else None)
            assert await tx.pieces(foreign, kind) == own
    texts = [(await report(store, id_)).campaign.text for id_ in ids]
    assert texts == [None, "Салом", None] if confidential else texts == ["Салом"] * 3


async def test_a_piece_needs_its_draft(store: Store) -> None:
    """The table refuses one without."""
    with pytest.raises(sa.exc.IntegrityError):
        async with store.write() as tx:
            await tx.add_pieces(99, _pieces(PieceKind.RECIPIENTS, [1]))
