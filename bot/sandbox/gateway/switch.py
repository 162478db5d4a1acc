"""The switch by which a fault acts on any request, whatever its phone."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.gateway.faults import FAULTS, Fault
from bot.sandbox.gateway.replies import Call


class ControlError(ValueError):
    """The control API was told something it cannot do; says what, in a sentence."""


@dataclass(slots=True)
class Switch:
    """A fault (or a mixture of them) for the next requests."""

    mode: str
    """The name of a fault, or `random`."""
    times: int | None
    """Matching requests left; None for no end."""
    delay: float | None
    """Seconds that it waits before it acts; None for the fault's own."""
    call: Call | None
    """The only call it acts on; None for all."""
    seed: int = 0
    rates: Mapping[str, float] = field(default_factory=dict)
    """Share of requests by fault name, for `random`; what is left over of 1 goes well."""
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - a repeatable mixture, no secret

    def draw(self, call: Call) -> Fault | None:
        """The fault for the next request of this call, which is counted."""
        if self.times == 0 or self.call not in (None, call):
            return None
        if self.times is not None:
            self.times -= 1
        return self._throw() if self.mode == "random" else FAULTS[self.mode]

    def _throw(self) -> Fault | None:
        left = self._dice.random()
        for name, rate in self.rates.items():
            left -= rate
            if left < 0:
                return FAULTS[name]
        return None

    def as_dict(self) -> dict[str, object]:
        """As the control API shows it."""
        shown: dict[str, object] = {"mode": self.mode, "times": self.times, "delay": self.delay, "call": self.call}
        return shown | {"seed": self.seed, "rates": dict(self.rates)} if self.mode == "random" else shown


def read_switch(body: Mapping[str, object]) -> Switch | None:
    """The switch that a JSON object asks for; None for mode `none`. Raises ControlError."""
    refuse_strangers(body, {"mode", "times", "delay", "call", "seed", "rates"})
    mode = body.get("mode")
    if mode == "none":
        return None
    if not isinstance(mode, str) or (mode != "random" and mode not in FAULTS):
        raise ControlError("mode must be none, random or the name of a fault; GET state lists them.")
    delay = body.get("delay")
    return Switch(
        mode=mode,
        times=_read_times(body.get("times")),
        delay=None if delay is None else read_seconds("delay", delay),
        call=_read_call(body.get("call")),
        seed=read_seed(body.get("seed", 0)),
        rates=_read_rates(body.get("rates")) if mode == "random" else {},
    )


def refuse_strangers(body: Mapping[str, object], known: set[str]) -> None:
    """Raise ControlError when `body` holds a field that is not `known`: a slip of the pen must not pass in silence."""
    if strange := sorted(set(body) - known):
        raise ControlError(f"Unknown field {strange[0][:40]}; known are {', '.join(sorted(known))}.")


def read_seconds(name: str, value: object) -> float:
    """A time span from 0 to 3600 seconds. Raises ControlError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3600:
        raise ControlError(f"{name} must be a number of seconds from 0 to 3600.")
    return float(value)


def read_seed(value: object) -> int:
    """A whole number. Raises ControlError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ControlError("seed must be a whole number.")


def _read_times(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise ControlError("times must be a whole number above 0, or null.")


def _read_call(value: object) -> Call | None:
    if value is None:
        return None
    try:
        return Call(str(value))
    except ValueError:
        raise ControlError(f"call must be null or one of {', '.join(Call)}.") from None


def _read_rates(value: object) -> dict[str, float]:
    if not isinstance(value, dict) or not value or not all(_is_rate(name, rate) for name, rate in value.items()):
        raise ControlError("rates must map names of faults to shares from 0 to 1.")
    if math.fsum(value.values()) > 1:
        raise ControlError("rates must not add up to more than 1.")
    return {name: float(rate) for name, rate in value.items()}


def _is_rate(name: object, rate: object) -> bool:
    return name in FAULTS and isinstance(rate, int | float) and not isinstance(rate, bool) and 0 <= rate <= 1
