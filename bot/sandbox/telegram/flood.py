"""Telegram's own pace, as published: a message a second per chat, 20 a minute in a group, 30 a second in all."""

import math
import time
from collections import defaultdict, deque

from .errors import too_many
from .people import Chat

PRIVATE = (1, 1.0)
GROUP = (20, 60.0)
ALL = (30, 1.0)


class Flood:
    """Refuses what comes too fast; off unless switched on. Only what puts something into a chat counts."""

    def __init__(self, *, on: bool) -> None:
        self.on = on
        self._sent: defaultdict[int, deque[float]] = defaultdict(deque)

    def pass_or_refuse(self, chat: Chat) -> None:
        """Count one message for this chat. Raises ApiError 429 where it is one too many."""
        if not self.on:
            return
        now = time.monotonic()
        windows = ((chat.id, PRIVATE if chat.type == "private" else GROUP), (0, ALL))
        wait = max(self._wait(key, now, *window) for key, window in windows)
        if wait > 0:
            raise too_many(math.ceil(wait))
        for key, _ in windows:
            self._sent[key].append(now)

    def _wait(self, key: int, now: float, count: int, seconds: float) -> float:
        """Seconds until one more fits into the window; 0 where it fits now."""
        sent = self._sent[key]
        while sent and sent[0] <= now - seconds:
            sent.popleft()
        return sent[-count] + seconds - now if len(sent) >= count else 0.0
