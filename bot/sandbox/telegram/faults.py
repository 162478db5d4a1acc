"""Switches that make the next calls go wrong, each in a way that Telegram or the way to it really does."""

from dataclasses import asdict, dataclass
from enum import StrEnum

from .errors import ApiError, forbidden, too_many
from .people import JSON


class Mode(StrEnum):
    """How a call goes wrong."""

    TOO_MANY = "429"
    """Refused, with retry_after; nothing happens."""
    SERVER = "500"
    """Telegram breaks; nothing happens."""
    BLOCKED = "blocked"
    """403: the user has blocked the bot."""
    RESET = "reset"
    """The connection is torn before the call is read; nothing happens."""
    DROP = "drop"
    """The call takes effect, but its answer is lost with the connection."""


@dataclass(slots=True)
class Fault:
    """The next `times` calls of `method` (of any but getUpdates where it is None) go wrong."""

    mode: Mode
    method: str | None
    times: int
    retry_after: int

    def concerns(self, method: str) -> bool:
        """Whether a call of this method is to go wrong. Listening goes on unless it is named."""
        if self.method is None:
            return method.lower() != "getupdates"
        return self.method.lower() == method.lower()

    def error(self) -> ApiError | None:
        """The refusal to answer with; None where the connection suffers instead."""
        refusals = {
            Mode.TOO_MANY: too_many(self.retry_after),
            Mode.SERVER: ApiError(500, "Internal Server Error"),
            Mode.BLOCKED: forbidden("bot was blocked by the user"),
        }
        return refusals.get(self.mode)


class Faults:
    """The switches that are on, in the order they were set."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch one on; `times` 0 switches nothing on."""
        if fault.times > 0:
            self._faults.append(fault)

    def clear(self) -> None:
        """Switch all off."""
        self._faults.clear()

    def take(self, method: str) -> Fault | None:
        """The fault of this call, which is thereby used up once."""
        fault = next((fault for fault in self._faults if fault.concerns(method)), None)
        if fault is None:
            return None
        fault.times -= 1
        self._faults = [fault for fault in self._faults if fault.times > 0]
        return fault

    def shown(self) -> list[JSON]:
        """The switches that are on."""
        return [asdict(fault) for fault in self._faults]
