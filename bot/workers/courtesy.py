"""How the sends give way to people."""

import time

_LOOKED, _SATURATED, _AT_EASE, _FEWEST = 0.2, 0.9, 0.75, 8
"""Seconds between two looks at the processor; the shares of it at which fewer and more are in flight; the fewest."""
_TALKING, _BESIDE_TALK = 0.5, 2
"""Seconds for which way is given to somebody who wrote, and requests at a time meanwhile."""


class Courtesy:
    """How many requests at a time: fewer than wanted while the processor is what holds them up.

    More in flight would then not leave any sooner; they would only keep an admin's own order waiting among them.
    """

    def __init__(self, most: int) -> None:
        self._most = self._now = most
        self._work, self._since = time.process_time(), time.monotonic()
        self._talks_until = 0.0

    def give_way(self) -> None:
        """Somebody wrote: what he is answered takes many short steps, and each would wait for all that is in flight."""
        self._talks_until = time.monotonic() + _TALKING

    @property
    def is_pressed(self) -> bool:
        """Whether the processor holds requests up."""
        return self._now < self._most

    def width(self) -> int:
        """Requests at a time, for now."""
        passed = time.monotonic() - self._since
        if passed >= _LOOKED:
            busy = (time.process_time() - self._work) / passed
            self._work, self._since = time.process_time(), time.monotonic()
            if busy > _SATURATED:
                self._now = max(min(_FEWEST, self._most), self._now * 3 // 4)
            elif busy < _AT_EASE:
                self._now = min(self._most, self._now * 5 // 4 + 1)
        if self.is_pressed and time.monotonic() < self._talks_until:
            return min(_BESIDE_TALK, self._now)
        return self._now
