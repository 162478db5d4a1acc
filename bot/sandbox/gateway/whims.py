"""Statuses that misbehave: late ones, other ends than delivery, answers that contradict what was told or come late.

The seed, the phone and the number of the answer decide, so it repeats itself in whatever order questions come.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TypeGuard

from bot.sandbox.gateway.outbox import Message
from bot.sandbox.gateway.replies import Status
from bot.sandbox.gateway.switch import ControlError, read_seconds, read_seed, refuse_strangers

_EARLIER = [status for status in Status if not status.is_final]
_FINAL = [status for status in Status if status.is_final]


@dataclass(frozen=True, slots=True)
class Word:
    """What one question gets."""

    status: Status
    wait: float
    """Seconds for which the answer is kept back."""
    vendor: bool
    """Whether it is spelled as the vendor does."""


@dataclass(frozen=True, slots=True)
class Whims:
    """How statuses stray; as it is built, they do not. Shares are from 0 to 1."""

    seed: int = 0
    finals: Mapping[Status, float] = field(default_factory=dict)
    """Share of messages by the final status they come to; what is left over of 1 is delivered."""
    late: float = 0.0
    """Share of messages that stay ENROUTE and then ACCEPTED for longer."""
    late_seconds: float = 10.0
    """How much longer at the most."""
    contradicting: float = 0.0
    """Share of the answers after a final status that tell another one: an earlier one, or another final one."""
    slow: float = 0.0
    """Share of answers that are kept back, so that a later one may overtake them."""
    slow_seconds: float = 3.0
    """How long at the most."""
    vendor: float = 0.0
    """Share of answers in the vendor's spelling, whatever `query_style` says."""

    def final(self, phone: str) -> Status:
        """The final status that messages to this phone come to."""
        left = self._dice("final", phone).random() if self.finals else 1.0
        for status, share in self.finals.items():
            left -= share
            if left < 0:
                return status
        return Status.DELIVERED

    def delay(self, phone: str) -> float:
        """Seconds by which a message to this phone is late."""
        if not self.late:
            return 0.0
        dice = self._dice("delay", phone)
        return dice.uniform(0, self.late_seconds) if dice.random() < self.late else 0.0

    def word(self, message: Message, now: float) -> Word:
        """The answer to the next question for this message. A status set by hand is never contradicted."""
        dice = self._dice("word", message.phone, len(message.told))
        wait = dice.uniform(0, self.slow_seconds) if dice.random() < self.slow else 0.0
        vendor = dice.random() < self.vendor
        status = message.status(now)
        final = next((told.status for told in message.told if told.status.is_final), None)
        if final and message.forced is None and dice.random() < self.contradicting:
            others = [other for other in _FINAL if other is not final]
            status = dice.choice(dice.choice((_EARLIER, others)))
        return Word(status, wait, vendor)

    def _dice(self, *what: object) -> random.Random:
        return random.Random(f"{self.seed} {what}")  # noqa: S311 - repeatable, no secret

    def as_dict(self) -> dict[str, object]:
        """As the control API shows it."""
        return {item.name: getattr(self, item.name) for item in fields(self)} | {"finals": dict(self.finals)}


def read_whims(body: Mapping[str, object]) -> Whims:
    """What a JSON object asks for; what it leaves out is off. Raises ControlError."""
    normal = Whims()
    refuse_strangers(body, {item.name for item in fields(Whims)})
    return Whims(
        seed=read_seed(body.get("seed", normal.seed)),
        finals=_read_finals(body.get("finals", {})),
        late=_read_share(body, "late"),
        late_seconds=read_seconds("late_seconds", body.get("late_seconds", normal.late_seconds)),
        contradicting=_read_share(body, "contradicting"),
        slow=_read_share(body, "slow"),
        slow_seconds=read_seconds("slow_seconds", body.get("slow_seconds", normal.slow_seconds)),
        vendor=_read_share(body, "vendor"),
    )


def _read_share(body: Mapping[str, object], name: str) -> float:
    share = body.get(name, 0.0)
    if not _is_share(share):
        raise ControlError(f"{name} must be a share from 0 to 1.")
    return share


def _read_finals(value: object) -> dict[Status, float]:
    if not isinstance(value, dict) or not all(name in _FINAL and _is_share(share) for name, share in value.items()):
        raise ControlError("finals must map final statuses to shares from 0 to 1.")
    if math.fsum(value.values()) > 1:
        raise ControlError("finals must not add up to more than 1.")
    return {Status(name): share for name, share in value.items()}


def _is_share(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
