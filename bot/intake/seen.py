"""The phones seen so far: a bit for each phone there can be, so that a million of them take no more than some."""

from collections import Counter

from bot.domain.operators import operator_of
from bot.domain.phone import COUNTRY, FULL_DIGITS

_DIGITS = 6
"""The last ones, which number the phones of a block. Those before them tell the operator; a test holds that."""
_BLOCK = 10**_DIGITS // 8
"""Bytes."""


class Seen:
    """Which phones have been met."""

    def __init__(self) -> None:
        self._blocks: dict[str, bytearray] = {}
        """By the digits before the last six, with the country's and without."""

    def add(self, phone: str) -> bool:
        """Whether `phone` (`992XXXXXXXXX`) is new."""
        block = self._blocks.get(phone[:-_DIGITS])
        if block is None:
            block = bytearray(_BLOCK)
            self._blocks |= {phone[:-_DIGITS]: block, phone[len(COUNTRY) : -_DIGITS]: block}
        number = int(phone[-_DIGITS:])
        bit = 1 << (number & 7)
        if block[number >> 3] & bit:
            return False
        block[number >> 3] |= bit
        return True

    def quick(self, cell: str) -> str | None:
        """The phone in `cell`, if it is one at first sight and new; None: it needs a closer look.

        That is so for nearly every row: digits alone, which begin as those of a phone that was met before.
        """
        block = self._blocks.get(cell[:-_DIGITS])
        if block is None or not (cell.isdigit() and cell.isascii()):
            return None
        number = int(cell[-_DIGITS:])
        bit = 1 << (number & 7)
        if block[number >> 3] & bit:
            return None
        block[number >> 3] |= bit
        return cell if len(cell) == FULL_DIGITS else COUNTRY + cell

    def operators(self) -> dict[str, int]:
        """How many phones each operator has, the most first; an empty name for those that are nobody's we know."""
        counts: Counter[str] = Counter()
        for digits, block in self._blocks.items():
            if len(digits) + _DIGITS == FULL_DIGITS:
                counts[operator_of(f"{digits}000000")] += int.from_bytes(block, "big").bit_count()
        return dict(counts.most_common())
