"""How fast a campaign goes right now, told from what its card showed a moment ago."""

import time
from collections import OrderedDict

_SHORTEST = 2.0
"""Seconds between two looks that say something."""
_MOST = 100
"""Campaigns remembered."""


class Rates:
    """The last looks at campaigns."""

    def __init__(self) -> None:
        self._looks: OrderedDict[int, tuple[float, int, float | None]] = OrderedDict()

    def look(self, campaign_id: int, decided: int) -> float | None:
        """Say how many messages have an outcome by now; return outcomes a second, None if that is not known yet."""
        now = time.monotonic()
        since, before, rate = self._looks.get(campaign_id, (now, decided, None))
        if now - since >= _SHORTEST:
            rate = (decided - before) / (now - since)
            since, before = now, decided
        self._looks[campaign_id] = (since, before, rate)
        self._looks.move_to_end(campaign_id)
        while len(self._looks) > _MOST:
            self._looks.popitem(last=False)
        return rate or None
