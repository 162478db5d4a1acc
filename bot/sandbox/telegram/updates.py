"""What the bot has not yet heard: kept until it acknowledges, told again to a bot that died before it did."""

import time
from collections import deque

from .bell import Bell
from .errors import SOMEWHERE_ELSE, ApiError, bad
from .people import JSON

UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}
"""Kinds that Telegram leaves out unless they are asked for by name."""
MAX_TIMEOUT = 50
"""Seconds that Telegram holds a long poll at most."""


class Updates:
    """The queue of one bot. An update leaves it by `getUpdates` with a higher offset, or when the webhook takes it."""

    def __init__(self) -> None:
        self.pending: deque[JSON] = deque()
        self.bell = Bell()
        self.closed = False
        self.allowed: list[str] = []
        self._next_id = 500_000_001
        self._turn = object()

    def add(self, kind: str, payload: JSON) -> int | None:
        """Queue an update of a kind such as `message`; its id, or None where the bot did not ask for this kind."""
        if kind not in self.allowed if self.allowed else kind in UNASKED:
            return None
        update_id, self._next_id = self._next_id, self._next_id + 1
        self.pending.append({"update_id": update_id, kind: payload})
        self.bell.ring()
        return update_id

    def allow(self, kinds: object) -> None:
        """Remember which kinds the bot wants, where it says so; an empty list means the usual ones."""
        if kinds is None:
            return
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise bad("can't parse allowed updates JSON object")
        self.allowed = kinds

    def acknowledge(self, update_id: int) -> None:
        """Forget all updates up to and with this one."""
        while self.pending and self.pending[0]["update_id"] <= update_id:
            self.pending.popleft()

    async def poll(self, offset: int, limit: int, seconds: float) -> list[JSON]:
        """One getUpdates. Raises ApiError 409 as soon as another one comes: only one may listen at a time."""
        mine = self._turn = object()
        self.bell.ring()
        self._take_offset(offset)
        deadline = time.monotonic() + min(seconds, MAX_TIMEOUT)
        while not self.pending and not self.closed and (left := deadline - time.monotonic()) > 0:
            await self.bell.heard(left)
            if self._turn is not mine:
                raise ApiError(409, SOMEWHERE_ELSE)
        return [update for update, _ in zip(self.pending, range(limit), strict=False)]

    def _take_offset(self, offset: int) -> None:
        if offset > 0:
            self.acknowledge(offset - 1)
        elif offset < 0 and len(self.pending) > -offset:
            self.acknowledge(self.pending[offset]["update_id"] - 1)

    def interrupt(self) -> None:
        """End whatever poll is waiting, as a webhook that is being set does."""
        self._turn = object()
        self.bell.ring()

    def close(self) -> None:
        """Let nobody wait any longer: the server stops."""
        self.closed = True
        self.bell.ring()
