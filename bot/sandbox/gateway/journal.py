"""A list that is only added to and is read from where one stopped."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Journal(Generic[T]):
    """Things numbered 1, 2, 3 … as they come. Numbers are never used again, not even after `clear`."""

    def __init__(self) -> None:
        self._gone = 0
        self._kept: list[T] = []

    @property
    def next_id(self) -> int:
        """The number that the next thing gets."""
        return self._gone + len(self._kept) + 1

    def add(self, thing: T) -> None:
        """Put `thing` at the end."""
        self._kept.append(thing)

    def after(self, last_id: int) -> list[T]:
        """All with a number above `last_id`, oldest first; costs only what it returns."""
        return self._kept[max(0, last_id - self._gone) :]

    def clear(self) -> None:
        """Forget all, and go on counting."""
        self._gone += len(self._kept)
        self._kept = []
