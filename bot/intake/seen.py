"""The phones seen so far: a bit for each phone there can be, so that a million of them take no more than some."""

from collections import Counter

from bot.domain.operators import operator_of
from bot.domain.phone import COUNTRY

_PREFIX = slice(len(COUNTRY), len(COUNTRY) + 3)
"""The three digits after the country's tell the operator too; a test holds the table of operators to that."""
_REST = slice(_PREFIX.stop, None)
_BLOCK = 10**6 // 8
"""Bytes for all phones that share these three."""


class Seen:
    """Which phones have been met."""

    def __init__(self) -> None:
        self._blocks: dict[str, bytearray] = {}

    def add(self, phone: str) -> bool:
        """Whether `phone` (`992XXXXXXXXX`) is new."""
        block = self._blocks.get(phone[_PREFIX])
        if block is None:
            block = self._blocks[phone[_PREFIX]] = bytearray(_BLOCK)
        number = int(phone[_REST])
        bit = 1 << (number & 7)
        if block[number >> 3] & bit:
            return False
        block[number >> 3] |= bit
        return True

    def operators(self) -> dict[str, int]:
        """How many phones each operator has, the most first; an empty name for those that are nobody's we know."""
        counts: Counter[str] = Counter()
        for prefix, block in self._blocks.items():
            counts[operator_of(f"{COUNTRY}{prefix}000000")] += int.from_bytes(block, "big").bit_count()
        return dict(counts.most_common())
