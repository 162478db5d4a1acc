"""Every Bot API call that was seen: which method, for which chat, and how it ended. No text, no token."""

import time
from collections import deque
from dataclasses import asdict, dataclass

from .people import JSON

KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `error_code` is None when it went well; `fault` names the switch that spoiled it."""

    id: int
    method: str
    chat_id: int | None
    at: float
    ok: bool
    error_code: int | None
    description: str | None
    fault: str | None


class CallLog:
    """The last calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._last_id = 0

    def add(self, method: str, chat_id: int | None, error: tuple[int, str] | None, fault: str | None) -> None:
        """Note a call that has ended; `error` is its code and description."""
        self._last_id += 1
        code, description = error or (None, None)
        ok = error is None and fault is None
        self._calls.append(Call(self._last_id, method, chat_id, time.time(), ok, code, description, fault))

    def after(self, call_id: int) -> list[JSON]:
        """The calls with a higher id."""
        return [asdict(call) for call in self._calls if call.id > call_id]
