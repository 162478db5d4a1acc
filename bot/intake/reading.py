"""A file of phones → what is in it, and its rows in pieces."""

from dataclasses import dataclass

from bot.domain.draft import PhoneList, Piece, PieceKind
from bot.intake.listing import Listing


@dataclass(frozen=True, slots=True)
class Reading:
    """A file of phones as it was read."""

    phone_list: PhoneList
    recipients: tuple[Piece, ...]
    rejected: tuple[Piece, ...]
    unknown: tuple[str, str | None] | None = None
    """A placeholder that is no column's, and the column most like it; the list is then fitted to no text."""


def read_list(data: bytes, file_name: str) -> Reading:
    """Read a file of phones.

    A recipient is a phone, each phone once, with its values: the columns in the order of the file. Row numbers are
    Excel's: from 1, the header and blank rows counted.

    A row is a recipient, a duplicate or a fault, so the three add up to `rows`; only a cell of several phones counts
    once for each of them. A row of which anything was not used is among the rejected.

    Raises:
        FileError: it is no list of phones. A list may still have no recipient; its faults then say why.
    """
    pieces: list[Piece] = []
    listing = Listing(data, file_name, pieces.append)
    listing.run()
    return sorted_pieces(listing.summary(), pieces)


def sorted_pieces(phone_list: PhoneList, pieces: list[Piece], unknown: tuple[str, str | None] | None = None) -> Reading:
    """The reading whose pieces came in the order in which they were made."""
    recipients = tuple(piece for piece in pieces if piece.kind is PieceKind.RECIPIENTS)
    rejected = tuple(piece for piece in pieces if piece.kind is PieceKind.REJECTED)
    return Reading(phone_list, recipients, rejected, unknown)
